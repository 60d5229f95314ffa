"""PIN as mokapot and psm_utils read it."""

import csv
import re
from dataclasses import replace
from math import inf, isfinite

import mokapot
import pytest
from psm_utils.io import read_file

from tests.helpers.exchanged import ANSWERS, THERMO, answer, source_of, written


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))


def test_psm_utils_reads_peptides_charges_and_spectra(tmp_path):
    path = written(source_of(tmp_path), tmp_path / "out.pin")
    psms = list(read_file(path, filetype="percolator"))
    assert [str(psm.peptidoform) for psm in psms] == [
        "PEPTIDE/2",
        "[+25.979265]-QEM[UNIMOD:35]C[UNIMOD:4]K/3",
        "[UNIMOD:1]-AC[UNIMOD:4]K/2",
        "PEPTIDE/2",
    ]
    assert [psm.spectrum_id for psm in psms] == [
        *("run:index=0", "run:index=1", f"b:{THERMO}", "b:scan=7"),
    ]
    assert [psm.protein_list for psm in psms][2:] == [["PEP_ACK"], ["PEP_PEPTIDE"]]
    assert not any(psm.is_decoy for psm in psms)


def test_scan_numbers_are_those_of_the_files_or_else_places(tmp_path):
    rows = rows_of(written(source_of(tmp_path), tmp_path / "out.pin"))
    assert [row["ScanNr"] for row in rows] == ["17", "1", "1201", "7"]


# mokapot converts text to numbers in a way that pandas will give up.
@pytest.mark.filterwarnings("ignore:errors='ignore' is deprecated:FutureWarning")
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
def test_mokapot_reads_targets_together_with_decoys(tmp_path):
    targets = written(source_of(tmp_path), tmp_path / "targets.pin")
    decoys = tmp_path / "decoys.pin"
    decoys.write_text(re.sub(r"(?m)^([^\t]+)\t1\t", r"\1\t-1\t", targets.read_text()))
    for path, label in ((targets, "1"), (decoys, "-1")):
        assert {row["Label"] for row in rows_of(path)} == {label}
    psms = mokapot.read_pin([str(targets), str(decoys)])
    assert (len(psms.data), psms.targets.sum()) == (8, 4)
    assert psms.spectra.iloc[:4].to_numpy().tolist() == [
        [float(row["ScanNr"]), float(row["ExpMass"])] for row in rows_of(targets)
    ]
    assert psms.features["probability"].tolist()[:4] == [0.75, 0.5, 0.5, 0.5]
    assert {"log_probability", "site_coverage", "abs_ppm_error", "Charge3"} <= {*psms.features}


def test_masses_are_neutral(tmp_path):
    row = rows_of(written(source_of(tmp_path), tmp_path / "out.pin"))[0]
    # PEPTIDE, neutral monoisotopic.
    assert float(row["CalcMass"]) == pytest.approx(799.35997, abs=1e-4)
    assert float(row["ExpMass"]) == pytest.approx(2 * (400.6873 - 1.00727646688), abs=1e-6)


def test_features_are_finite_and_do_not_hold_a_probability_that_is_not_calibrated(tmp_path):
    first, *others = ANSWERS
    first = replace(first, probability=None, log_probability=-inf, precursor_charge=7)
    rows = rows_of(written(source_of(tmp_path, [first, *others]), tmp_path / "out.pin"))
    assert "probability" not in rows[0]
    assert [row["Charge7"] for row in rows] == ["1", "0", "0", "0"]
    for row in rows:
        del row["SpecId"], row["Peptide"], row["Proteins"]
        assert all(isfinite(float(value)) for value in row.values())


def test_spectra_of_files_of_the_same_name_have_names_of_their_own(tmp_path):
    files = ("a/run.mgf", "b/run.mgf.gz", "c.mgf.gz")
    answers = [answer(0, "PEPTIDE", file=file) for file in files]
    rows = rows_of(written(source_of(tmp_path, answers), tmp_path / "out.pin"))
    assert [row["SpecId"] for row in rows] == [
        *("a/run.mgf:index=0", "b/run.mgf.gz:index=0", "c:index=0"),
    ]
