"""`denovo app`: a page in the browser for those who use no shell."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from denovo.errors import InputError, exit_with_message

ADDRESS = "127.0.0.1"
"""Only programs of this machine reach the page."""
PAGE = Path(__file__).with_name("browser_page.py")


def app_command(
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8501,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open a page in the browser: a file in, a table, spectra and downloads out.

    The page is served to this machine alone, and nothing is sent to any other.
    """
    with exit_with_message():
        if find_spec("streamlit") is None:
            raise InputError(
                "denovo app needs Streamlit, which is missing; pip install 'denovo-ms[app]'"
            )
        try:
            ended = subprocess.run(server_command(port, browser), check=False)
        except KeyboardInterrupt:
            return
        if ended.returncode:
            raise typer.Exit(ended.returncode)


def server_command(port: int, browser: bool) -> list[str]:
    """Return the command of the server: on the loopback alone, without statistics of use."""
    settings = {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": not browser,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 2048,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
    }
    options = (f"--{name}={str(value).lower()}" for name, value in settings.items())
    return [sys.executable, "-m", "streamlit", "run", str(PAGE), *options]
