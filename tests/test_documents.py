"""Links of the documents resolve, every page is in the navigation, and the site builds strictly."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*OUTSIDE, ROOT / "denovo/weights/README.md", *sorted(DOCS.rglob("*.md"))]
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
SUFFIXES = {".cff", ".ipynb", ".md", ".py", ".toml", ".yaml", ".yml"}


def without_code(text: str) -> str:
    return CODE.sub("", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors that a code host gives the headings of a page."""
    blocks = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(blocks))
    return {heading.strip().replace(" ", "-") for heading in kept}


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page whose file or anchor does not exist."""
    found = []
    for link in LINK.findall(without_code(page.read_text("utf-8"))):
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if "://" in link:
            continue
        if not file.exists() or (anchor and anchor not in anchors(file)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_a_file_and_a_heading(page):
    assert dead_links(page) == []


def test_a_link_to_a_missing_page_or_heading_is_found(tmp_path):
    (tmp_path / "other.md").write_text("# A heading: here\n```\n# no heading\n```\n")
    links = ["other.md#a-heading-here", "other.md#no-heading", "gone.md", "#nowhere", "https://a.b"]
    page = tmp_path / "page.md"
    page.write_text("# Page\n" + "\n".join(f"[x]({link})" for link in links))
    assert dead_links(page) == ["other.md#no-heading", "gone.md", "#nowhere"]


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
