"""`denovo app`: a page on the loopback that sequences a file, shows it and lets it be saved."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from denovo.chemistry.labels import TMT
from denovo.cli import app
from denovo.cli.browser_app import ADDRESS, PAGE, server_command
from tests.cli.chromium import Chromium
from tests.helpers.fake_model import PEPTIDE, fake_model, mgf_of
from tests.reports.html.browser import NAMES

pytest.importorskip("streamlit", reason="Streamlit is not installed (extra app)")
pytestmark = pytest.mark.filterwarnings("default")  # those of Streamlit

CLICK = """
[...document.querySelectorAll("button")].filter(x => x.innerText.trim() === "Sequence")
    .map(x => x.click()).length
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind((ADDRESS, 0))
        return found.getsockname()[1]


@pytest.fixture
def page(common, monkeypatch):
    """The page with a network that reads one peptide."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setattr("denovo.sequencing.api.load_model", lambda path=None: fake_model(common))
    return AppTest.from_file(str(PAGE), default_timeout=500).run()


def sequence(page, path):
    page.text_input[0].set_value(str(path))
    page.selectbox[0].select_index(1)
    return page.button[0].click().run()


def test_a_file_becomes_a_table_a_picture_and_downloads(page, tmp_path):
    shown = sequence(page, mgf_of(tmp_path / "run.mgf", 3))
    assert not shown.exception
    assert not shown.error
    assert shown.header[0].value == "run.mgf"
    assert "3 answers to 3 entries" in " ".join(each.value for each in shown.markdown)
    assert shown.dataframe[0].value["peptide"].tolist() == [PEPTIDE] * 3
    run = shown.session_state["run"]
    assert run.picture(1).startswith(b"\x89PNG")
    assert {name: len(content) > 100 for name, content in run.downloads.items()} == dict.fromkeys(
        (".mztab", ".csv", ".parquet", ".html"), True
    )
    assert PEPTIDE in run.downloads[".csv"].decode()
    assert b"Sequencing of run.mgf" in run.downloads[".html"]


@pytest.mark.slow
def test_the_page_names_the_network_that_the_spectra_call_for(page, tmp_path):
    path = mgf_of(tmp_path / "run.mgf", 20)
    label = f"{TMT.whole} 1e9"
    path.write_text(path.read_text().replace("END IONS", f"{label}\nEND IONS"))
    shown = sequence(page, path)
    assert "--network tmt" in shown.warning[0].value
    page.selectbox[1].select("tmt")
    assert not page.button[0].click().run().warning


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "choose a file first"),
        ("", "no.mgf"),
        ("BEGIN IONS\nEND IONS\n", "the spectrum has no peaks"),
    ],
)
def test_a_fault_is_one_sentence_and_the_page_goes_on(page, tmp_path, text, words):
    path = tmp_path / "no.mgf"
    if text:
        path.write_text(text)
    shown = sequence(page, "" if text is None else path)
    assert not shown.exception
    assert words in shown.error[0].value
    assert not shown.dataframe


def test_the_server_listens_to_this_machine_alone_and_gathers_no_statistics(tmp_path):
    port = free_port()
    command = server_command(port, browser=False)
    assert "--browser.gatherUsageStats=false" in command
    environment = os.environ | {"HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as server:
        try:
            for _ in range(600):
                if server.poll() is not None or answers(port):
                    break
                time.sleep(0.1)
            assert answers(port), server.stderr.read() if server.poll() is not None else ""
            assert listening(port) == {"0100007F"}  # 127.0.0.1
        finally:
            server.terminate()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ADDRESS}:{port}/_stcore/health", timeout=5) as found:
            return found.read() == b"ok"
    except OSError:
        return False


def listening(port: int) -> set[str]:
    """Return the addresses, in hexadecimal, on which a port is open (Linux)."""
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("no list of open ports")
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return {
        row[1].partition(":")[0]
        for row in rows
        if row[3] == "0A" and int(row[1].partition(":")[2], 16) == port
    }


def test_without_streamlit_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr("denovo.cli.browser_app.find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["app"])
    assert result.exit_code == 1
    assert "pip install 'denovo-ms[app]'" in " ".join(result.output.split())


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no browser is installed")
def test_a_browser_sequences_a_file_and_asks_no_other_machine(tmp_path):
    file, port = mgf_of(tmp_path / "run.mgf", 2), free_port()
    environment = os.environ | {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = server_command(port, browser=False)
    with subprocess.Popen(command, env=environment) as server:
        try:
            with Chromium(tmp_path) as browser:
                browser.until(lambda: answers(port))
                browser.call("Page.navigate", url=f"http://{ADDRESS}:{port}/")
                browser.until(lambda: browser.run("!!document.querySelector('input[type=text]')"))
                browser.run("document.querySelector('input[type=text]').focus()")
                browser.type(str(file))
                # The page arrives from top to bottom: the button comes after the field.
                browser.until(lambda: browser.run(CLICK))
                browser.until(lambda: "Download" in str(browser.run("document.body.innerText")))
                browser.until(lambda: browser.run("document.images.length"))
                assert "answers to 2 entries" in str(browser.run("document.body.innerText"))
                assert browser.hosts == {ADDRESS}
        finally:
            server.terminate()
