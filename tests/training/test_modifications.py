"""`modify=` from the command line to alphabet, peptides and answers."""

import numpy as np
import pytest
from omegaconf import OmegaConf

from denovo.chemistry import Vocabulary
from denovo.cli.diagnosis_input import settings_of
from denovo.errors import InputError
from denovo.sequencing.networks.building import build_vocabulary
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.predicted import predict_spectra
from denovo.training.configuration import build, plain
from denovo.training.modifications import modified


def composed(*lines):
    return settings_of([f"modify=[{','.join(lines)}]"])


def vocabulary_of(config):
    return Vocabulary(build(config.residues))


def test_a_modification_joins_the_alphabet_and_the_simulated_peptides():
    config = composed("Phospho@STY:0.15")
    vocabulary = vocabulary_of(config)
    before = vocabulary_of(settings_of([]))
    assert [t for t in vocabulary.tokens if t not in before.tokens] == [
        *("S[UNIMOD:21]", "T[UNIMOD:21]", "Y[UNIMOD:21]")
    ]
    assert config.variable_modifications["T[UNIMOD:21]"] == 0.15
    assert config.residues.name == "common+Phospho"
    for spelling in ("PEPS[Phospho]K", "PEPS[+79.966]K", "PEPS[UNIMOD:21]K", "PEPS+79.966K"):
        assert vocabulary.decode(vocabulary.encode(spelling)) == "PEPS[UNIMOD:21]K"


def test_nothing_asked_for_changes_nothing_and_twice_is_once():
    config = settings_of([])
    assert modified(config) is config
    once = composed("Phospho@STY:0.15", "TMT6plex@K+N-term:fixed")
    assert modified(once) == once


def test_the_alphabet_travels_with_the_settings_of_a_network():
    config = plain(OmegaConf.masked_copy(composed("Phospho@STY:0.15"), ["residues"]))
    assert "S[UNIMOD:21]" in build_vocabulary(config, "model.json").tokens


def test_a_fixed_modification_stands_at_every_site_and_is_implied_by_the_plain_letter():
    config = composed("TMT6plex@K+N-term:fixed", "Nethylmaleimide@C:fixed")
    vocabulary = vocabulary_of(config)
    assert "K" not in vocabulary.tokens
    assert "C[UNIMOD:4]" not in vocabulary.tokens
    assert vocabulary.decode(vocabulary.encode("CK")) == "C[UNIMOD:108]K[UNIMOD:737]"
    precursors = Precursors(modifications=dict(config.variable_modifications))
    sequences = [f"{a}{b}C{c}K" for a in "AQCM" for b in "AGST" for c in "AGST"]
    drawn = precursors.draw(sequences, vocabulary.alphabet, seed=0)
    assert all(p.peptide.startswith("[") for p in drawn)
    assert all(p.peptide.endswith("K[UNIMOD:737]") for p in drawn)
    assert sum(p.peptide.startswith("[UNIMOD:737]-") for p in drawn) > 0.8 * len(drawn)


def test_a_fixed_modification_needs_its_residue():
    config = settings_of(["residues=canonical"])
    config.residues.residues = ["G", "A"]
    config.residues.implied = {}
    config.modify = "TMT6plex@K:fixed"
    with pytest.raises(InputError, match="the alphabet canonical has no K"):
        modified(config)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("5", "cannot read the modification '5'"),
        ("Carbamidomethyl@C:0.3", "every C carries it"),
        ("[Phospho@S:fixed,Sulfo@ST:fixed]", "two fixed modifications of S"),
    ],
)
def test_what_cannot_be_added_is_refused(line, words):
    with pytest.raises(InputError, match=words):
        settings_of([f"modify={line}"])


def test_a_residue_that_a_modification_leaves_no_mass_is_refused():
    with pytest.raises(InputError, match="would weigh -43"):
        vocabulary_of(composed("MyTag/H-100@G:0.5"))


def test_a_modification_of_its_own_formula_is_simulated_at_its_mass():
    vocabulary = vocabulary_of(composed("MyTag/C8H10@K:1"))
    assert "K[Formula:C8H10]" in vocabulary.tokens
    assert vocabulary.decode(vocabulary.encode("PEK[MyTag]")) == "PEK[Formula:C8H10]"
    source = predict_spectra(
        vocabulary,
        30,
        digest=Digest(max_length=12),
        precursors=Precursors(modifications={"K[Formula:C8H10]": 1.0}),
    )
    texts = source.identifiers(np.arange(len(source)))
    assert any("K[Formula:C8H10]" in text for text in texts)
