"""The page of an evaluation: complete, self-contained, safe, and fine in a browser."""

import html

import pytest

from denovo.errors import InputError
from denovo.evaluation import figures_of
from denovo.reports.html import write_evaluation_report
from denovo.spectra.measured import Rejected
from tests.helpers.evaluations import judged
from tests.reports.html.browser import browse
from tests.reports.html.elements import Elements

EVIL = "<script>alert('x')</script>\" onload=\"alert(1)"
CHOSEN = {"files": ["a.mgf", "b.mgf"], "decoder": "constrained"}


def write(path, evaluation, chosen=CHOSEN):
    write_evaluation_report(path, evaluation, figures_of(evaluation, 10), chosen)
    return path


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return write(tmp_path_factory.mktemp("full") / "page.html", judged())


def test_every_part_of_an_evaluation_is_there(full):
    text = full.read_text(encoding="utf-8")
    for words in ("AA precision", "expected calibration error", "wrong, estimated", "By length",
                  "By file", "By modification", "M[UNIMOD:35]", "4+", "broken", "constrained",
                  "a.mgf, b.mgf"):  # fmt: skip
        assert words in text, words
    assert len(Elements(text).of("img")) == 3


def test_nothing_comes_from_outside_and_every_picture_has_words(full):
    elements = Elements(full.read_text(encoding="utf-8"))
    links = [a.get(key) for _, a in elements.found for key in ("src", "href") if a.get(key)]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert elements.of("script") == []
    assert all(len(image["alt"]) > 40 for image in elements.of("img"))


def test_without_probabilities_it_says_what_gives_them(tmp_path):
    text = write(tmp_path / "page.html", judged(is_calibrated=False)).read_text(encoding="utf-8")
    assert "denovo export fits them" in text
    assert "wrong, estimated" not in text


def test_whatever_comes_from_files_is_escaped(tmp_path):
    evaluation = judged(n=20)
    evaluation.rows["file"] = ["a.mgf", EVIL] * 10
    evaluation.census.skipped.append(Rejected("a.mgf", EVIL, 7))
    text = write(tmp_path / "page.html", evaluation, {"checkpoint": EVIL}).read_text()
    assert EVIL not in text
    assert text.count(html.escape(EVIL).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")) == 3


def test_a_page_that_cannot_be_written_is_a_fault_of_the_input(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file"):
        write(tmp_path / "file" / "page.html", judged(n=10, n_silent=10))


def test_a_browser_shows_every_picture_and_nothing_runs_over_the_edge(full, tmp_path):
    frames, errors = browse(full, tmp_path, widths=(400, 1200))
    assert errors == []
    for frame in frames:
        assert frame["images"] == 3
        assert frame["missing"] == []
        assert frame["overflow"] <= 0
        assert frame["outside"] == []
