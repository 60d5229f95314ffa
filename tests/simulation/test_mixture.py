"""Several models of MS2PIP in one set."""

import numpy as np
import pytest

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation import MixedSimulator, Ms2pipSimulator, Simulator, make_simulator

PEPTIDES = [f"PEPT{a}DE{b}K" for a in "ADEFGHL" for b in "ADEFGHL"]


def test_each_peptide_is_predicted_by_its_model_and_lacks_the_other_ions(
    canonical: Vocabulary,
) -> None:
    mixed = MixedSimulator({"HCDch2": 0.5, "HCD2019": 0.5})
    assert isinstance(mixed, Simulator)
    found = mixed.predict(PEPTIDES, [2] * len(PEPTIDES), canonical.alphabet)
    assert tuple(found) == mixed.ion_types == ("b", "y", "b2", "y2")
    models = [mixed.model_of(peptide) for peptide in PEPTIDES]
    assert set(models) == {"HCDch2", "HCD2019"}
    for model in set(models):
        expected = Ms2pipSimulator(model).predict(PEPTIDES, [2] * len(PEPTIDES), canonical.alphabet)
        for row in (row for row, name in enumerate(models) if name == model):
            for ion, values in found.items():
                wanted = expected[ion][row] if ion in expected else np.zeros(8, np.float32)
                np.testing.assert_array_equal(values[row], wanted)


def test_the_weights_hold_and_forms_of_a_peptide_share_their_model() -> None:
    mixed = MixedSimulator({"HCDch2": 3, "TMT": 1})
    drawn = [mixed.model_of(f"PEPTIDE{number}".translate(LETTERS)) for number in range(2000)]
    assert drawn.count("TMT") / 2000 == pytest.approx(0.25, abs=0.04)
    assert mixed.model_of("PEPTIM[UNIMOD:35]K") == mixed.model_of("PEPTLMK")


@pytest.mark.parametrize("models", [{}, {"HCDch2": 0}, {"HCDch2": -1, "TMT": 2}])
def test_weights_out_of_range_are_refused(models: dict[str, float]) -> None:
    with pytest.raises(InputError, match="weights that are not all 0"):
        make_simulator(models)


LETTERS = str.maketrans("0123456789", "ACDEFGHKLM")
