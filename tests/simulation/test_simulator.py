"""MS2PIP behind its protocol."""

import hashlib
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from pyteomics import mass

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.packaged_models import predict_logarithms
from denovo.simulation.simulator import (
    PACKAGED_MODELS,
    STORED_MODELS,
    Ms2pipSimulator,
    Simulator,
    files_of,
)


@pytest.fixture(scope="module")
def ms2pip_core() -> ModuleType:
    """MS2PIP itself, whose import warns of a deprecated use of pydantic."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import ms2pip.core
    return ms2pip.core


def test_our_table_of_models_is_that_of_the_package(ms2pip_core: ModuleType) -> None:
    models = ms2pip_core.MODELS
    compiled = {name: m for name, m in models.items() if "xgboost_model_files" not in m}
    assert {name: tuple(i.lower() for i in m["ion_types"]) for name, m in compiled.items()} == (
        PACKAGED_MODELS
    )
    for name, ions in STORED_MODELS.items():
        assert tuple(ion.lower() for ion in models[name]["ion_types"]) == ions


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a network that nobody may use."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr("urllib.request.urlretrieve", refuse)
    (tmp_path / ".ms2pip").mkdir()
    return tmp_path


def store_model(name: str, monkeypatch: pytest.MonkeyPatch, ms2pip_core: ModuleType) -> None:
    """Put made-up files where MS2PIP looks for those of a model, and let it expect them."""
    hashes = {}
    for path in files_of(name):
        path.write_bytes(path.name.encode())
        hashes[path.name] = hashlib.sha1(path.read_bytes()).hexdigest()
    monkeypatch.setitem(ms2pip_core.MODELS[name], "model_hash", hashes)


@pytest.mark.usefixtures("home")
def test_a_model_whose_files_are_missing_is_refused() -> None:
    with pytest.raises(InputError, match=r"HCD2021_B.xgboost.*downloads.*HCDch2, HCD2019, TMT"):
        Ms2pipSimulator("HCD2021")


@pytest.mark.usefixtures("home")
def test_a_model_with_a_wrong_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, ms2pip_core: ModuleType
) -> None:
    store_model("HCD2021", monkeypatch, ms2pip_core)
    assert Ms2pipSimulator("HCD2021").ion_types == ("b", "y")
    *_, last = files_of("HCD2021")
    last.write_bytes(b"cut off")
    with pytest.raises(InputError, match=rf"{last.name} is not the file of .*'HCD2021'.*fetch"):
        Ms2pipSimulator("HCD2021")


@pytest.mark.usefixtures("home")
def test_a_file_that_changes_before_a_prediction_is_not_fetched(
    monkeypatch: pytest.MonkeyPatch, ms2pip_core: ModuleType, canonical: Vocabulary
) -> None:
    store_model("HCD2021", monkeypatch, ms2pip_core)
    simulator = Ms2pipSimulator("HCD2021")
    next(iter(files_of("HCD2021"))).unlink()
    with pytest.raises(InputError, match="does not exist, and denovo downloads nothing"):
        simulator.predict(["PEPTIDEK"], [2], canonical.alphabet)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InputError, match="no model 'HCD1999'"):
        Ms2pipSimulator("HCD1999")


def test_singly_charged_precursors_have_no_doubly_charged_fragments(canonical: Vocabulary) -> None:
    found = Ms2pipSimulator().predict(["PEPTIDEK", "PEPTIDEK"], [1, 2], canonical.alphabet)
    for ion in ("b2", "y2"):
        single, double = found[ion]
        assert not single.any()
        assert double.any()


@pytest.mark.parametrize("model", PACKAGED_MODELS)
def test_every_model_gives_an_intensity_for_each_site(model: str, canonical: Vocabulary) -> None:
    simulator = Ms2pipSimulator(model)
    peptides = ["PEPTIDEK", "AC[UNIMOD:4]DEFGHIK"]
    found = simulator.predict(peptides, [2, 3], canonical.alphabet)
    assert tuple(found) == simulator.ion_types
    for arrays in found.values():
        assert [a.shape for a in arrays] == [(7,), (8,)]
        assert all(a.dtype == np.float32 and (a >= 0).all() for a in arrays)


def test_intensities_are_the_inverse_of_the_logarithm_of_ms2pip(
    canonical: Vocabulary, ms2pip_core: ModuleType
) -> None:
    found = Ms2pipSimulator().predict(["SAMPLEPEPTIDEK"], [2], canonical.alphabet)
    raw = ms2pip_core.predict_single("SAMPLEPEPTIDEK/2", model="HCDch2").predicted_intensity
    assert raw is not None
    for ion, (values,) in found.items():
        expected = np.clip(2.0 ** raw[ion].astype(float) - 0.001, 0, None)
        np.testing.assert_allclose(values, expected, atol=1e-8)
        floor = raw[ion] <= np.float32(np.log2(0.001))
        assert (values[floor] == 0).all()
    assert any((values == 0).any() for (values,) in found.values())


PEPTIDES = strategies.lists(
    strategies.tuples(
        strategies.text("ACDEFGHIKLMNPQRSTVWY", min_size=4, max_size=40),
        strategies.integers(1, 6),
        strategies.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("model", PACKAGED_MODELS)
@settings(max_examples=10)
@given(PEPTIDES)
def test_the_trees_predict_what_the_package_does(
    ms2pip_core: ModuleType, model: str, entries: list[tuple[str, int, bool]]
) -> None:
    from psm_utils import PSM, PSMList

    asked = [
        sequence.replace("M", "M[+15.994915]") if is_modified else sequence
        for sequence, _, is_modified in entries
    ]
    psms = [
        PSM(peptidoform=f"{peptide}/{charge}", spectrum_id=str(number))
        for number, (peptide, (_, charge, _)) in enumerate(zip(asked, entries, strict=True))
    ]
    expected = ms2pip_core.predict_batch(PSMList(psm_list=psms), model=model, processes=1)
    for result, (sequence, charge, _) in zip(expected, entries, strict=True):
        found = predict_logarithms(model, [sequence], [charge])
        for ion, values in found.items():
            # The package clips to the logarithm of its offset.
            clipped = values.clip(min=np.log2(0.001))
            np.testing.assert_array_equal(clipped, result.predicted_intensity[ion])


def test_y_ions_are_counted_from_the_c_terminus(canonical: Vocabulary) -> None:
    # Proline effect: peptides break before proline, so that against the same peptide with
    # alanine the y ion that starts with it gains most.
    for sequence in ("AVLPGAGAVSTK", "AVGLAPGAVSTK", "AVGLAGVPVSTK"):
        pair = [sequence, sequence.replace("P", "A")]
        with_proline, with_alanine = Ms2pipSimulator().predict(pair, [2, 2], canonical.alphabet)[
            "y"
        ]
        ordinal = len(sequence) - sequence.index("P")
        assert (with_proline - with_alanine).argmax() + 1 == ordinal


def test_ms2pip_counts_its_y_ions_as_we_do(ms2pip_core: ModuleType) -> None:
    # The order of its intensities is that of its m/z, which pyteomics confirms.
    sequence = "SAMPLEPEPTIDEK"
    mz = ms2pip_core.predict_single(f"{sequence}/2", model="HCDch2").theoretical_mz
    assert mz is not None
    for ordinal in range(1, len(sequence)):
        for ion, part in (("b", sequence[:ordinal]), ("y", sequence[-ordinal:])):
            for charge, name in ((1, ion), (2, f"{ion}2")):
                expected = mass.fast_mass(part, ion_type=ion, charge=charge)
                # float32 and MS2PIP's own rounded residue masses
                assert mz[name][ordinal - 1] == pytest.approx(expected, abs=2e-3)


def test_modified_peptides_need_no_database(common: Vocabulary) -> None:
    peptides = ["[UNIMOD:1]-PEM[UNIMOD:35]N[UNIMOD:7]K", "[UNIMOD:385]-QC[UNIMOD:4]AAAK"]
    found = Ms2pipSimulator().predict(peptides, [2, 2], common.alphabet)
    assert [len(values) for values in found["b"]] == [4, 5]


@pytest.mark.parametrize(
    ("peptide", "complaint"),
    [
        ("PEK", "has 3 residues; MS2PIP takes 4 to 100"),
        ("A" * 101, "has 101 residues"),
        ("PEPT[UNIMOD:21]IDEK", "modification .*UNIMOD:21.* is not in the alphabet"),
        ("PEPUIDEK", "MS2PIP cannot predict"),
    ],
)
def test_peptides_beyond_ms2pip_are_refused(
    canonical: Vocabulary, peptide: str, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        Ms2pipSimulator().predict([peptide], [2], canonical.alphabet)


def test_no_peptides_give_no_intensities(canonical: Vocabulary) -> None:
    assert Ms2pipSimulator("TMT").predict([], [], canonical.alphabet) == {"b": [], "y": []}


def test_it_follows_the_protocol_and_names_its_version() -> None:
    assert isinstance(Ms2pipSimulator(), Simulator)
    assert set(Ms2pipSimulator().provenance()) == {"kind", "model", "version"}
