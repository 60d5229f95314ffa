"""Signals to a command."""

import signal
import sys
import time

import pytest

from denovo.cli.process import stopped_by_signals
from tests.helpers.finalizers import SENDERS


@pytest.fixture
def restored():
    """Restore what a command installs for its process."""
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("send", SENDERS)
def test_a_signal_ends_a_command_wherever_it_arrives(restored, capsys, send):
    def command():
        with stopped_by_signals():
            send()
            time.sleep(10)

    with pytest.raises(SystemExit) as end:
        command()
    assert end.value.code == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "stopped by SIGTERM: no output is half-written\n"
