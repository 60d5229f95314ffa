"""Workers, shards and runs that were cut off change nothing in the outputs of `denovo sequence`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from denovo.cli import app
from denovo.errors import InputError
from denovo.io.predictions.parts import id_of
from denovo.processes import n_cores
from denovo.sequencing import SequencingSettings, workers
from tests.helpers.fake_model import fake_model, mgf_of
from tests.io.samples import cv, mzml, mzml_spectrum

N_SPECTRA = 23
OPTIONS = ("--output", "o.csv", "--output", "o.mztab", "--report", "o.html", "--batch-size", 2)
OUTPUTS = ("o.csv", "o.mztab", "o.rejected.csv", "o.html")
EMPTY = "BEGIN IONS\nPEPMASS=500\nCHARGE=2+\nEND IONS\n"


def set_chunk_size(monkeypatch, n_spectra):
    # The first imports the number from the second.
    modules = ("cli.sequencing_reading", "sequencing.workers", "sequencing.run_description")
    for module in (f"denovo.{name}" for name in modules):
        monkeypatch.setattr(f"{module}.CHUNK_SIZE", n_spectra)


@pytest.fixture
def run(common, monkeypatch, tmp_path):
    """Run a command in chunks of four, in a folder of its own, with one core for each worker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("denovo.sequencing.networks.load_model", lambda path: fake_model(common))
    set_chunk_size(monkeypatch, 4)
    path = mgf_of(tmp_path / "a.mgf", N_SPECTRA)
    path.write_text(EMPTY + path.read_text())

    def invoke(name, *arguments):
        workers = ["--workers", 1] if name == "sequence" and "--workers" not in arguments else []
        return CliRunner().invoke(app, [name, *map(str, [*workers, *arguments])])

    return invoke


