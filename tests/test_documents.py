"""Links of documents and notebooks resolve, the site builds strictly, and no page is left out."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*OUTSIDE, ROOT / "denovo/weights/README.md", *sorted(DOCS.rglob("*.md"))]
LINKED = [*PAGES, *sorted((ROOT / "notebooks").glob("*.ipynb"))]
DESCRIPTIONS = [ROOT / n for n in ("CITATION.cff", "codemeta.json", "mkdocs.yml", "pyproject.toml")]
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)|\b(?:href|src)=[\"']([^\"']+)", re.M)
URL = re.compile(r"\bhttps?:[^\s)\]>\"'`\\]*", re.I)
PLACEHOLDER = re.compile(r"\b(example|host|localhost|owner|todo|user|your|xxx+)\b", re.I)
HEADING = re.compile(r"^#+ (.+)$", re.M)
SUFFIXES = {".cff", ".ipynb", ".md", ".py", ".toml", ".yaml", ".yml"}


def text_of(page: Path) -> str:
    """Return the Markdown of a page, or of the cells of a notebook."""
    text = page.read_text("utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def anchors(page: Path) -> set[str]:
    """Return the anchors that a code host gives the headings of a page."""
    blocks = re.sub(r"^```.*?^```", "", text_of(page), flags=re.M | re.S)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(blocks))
    return {heading.strip().replace(" ", "-") for heading in kept}


def links(page: Path) -> list[str]:
    return ["".join(found) for found in LINK.findall(CODE.sub("", text_of(page)))]


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page whose file or anchor is not in the repository."""
    found = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if re.match(r"\w+:", link):
            continue
        is_here = file.exists() and (file.is_relative_to(ROOT) or not page.is_relative_to(ROOT))
        if not is_here or (anchor and anchor not in anchors(file)):
            found.append(link)
    return found


def bad_addresses(text: str) -> list[str]:
    """Return the web addresses of a text that no reader could follow, or not safely."""
    return [url for match in URL.findall(text) if (url := match.rstrip(".,;:*")) and _is_bad(url)]


def _is_bad(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "127.0.0.1":
        return False  # a server that a command starts on the reader's machine
    is_named = re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", host)
    path = parts.path.strip("/").split("/")
    is_placeholder = PLACEHOLDER.search(f"{host} {path[0]}")
    is_doi = host.endswith("doi.org")
    has_form = re.fullmatch(r"https://doi\.org/10\.\d{4,9}/\S+", url)
    return bool(
        not url.startswith("https://")
        or not is_named
        or is_placeholder
        or re.search(r"//|[{}<|^]", parts.path)
        or (is_doi and not has_form)
    )


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_a_file_and_a_heading(page):
    assert dead_links(page) == []


def test_a_link_to_a_missing_page_or_heading_is_found(tmp_path):
    (tmp_path / "other.md").write_text("# A heading: here\n```\n# no heading\n```\n")
    targets = [
        *("other.md#a-heading-here", "other.md#no-heading", "gone.md", "#nowhere", "https://a.b"),
        *("gone.md 'title'", "mailto:a@b.c"),
    ]
    text = "# Page\n" + "\n".join(f"[x]({target})" for target in targets)
    text += "\n[y]: lost.md\n<img src='lost.png'>\n`[z](code.md)`\n"
    page = tmp_path / "page.md"
    page.write_text(text)
    missing = ["other.md#no-heading", "gone.md", "#nowhere", "gone.md", "lost.md", "lost.png"]
    assert dead_links(page) == missing
    notebook = tmp_path / "page.ipynb"
    cells = [("markdown", [text]), ("code", ["[a](code.md)"]), ("markdown", ["[b](#page)"])]
    named = [{"cell_type": kind, "source": source} for kind, source in cells]
    notebook.write_text(json.dumps({"cells": named}))
    assert dead_links(notebook) == missing


@pytest.mark.parametrize("page", [*LINKED, *DESCRIPTIONS], ids=lambda p: str(p.relative_to(ROOT)))
def test_web_addresses_are_well_formed_and_of_real_hosts(page):
    assert bad_addresses(page.read_text("utf-8")) == []


def test_there_are_web_addresses_and_links_in_notebooks():
    texts = [page.read_text("utf-8") for page in LINKED]
    assert sum(len(URL.findall(text)) for text in texts) > 15
    assert any("https://doi.org/10." in text for text in texts)


@pytest.mark.parametrize(
    ("url", "is_bad"),
    [
        ("https://doi.org/10.1038/s41592-021-01184-6.", False),
        ("https://pypi.org/project/denovo-ms/", False),
        ("http://127.0.0.1:8501", False),
        ("http://pypi.org/project/denovo-ms/", True),
        ("https://dx.doi.org/10.1038/nbt.1511", True),
        ("https://doi.org/nbt.1511", True),
        ("https://example.org/page", True),
        ("https://github.com/OWNER/denovo", True),
        ("https://your-host.org", True),
        ("https://HOST/page", True),
        ("https:/pypi.org", True),
        ("https://pypi..org", True),
        ("https://pypi.org//project", True),
        ("https://pypi.org/{name}", True),
    ],
)
def test_an_address_that_cannot_be_followed_is_found(url, is_bad):
    assert bool(bad_addresses(f"See ({url}) there.")) == is_bad


def test_paths_of_documents_in_the_repository_exist():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git repository")
    missing = []
    for name in listed.stdout.splitlines():
        file = ROOT / name
        if file.suffix in SUFFIXES and file.is_file():
            named = re.findall(r"(?<![\w/])docs/[\w/-]+\.md", file.read_text("utf-8"))
            missing += [f"{name}: {path}" for path in named if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_of_a_page_fit_into_120_columns(page):
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)
    assert [n for n, line in lines if len(line) > 120 and not line.lstrip().startswith("|")] == []


def test_every_page_is_in_the_navigation():
    def pages(node):
        if isinstance(node, str):
            return {node}
        children = node if isinstance(node, list) else node.values()
        return set().union(*(pages(child) for child in children))

    listed = pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"])
    own = {name for name in listed if not name.startswith("repository/")}
    assert own == {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="mkdocs is not installed (group docs)")
def test_the_site_builds_without_a_warning(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site" / "reference" / "api" / "index.html").exists()
