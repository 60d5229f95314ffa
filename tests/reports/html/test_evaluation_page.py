"""The page of an evaluation: complete, self-contained, safe, and fine in a browser."""

import html

import pytest

from denovo.errors import InputError
from denovo.evaluation import Evaluation
from denovo.reports.html import write_evaluation_report
from denovo.reports.html.evaluation import evaluation_pictures, sets_picture
from tests.helpers.evaluations import evaluation, scored
from tests.reports.html.browser import browse
from tests.reports.html.elements import Elements

EVIL = "<script>alert('x')</script>\" onload=\"alert(1)"
CHOSEN = {"files": ["a.mgf", "b.mgf"], "decoder": "constrained"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    first = evaluation("first")
    second = evaluation("second", first, is_calibrated=False, n_candidates=1)
    write_evaluation_report(path, [first, second], CHOSEN)
    return path


def test_every_part_is_there_for_every_network(page):
    text = page.read_text(encoding="utf-8")
    for words in ("all files", "each peptide once", "control: shuffled peaks",
                  "first: by length", "second: by precursor charge", "M[UNIMOD:35]", "4+",
                  "18 and more", "truth listed", "coverage at 90 %", "wrong, estimated",
                  "calibration error", "second: difference to the first", "gained, lost",
                  "3 of 80 peptides of the files", "no control for c.mgf", "broken", "constrained",
                  "a.mgf, b.mgf", "denovo export fits them"):  # fmt: skip
        assert words in text, words
    for words in ("first: difference to the first", "second: probabilities"):
        assert words not in text, words
    assert len(Elements(text).of("img")) == 1 + 3 + 2


def test_the_words_of_the_tables_are_explained(page):
    text = html.unescape(page.read_text(encoding="utf-8"))
    meanings = text[text.index("Words of the tables") :]
    for words in ("right (--match deepnovo)", "within 0.1 Da", "the criterion of DeepNovo",
                  "AA precision", "right amino acids (AA", "truth listed"):  # fmt: skip
        assert words in meanings[: meanings.index("</table>")], words


def test_nothing_comes_from_outside_and_every_picture_and_table_has_words(page):
    elements = Elements(page.read_text(encoding="utf-8"))
    links = [a.get(key) for _, a in elements.found for key in ("src", "href") if a.get(key)]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert elements.of("script") == []
    assert all(len(image["alt"]) > 40 for image in elements.of("img"))
    tags = [tag for tag, _ in elements.found]
    assert tags.count("table") == tags.count("caption") > 15


def test_whatever_comes_from_files_is_escaped(tmp_path):
    path, odd = tmp_path / "page.html", evaluation(EVIL, files=(EVIL,))
    odd.census.reasons[EVIL] = 1
    write_evaluation_report(path, [odd], {"checkpoint": EVIL})
    text = path.read_text(encoding="utf-8")
    assert EVIL not in text
    assert html.escape(EVIL).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in text


def test_a_page_that_cannot_be_written_is_a_fault_of_the_input(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file"):
        write_evaluation_report(tmp_path / "file" / "page.html", [evaluation()], CHOSEN)


def test_a_browser_shows_every_picture_and_nothing_runs_over_the_edge(page, tmp_path):
    frames, errors = browse(page, tmp_path, widths=(400, 1200))
    assert errors == []
    for frame in frames:
        assert frame["images"] == 6
        assert frame["missing"] == []
        assert frame["overflow"] <= 0
        assert frame["outside"] == []


def test_each_picture_has_a_caption_that_says_what_it_shows():
    pictures = list(evaluation_pictures(evaluation()))
    names = [picture.name for picture in pictures]
    assert names == ["precision_coverage", "reliability", "groups"]
    assert "of all files" in pictures[0].caption
    assert "Expected calibration error 0." in pictures[1].caption


@pytest.mark.parametrize("options", [{"is_calibrated": False}, {"n": 5, "n_silent": 5}])
def test_one_set_is_drawn_with_what_there_is(options):
    one = Evaluation("net", [scored(**options)])
    assert sets_picture([one]) is None
    for picture in evaluation_pictures(one):
        picture.figure.canvas.draw()
