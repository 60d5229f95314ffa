"""`denovo sequence`: every entry of the files is a row of the output or of the rejected entries."""

import csv
import gzip

import pytest
from psutil import Process
from typer.testing import CliRunner

from denovo.chemistry.labels import TMT
from denovo.cli import app
from denovo.io.predictions import read_predictions
from tests.helpers.fake_model import PEPTIDE, fake_model, mgf_of
from tests.io.samples import cv, mzml, mzml_spectrum

EMPTY = "BEGIN IONS\nPEPMASS=500\nCHARGE=2+\nEND IONS\n"


@pytest.fixture
def run(common, monkeypatch, tmp_path):
    """Run the command with a network that reads one peptide, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("denovo.sequencing.networks.load_model", lambda path: fake_model(common))

    def invoke(*arguments):
        options = ["sequence", *map(str, arguments), "--checkpoint", "fake.ckpt"]
        return CliRunner().invoke(app, options)

    return invoke


def rows(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_every_entry_is_a_row_or_a_row_of_the_rejected_entries(run, tmp_path):
    path = mgf_of(tmp_path / "a.mgf", 40)
    path.write_text(EMPTY + path.read_text() + EMPTY)
    result = run(path, "--output", "out.csv", "--batch-size", 4)
    assert result.exit_code == 0, result.output
    found = rows(tmp_path / "out.csv")
    assert [row["peptide"] for row in found] == [PEPTIDE] * 40
    assert [int(row["index"]) for row in found] == list(range(1, 41))
    assert [row["index"] for row in rows(tmp_path / "out.rejected.csv")] == ["0", "41"]
    assert "42 entries" in result.output
    assert "the spectrum has no peaks" in result.output


def test_a_run_ends_with_what_to_do_next(run, tmp_path):
    path = mgf_of(tmp_path / "a b.mgf", 2)
    result = run(path, "--output", "out.csv")
    lines = " ".join(result.output.split())
    assert f"denovo plot '{path}' --spectrum" in lines
    assert "--predictions out.csv" in lines
    assert "denovo map out.csv --fasta PROTEINS.fasta" in lines
    assert "--report run.html" in lines


def test_a_spectrum_of_a_long_title_is_named_by_its_id(run, tmp_path):
    path = tmp_path / "a.mgf"
    mgf_of(path, 1)
    path.write_text(path.read_text().replace("TITLE=s0", f"TITLE={'x' * 60}"))
    lines = run(path, "--output", "out.csv").output
    assert "--spectrum index=0 --predictions" in " ".join(lines.split())


def of_default_network(*arguments):
    return CliRunner().invoke(app, ["sequence", *map(str, arguments)])


def test_a_hint_names_the_network_that_reads_the_spectra(run, tmp_path):
    path = mgf_of(tmp_path / "a.mgf", 30)
    path.write_text(path.read_text().replace("END IONS", f"{TMT.whole} 1e9\nEND IONS"))
    found = of_default_network(path, "--output", "out.csv", "--report", "page.html")
    assert found.exit_code == 0, found.output
    words = "100% of the first 30 spectra show TMT6plex labels; --network tmt"
    assert f"hint: {words}" in found.stderr
    assert words in (tmp_path / "page.html").read_text("utf-8")
    assert len(rows(tmp_path / "out.csv")) == 30
    assert "hint" not in run(path, "--output", "named.csv").stderr


def test_a_run_that_no_network_reads_is_refused_and_leaves_nothing(run, tmp_path):
    etd = f"<activation>{cv('MS:0', 'electron transfer dissociation')}</activation></precursor>"
    spectra = [mzml_spectrum(n).replace("</precursor>", etd) for n in range(300)]
    (tmp_path / "a.mzML").write_text(mzml(*spectra))
    found = of_default_network("a.mzML", "--output", "out.csv")
    assert found.exit_code == 1
    reason = "the spectra are from ETD, which no network of the package reads"
    assert reason in found.stderr
    assert "give --network hcd to try it all the same" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.mzML"]
    # ``found`` holds the error with all that it refers to, and yet the file is closed.
    assert str(tmp_path / "a.mzML") not in [each.path for each in Process().open_files()]
    again = run("a.mzML", "--output", "out.csv", "--workers", 1)
    assert again.exit_code == 0, again.output
    options = ("--network", "hcd", "--output", "hcd.csv", "--report", "page.html", "--workers", 1)
    named = of_default_network("a.mzML", *options)
    assert named.exit_code == 0, named.output
    assert reason.lower() in (tmp_path / "page.html").read_text("utf-8").lower()


def test_a_run_of_an_ion_trap_is_refused_with_the_network_that_reads_it(
    run, tmp_path, common, monkeypatch
):
    trap = f"{cv('MS:1000512', 'filter string', 'ITMS + c NSI d Full ms2')}</scan>"
    cid = f"<activation>{cv('MS:0', 'collision-induced dissociation')}</activation></precursor>"
    changed = {"</precursor>": cid, "</scan>": trap}
    spectra = [mzml_spectrum(number) for number in range(30)]
    for old, new in changed.items():
        spectra = [each.replace(old, new) for each in spectra]
    (tmp_path / "a.mzML").write_text(mzml(*spectra))
    found = of_default_network("a.mzML", "--output", "out.csv")
    assert found.exit_code == 1
    assert "are from an ion trap; --network cid reads CID at its resolution" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.mzML"]
    model = fake_model(common)
    recipe = {
        "digest": {"min_length": 6, "max_length": 30},
        "precursors": {"charges": {"1": 0.1, "2": 0.5, "3": 0.4}},
    }
    model.config["data"] |= {"sources": {"recipe": recipe}}
    model.config["fragment_tolerance"] = "0.4 Da"
    monkeypatch.setattr("denovo.sequencing.networks.load_model", lambda path: model)
    named = of_default_network("a.mzML", "--network", "cid", "--output", "cid.csv", "--workers", 1)
    assert named.exit_code == 0, named.output
    assert len(rows(tmp_path / "cid.csv")) == 30
    text = " ".join(named.output.split())
    assert "hint" not in text
    assert "activation" not in text
    (tmp_path / "hcd.mzML").write_text(mzml(spectra[0].replace("ITMS", "FTMS")))
    other = run("hcd.mzML", "--output", "hcd.csv")
    words = "activation: CID 1; this network was trained for CID in an ion trap and reads other"
    assert words in " ".join(other.output.split())


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".mztab"])
def test_rows_of_a_dataset_have_universal_spectrum_identifiers(run, tmp_path, suffix):
    path = mgf_of(tmp_path / "a.mgf", 2)
    path.write_text(path.read_text().replace("TITLE=s0", "SCANS=4711"))
    result = run(path, "--output", f"out{suffix}", "--dataset", "PXD004732")
    assert result.exit_code == 0, result.output
    found = list(read_predictions(tmp_path / f"out{suffix}"))
    charge = found[0].precursor_charge
    expected = [f"mzspec:PXD004732:a:scan:4711:{PEPTIDE}/{charge}", ""]
    assert [each.usi for each in found] == expected
    options = ["convert", f"out{suffix}", "--output", "again.csv"]
    assert CliRunner().invoke(app, options).exit_code == 0
    assert [row["usi"] for row in rows(tmp_path / "again.csv")] == expected
    refused = run(path, "--output", "other.csv", "--dataset", "4732")
    assert "--dataset must be an accession such as PXD004732" in refused.stderr


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".mztab"])
def test_scan_numbers_stand_in_every_output_and_in_the_rejected_entries(run, tmp_path, suffix):
    path = mgf_of(tmp_path / "a.mgf", 1)
    text = path.read_text().replace("TITLE=s0", "SCANS=4711")
    path.write_text(text + EMPTY.replace("PEPMASS", "SCANS=4712\nPEPMASS"))
    assert run(path, "--output", f"out{suffix}").exit_code == 0
    (prediction,) = read_predictions(tmp_path / f"out{suffix}")
    assert (prediction.scan, prediction.title) == (4711, "scan=4711")
    (rejected,) = rows(tmp_path / "out.rejected.csv")
    assert (rejected["scan"], rejected["title"]) == ("4712", "scan=4712")


def test_what_was_odd_about_entries_is_noted_and_counted_at_the_end(run, tmp_path):
    lines = mgf_of(tmp_path / "a.mgf", 1).read_text().splitlines()
    peaks = "\n".join(lines[4:-1])
    head = f"Name: x/2\nPrecursorMZ: {lines[2].partition('=')[2]}\nNum peaks: "
    (tmp_path / "a.msp").write_text(f"{head}9\n{peaks}\n\n{head}5\n{peaks}\n\n")
    result = run("a.msp", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    note = "another number of peaks than announced"
    assert [row["note"] for row in rows(tmp_path / "out.csv")] == [f"{note} (5, not 9)", ""]
    assert f"of those above: {note}" in " ".join(result.output.split())


def test_how_spectra_were_fragmented_is_stated_by_row_and_counted_at_the_end(run, tmp_path):
    trap = cv("MS:1000512", "filter string", "ITMS + c NSI d Full ms2")
    spectra = [
        mzml_spectrum(0).replace(
            "</precursor>",
            f"<activation>{cv('MS:0', name)}</activation></precursor>",
        )
        for name in ("electron transfer dissociation", "beam-type collision-induced dissociation")
    ]
    in_trap = spectra[1].replace("beam-type ", "").replace("</scan>", f"{trap}</scan>")
    (tmp_path / "a.mzML").write_text(mzml(*spectra, in_trap))
    result = run("a.mzML", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    stated = [(row["activation"], row["analyzer"]) for row in rows(tmp_path / "out.csv")]
    assert stated == [("ETD", ""), ("HCD", ""), ("CID", "ion trap")]
    counts = "activation: ETD 1, HCD 1, CID in an ion trap 1; the networks that come with denovo"
    assert counts in " ".join(result.output.split())
    (tmp_path / "b.mzML").write_text(mzml(spectra[1]))
    assert "activation" not in run("b.mzML", "--output", "b.csv").output


def test_spectra_beyond_the_training_of_the_network_are_counted_at_the_end(
    run, tmp_path, common, monkeypatch
):
    model = fake_model(common)
    recipe = {
        "digest": {"min_length": 20, "max_length": 30},
        "precursors": {"charges": {"1": 0.0, "3": 0.5, "4": 0.5}},
    }
    model.config["data"] |= {"sources": {"recipe": recipe}}
    mgf_of(tmp_path / "a.mgf", 2)
    assert "beyond what" not in run("a.mgf", "--output", "a.csv").output  # its range is not known
    monkeypatch.setattr("denovo.sequencing.networks.load_model", lambda path: model)
    output = " ".join(run("a.mgf", "--output", "b.csv").output.split())
    assert (
        "beyond what the network was trained on (20-30 residues, 3+ and 4+): charge 2+ 2, "
        "fewer than 20 residues 2; it reads such spectra less well"
    ) in output
    recipe["precursors"]["charges"] = {"2": 0.0}
    result = run("a.mgf", "--output", "c.csv")
    assert result.exit_code == 0, result.output
    assert "beyond what" not in result.output


def test_several_files_and_patterns_are_read_in_order(run, tmp_path):
    for name in "ab":
        mgf_of(tmp_path / f"{name}.mgf", 2)
    (tmp_path / "c.mgf.gz").write_bytes(gzip.compress((tmp_path / "a.mgf").read_bytes()))
    assert run("*.mgf", "c.mgf.gz", "a.mgf", "--output", "out.csv").exit_code == 0
    files = [row["file"] for row in rows(tmp_path / "out.csv")]
    assert files == ["a.mgf"] * 2 + ["b.mgf"] * 2 + ["c.mgf.gz"] * 2


def test_outputs_of_all_formats_hold_the_same_predictions(run, tmp_path):
    mgf_of(tmp_path / "a.mgf", 3)
    outputs = [tmp_path / f"out{suffix}" for suffix in (".mztab", ".csv", ".tsv", ".parquet")]
    options = [option for output in outputs for option in ("--output", output)]
    result = run("a.mgf", *options, "--report", "page.html")
    assert result.exit_code == 0, result.output
    for output in outputs:
        assert [p.peptide for p in read_predictions(output)] == [PEPTIDE] * 3
    assert PEPTIDE in (tmp_path / "page.html").read_text()


def test_without_an_output_the_table_is_named_after_the_file(run, tmp_path):
    mgf_of(tmp_path / "a.mgf", 1)
    assert run("a.mgf").exit_code == 0
    assert {p.name for p in tmp_path.iterdir()} == {"a.mgf", "a.mztab", "a.rejected.csv"}


def test_what_exists_is_replaced_only_if_that_is_asked_for(run, tmp_path):
    mgf_of(tmp_path / "a.mgf", 1)
    (tmp_path / "out.csv").write_text("precious")
    result = run("a.mgf", "--output", "out.csv")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "--overwrite" in result.stderr
    assert (tmp_path / "out.csv").read_text() == "precious"
    assert run("a.mgf", "--output", "out.csv", "--overwrite").exit_code == 0
    assert len(rows(tmp_path / "out.csv")) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.mgf"], "does not exist"),
        (["*.raw"], "no file matches"),
        (["a.mgf", "--output", "out.xlsx"], "suffix"),
        (["a.mgf", "--output", "a.mgf"], "suffix"),
        (["a.mgf", "--rejected", "a.mgf"], "both read and written"),
        (["a.mgf", "--report", "a.mgf/page.html"], "cannot write"),
        (["a.mgf", "--tolerance", "20"], "tolerance"),
        (["a.mgf", "--charges", "two"], "--charges"),
        (["a.mgf", "--beam-width", "0"], "beam_width"),
        (["a.mgf", "--device", "abacus"], "device"),
        (["a.mgf", "--device", "cuda:7"], "device"),
        (["a.mgf", "--workers", "0"], "--workers"),
    ],
)
def test_faults_are_one_sentence_and_leave_nothing_behind(run, tmp_path, arguments, message):
    mgf_of(tmp_path / "a.mgf", 1)
    result = run(*arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert message in result.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"a.mgf"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.mgf", "", "it is empty"),
        ("a.fasta", ">sp|P1\nPEPTIDEK\n", "its format is not known; expected mgf, mzML"),
        ("a.html", "<!DOCTYPE html><html></html>\n", "its format is not known; expected mgf, mzML"),
        ("a.mgf", ">sp|P1\nPEPTIDEK\n", "is this an MGF file?"),
        ("a.mgf", "COM=nothing follows\n", "it holds no spectra"),
    ],
)
def test_a_file_that_holds_no_entry_is_one_sentence(run, tmp_path, name, text, reason):
    (tmp_path / name).write_text(text)
    result = run(name, "--output", "out.csv", "--report", "page.html")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"error: {name}" in result.stderr
    assert reason in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_of_several_files_without_an_entry_the_first_is_named(run, tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("nothing to see\n")
    result = run("a.txt", "b.txt", "--output", "out.csv")
    assert result.exit_code == 1
    assert "none of the 2 files holds a spectrum, a.txt: its format" in result.stderr


def test_a_file_without_entries_among_others_is_a_row_of_the_rejected_entries(run, tmp_path):
    mgf_of(tmp_path / "a.mgf", 2)
    (tmp_path / "b.fasta").write_text(">sp|P1\nPEPTIDEK\n")
    result = run("b.fasta", "a.mgf", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    assert len(rows(tmp_path / "out.csv")) == 2
    assert [row["file"] for row in rows(tmp_path / "out.rejected.csv")] == ["b.fasta"]


def test_no_progress_is_written_outside_a_terminal(run, tmp_path):
    mgf_of(tmp_path / "a.mgf", 40)
    result = run("a.mgf", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""


def test_an_interrupted_run_keeps_what_was_sequenced_and_says_so(run, tmp_path, monkeypatch):
    def interrupted(paths):
        yield from records
        raise KeyboardInterrupt

    from denovo.io import open_spectra

    records = list(open_spectra(mgf_of(tmp_path / "a.mgf", 8)))
    monkeypatch.setattr("denovo.cli.sequencing_reading.open_spectra", interrupted)
    for module in ("cli.sequencing_reading", "sequencing.workers"):
        monkeypatch.setattr(f"denovo.{module}.CHUNK_SIZE", 4)
    result = run("a.mgf", "--output", "out.csv", "--workers", 1)
    assert result.exit_code == 130
    assert len(rows(tmp_path / "out.csv")) == 8
    assert "interrupted" in rows(tmp_path / "out.rejected.csv")[0]["reason"]


@pytest.mark.parametrize(
    ("name", "n_entries"),
    [
        ("casanovo_sample_preprocessed_spectra.mgf", 128),
        ("winnow_hela_spectra.mgf", 100),
        ("LQSRPAAPPAPGPGQLTLR.mzML", 1),
        ("massivekb_human_tmt_head.sptxt", 58),
        ("chinese_hamster_hcd_selected_head.msp", 7),
        ("fetal_brain_tiny.mzSpecLib.txt", 21),
    ],
)
def test_every_entry_of_a_measured_file_is_accounted_for(run, tmp_path, real_data, name, n_entries):
    result = run(real_data(name), "--output", "out.csv", "--decoder", "greedy")
    assert result.exit_code == 0, result.output
    counts = [len(rows(tmp_path / path)) for path in ("out.csv", "out.rejected.csv")]
    assert sum(counts) == n_entries
