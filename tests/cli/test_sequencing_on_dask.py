"""`denovo sequence --engine dask`: a cluster changes no byte, and its faults are named."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from denovo import __version__
from denovo.cli import app
from denovo.errors import InputError
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks.loading import SHIPPED
from denovo.sequencing.workers import SequencingJob
from tests.cli.test_sequencing_in_parts import set_chunk_size
from tests.helpers.fake_model import mgf_of

SETTINGS = ("--output", "o.csv", "--output", "o.mztab", "--rescoring", "none", "--beam-width", 2)
OUTPUTS = ("o.csv", "o.mztab", "o.rejected.csv")
# A process ends with the tests, however they end: the pipe from them is closed then.
WATCH = """
import os, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
"""
PROGRAM = """
from denovo.sequencing import run_description, workers
from denovo.cli import main
workers.CHUNK_SIZE = run_description.CHUNK_SIZE = 8
{change}
main()
"""
SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
WORKER = "from distributed.cli.dask_worker import main; main()"
IMPATIENT = "from denovo.sequencing import cluster; cluster._PATIENCE_S = cluster._LOST_S = 1.0"
# From the first part on, a chunk that is ready is fetched so late that its worker has been killed.
UNFETCHED = """
import time
from pathlib import Path
wait = cluster.wait
def late(*arguments, **settings):
    found = wait(*arguments, **settings)
    if any(Path().glob("o.csv.parts/*.arrow")):
        time.sleep(3)
    return found
