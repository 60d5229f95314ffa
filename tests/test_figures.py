"""Figures of the documents equal the measured ones kept as JSON, and name their commands."""

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def benchmarks():
    """Import the modules of the figures, which are not part of the package."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import figures
        import measured_files

        yield figures, measured_files
    for name in {"figures", "measured_files"} - before:
        sys.modules.pop(name, None)


def test_every_marked_figure_of_the_documents_is_the_measured_one(benchmarks):
    figures, _ = benchmarks
    known = figures.texts()
    n_marked = 0
    for page in figures.pages():
        text = page.read_text("utf-8")
        found = figures.MARKED.findall(text)
        assert len(found) == text.count("<!-- figure: "), page
        for _, name, shown, _ in found:
            assert shown == known[name], f"{page}: {name}; run make figures"
        n_marked += len(found)
    assert n_marked > 100


def test_every_file_of_figures_names_command_commit_and_day(benchmarks):
    figures, _ = benchmarks
    files = sorted(figures.FOLDER.glob("*.json"))
    assert {path.stem for path in files} == {*figures.EVALUATIONS, "performance"}
    for path in files:
        content = json.loads(path.read_text("utf-8"))
        assert content["command"].startswith(("denovo evaluate ", "make bench")), path
        assert re.fullmatch("[0-9a-f]{7,40}", content["commit"]), path
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", content["date"]), path


def test_a_stale_figure_is_replaced_and_an_unknown_one_is_refused(benchmarks):
    figures, _ = benchmarks
    text = "recall <!-- figure: a/b -->0.1<!-- end --> of all"
    assert figures.filled(text, {"a/b": "0.603"}) == text.replace("0.1", "0.603")
    with pytest.raises(KeyError, match="a/b"):
        figures.filled(text, {})


def test_spectra_with_many_missing_sites_are_one_group(benchmarks):
    figures, _ = benchmarks
    counts = {"0": (4, 3), "4": (2, 1), "7": (6, 1)}
    rows = [{"group": g, "n_spectra": n, "mass": hits / n} for g, (n, hits) in counts.items()]
    found = dict(figures._by_missing_sites({"missing_sites": rows}))
    assert found["all/missing_sites_4/spectra"]["value"] == 8
    assert found["all/missing_sites_4/peptide_recall"]["value"] == 2 / 8
    assert found["all/missing_sites_0/peptide_recall"]["value"] == 3 / 4
    assert "all/missing_sites_1/spectra" not in found
    assert dict(figures._by_missing_sites(None)) == {}


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ({"value": 0.6034, "interval": [0.547, 0.658], "kind": "share"}, "0.603 (0.547-0.658)"),
        ({"value": 0.0625, "interval": [0.032, 0.118], "kind": "percent"}, "6.2 % (3.2-12 %)"),
        ({"value": 1.0, "interval": [1.7e-18, 1.0], "kind": "percent"}, "100 % (0-100 %)"),
        ({"value": 4096, "kind": "count"}, "4,096"),
        ({"value": None, "kind": "percent"}, "-"),
    ],
)
def test_figures_are_written_with_their_interval(benchmarks, figure, text):
    assert benchmarks[0].text_of(figure) == text
    assert benchmarks[0].text_of(figure, has_interval=False) == text.partition(" (")[0]


def test_missing_and_altered_files_are_named(benchmarks, tmp_path):
    _, files = benchmarks
    (tmp_path / files.FILES[0].name).write_text("no spectra")
    found = list(files.faults(tmp_path))
    assert len(found) == len(files.FILES)
    assert "differs from sample_data" in found[0]
    assert "is missing" in found[1]


def test_missing_files_are_fetched_by_address_and_then_hold(benchmarks, tmp_path, monkeypatch):
    _, files = benchmarks
    source = tmp_path / "at" / "a1b2"
    source.mkdir(parents=True)
    (source / "x.mgf").write_bytes(b"BEGIN IONS")
    digest = hashlib.sha256(b"BEGIN IONS").hexdigest()
    file = files.MeasuredFile("x.mgf", "o/r", "x.mgf", "a1b2", "MIT", digest)
    assert file.url == "https://raw.githubusercontent.com/o/r/a1b2/x.mgf"
    monkeypatch.setattr(files, "FILES", [file])
    monkeypatch.setattr(files.MeasuredFile, "url", (source / "x.mgf").as_uri())
    files.fetch(tmp_path / "files")
    assert list(files.faults(tmp_path / "files")) == []
