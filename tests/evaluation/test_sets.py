"""Which spectra count: entries of files, selections, simulated spectra, and the control."""

import gzip

import numpy as np
import pytest

from denovo.chemistry import PROTON_MASS
from denovo.curriculum import Noise
from denovo.errors import InputError
from denovo.evaluation import (
    CLEAN,
    NOISY,
    EvaluationSet,
    Selection,
    SetKind,
    Unsupported,
    control_sets,
    measured_sets,
    simulated_sets,
)
from denovo.evaluation import sets as sets_module
from denovo.evaluation.sets import open_sources, records_of
from denovo.io import open_spectra
from denovo.spectra.measured import MeasuredSpectrum
from tests.helpers.noise_batches import labelled


def test_every_entry_has_a_fate_and_those_that_count_are_read_in_order(common, library):
    seen = []
    (found,), census = measured_sets(
        [library], common, Unsupported.SKIP, on_entry=lambda: seen.append(1)
    )
    assert census.parts() == {
        "n_spectra": 4, "n_not_annotated": 1, "n_skipped": 1, "n_unreadable": 0,
        "n_not_selected": 0, "n_rejected": 1,
    }  # fmt: skip
    assert census.n_entries == len(seen) == 7
    (skipped,) = census.skipped
    assert (skipped.native_id, skipped.title) == ("index=3", "of PEPTIDEK")
    assert "+1234.5" in skipped.reason
    assert census.reasons.total() == 2
    assert census.as_dict()["skipped"][0]["title"] == "of PEPTIDEK"
    assert (found.name, found.n_spectra) == ("library.mgf", 4)
    titles = ["of SGATLK", "of SAGTLK", "of SGATIK", "of WYWYWY"]
    assert [spectrum.title for spectrum in found.read()] == titles


def test_a_peptide_outside_the_alphabet_stops_unless_it_is_to_be_skipped(common, library):
    with pytest.raises(InputError) as error:
        measured_sets([library], common)
    for words in ("library.mgf, line ", "of PEPTIDEK", "+1234.5", "--unsupported skip"):
        assert words in str(error.value)


def test_files_without_any_annotation_are_refused_with_what_they_hold(common, entry, tmp_path):
    path = tmp_path / "plain.mgf"
    path.write_text(entry("PEPTIDEK", annotated=False) * 3)
    with pytest.raises(InputError, match=r"plain.mgf: none of 3 entries .* 3 have no peptide"):
        measured_sets([path], common)
    path.write_text(entry("PEPTIDEK").replace("60.00000 1.0", "60.00000 much"))
    with pytest.raises(InputError, match=r"1 are no usable spectrum \(.*plain.mgf, line 6"):
        measured_sets([path], common)


def test_a_damaged_file_is_not_evaluated_in_part(common, library):
    whole = gzip.compress(library.read_bytes() * 50, compresslevel=0)
    library.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"library.mgf.*what precedes the damage was read"):
        measured_sets([library], common, Unsupported.SKIP)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("FTMS_HCD_20_annotated_2019-11-12_filtered.msp", (82, 0, 0, 0, 0, 0)),
        ("chinese_hamster_hcd_selected_head.msp", (6, 0, 0, 0, 0, 1)),
        ("fetal_brain_tiny.mzSpecLib.txt", (21, 0, 0, 0, 0, 0)),
        ("massivekb_human_tmt_head.sptxt", (9, 0, 46, 3, 0, 0)),
    ],
)
def test_libraries_of_all_kinds_are_counted(common, real_data, name, counts):
    path = real_data(name)
    _, census = measured_sets([path], common, Unsupported.SKIP)
    assert tuple(census.parts().values()) == counts
    assert census.n_entries == len(list(open_spectra(path)))


