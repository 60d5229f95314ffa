"""Search for one spectrum of a file by its title, native id, scan number or index."""

from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from pathlib import Path

from denovo.errors import InputError
from denovo.io.reading import open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_N_CLOSE, _N_CANDIDATES = 3, 50
_MIN_LIKENESS = 0.5


def find_spectrum(path: str | Path, identifier: str) -> MeasuredSpectrum:
    """Find the first spectrum with a title, native id, scan number or index.

    Parameters
    ----------
    path : str or Path
        A file of any format that `open_spectra` reads.
    identifier : str
        Title, native id or the last part of one (``"scan=19"``), scan number, or index in the file,
        from 0. A bare number is a title, else a scan number, else an index.

    Returns
    -------
    MeasuredSpectrum
        The spectrum.

    Raises
    ------
    InputError
        If there is none, with similar titles; or if it was rejected, with the reason.
    """
    number = int(identifier) if identifier.isascii() and identifier.isdigit() else None
    by_number: dict[str, MeasuredSpectrum | Rejected] = {}
    damage, n_entries = None, 0
    for record in open_spectra(path):
        if record.index is None:
            damage = record
            continue
        n_entries = record.index + 1
        if _is_called(record, identifier):
            return _usable(record)
        if number is not None and number in (record.scan, record.index):
            by_number.setdefault("scan" if number == record.scan else "index", record)
    if by_number:
        return _usable(by_number.get("scan") or by_number["index"])
    if isinstance(damage, Rejected):
        raise InputError(f"no spectrum {identifier!r} was found: {damage.sentence}")
    raise InputError(
        f"{path}: no spectrum has the title, native id, scan number or index {identifier!r}"
        f"{_suggestion(path, identifier)}; indices go from 0 to {n_entries - 1}"
    )


def _is_called(record: MeasuredSpectrum | Rejected, identifier: str) -> bool:
    return identifier in (
        record.title,
        record.native_id,
        f"index={record.index}",
        f"scan={record.scan}",
    ) or record.native_id.endswith(f" {identifier}")


def _usable(record: MeasuredSpectrum | Rejected) -> MeasuredSpectrum:
    if isinstance(record, Rejected):
        raise InputError(f"this entry cannot be drawn: {record.sentence}")
    return record


def _suggestion(path: str | Path, identifier: str) -> str:
    """List the most similar titles, in a second reading."""
    titles = (record.title for record in open_spectra(path) if record.index is not None)
    # Comparing the letters of two titles is fast, comparing their order is not.
    candidates = nlargest(_N_CANDIDATES, titles, key=lambda title: _likeness(title, identifier))
    close = get_close_matches(identifier, candidates, _N_CLOSE, _MIN_LIKENESS)
    return f"; nearest are {', '.join(map(repr, close))}" if close else ""


def _likeness(title: str, identifier: str) -> float:
    return SequenceMatcher(None, title, identifier, autojunk=False).quick_ratio()