cluster.wait = late
"""
OTHER = "from denovo.sequencing import cluster; cluster._version = lambda name: '0.0'"
REASON = "needs Dask: pip install 'denovo-ms[dask]'"


@pytest.fixture
def start(root, tmp_path):
    """Start Python programs that write to a file of their own, and end them after the test."""
    started = []

    def begin(name, program, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        with (tmp_path / f"{name}.txt").open("w") as console:
            process = subprocess.Popen(
                [sys.executable, "-c", WATCH + program, *map(str, arguments)],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def cluster(start, tmp_path):
    """Address, scheduler and two workers on this machine alone."""
    pytest.importorskip("distributed", reason=REASON)
    file = tmp_path / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file)
    scheduler = start("scheduler", SCHEDULER, *options)
    while not file.exists():
        assert scheduler.poll() is None, (tmp_path / "scheduler.txt").read_text()
        time.sleep(0.05)
    address = json.loads(file.read_text())["address"].removeprefix("tcp://")
    options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--death-timeout", 60)
    options += ("--local-directory", tmp_path)
    workers = [start(f"worker{n}", WORKER, address, *options) for n in (1, 2)]
    return address, scheduler, workers


@pytest.fixture
def sequence(start, tmp_path):
    """Sequence `a.mgf` in a process of its own, in chunks of eight."""

    def begin(*arguments, change=""):
        program = PROGRAM.format(change=change)
        return start("denovo", program, "sequence", "a.mgf", *SETTINGS, *arguments)

    return begin


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_is_killed_changes_no_byte(
    cluster, sequence, tmp_path, monkeypatch
):
    address, scheduler, workers = cluster
    on_cluster = ("--engine", "dask", "--address", address)
    mgf_of(tmp_path / "a.mgf", 104)
    message = tmp_path / "denovo.txt"
    monkeypatch.chdir(tmp_path)
    set_chunk_size(monkeypatch, 8)
    command = ["sequence", "a.mgf", *map(str, SETTINGS)]
    alone = CliRunner().invoke(app, [*command, "--workers", "1"])
    assert alone.exit_code == 0, alone.output
    expected = {name: (tmp_path / name).read_bytes() for name in OUTPUTS}
    other = sequence(*on_cluster, "--overwrite", change=OTHER)
    assert other.wait() == 1
    assert f"has denovo {__version__}, here 0.0, torch " in message.read_text()
    for name in OUTPUTS:
        (tmp_path / name).unlink()

    run = sequence(*on_cluster)
    while run.poll() is None and len(list(tmp_path.glob("o.csv.parts/*.arrow"))) < 3:
        time.sleep(0.02)
    assert run.poll() is None, message.read_text()
    workers[0].send_signal(signal.SIGKILL)
    assert run.wait() == 0, message.read_text()
    assert {name: (tmp_path / name).read_bytes() for name in OUTPUTS} == expected

    run = sequence(*on_cluster, "--overwrite", change=IMPATIENT + UNFETCHED)
    while run.poll() is None and not list(tmp_path.glob("o.csv.parts/*.arrow")):
        time.sleep(0.02)
    assert run.poll() is None, message.read_text()
    workers[1].send_signal(signal.SIGKILL)
    assert run.wait() == 1
    assert "all workers of the Dask cluster are lost; what was sequenced" in message.read_text()
    n_parts = len(list(tmp_path.glob("o.csv.parts/*.arrow")))
    assert n_parts > 0
    run = sequence(*on_cluster, "--overwrite", change=IMPATIENT)
    assert run.wait() == 1
    assert f"{address} has no workers; start some with `dask worker" in message.read_text()
    scheduler.kill()
    scheduler.wait()
    run = sequence(*on_cluster, "--overwrite", change=IMPATIENT)
    assert run.wait() == 1
    assert f"error: no Dask scheduler answers at {address}" in message.read_text()
    assert {name: (tmp_path / name).read_bytes() for name in OUTPUTS} == expected
    assert len(list(tmp_path.glob("o.csv.parts/*.arrow"))) == n_parts


@pytest.mark.parametrize(
    ("n_threads", "change", "expected"),
    [
        (1, "remove", r"worker tcp://w:1: .*net\.safetensors"),
        (1, "replace", r"worker tcp://w:1 has another network in .*net\.safetensors"),
        (4, "", "worker tcp://w:1 has 4 threads; start it with --nthreads 1"),
    ],
)
def test_a_worker_that_would_compute_something_else_is_named(
    tmp_path, monkeypatch, n_threads, change, expected
):
    pytest.importorskip("distributed", reason=REASON)
    from denovo.sequencing import cluster

    worker = SimpleNamespace(address="tcp://w:1", state=SimpleNamespace(nthreads=n_threads))
    monkeypatch.setattr(cluster, "get_worker", lambda: worker)
    path = tmp_path / "net.safetensors"
    if change != "remove":
        shutil.copy(SHIPPED, path)
    job = SequencingJob(path, SequencingSettings(device="cpu"), "0" * 64)
    with pytest.raises(InputError, match=expected):
        cluster._load(job)


def test_a_timeout_within_a_chunk_is_raised_and_one_of_its_worker_is_not():
    pytest.importorskip("distributed", reason=REASON)
    from distributed import Future

    from denovo.sequencing import cluster

    future = Mock(spec=Future, status="pending")
    future.result.side_effect = TimeoutError
    assert cluster._fetched(future) is None
    future.status = "error"
    with pytest.raises(TimeoutError):
        cluster._fetched(future)


def test_a_program_that_is_no_scheduler_is_not_waited_for(monkeypatch):
    pytest.importorskip("distributed", reason=REASON)
    from denovo.sequencing import cluster

    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match=f"no Dask scheduler answers at {address}"):
            next(
                cluster.sequence_on_cluster(SequencingJob(None, SequencingSettings()), [], address)
            )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--address", "h:1"), "--address goes with --engine dask"),
        (("--engine", "dask", "--address", "host"), "--address must be HOST:PORT, such as 127."),
        (("--engine", "dask", "--address", "h:x"), "--address must be HOST:PORT, such as 127."),
        (("--engine", "dask", "--workers", "2"), "--workers goes with --engine local"),
    ],
)
def test_options_of_the_other_engine_are_refused(options, expected):
    refused = CliRunner().invoke(app, ["sequence", "a.mgf", *options])
    assert refused.exit_code == 1
    assert expected in refused.stderr


def test_an_engine_that_is_not_installed_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr("denovo.cli.sequencing_options.find_spec", lambda name: None)
    refused = CliRunner().invoke(app, ["sequence", "a.mgf", "--engine", "dask"])
    assert refused.exit_code == 1
    assert (
        refused.stderr == "error: --engine dask needs Dask; run `pip install 'denovo-ms[dask]'`\n"
    )
