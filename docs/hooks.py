"""Hooks of mkdocs: files of the repository outside docs/ become pages and targets of links.

On a code host, a link such as ``../../SECURITY.md`` leads out of ``docs/``. On the site the same
file lies under ``repository/``, and links to it, from it and between such files are rewritten.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

_ROOT = Path(__file__).parents[1]
_SHOWN = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/casanovo/settings.yaml",
    "denovo/weights/README.md",
)
_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)(#[^)\s]*)?(?=\))")


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add the files outside docs/."""
    for name in _SHOWN:
        files.append(File.generated(config, f"repository/{name}", abs_src_path=str(_ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite links between docs/ and the files outside of it."""
    page_uri = page.file.src_uri
    folder = posixpath.dirname(_in_repository(page_uri))

    def rewritten(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        uri = _on_site(target)
        return link[0] if uri is None else _relative(uri, page_uri) + (link[2] or "")

    return _LINK.sub(rewritten, markdown)


def _in_repository(uri: str) -> str:
    """Return the path of a page from the root of the repository."""
    outside = uri.removeprefix("repository/")
    return outside if outside != uri else f"docs/{uri}"


def _on_site(target: str) -> str | None:
    """Return the place of a file of the repository on the site; None if it is not there."""
    if target in _SHOWN:
        return f"repository/{target}"
    return target.removeprefix("docs/") if target.startswith("docs/") else None


def _relative(uri: str, page_uri: str) -> str:
    return posixpath.relpath(uri, posixpath.dirname(page_uri) or ".")
