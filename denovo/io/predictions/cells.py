"""Conversion of one value of a prediction to Arrow and to text, and back."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from denovo.io.files import encodable
from denovo.spectra.prediction import Alternative, Region, Site

_REGION = re.compile(r"(\d+)-(\d+)(?::\[(.*?)\])?(?:;|$)")
_SITE = re.compile(r"(\d+):(\S+) ([\d.]+)(?:; |$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_MAX_LENGTH = 32_767
"""Largest number of characters of a cell, that of spreadsheets."""
_ALTERNATIVE = re.compile(r"(.+?)(?: \(([^()]+)\))?(?:; |$)")


class CellFormat(NamedTuple):
    """A type of column: its Arrow type, and conversions of values to Arrow and text and back."""

    arrow: pa.DataType
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]
    write: Callable[[Any], str]
    parse: Callable[[str], Any]


def one_line(text: str) -> str:
    """Replace control characters, which can end a cell or line, by blanks, and limit the length."""
    return _CONTROL.sub(" ", encodable(text[:_MAX_LENGTH]))


def enumeration(values: type[StrEnum]) -> CellFormat:
    """Return the type of a column of an enumeration."""
    return CellFormat(pa.string(), str, values, str, values)


def _same(value: Any) -> Any:
    return value


def _stated(value: Any) -> Any:
    if value is None:
        raise ValueError("a value that every prediction has is missing")
    return value


def _write_number(value: float | int | None) -> str:
    return "" if value is None else str(value)


def _write_scores(scores: tuple[float, ...]) -> str:
    # In single precision, the text is the shortest for the number: 0.9 and not 0.89999998.
    return ",".join(str(score) for score in np.asarray(scores, dtype=np.float32))


def _parse_scores(text: str) -> tuple[float, ...]:
    scores = np.array(text.split(",") if text else [], dtype=np.float32)
    return tuple(scores.tolist())


def _regions(text: str) -> tuple[Region, ...]:
    return tuple(
        Region(int(match[1]), int(match[2]), tuple(match[3].split("|")) if match[3] else ())
        for match in _REGION.finditer(text)
    )


def _sites(text: str) -> tuple[Site, ...]:
    return tuple(Site(int(m[1]), m[2], float(m[3])) for m in _SITE.finditer(text))


def _pack_alternatives(alternatives: tuple[Alternative, ...]) -> list[dict[str, Any]]:
    return [{"peptide": a.peptide, "log_probability": a.log_probability} for a in alternatives]


def _unpack_alternatives(packed: list[dict[str, Any]]) -> tuple[Alternative, ...]:
    return tuple(Alternative(**fields) for fields in packed)


def _write_alternatives(alternatives: tuple[Alternative, ...]) -> str:
    return "; ".join(
        a.peptide if a.log_probability is None else f"{a.peptide} ({a.log_probability!r})"
        for a in alternatives
    )


def _parse_alternatives(text: str) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(match[1], float(match[2]) if match[2] else None)
        for match in _ALTERNATIVE.finditer(text)
    )


TEXT = CellFormat(pa.string(), encodable, _stated, one_line, _same)
OPTIONAL_TEXT = CellFormat(
    pa.string(), lambda text: text or None, lambda text: text or "", _same, _same
)
"""Text whose empty value is null in Arrow."""
INTEGER = CellFormat(pa.int64(), _same, _stated, str, int)
NUMBER = CellFormat(pa.float64(), _same, _stated, str, float)
OPTIONAL_INTEGER = CellFormat(
    pa.int64(), _same, _same, _write_number, lambda text: int(text) if text else None
)
OPTIONAL_NUMBER = CellFormat(
    pa.float64(), _same, _same, _write_number, lambda text: float(text) if text else None
)
SCORES = CellFormat(pa.list_(pa.float32()), list, tuple, _write_scores, _parse_scores)
"""Numbers in single precision; the text has commas between them."""
REGIONS = CellFormat(
    pa.string(), lambda text: text or None, lambda t: _regions(t or ""), _same, _regions
)
"""Regions, as the text of `Prediction.ambiguity` in Arrow, too."""
SITES = CellFormat(pa.string(), lambda text: text or None, lambda t: _sites(t or ""), _same, _sites)
"""Sites, as the text of `Prediction.site_probabilities` in Arrow, too."""
ALTERNATIVES = CellFormat(
    pa.list_(pa.struct({"peptide": pa.string(), "log_probability": pa.float64()})),
    _pack_alternatives,
    _unpack_alternatives,
    _write_alternatives,
    _parse_alternatives,
)
"""Structs; the text is ``PEPTIDE (-1.5); PEPTIDES``."""
