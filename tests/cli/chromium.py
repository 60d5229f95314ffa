"""A headless Chromium that is told what to do over its debugging protocol."""

import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.reports.html.browser import FLAGS, NAMES


class Chromium:
    """A page in a browser; ``hosts`` are those that it asked for anything."""

    def __init__(self, folder: Path) -> None:
        from websockets.sync.client import connect

        program = next(filter(None, map(shutil.which, NAMES)))
        assert program
        flags = [flag for flag in FLAGS if "virtual-time" not in flag]
        place = folder / "profile"
        options = [
            f"--user-data-dir={place}",
            "--remote-debugging-port=0",
            "--window-size=1200,2400",
        ]
        self._process = subprocess.Popen(
            [program, *flags, *options, "about:blank"], stderr=subprocess.DEVNULL
        )
        file = place / "DevToolsActivePort"
        port = wait_for(lambda: file.exists() and file.read_text().splitlines()[0], 60)
        assert port, "the browser does not start"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=60) as found:
            (page,) = [each for each in json.load(found) if each["type"] == "page"]
        self._open = ExitStack()
        url = page["webSocketDebuggerUrl"]
        self._socket = self._open.enter_context(connect(url, max_size=None))
        self._numbers, self.hosts = itertools.count(1), set()
        self.call("Network.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._process.terminate()
        self._process.wait()

    def call(self, method: str, **parameters: object) -> dict:
        """Call a method of the protocol, and note the requests reported until its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=120))
            if message.get("method") == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url.startswith(("http", "ws")):
                    self.hosts.add(url.split("/")[2].split(":")[0])
            if message.get("id") == number:
                return message["result"]

    def run(self, script: str) -> object:
        """Evaluate JavaScript on the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return found["result"].get("value")

    def type(self, text: str) -> None:
        """Write into the element that has the focus, and press Enter."""
        self.call("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            self.call("Input.dispatchKeyEvent", type=kind, **key)

    def until(self, condition, seconds: float = 240.0):
        """Wait for a condition and return it; fail after some seconds with what the page says."""
        found = wait_for(condition, seconds)
        assert found, f"nothing happened in time: {self.run('document.body.innerText')}"
        return found


def wait_for(condition, seconds: float):
    """Return a condition as soon as it is true, or None after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, IndexError):
            if found := condition():
                return found
        time.sleep(0.2)
    return None
