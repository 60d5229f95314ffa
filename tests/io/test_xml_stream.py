"""Elements of an XML file come one after the other and are forgotten."""

from pathlib import Path

import pytest

from denovo.io import xml_stream
from denovo.io.streams import FileError
from denovo.io.xml_stream import children, local_name, walk
from tests.io.samples import write


def test_elements_come_in_order_and_the_tree_does_not_grow(tmp_path: Path) -> None:
    items = "".join(f'<p:item n="{i}"><p:value>{i}</p:value></p:item>\n' for i in range(5000))
    path = write(tmp_path, "a.xml", f'<p:root xmlns:p="urn:x"><p:head/>{items}</p:root>')
    numbers = []
    for event, element in walk(path, ["item"]):
        assert (event, local_name(element)) == ("end", "item")
        (value,) = children(element, "value")
        numbers.append(int(value.text))
        # The element before is still there, emptied; all others are gone.
        earlier = list(element.itersiblings(preceding=True))
        assert len(earlier) <= (2 if len(numbers) == 1 else 1)
        assert all(len(other) == 0 for other in earlier)
    assert numbers == list(range(5000))


def test_starts_come_before_the_content(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xml", "<a><b><b/></b></a>")
    assert [event for event, _ in walk(path, ["b"], ["b"])] == ["start", "start", "end", "end"]


def test_damage_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xml", "<a>\n<b/>\n<b></c>\n</a>")
    with pytest.raises(FileError, match="damaged or cut off") as caught:
        list(walk(path, ["b"]))
    assert caught.value.line == 3


def test_a_text_beyond_the_limit_of_the_parser_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xml", f"<a><b>{'x' * 10_000_001}</b></a>")
    assert [len(element.text) for _, element in walk(path, ["b"])] == [10_000_001]


def test_countless_elements_between_spectra_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(xml_stream, "_MAX_TAGS", 100_000)
    path = write(tmp_path, "a.xml", f"<a><b/>{'<c/>' * 300_000}<b/></a>")
    with pytest.raises(FileError, match="tags without a spectrum"):
        list(walk(path, ["b"]))
    path = write(tmp_path, "b.xml", f"<a>{('<c/>' * 300 + '<b/>') * 1000}</a>")
    assert len(list(walk(path, ["b"]))) == 1000