def test_files_are_named_by_their_paths_where_their_names_are_the_same(common, entry, tmp_path):
    paths = [tmp_path / folder / "a.mgf" for folder in "xy"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(entry("SGATLK"))
    found, _ = measured_sets(paths, common)
    assert [each.name for each in found] == [str(path) for path in paths]


def test_square_roots_are_undone_in_the_files_that_are_named(common, entry, tmp_path):
    path = tmp_path / "a.mgf"
    path.write_text(entry("SGATLK").replace("60.00000 1.0", "60.00000 0.5"))
    (found,), _ = measured_sets([path], common, sqrt_intensity=["*.mgf"])
    (spectrum,) = found.read()
    assert spectrum.intensity.min() == 0.25
    assert open_sources([path], common, ["a.mgf"])["a.mgf"].lengths.tolist() == [6]
    with pytest.raises(InputError, match=r"other\.mgf names none of the files"):
        measured_sets([path], common, sqrt_intensity=["other.mgf"])


def test_what_is_not_selected_is_counted_with_its_reason(common, entry, tmp_path):
    path = tmp_path / "a.mgf"
    path.write_text(entry("SGATLK") + entry("SGATIK") + entry("SGK"))
    options = {"is_comparable": True, "one_per_precursor": ["a.mgf"]}
    (found,), census = measured_sets([path], common, **options)
    assert [spectrum.title for spectrum in found.read()] == ["of SGATLK"]
    assert [spectrum.title for spectrum in found.read()] == ["of SGATLK"]
    assert census.parts()["n_not_selected"] == 2
    assert "3 residues, not 6 to 20" in census.reasons


def spectrum(vocabulary, peptide, charge=2, ppm=0.0):
    mass = vocabulary.peptide_mass(vocabulary.encode(peptide)) * (1 + 1e-6 * ppm)
    mz = mass / charge + PROTON_MASS
    peak = np.array([100.0])
    return MeasuredSpectrum("title", 0, 1, mz, charge, peak, peak, peptide)


def verdict(selection, vocabulary, peptide, **options):
    tokens = vocabulary.encode(peptide)
    return selection(spectrum(vocabulary, peptide, **options), tokens)


@pytest.mark.parametrize(
    ("peptide", "options", "reason"),
    [
        ("PEPTIDEK", {}, None),
        ("PEPC[UNIMOD:4]M[UNIMOD:35]K", {}, None),
        ("PEPN[UNIMOD:7]MK", {}, "not among the modifications"),
        ("[UNIMOD:1]-PEPTIDEK", {}, "not among the modifications"),
        ("PEPTK", {}, "5 residues"),
        ("PEPTIDEPEPTIDEPEPTIDEK", {}, "22 residues"),
        ("PEPTIDEK", {"ppm": 49.0}, None),
        ("PEPTIDEK", {"ppm": -51.0}, "over 50 ppm"),
        ("PEPTIDEK", {"charge": 4}, None),
    ],
)
def test_only_comparable_spectra_are_kept(common, peptide, options, reason):
    found = verdict(Selection(common), common, peptide, **options)
    assert (found is None) == (reason is None)
    assert reason is None or reason in found


def test_each_precursor_counts_once_if_it_is_to(common):
    selection = Selection(common, one_per_precursor=True)
    assert verdict(selection, common, "PEPTIDEK") is None
    assert verdict(selection, common, "PEPTIDEK", charge=3) is None
    assert "precedes it" in verdict(selection, common, "PEPTLDEK")  # I = L
    assert verdict(Selection(common), common, "PEPTIDEK") is None


def measured(vocabulary, peptides, name="one"):
    batch = labelled(peptides, vocabulary)
    records = list(records_of(batch, peptides, vocabulary))
    return EvaluationSet(name, SetKind.MEASURED, len(records), lambda: records)


def test_records_hold_what_the_rows_of_a_batch_hold(canonical):
    batch = labelled(["GASPVTK", "SAMPLER"], canonical)
    for row, record in enumerate(records_of(batch, ["a", "b"], canonical)):
        is_peak = batch.spectra.peak_mask[row]
        assert record.mz.tolist() == batch.spectra.mz[row][is_peak].tolist()
        assert (
            canonical.encode(record.peptide) == batch.tokens[row][batch.residue_mask[row]].tolist()
        )
        mass = (record.precursor_mz - PROTON_MASS) * record.precursor_charge
        assert mass == pytest.approx(float(batch.spectra.precursor_mass[row]), rel=1e-12)


def test_the_control_shows_each_peptide_the_peaks_of_another(canonical):
    own = measured(canonical, ["GASPVTK", "SAMPLER", "GASPVTR", "GASPVTK"])
    simulated = EvaluationSet("two", SetKind.SIMULATED, 4, own.read)
    (control,), notes = control_sets([own, simulated], canonical)
    assert notes == []
    assert (control.kind, control.name, control.n_spectra) == (SetKind.CONTROL, "one", 4)
    peptide_of = {spectrum.mz.tobytes(): spectrum.peptide for spectrum in own.read()}
    for spectrum, shown in zip(own.read(), control.read(), strict=True):
        assert (shown.peptide, shown.precursor_mz) == (spectrum.peptide, spectrum.precursor_mz)
        assert peptide_of[shown.mz.tobytes()] != spectrum.peptide


def test_forms_of_one_peptide_are_one_peptide_and_have_no_control(common):
    own = measured(common, ["SAM[UNIMOD:35]PLER", "SAMPIER", "GASPVTK"])
    controls, (note,) = control_sets([own], common)
    assert controls == []
    assert note.startswith("no control for one: 2 of 3 spectra are of one peptide")


def test_simulated_sets_are_clean_and_under_the_noise_of_the_end_of_a_training(
    canonical, monkeypatch
):
    weights, shown = {"token": 1.0}, []
    stages = [
        {"name": "one", "start": 0, "end": 1, "weights": weights},
        {"name": "two", "start": 1, "end": 2, "noise": {"noisy_fraction": 0.5, "noise_peaks": 9.0}},
    ]
    prepare = sets_module.prepare_batch
    monkeypatch.setattr(
        sets_module,
        "prepare_batch",
        lambda b, noise, *a: shown.append(noise) or prepare(b, noise, *a),
    )
    found = simulated_sets(canonical, {"curriculum": {"stages": stages}}, 3, 100)
    clean, noisy = (list(each.read()) for each in found)
    assert shown == [Noise(), Noise(noisy_fraction=1.0, noise_peaks=9.0)]
    assert [each.name for each in found] == [CLEAN, NOISY]
    assert {each.kind for each in found} == {SetKind.SIMULATED}
    assert [s.peptide for s in clean] == [s.peptide for s in noisy]
    assert len(clean) == found[0].n_spectra == 3
    assert simulated_sets(canonical, {}, 0, 100) == []
