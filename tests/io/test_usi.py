"""Universal Spectrum Identifiers, as pyteomics reads them."""

from dataclasses import replace

import pytest
from pyteomics.usi import USI

from denovo.errors import InputError
from denovo.io.usi import check_dataset, usi_of
from tests.helpers.predictions import prediction, unanswered


@pytest.mark.parametrize(
    ("changes", "run"),
    [
        ({"file": "/data/run 1.mzML.gz", "title": ""}, "run 1"),
        ({"file": "all.mgf", "title": "b02_17.00017.00017.2"}, "b02_17"),
        ({"file": "all.mgf", "title": 'b02_17.17.17.2 File:"b02_17.raw"'}, "b02_17"),
        ({"file": "v1.2.raw", "title": "b02_17.18.18.2"}, "v1.2"),
        ({"file": "all.mgf", "title": "scan=17"}, "all"),
    ],
)
def test_the_parts_are_dataset_run_scan_and_peptide(changes, run):
    answer = prediction(0, peptide="[UNIMOD:1]-PEM[UNIMOD:35]K", scan=17, **changes)
    read = USI.parse(usi_of(answer, "PXD004732"))
    assert (read.dataset, read.datafile) == ("PXD004732", run)
    assert (read.scan_identifier_type, read.scan_identifier) == ("scan", "17")
    assert read.interpretation == "[UNIMOD:1]-PEM[UNIMOD:35]K/2"


def test_two_modifications_of_the_terminus_are_one_mass():
    answer = prediction(0, peptide="[UNIMOD:5]-[UNIMOD:385]-QEK", scan=17)
    assert usi_of(answer, "PXD004732").endswith(":[+25.979265]-QEK/2")


def test_a_spectrum_without_a_peptide_has_no_interpretation():
    assert usi_of(replace(unanswered(0), scan=3), "PXD1").endswith(":scan:3")


def test_an_answer_without_a_scan_number_has_no_identifier():
    assert usi_of(prediction(0), "PXD004732") == ""


@pytest.mark.parametrize("text", ["4732", "PXD 004732", "pxd004732", "PXD004732/run"])
def test_other_text_is_no_accession(text):
    with pytest.raises(InputError, match=r"--dataset must be an accession such as PXD004732"):
        check_dataset(text)
    check_dataset("MSV000079514")
