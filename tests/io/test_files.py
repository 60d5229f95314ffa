"""Files are read whole or refused, and written whole or not at all."""

import gzip
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.io import files
from denovo.io.files import atomic_path, read_decompressed, sha256_of, write_text
from denovo.io.predictions import read_predictions
from denovo.io.streams import FileError, read_lines

Reader = Callable[[Path], object]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let the kernel refuse files beyond 4 KiB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_plain_and_compressed_files_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"PEPTIDE")
    (tmp_path / "packed").write_bytes(gzip.compress(b"PEPTIDE"))
    assert read_decompressed(tmp_path / "plain") == read_decompressed(tmp_path / "packed")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.fasta: no such file"):
        read_decompressed(tmp_path / "absent.fasta")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a regular file"):
        read_decompressed(tmp_path)


@pytest.mark.parametrize("read", [read_decompressed, lambda path: list(read_lines(path))])
def test_a_pipe_or_device_is_refused_and_not_waited_for(tmp_path: Path, read: Reader) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises((InputError, FileError), match="not a regular file"):
            read(path)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "mztab", "parquet"])
def test_predictions_are_not_waited_for_at_a_pipe(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"pipe.{suffix}")
    with pytest.raises(InputError, match="not a regular file"):
        list(read_predictions(tmp_path / f"pipe.{suffix}"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(files, "_MAX_BYTES", 1 << 20)
    path = tmp_path / "large"
    for size in (1 << 20, (1 << 20) + 1):
        content = b"A" * size
        path.write_bytes(gzip.compress(content) if packed else content)
        if size == 1 << 20:
            assert read_decompressed(path) == content
    with pytest.raises(InputError, match=r"large holds more than a GiB when unpacked; split"):
        read_decompressed(path)


def test_a_bomb_is_refused_after_64_mib_and_what_compresses_well_is_not(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    line = b"A" * ((1 << 20) - 2) + b"\n"
    path.write_bytes(gzip.compress(line * 72))
    with pytest.raises(FileError, match="unpacks to more than 200 times its size"):
        list(read_lines(path))
    path.write_bytes(gzip.compress(line * 60))
    assert sum(1 for _ in read_lines(path)) == 60


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"PEPTIDE" * 100)[:-9])
    with pytest.raises(InputError, match=r"cut\.gz: .* the gzip file is cut off"):
        read_decompressed(path)


def test_sha256_is_that_of_the_published_test_vector(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(path) == expected


def test_text_is_written_into_folders_that_did_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.txt"
    write_text(path, "µ")
    assert path.read_text(encoding="utf-8") == "µ"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_while_writing_keeps_the_old_file_and_leaves_no_part(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def write_half() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_keeps_the_old_file_and_leaves_no_part(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(InputError, match=r"cannot write .*file\.txt.*free some space"):
        write_text(path, "new" * 10_000)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="cannot write"):
        write_text(tmp_path / "taken" / "file.txt", "text")
