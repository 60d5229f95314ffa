"""What signals do to a process that is watched."""

import os
import pickle
import signal
import subprocess
import sys
import time

import pytest

from denovo.errors import Stopped
from denovo.training.signals import SignalWatch, watch
from tests.helpers.finalizers import SENDERS, remove_one_with_a_finalizer


def send(signum):
    os.kill(os.getpid(), signum)


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGUSR1, 138), (signal.SIGUSR2, 140)],
)
def test_a_signal_ends_the_job_with_its_status(signum, status):
    before = signal.getsignal(signum)
    with pytest.raises(Stopped) as stopped, SignalWatch():
        send(signum)
    assert stopped.value.code == status
    assert stopped.value.sentence == f"stopped by {signum.name}"
    assert signal.getsignal(signum) == before


def test_a_held_signal_waits_and_later_ones_are_ignored():
    with SignalWatch() as watch:
        watch.hold("")
        for signum in (signal.SIGUSR1, signal.SIGTERM, signal.SIGTERM):
            send(signum)
        watch.release()
        assert watch.asked == signal.SIGUSR1


def test_only_a_second_ctrl_c_does_not_wait():
    with SignalWatch() as watch:
        watch.hold("")
        send(signal.SIGINT)
        assert watch.asked == signal.SIGINT
        with pytest.raises(Stopped) as stopped:
            send(signal.SIGINT)
    assert stopped.value.code == 130


@pytest.mark.parametrize("send", SENDERS)
def test_a_signal_ends_a_job_wherever_it_arrives(send):
    def job():
        with SignalWatch():
            send()
            time.sleep(10)

    hook = sys.unraisablehook
    with pytest.raises(Stopped) as stopped:
        job()
    assert stopped.value.code == 143
    assert sys.unraisablehook == hook


def test_a_signal_that_python_drops_waits_as_others_if_it_is_held_since(monkeypatch):
    monkeypatch.setattr("denovo.processes._AGAIN_S", 0.5)
    with SignalWatch() as watch:
        remove_one_with_a_finalizer()
        watch.hold("")
        end = time.monotonic() + 20
        while watch.asked is None and time.monotonic() < end:
            time.sleep(0.01)
        assert watch.asked == signal.SIGTERM
        watch.release()


def test_a_handler_of_the_launcher_comes_after_the_end(monkeypatch):
    """As that of submitit, which puts the job back into the queue."""
    called = []
    before = signal.signal(signal.SIGUSR2, lambda signum, frame: called.append(signum))
    try:
        with pytest.raises(Stopped), SignalWatch():
            send(signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert called == [signal.SIGUSR2]


HANGING = """
import os, signal, time
from denovo.training import signals
signals.GRACE_S = 0.2
with signals.watch:
    signals.watch.hold("the last checkpoint is here")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""


def test_a_step_that_hangs_is_not_waited_for():
    begin = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=50, check=False
    )
    assert result.returncode == 143
    assert time.monotonic() - begin < 50
    assert result.stderr == (
        "stopped by SIGTERM: the last checkpoint is here; the last step did not end within 0.2 s\n"
    )


JOBS = """
import multiprocessing, os, signal, sys, time
from denovo.errors import Stopped
from denovo.training.signals import watch

def job(ready):
    with watch:
        ready.set()
        time.sleep(30)

if __name__ == "__main__":
    ready = multiprocessing.Event()
    with watch.over_jobs():
        child = multiprocessing.Process(target=job, args=(ready,))
        child.start()
        ready.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        child.join()
    print(child.exitcode, watch.asked.name)
"""


def test_a_sweep_passes_the_signal_on_and_waits_for_its_jobs(tmp_path):
    script = tmp_path / "jobs.py"
    script.write_text(JOBS)
    result = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stdout == "143 SIGTERM\n"


def test_what_a_worker_is_sent_is_its_own_watch():
    with watch.over_jobs():
        assert pickle.loads(pickle.dumps(watch)) is watch
