import pytest

from denovo.errors import InputError
from denovo.evaluation.census import Census, Fate, Unsupported, annotated_spectra, truth_of


@pytest.mark.parametrize("unsupported", Unsupported)
def test_an_annotation_in_no_known_notation_is_a_counted_reason(
    common, entry, tmp_path, unsupported
):
    path = tmp_path / "odd.mgf"
    odd = entry("SGATLK").replace("SEQ=SGATLK", "SEQ=sGATLK")
    misplaced = entry("SGATLK").replace("SEQ=SGATLK", "SEQ=SGATLK\nUSER03=9-MOD:00425")
    path.write_text(entry("SGATLK") + odd + misplaced)
    census = Census()
    assert census.add(path, common, unsupported) == 1
    assert (census.counts[Fate.UNREADABLE], len(census.skipped)) == (2, 2)
    assert any("write modifications in brackets" in reason for reason in census.reasons)


def test_a_peptide_outside_the_alphabet_stops_unless_it_is_to_be_skipped(common, entry, tmp_path):
    path = tmp_path / "phospho.mgf"
    path.write_text(entry("SGATLK").replace("SEQ=SGATLK", "SEQ=S[UNIMOD:21]GATLK"))
    with pytest.raises(InputError, match="--unsupported skip"):
        Census().add(path, common)
    census = Census()
    assert census.add(path, common, Unsupported.SKIP) == 0
    assert census.counts[Fate.SKIPPED] == 1


@pytest.mark.parametrize(
    "text",
    ["_SGATLM(Oxidation (M))K_", "K.SGATLM[147]K.A", "SGATLM(+15.99)K", "SGATLM(UniMod:35)K"],
)
def test_annotations_in_other_notations_count(common, entry, tmp_path, text):
    path = tmp_path / "other.mgf"
    path.write_text(entry("SGATLMK").replace("SEQ=SGATLMK", f"SEQ={text}"))
    (spectrum,) = annotated_spectra(path, common)
    assert common.decode(truth_of(spectrum, common)) == "SGATLM[UNIMOD:35]K"
