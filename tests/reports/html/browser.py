"""A real browser that says what it makes of a page."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--allow-file-access-from-files", "--enable-logging=stderr", "--v=0",
    "--virtual-time-budget=5000",
)  # fmt: skip
# A page around the page: it looks into the frames once everything has been loaded.
WRAPPER = """<!DOCTYPE html><meta charset="utf-8"><body>
{frames}
<script>
window.onload = () => {{
  const found = [...document.querySelectorAll("iframe")].map(frame => {{
    const page = frame.contentDocument, images = [...page.images];
    return {{
      images: images.length,
      missing: images.filter(i => !i.complete || i.naturalWidth === 0).map(i => i.alt),
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      outside: frame.contentWindow.performance.getEntriesByType("resource")
        .map(e => e.name).filter(n => !n.startsWith("data:")),
      text: page.body.innerText,
    }};
  }});
  const result = document.createElement("pre");
  result.textContent = "@@" + btoa(unescape(encodeURIComponent(JSON.stringify(found)))) + "@@";
  document.body.append(result);
}};
</script>"""
FRAME = '<iframe src="{url}" style="width:{width}px;height:2000px;border:0"></iframe>'


def browse(page: Path, folder: Path, widths: tuple[int, ...]) -> tuple[list[dict], list[str]]:
    """Open a page at some widths; return how each looks from inside, and errors on the console."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser found: none of {', '.join(NAMES)} is installed")
    wrapper = folder / "wrapper.html"
    frames = [FRAME.format(url=page.resolve().as_uri(), width=width) for width in widths]
    wrapper.write_text(WRAPPER.format(frames="\n".join(frames)))
    command = [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, wrapper.resolve().as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    match = re.search("@@([A-Za-z0-9+/=]+)@@", done.stdout)
    assert match, done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(base64.b64decode(match[1])), console
