"""Commands in the code blocks of the documents."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTSIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "denovo/weights/README.md")
PAGES = [*(ROOT / name for name in OUTSIDE), *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of the code blocks of a shell, without comments and line breaks."""
    for language, block in _BLOCK.findall(text):
        if language in ("", "bash"):
            for line in block.replace("\\\n", " ").splitlines():
                if stripped := re.sub(r"(^|\s)#.*", "", line).strip():
                    yield stripped


def commands_of(text: str) -> list[str]:
    """Return the single commands of a page."""
    parts = (part.strip() for line in lines_of(text) for part in re.split(r" && |; | \| ", line))
    return [part for part in parts if part]


_FIRST_WORDS = (
    *("denovo", "python", "pip", "make", "source", "eval", "docker", "apptainer", "nextflow"),
    *("dask", "srun", "sbatch", "torchrun", "wandb", "mkdir", "for", "PIP_EXTRA_INDEX_URL="),
)
_STATEMENT = re.compile(rf"\(cd |(?:{'|'.join(map(re.escape, _FIRST_WORDS))})(?:\b|(?<==))")


def statements_of(text: str) -> list[str]:
    """Return what a reader would type on a page: commands, loops as a whole, no output."""
    found: list[str] = []
    is_open = False
    for line in lines_of(text):
        if is_open:
            found[-1] += f"\n{line}"
        elif _STATEMENT.match(line):
            found.append(line)
        else:
            continue
        is_open = found[-1].startswith("for ") and "done" not in found[-1]
    return found