def outputs(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


@pytest.fixture
def undisturbed(run, tmp_path):
    """The outputs of a run without shards or interruptions, which are then removed."""
    result = run("sequence", "a.mgf", *OPTIONS)
    assert result.exit_code == 0, result.output
    found = outputs(tmp_path)
    for name in OUTPUTS:
        (tmp_path / name).unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mgf"]
    return found


@pytest.mark.slow
def test_shards_are_merged_into_the_outputs_of_a_single_run(run, tmp_path, undisturbed):
    for shard in ("2/3", "3/3"):
        assert run("sequence", "a.mgf", *OPTIONS, "--shard", shard).exit_code == 0
    early = run("merge", "o.csv.parts", *OPTIONS[:-2])
    assert early.exit_code == 1
    assert "2 of 6 parts are missing; finish --shard 1/3" in early.stderr
    elsewhere = tmp_path / "elsewhere"
    shutil.move(tmp_path / "o.csv.parts", elsewhere)
    result = run("sequence", "a.mgf", *OPTIONS, "--shard", "1/3")
    assert "denovo merge" in result.output
    shutil.move(tmp_path / "o.csv.parts", tmp_path / "here")
    result = run("merge", "here", elsewhere, *OPTIONS[:-2])
    assert result.exit_code == 0, result.output
    assert outputs(tmp_path) == undisturbed
    assert {path.name for path in tmp_path.iterdir()} == {*OUTPUTS, "a.mgf", "here", "elsewhere"}
    again = run("merge", "here", elsewhere, *OPTIONS[:-2])
    assert "o.csv exists; give --overwrite" in again.stderr


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on_and_gives_the_same_outputs(
    run, tmp_path, undisturbed, monkeypatch, error
):
    original, sequenced = workers.sequence_chunk, []

    def failing(pipeline, number, entries):
        sequenced.append(number)
        if sequenced.count(3) == 1:
            raise error
        return original(pipeline, number, entries)

    monkeypatch.setattr(workers, "sequence_chunk", failing)
    result = run("sequence", "a.mgf", *OPTIONS)
    assert result.exit_code in (130, 1)
    assert (tmp_path / "o.csv").exists() == (error is KeyboardInterrupt)
    result = run("sequence", "a.mgf", *OPTIONS)
    assert result.exit_code == 0, result.output
    assert sequenced == [0, 1, 2, 3, 3, 4, 5]
    assert outputs(tmp_path) == undisturbed
    assert not (tmp_path / "o.csv.parts").exists()


def test_the_place_of_a_merge_does_not_change_where_files_are_said_to_lie(run, tmp_path):
    for shard in ("1/2", "2/2"):
        assert run("sequence", "a.mgf", "--output", "o.mztab", "--shard", shard).exit_code == 0
    here = run("merge", "o.mztab.parts", "--output", "here.mztab")
    assert here.exit_code == 0, here.output
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    assert run("merge", "../o.mztab.parts", "--output", "there.mztab").exit_code == 0
    there = (tmp_path / "elsewhere" / "there.mztab").read_text("utf-8")
    assert (tmp_path / "a.mgf").as_uri() in there
    assert there == (tmp_path / "here.mztab").read_text("utf-8")


@pytest.fixture
def trapped(run, tmp_path, monkeypatch):
    """A run for the default network: five chunks of HCD, then ten of an ion trap."""
    monkeypatch.setattr("denovo.sequencing.network_proposal._FEW", 2)
    trap = f"{cv('MS:1000512', 'filter string', 'ITMS + c NSI d Full ms2')}</scan>"
    cid = f"<activation>{cv('MS:0', 'collision-induced dissociation')}</activation></precursor>"
    plain = [mzml_spectrum(number) for number in range(60)]
    of_trap = [s.replace("</precursor>", cid).replace("</scan>", trap) for s in plain[20:]]
    (tmp_path / "b.mzML").write_text(mzml(*plain[:20], *of_trap))
    return lambda *options: run("sequence", "b.mzML", "--output", "b.csv", *options)


def test_a_run_is_judged_by_its_first_spectra_whatever_part_is_sequenced(trapped):
    for shard in ("2/2", "1/2"):
        result = trapped("--shard", shard)
        assert result.exit_code == 0, result.output
    assert trapped().exit_code == 0


def test_survey_scans_at_the_start_hide_no_ion_trap(trapped, tmp_path):
    text = (tmp_path / "b.mzML").read_text()
    _, *spectra = text.split("<spectrum ")
    surveys = [s.replace('name="ms level" value="2"', 'name="ms level" value="1"') for s in spectra]
    head = text.partition("<spectrum ")[0]
    (tmp_path / "b.mzML").write_text("<spectrum ".join([head, *surveys[:20], *spectra[20:]]))
    refused = trapped()
    assert refused.exit_code == 1
    assert "are from an ion trap" in refused.stderr


def test_a_folder_of_an_instrument_that_changed_is_another_run(run, tmp_path):
    (tmp_path / "fake.d").mkdir()
    first = run("sequence", "a.mgf", "fake.d", "--output", "o.csv", "--shard", "1/2")
    assert first.exit_code == 0, first.output
    for name in ("analysis.tdf", "analysis.tdf_bin"):
        (tmp_path / "fake.d" / name).write_text("real")
    refused = run("sequence", "a.mgf", "fake.d", "--output", "o.csv", "--shard", "2/2")
    assert refused.exit_code == 1
    assert "another run, which differs in files" in refused.stderr


def test_parts_of_other_settings_are_refused_and_removed_on_request(run, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("denovo.cli.sequencing_run.write_predictions", lambda *_: 1 / 0)
        assert isinstance(run("sequence", "a.mgf", *OPTIONS).exception, ZeroDivisionError)
    changed = ("sequence", "a.mgf", *OPTIONS, "--beam-width", 3)
    refused = run(*changed)
    assert refused.exit_code == 1
    assert "another run, which differs in settings.beam_width;" in refused.stderr
    assert run(*changed, "--no-resume").exit_code == 0
    sharded = run(*changed, "--no-resume", "--shard", "1/2")
    assert "--no-resume would remove the parts of other shards" in sharded.stderr


@pytest.mark.parametrize(("number", "bound"), [(0, "at least 1"), (10**6, "at most")])
def test_a_number_of_workers_that_cannot_help_is_refused(run, number, bound):
    refused = run("sequence", "a.mgf", *OPTIONS, "--workers", number)
    assert refused.exit_code == 1
    assert f"--workers must be {bound}" in refused.stderr


# A background job, in which these tests may run, ignores SIGINT.
PROGRAM = """
import signal
import sys
from denovo.sequencing import run_description, workers
from denovo.cli import main, sequencing_reading
signal.signal(signal.SIGINT, signal.default_int_handler)
workers.CHUNK_SIZE = run_description.CHUNK_SIZE = sequencing_reading.CHUNK_SIZE = 8
main()
"""


def program(root, folder, *arguments, session=False):
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with (folder / "console.txt").open("w") as console:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=session,
        )


@pytest.mark.skipif(n_cores() < 2, reason="needs two cores")
@pytest.mark.slow
def test_workers_and_a_kill_in_the_middle_change_no_byte(root, tmp_path, monkeypatch):
    mgf_of(tmp_path / "a.mgf", 120)
    command = ("sequence", "a.mgf", *OPTIONS, "--rescoring", "none", "--beam-width", 2)
    monkeypatch.chdir(tmp_path)
    set_chunk_size(monkeypatch, 8)
    alone = CliRunner().invoke(app, [*map(str, command), "--workers", "1"])
    assert alone.exit_code == 0, alone.output
    expected = outputs(tmp_path)
    killed = program(root, tmp_path, *command, "--overwrite", "--workers", 2)
    while killed.poll() is None and len(list(tmp_path.glob("o.csv.parts/*.arrow"))) < 3:
        time.sleep(0.05)
    left = psutil.Process(killed.pid).children(recursive=True)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    _, alive = psutil.wait_procs(left, timeout=60)
    assert alive == []
    assert outputs(tmp_path) == expected
    broken = program(root, tmp_path, *command, "--overwrite", "--workers", 2)
    n_parts = len(list(tmp_path.glob("o.csv.parts/*.arrow")))
    while broken.poll() is None and len(list(tmp_path.glob("o.csv.parts/*.arrow"))) == n_parts:
        time.sleep(0.05)
    (server,) = (each for each in psutil.Process(broken.pid).children() if each.children())
    server.children()[0].kill()
    assert broken.wait() == 1
    message = (tmp_path / "console.txt").read_text()
    assert "error: one of 2 workers ended: memory ran out, it was ended from outside" in message
    assert "repeat it with fewer workers" in message
    assert outputs(tmp_path) == expected
    again = program(root, tmp_path, *command, "--overwrite", "--workers", 2)
    assert again.wait() == 0, (tmp_path / "console.txt").read_text()
    assert outputs(tmp_path) == expected


@pytest.mark.skipif(n_cores() < 2 or sys.platform != "linux", reason="needs two cores, forks")
@pytest.mark.slow
def test_an_early_interruption_of_all_processes_is_one_sentence(root, tmp_path):
    """Ctrl-C reaches the process that imports for the workers, too."""
    mgf_of(tmp_path / "a.mgf", 6000)
    process = program(root, tmp_path, "sequence", "a.mgf", *OPTIONS, session=True)
    while not any("forkserver" in str(each) for each in commands_of_children(process)):
        time.sleep(0.02)
    time.sleep(0.3)  # it imports
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait() == 130
    assert (tmp_path / "console.txt").read_text() == (
        "stopped by SIGINT: no output is half-written\n"
    )


def commands_of_children(process):
    assert process.poll() is None
    return [each.cmdline() for each in psutil.Process(process.pid).children()]


def test_a_run_in_which_nothing_is_sequenced_leaves_no_parts(run, tmp_path):
    (tmp_path / "empty.mgf").write_text(EMPTY * 9)
    assert run("sequence", "empty.mgf", *OPTIONS).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {*OUTPUTS, "a.mgf", "empty.mgf"}


@pytest.mark.slow
def test_a_folder_among_the_files_is_a_row_of_the_rejected_entries(run, tmp_path):
    (tmp_path / "b.mgf").mkdir()
    result = run("sequence", "b.mgf", "a.mgf", *OPTIONS)
    assert result.exit_code == 0, result.output
    assert b"b.mgf" in (tmp_path / "o.rejected.csv").read_bytes()


@pytest.mark.slow
def test_an_interruption_before_the_first_chunk_writes_nothing(run, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workers, "sequence_chunk", interrupted)
        assert run("sequence", "a.mgf", *OPTIONS).exit_code == 130
    assert [path.name for path in tmp_path.iterdir()] == ["a.mgf"]
    assert run("sequence", "a.mgf", *OPTIONS).exit_code == 0


def test_a_network_or_a_file_that_changes_during_a_run_is_named(run, tmp_path, monkeypatch):
    original = workers.sequence_chunk

    def changing(pipeline, number, entries):
        with (tmp_path / "a.mgf").open("a") as stream:
            stream.write("\n")
        return original(pipeline, number, entries)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "sequence_chunk", changing)
        changed = run("sequence", "a.mgf", *OPTIONS)
    assert changed.exit_code == 1
    assert "a.mgf has changed during the run" in changed.stderr
    assert not (tmp_path / "o.csv").exists()
    with pytest.raises(InputError, match="has changed since it was loaded; begin the run anew"):
        workers.SequencingJob(None, SequencingSettings(device="cpu"), "0" * 64).load()


@pytest.mark.parametrize(
    ("field", "value"),
    [("files", []), ("settings", {"decoder": 1}), ("residues", {}), ("reliability", [1]), ("x", 1)],
)
def test_a_description_of_a_run_from_a_stranger_is_checked(run, tmp_path, field, value):
    for shard in ("1/2", "2/2"):
        assert run("sequence", "a.mgf", *OPTIONS, "--shard", shard).exit_code == 0
    path = tmp_path / "o.csv.parts" / "run.json"
    altered = json.loads(path.read_text()) | {field: value}
    path.write_text(json.dumps(altered))
    for part in path.parent.glob("*.arrow"):
        table = pa.ipc.open_stream(part.read_bytes()).read_all()
        metadata = {**table.schema.metadata, b"denovo.run": id_of(altered)}
        with pa.ipc.new_stream(str(part), table.schema.with_metadata(metadata)) as writer:
            writer.write_table(table)
    refused = run("merge", "o.csv.parts", "--output", "p.csv")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert field in refused.stderr
    assert not (tmp_path / "p.csv").exists()
