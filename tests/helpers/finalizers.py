"""Places from which Python drops what a signal handler raises."""

import os
import signal
import weakref


class Finalized:
    """Sends a signal to this process when it is removed."""

    def __del__(self):
        send()


def send(*_):
    """Send SIGTERM to this process, whose handler runs before this function ends."""
    os.kill(os.getpid(), signal.SIGTERM)
    for _ in range(1000):
        pass


def remove_one_with_a_finalizer():
    """Send it from a finalizer."""
    Finalized()


def remove_one_with_a_weak_reference():
    """Send it from the callback of a weak reference."""
    watched = set()
    reference = weakref.ref(watched, send)
    del watched
    assert reference() is None


SENDERS = (send, remove_one_with_a_finalizer, remove_one_with_a_weak_reference)
