"""A catalogue of damaged spectrum files: what is done to good ones, and what must be left of them.

A good file has five entries of four peaks; the precursor m/z of entry i is 400.5 + i. Most damages
are done to entry 2 alone, and then the other four must be read as if nothing had happened.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.io.edits import EDITS, PROLOGS, XML_BREAKS
from tests.io.samples import MGF, MSP, MZSPECLIB, mzml, mzml_spectrum, mzxml, mzxml_scan

N_ENTRIES = 5
HURT = 2
OTHERS = frozenset(range(N_ENTRIES)) - {HURT}
ALL = frozenset(range(N_ENTRIES))
BEFORE = frozenset(range(HURT))
FORMATS = ("mgf", "msp", "mzlib.txt", "mzML", "mzXML")


@dataclass(frozen=True)
class Damage:
    """A damaged file and what is expected of it.

    Parameters
    ----------
    name : str
        Name of the file, which tells the damage.
    data : bytes
        Its content.
    kept : frozenset of int
        Entries that must be read as in the good file.
    n_entries : int or None
        Entries that must be accounted for, spectrum or rejection; None where that is not certain.
    is_rejected : bool or None
        Whether entry 2, or the file, must be rejected; None where it may be read or rejected.
    """

    name: str
    data: bytes
    kept: frozenset[int]
    n_entries: int | None = N_ENTRIES
    is_rejected: bool | None = True


def entry(form: str, i: int) -> str:
    """Write one good entry."""
    precursor = f"{400.5 + i}"
    if form == "mzML":
        return mzml_spectrum(i).replace("400.5", precursor)
    if form == "mzXML":
        return mzxml_scan(i + 1).replace("400.5", precursor)
    if form == "mgf":
        first = MGF[: MGF.index("BEGIN IONS", 1)].replace("TITLE=s0", f"TITLE=s{i}")
    elif form == "msp":
        first = MSP[: MSP.index("Name:", 1)].replace("Scan=0", f"Scan={i}")
    else:
        start = MZSPECLIB.index("<Spectrum=1>")
        first = MZSPECLIB[start : MZSPECLIB.index("<Spectrum=2>")].replace("=s0", f"=s{i}")
        first = first.replace("<Spectrum=1>", f"<Spectrum={i + 1}>")
    return first.replace("400.5", precursor)


def document(form: str, entries: list[str]) -> str:
    """Put entries into a file."""
    if form == "mzML":
        return mzml(*entries)
    if form == "mzXML":
        return mzxml(*entries)
    head = MZSPECLIB[: MZSPECLIB.index("<Spectrum=1>")] if form == "mzlib.txt" else ""
    return head + "".join(entries)


def good(form: str) -> str:
    """Write a good file."""
    return document(form, [entry(form, i) for i in range(N_ENTRIES)])


def with_entry(form: str, text: str) -> bytes:
    """Write a file with another entry 2."""
    entries = [entry(form, i) for i in range(N_ENTRIES)]
    entries[HURT] = text
    # Marks for bytes that are no text, which entries carry as lone surrogates.
    return document(form, entries).encode("utf-8", "surrogateescape")


def edited(form: str) -> Iterator[Damage]:
    """Damage the text of entry 2."""
    for name, (pattern, replacement, is_rejected) in EDITS[form].items():
        text = entry(form, HURT)
        changed = re.sub(pattern, replacement, text)
        assert changed != text, (form, name)
        kept = ALL if is_rejected is False and "precursor" not in name else OTHERS
        # Without its first line an entry is a stretch of text that belongs to none.
        n_entries = N_ENTRIES - ("start" in name)
        yield Damage(f"{name}.{form}", with_entry(form, changed), kept, n_entries, is_rejected)


def cut(form: str) -> Iterator[Damage]:
    """Cut the file within entry 2, or in its compressed form anywhere behind entry 1."""
    text = good(form)
    starts = [text.index(entry(form, i)) for i in range(N_ENTRIES)]
    for share in (0.02, 0.3, 0.6, 0.95):
        end = starts[HURT] + int(share * len(entry(form, HURT)))
        is_told = None if form == "msp" and share > 0.9 else True  # it lacks nothing but a label
        yield Damage(f"cut_at_{share:.0%}.{form}", text[:end].encode(), BEFORE, None, is_told)
        packed = gzip.compress(text[:end].encode(), compresslevel=0, mtime=0)
        name = f"cut_at_{share:.0%}_and_packed.{form}.gz"
        yield Damage(name, packed[:-9], frozenset({0}), None, True)
    hole = bytearray(text.encode())
    hole[starts[HURT] + 20 : starts[HURT] + 60] = bytes(40)
    is_xml = form.startswith("mzM") or form == "mzXML"
    yield Damage(f"hole_of_zeros.{form}", bytes(hole), BEFORE if is_xml else OTHERS, None, None)


def whole(form: str) -> Iterator[Damage]:
    """Do something to the whole file that should not matter, or leaves nothing of it."""
    text, none = good(form), frozenset[int]()
    data = text.encode()
    yield Damage(f"carriage_returns.{form}", data.replace(b"\n", b"\r\n"), ALL, 5, False)
    yield Damage(f"mark.{form}", b"\xef\xbb\xbf" + data, ALL, 5, False)
    yield Damage(f"twice_packed.{form}.gz", gzip.compress(gzip.compress(data)), none, 0, True)
    members = gzip.compress(data[:999]) + gzip.compress(data[999:])
    yield Damage(f"two_members.{form}.gz", members, ALL, 5, False)
    wrong = bytearray(gzip.compress(data, mtime=0))
    wrong[-6] ^= 255
    yield Damage(f"wrong_checksum.{form}.gz", bytes(wrong), BEFORE, None, True)
    yield Damage(f"tail_of_rubbish.{form}.gz", gzip.compress(data) + b"rubbish", ALL, 5, True)
    yield Damage(f"tail_of_zeros.{form}.gz", gzip.compress(data) + bytes(64), ALL, 5, False)
    yield Damage(f"misnamed.{form}.png", data, ALL, 5, False)
    yield Damage(f"empty.{form}", b"", none, 0, True)
    yield Damage(f"blank.{form}", b" \r\n\t\n" * 99, none, 0, True)
    yield Damage(f"zeros.{form}", bytes(4096), none, 0, True)
    random = np.random.default_rng(len(form)).integers(0, 256, 5000, dtype=np.uint8).tobytes()
    yield Damage(f"random.{form}", random, none, 0, True)
    yield Damage(f"random.{form}.gz", gzip.compress(random), none, 0, True)
    yield Damage(f"head_alone.{form}.gz", gzip.compress(data)[:8], none, 0, True)
    yield Damage(f"html.{form}", b"<!DOCTYPE html><html><p>404</html>", none, 0, True)
    yield Damage(f"endless_line.{form}", data + b"1" * (1 << 21), ALL, None, None)


def xml(form: str) -> Iterator[Damage]:
    """Break the XML at entry 2, or put something before its root."""
    end = "</spectrum>" if form == "mzML" else "</scan>"
    for name, text in XML_BREAKS.items():
        changed = entry(form, HURT).replace(end, text + end)
        yield Damage(f"{name}.{form}", with_entry(form, changed), BEFORE, None, True)
    none = frozenset[int]()
    for name, prolog in PROLOGS.items():
        data = good(form).replace("?>\n", f"?>\n{prolog}", 1).encode()
        yield Damage(f"{name}.{form}", data, none, 0, True)
    for encoding in ("klingon", "utf-16", "ascii"):
        declared = re.sub(
            r"<\?xml[^>]*\?>", f'<?xml version="1.0" encoding="{encoding}"?>', good(form)
        )
        is_read = None if encoding == "utf-16" else encoding == "klingon"
        kept = ALL if encoding == "ascii" else none
        yield Damage(f"declared_{encoding}.{form}", declared.encode(), kept, None, is_read)
    yield Damage(
        f"true_utf16.{form}",
        good(form).replace("utf-8", "utf-16").encode("utf-16"),
        none,
        None,
        None,
    )
    deep = "<a>" * 5000
    yield Damage(f"deep.{form}", with_entry(form, deep), BEFORE, None, True)


def catalogue(form: str) -> list[Damage]:
    """List all damages of a format."""
    damages = [*edited(form), *cut(form), *whole(form)]
    return damages + ([*xml(form)] if form in ("mzML", "mzXML") else [])
