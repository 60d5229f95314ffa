"""The page that compares simulated and measured spectra: complete, self-contained and safe."""

import html

import pytest

from denovo.reports.html import write_sim2real_report
from tests.helpers.spectrum_sets import measurement
from tests.reports.html.browser import browse
from tests.reports.html.elements import Elements

EVIL = "<script>alert('x')</script>\" onload=\"alert(1)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    first = measurement("first")
    second = measurement("second", 0.8, first, n_candidates=1)
    write_sim2real_report(path, [first, second], {"files": "a.mgf", "rescoring": "full"})
    return path


def test_every_part_is_there_for_every_contender(page):
    text = page.read_text(encoding="utf-8")
    for words in ("measured, all spectra", "measured, all peptides", "control: peaks exchanged",
                  "first: by longest silent run", "second: by charge", "4+", "18 and more",
                  "truth listed", "coverage at 90%", "second: difference to the first",
                  "3 of 80 measured peptides", "no control for c.mgf", "rescoring"):  # fmt: skip
        assert words in text, words
    assert "first: difference to the first" not in text
    assert len(Elements(text).of("img")) == 5


def test_tables_are_whole_and_nothing_comes_from_outside(page):
    elements = Elements(page.read_text(encoding="utf-8"))
    links = [a.get(key) for _, a in elements.found for key in ("src", "href") if a.get(key)]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert elements.of("script") == []
    assert all(len(image["alt"]) > 40 for image in elements.of("img"))
    tags = [tag for tag, _ in elements.found]
    assert tags.count("table") == tags.count("caption") == 12


def test_whatever_comes_from_files_is_escaped(tmp_path):
    path = tmp_path / "page.html"
    write_sim2real_report(path, [measurement(EVIL, files=(EVIL,))], {"files": EVIL})
    text = path.read_text(encoding="utf-8")
    assert EVIL not in text
    assert html.escape(EVIL).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in text


def test_a_browser_shows_every_picture_and_nothing_runs_over_the_edge(page, tmp_path):
    frames, errors = browse(page, tmp_path, widths=(400, 1200))
    assert errors == []
    for frame in frames:
        assert frame["images"] == 5
        assert frame["missing"] == []
        assert frame["overflow"] <= 0
        assert frame["outside"] == []
