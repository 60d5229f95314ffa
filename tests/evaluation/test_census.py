"""What becomes of the entries of files."""

import gzip

import pytest

from denovo.errors import InputError
from denovo.evaluation import Unsupported, take_census
from denovo.evaluation.census import annotated_spectra, truth_of
from denovo.io import open_spectra


def test_every_entry_has_a_fate(common, library):
    seen = []
    census = take_census(library, common, Unsupported.SKIP, lambda: seen.append(1))
    assert census.parts() == {
        "n_spectra": 4, "n_not_annotated": 1, "n_skipped": 1, "n_rejected": 1,
    }  # fmt: skip
    assert census.n_entries == len(seen) == 7
    (skipped,) = census.skipped
    assert (skipped.native_id, skipped.title) == ("index=3", "of PEPTIDEK")
    assert "+1234.5" in skipped.reason
    assert census.reasons().total() == 2


def test_those_that_count_are_read_again_in_order(common, library):
    titles = [spectrum.title for spectrum in annotated_spectra(library, common)]
    assert titles == ["of SGATLK", "of SAGTLK", "of SGATIK", "of WYWYWY"]


def test_a_peptide_outside_the_alphabet_stops_unless_it_is_to_be_skipped(common, library):
    with pytest.raises(InputError) as error:
        take_census(library, common)
    for words in ("library.mgf, line ", "of PEPTIDEK", "+1234.5", "--unsupported skip"):
        assert words in str(error.value)


@pytest.mark.parametrize("unsupported", Unsupported)
def test_an_annotation_in_no_known_notation_is_a_counted_reason(
    common, entry, tmp_path, unsupported
):
    path = tmp_path / "odd.mgf"
    odd = entry("SGATLK").replace("SEQ=SGATLK", "SEQ=sGATLK")
    misplaced = entry("SGATLK").replace("SEQ=SGATLK", "SEQ=SGATLK\nUSER03=9-MOD:00425")
    path.write_text(entry("SGATLK") + odd + misplaced)
    census = take_census(path, common, unsupported)
    assert (census.n_annotated, len(census.skipped)) == (1, 2)
    assert any("write modifications in brackets" in reason for reason in census.reasons())
    path.write_text(odd)
    with pytest.raises(InputError, match=r"none of 1 entries .*write modifications in brackets"):
        take_census(path, common, unsupported)


@pytest.mark.parametrize(
    "text",
    ["_SGATLM(Oxidation (M))K_", "K.SGATLM[147]K.A", "SGATLM(+15.99)K", "SGATLM(UniMod:35)K"],
)
def test_annotations_in_other_notations_count(common, entry, tmp_path, text):
    path = tmp_path / "other.mgf"
    path.write_text(entry("SGATLMK").replace("SEQ=SGATLMK", f"SEQ={text}"))
    (spectrum,) = annotated_spectra(path, common)
    assert common.decode(truth_of(spectrum, common)) == "SGATLM[UNIMOD:35]K"


def test_files_without_any_annotation_are_refused_with_what_they_hold(common, entry, tmp_path):
    path = tmp_path / "plain.mgf"
    path.write_text(entry("PEPTIDEK", annotated=False) * 3)
    with pytest.raises(InputError, match=r"plain.mgf: none of 3 entries .* 3 have no peptide"):
        take_census(path, common)
    path.write_text(entry("PEPTIDEK").replace("60.00000 1.0", "60.00000 much"))
    with pytest.raises(InputError, match=r"1 are no usable spectrum \(.*plain.mgf, line 6"):
        take_census(path, common)


def test_a_damaged_file_is_not_evaluated_in_part(common, library):
    whole = gzip.compress(library.read_bytes() * 50, compresslevel=0)
    library.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"library.mgf.*what precedes the damage was read"):
        take_census(library, common, Unsupported.SKIP)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("FTMS_HCD_20_annotated_2019-11-12_filtered.msp", (82, 0, 0, 0)),
        ("chinese_hamster_hcd_selected_head.msp", (6, 0, 0, 1)),
        ("fetal_brain_tiny.mzSpecLib.txt", (21, 0, 0, 0)),
        ("massivekb_human_tmt_head.sptxt", (9, 0, 49, 0)),
    ],
)
def test_libraries_of_all_kinds_are_counted(common, real_data, name, counts):
    path = real_data(name)
    census = take_census(path, common, Unsupported.SKIP)
    assert tuple(census.parts().values()) == counts
    assert census.n_entries == len(list(open_spectra(path)))
