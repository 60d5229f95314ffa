"""The page of a sequencing run: complete, self-contained, safe, and fine in a browser."""

import html
import re

import numpy as np
import pytest

from denovo.evaluation import KnownPeptides
from denovo.io.predictions import RunRecord
from denovo.metrics import reliability
from denovo.metrics.sources import SourceRun
from denovo.reports.html import write_sequencing_report
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from tests.helpers.predictions import answered, prediction, spectrum, unanswered
from tests.reports.html.browser import browse
from tests.reports.html.elements import Elements

EVIL = "<script>alert('x')</script>\" onload=\"alert(1)"
REJECTED = {"the precursor m/z is missing": 3, "an MS1 spectrum": 1200}


def page(
    path,
    alphabet,
    pairs,
    rejected=None,
    measured=None,
    files=("run.mgf",),
    known=None,
    proteome=None,
    hint="",
):
    showcase = Showcase(0.5, 2)
    for pair in pairs:
        showcase.add(*pair)
    record = RunRecord(files, {"tolerance": "20 ppm"}, "1.2.3", alphabet)
    run = SequencingRun(record, "cpu", rejected or {}, measured, proteome, hint)
    rows = [row for row, _ in pairs]
    write_sequencing_report(path, run, rows, showcase, known)
    return path


@pytest.fixture(scope="module")
def full(common, tmp_path_factory):
    pairs = [*answered([k / 20 for k in range(20)]), (unanswered(20), spectrum(20))]
    measured = reliability(np.array([0.2, 0.9]), np.array([False, True]))
    path = tmp_path_factory.mktemp("full") / "page.html"
    return page(path, common.alphabet, pairs, REJECTED, measured)


def test_every_part_of_a_full_run_is_there(full):
    text = html.unescape(full.read_text(encoding="utf-8"))
    for words in ("Sequencing of run.mgf", "Answers for 20 of 21 spectra, on cpu",
                  "no peptide agrees with the precursor", "1,200",
                  "Answers with the highest scores",
                  "How far to trust a probability", "20 ppm", "1.2.3"):  # fmt: skip
        assert words in text, words
    # Four pictures of all answers, one of known peptides, three times two spectra.
    assert len(Elements(text).of("img")) == 4 + 1 + 6


def test_a_run_with_a_proteome_opens_with_the_census_of_its_spectra(common, tmp_path):
    probability = np.array([0.999, 0.998, 0.9, 0.999, 0.995, 0.0])
    source = np.array(["proteome"] * 3 + ["novel"] * 2 + [""])
    is_variant = np.array([False] * 4 + [True, False])
    decoy = np.array([0.0, 0.0, 0.95, 0.0, 0.0, 0.0])
    run = SourceRun(0.4, True, source, probability, decoy, is_variant)
    pairs = [*answered(probability[:5].tolist()), (unanswered(5), spectrum(5))]
    text = page(tmp_path / "p.html", common.alphabet, pairs, proteome=run).read_text("utf-8")
    summary = text[text.index('id="summary"') :]
    assert summary.index("peptides of the proteome") < summary.index("Outcome of all entries")
    rows = dict(re.findall(r'class="text">([a-z ]+)</th>((?:<td>[^<]*</td>)+)', summary))
    # At 1 % the third answer in the proteome, of probability 0.9, is left out.
    for words, expected in (
        ("peptides of the proteome", "2 (33.3%)"),
        ("variants of a peptide of the proteome", "1 (16.7%)"),
        ("other novel peptides", "1 (16.7%)"),
        ("unexplained", "2 (33.3%)"),
    ):
        assert rows[words].startswith(f"<td>{expected}</td>"), words
    assert "40% are of peptides outside the proteome (estimated)" in html.unescape(summary)
    assert "Two estimates of the error rate" in summary
    found = run.error_estimates
    np.testing.assert_allclose(found.by_probability, [0.001, 0.0015, 0.103 / 3])
    np.testing.assert_allclose(found.by_decoys, [0.0, 0.0, 1 / 3])


def test_the_page_is_small_and_nothing_comes_from_outside(full):
    elements = Elements(full.read_text(encoding="utf-8"))
    links = [a.get(key) for _, a in elements.found for key in ("src", "href") if a.get(key)]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert elements.of("script") == [{}]  # the one that sorts, and takes nothing from elsewhere
    thumbnails = [a["src"] for a in elements.of("img") if "png" in a["src"][:20]]
    assert max(map(len, thumbnails)) < 60_000


