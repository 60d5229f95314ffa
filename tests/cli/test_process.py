"""Signals to a command."""

import os
import signal
import sys
import time
import weakref

import pytest

from denovo.cli.process import stopped_by_signals


@pytest.fixture
def restored():
    """Restore what a command installs for its process."""
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


class Finalized:
    """Sends a signal to this process when it is removed."""

    def __del__(self):
        send()


def send(*_):
    os.kill(os.getpid(), signal.SIGTERM)
    for _ in range(1000):  # the handler runs within this function
        pass


def remove_one_with_a_finalizer():
    Finalized()


def remove_one_with_a_weak_reference():
    watched = set()
    reference = weakref.ref(watched, send)
    del watched
    assert reference() is None


@pytest.mark.parametrize(
    "remove", [send, remove_one_with_a_finalizer, remove_one_with_a_weak_reference]
)
def test_a_signal_ends_a_command_wherever_it_arrives(restored, capsys, remove):
    def command():
        with stopped_by_signals():
            remove()
            time.sleep(10)

    with pytest.raises(SystemExit) as end:
        command()
    assert end.value.code == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "stopped by SIGTERM: no output is half-written\n"
