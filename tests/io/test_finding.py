"""One spectrum of a file, by title, native id or place."""

import pytest

from denovo.errors import InputError
from denovo.io import find_spectrum

ENTRY = "BEGIN IONS\nTITLE={}\nPEPMASS=500.25\nCHARGE=2+\n{} 10\n300 20\nEND IONS\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("finding") / "run.mgf"
    entries = [ENTRY.format(title, 200 + k) for k, title in enumerate(("run.2", "run.1", "1"))]
    broken = ENTRY.replace("500.25", "none").format("broken", 204)
    path.write_text("".join([*entries, broken]))
    return path


@pytest.mark.parametrize(
    ("identifier", "place"), [("run.1", 1), ("index=0", 0), ("0", 0), ("1", 2), ("2", 2)]
)
def test_a_title_goes_before_a_place(file, identifier, place):
    assert find_spectrum(file, identifier).index == place


def test_what_is_not_there_is_one_sentence_with_the_nearest_titles(file):
    with pytest.raises(InputError, match=r"'run\.3'; nearest are 'run\.\d', .*from 0 to 3"):
        find_spectrum(file, "run.3")
    with pytest.raises(InputError, match=r"'QQQ'; indices go from 0 to 3"):
        find_spectrum(file, "QQQ")


@pytest.mark.parametrize("identifier", ["broken", "3"])
def test_an_entry_that_cannot_be_used_says_why(file, identifier):
    with pytest.raises(InputError, match=r"cannot be drawn.*'broken'.*m/z"):
        find_spectrum(file, identifier)


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    path = tmp_path / "empty.mgf"
    path.write_text("")
    with pytest.raises(InputError, match=r"no spectrum 'x' was found.*it is empty"):
        find_spectrum(path, "x")


def test_the_last_part_of_a_native_id_is_enough(real_data):
    found = find_spectrum(real_data("LQSRPAAPPAPGPGQLTLR.mzML"), "scan=30069")
    assert found.index == 0


@pytest.mark.parametrize(
    ("identifier", "place"),
    [("4711", 1), ("scan=4711", 1), ("2", 0), ("index=2", 2), ("0", 0), ("1", 3)],
)
def test_a_scan_number_goes_before_a_place_and_a_title_before_both(tmp_path, identifier, place):
    path = tmp_path / "scans.mgf"
    entry = "BEGIN IONS\nSCANS={}\n{}PEPMASS=500.25\n200 10\nEND IONS\n"
    named = [("2", "TITLE=a\n"), ("4711", ""), ("1", ""), ("5", "TITLE=1\n")]
    path.write_text("".join(entry.format(*parts) for parts in named))
    assert find_spectrum(path, identifier).index == place


def test_an_entry_that_cannot_be_used_is_found_by_its_scan_number(tmp_path):
    path = tmp_path / "scans.mgf"
    path.write_text("BEGIN IONS\nTITLE=a\nSCANS=4711\nPEPMASS=500.25\n200 nan\nEND IONS\n")
    with pytest.raises(InputError, match=r"cannot be drawn.*got nan"):
        find_spectrum(path, "4711")