def test_every_picture_has_words_for_those_who_do_not_see_it(full):
    images = Elements(full.read_text(encoding="utf-8")).of("img")
    assert all(len(image["alt"]) > 20 for image in images)


def test_whatever_comes_from_files_is_escaped(common, tmp_path):
    evil = (prediction(title=EVIL, file=EVIL), spectrum())
    path = page(tmp_path / "page.html", common.alphabet, [evil], {EVIL: 1}, files=(EVIL,))
    elements = Elements(path.read_text(encoding="utf-8"))
    assert elements.of("script") == [{}]
    assert not any("onload" in attributes for _, attributes in elements.found)


def test_a_run_without_answers_has_a_page_that_says_so(common, tmp_path):
    pairs = [(unanswered(), spectrum())]
    text = page(tmp_path / "page.html", common.alphabet, pairs).read_text(encoding="utf-8")
    assert "Answers for 0 of 1 spectra" in text
    assert "There is no answer to show" in text
    assert Elements(text).of("img") == []


def test_a_run_that_read_nothing_has_a_page_too(common, tmp_path):
    text = page(tmp_path / "page.html", common.alphabet, [], REJECTED).read_text(encoding="utf-8")
    assert "Answers for 0 of 0 spectra" in text


def test_an_uncalibrated_run_says_that_no_rate_can_be_estimated(common, tmp_path):
    pairs = [(prediction(probability=None, q_value=None), spectrum())]
    text = page(tmp_path / "page.html", common.alphabet, pairs).read_text(encoding="utf-8")
    assert "The network was not calibrated" in text


def test_precision_and_coverage_are_shown_where_the_files_state_peptides(common, tmp_path):
    pairs = list(answered([0.3, 0.99]))
    rows, spectra = ([pair[k] for pair in pairs] for k in range(2))
    known = KnownPeptides.of(spectra, rows, common)
    text = page(tmp_path / "page.html", common.alphabet, pairs, known=known).read_text("utf-8")
    assert "Spectra whose peptide the files state: 2" in text
    assert "false discovery rate up to 5%" in text
    assert "Precision and coverage" in text
    without = page(tmp_path / "other.html", common.alphabet, pairs).read_text("utf-8")
    assert "Comparison with known peptides" not in without


def test_a_hint_to_another_network_opens_the_summary(common, tmp_path):
    pairs = list(answered([0.3]))
    text = page(tmp_path / "page.html", common.alphabet, pairs, hint="all show <TMT>").read_text()
    assert text.index("All show &lt;TMT&gt;. A network") < text.index("Outcome of all entries")


# Filters a page by a click and a text, as a reader would.
CLICKS = """<script>
document.querySelectorAll(".sortable th button")[{column}].click();
const filter = document.querySelector(".filter input");
filter.value = "{words}";
filter.dispatchEvent(new Event("input"));
</script>"""


@pytest.mark.parametrize(
    ("column", "words", "expected"),
    [
        (2, "", "3 1 0 2"),  # probability: high ones first
        (0, "", "0 1 2 3"),  # spectrum
        (3, "0.125", "2"),
        (0, "PEPTIDE 0.5", "1"),  # all words, in any column
    ],
)
def test_the_table_of_answers_is_sorted_and_filtered(common, tmp_path, column, words, expected):
    pairs = list(answered([0.25, 0.5, 0.125, 0.9]))
    path = page(tmp_path / "page.html", common.alphabet, pairs)
    clicks = CLICKS.format(column=column, words=words)
    path.write_text(path.read_text("utf-8").replace("</body>", f"{clicks}</body>"), "utf-8")
    (view,), console = browse(path, tmp_path, widths=(1200,))
    assert console == []
    assert re.findall(r"^scan (\d)\tPEPTIDE\t", view["text"], re.M) == expected.split()
    assert f"{len(expected.split())} of 4 rows" in view["text"]


def test_a_page_is_dark_where_the_browser_asks_and_light_in_print(full):
    text = full.read_text(encoding="utf-8")
    assert "@media screen and (prefers-color-scheme: dark)" in text


def test_a_browser_shows_every_picture_and_reports_no_error(full, tmp_path):
    views, console = browse(full, tmp_path, widths=(1200, 390))
    assert console == []
    for found in views:
        assert found["images"] == 11
        assert found["missing"] == []
        assert found["outside"] == []
        assert found["overflow"] <= 0  # the page never scrolls sideways, at a phone's width either
