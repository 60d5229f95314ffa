"""The page of a run: complete, self-contained, safe, and fine in a browser."""

import html
import json
import re

import pytest

from denovo.errors import InputError
from denovo.reports.html import write_report
from denovo.reports.runs import Run
from tests.helpers.runs import example, metrics, write_run
from tests.reports.html.browser import browse
from tests.reports.html.elements import Elements

WIRE = {"step": 35, "name": "dead_gradient", "message": "the gradient of <precursor> & co is 0"}
EXAMPLES = (example(n_refinements=3), example(is_right=False))
EVIL = "<script>alert('x')</script>\" onload=\"alert(1)"


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = write_run(tmp_path_factory.mktemp("full"), examples=EXAMPLES, wires=(WIRE,))
    return write_report(Run.load(folder))


def page_of(folder):
    return write_report(Run.load(folder)).read_text(encoding="utf-8")


def test_the_report_lies_in_the_folder_of_the_run_or_where_it_is_asked_for(tmp_path):
    run = Run.load(write_run(tmp_path / "run"))
    assert write_report(run) == tmp_path / "run" / "report.html"
    assert write_report(run, tmp_path / "other.html").is_file()


def test_every_part_of_a_full_run_is_there(full):
    text = full.read_text(encoding="utf-8")
    for words in ("Finished after 60 steps", "Tripwires", "dead_gradient", "0.500", "0.4", "abc",
                  "PEPTIED", "scan 7", "EvidenceSequencer", "torch 2.0", "best.ckpt"):  # fmt: skip
        assert words in text, words
    # Four pictures of curves, two spectra, one trace.
    assert len(Elements(text).of("img")) == 7


def test_nothing_comes_from_outside(full):
    elements = Elements(full.read_text(encoding="utf-8"))
    links = [a.get(key) for _, a in elements.found for key in ("src", "href") if a.get(key)]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert elements.of("script") == []


def test_every_picture_has_words_for_those_who_do_not_see_it(full):
    images = Elements(full.read_text(encoding="utf-8")).of("img")
    assert all(len(image["alt"]) > 40 for image in images)
    spectra = [image["alt"] for image in images if "answer:" in image["alt"]]
    assert "Wrong answer: PEPTIED, truth PEPTIDE" in spectra[1]


def test_whatever_comes_from_the_run_is_escaped(tmp_path):
    wire = WIRE | {"name": EVIL, "message": EVIL}
    evil = example(is_right=False, identifier=EVIL, peptide=(EVIL,))
    text = page_of(write_run(tmp_path, examples=(evil,), wires=(wire,), name=EVIL))
    elements = Elements(text)
    assert elements.of("script") == []
    assert not any("onload" in attributes for _, attributes in elements.found)
    assert html.escape("<script>") in text


def test_an_interrupted_run_shows_what_there_is(tmp_path):
    text = page_of(write_run(tmp_path, finished=False))
    assert "Not finished: the page shows the run up to step 59" in text
    assert "There has been no test" in text
    assert "The run has stored no examples" in text
    rows = re.findall(r'<tr><th scope="row" class="text">(\w+)</th><td>(\d+)</td>', text)
    assert rows[:2] == [("tokens", "30"), ("masses", "60")]


def test_a_run_of_one_stage_has_no_table_by_stage_and_says_so(tmp_path):
    summary = write_run(tmp_path) / "summary.json"
    content = json.loads(summary.read_text())
    assert "Training by stage" in page_of(tmp_path)
    content["stages"] = content["stages"][:1]
    summary.write_text(json.dumps(content))
    text = page_of(tmp_path)
    assert "The run has one stage, so there is no table by stage" in text
    assert "Training by stage" not in text


def test_a_run_that_has_barely_begun_has_a_page_too(tmp_path):
    table = metrics().filter(items=["step", "curriculum/stage"]).head(2)
    assert "No figure that can be drawn has been logged yet" in page_of(
        write_run(tmp_path, False, table)
    )


def test_a_run_without_metrics_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"holds no metrics/metrics\.csv; give the folder"):
        write_report(Run.load(tmp_path))


def test_the_command_line_of_the_run_is_given(tmp_path):
    write_run(tmp_path)
    (tmp_path / ".hydra").mkdir()
    overrides = "- +experiment=smoke\n- run_dir=/here\n- name=two words\n"
    (tmp_path / ".hydra" / "overrides.yaml").write_text(overrides)
    assert "denovo train +experiment=smoke 'name=two words'" in html.unescape(page_of(tmp_path))


def test_a_browser_shows_every_picture_and_reports_no_error(full, tmp_path):
    views, console = browse(full, tmp_path, widths=(1200, 390))
    assert console == []
    for found in views:
        assert found["images"] == 7
        assert found["missing"] == []
        assert found["outside"] == []
        assert found["overflow"] <= 0  # the page never scrolls sideways, at a phone's width either
        assert "the gradient of <precursor> & co is 0" in found["text"]


def test_the_browser_would_have_found_a_missing_picture_and_an_error(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text("<title>x</title><img src='data:,' alt='gone'><script>nothing()</script>")
    (found,), console = browse(page, tmp_path, widths=(600,))
    assert found["missing"] == ["gone"]
    assert len(console) == 1
