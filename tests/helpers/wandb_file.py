"""Read the file that an offline W&B run leaves, without W&B's service."""

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wandb.proto import wandb_internal_pb2

_BLOCK, _HEADER = 32768, 7
_FULL, _LAST = 1, 4


def records(path: Path) -> Iterator[Any]:
    """Yield the records of a ``.wandb`` file: the log format of LevelDB around protocol buffers.

    A file begins with seven bytes of its own; records are cut into parts that fit blocks of 32 KiB,
    each part behind a checksum (4 bytes), its length (2) and its kind (1): whole, first, middle,
    last.
    """
    content = path.read_bytes()
    assert not content or content.startswith(b":W&B")
    place, parts = _HEADER, b""
    while place + _HEADER <= len(content):
        room = _BLOCK - place % _BLOCK
        if room < _HEADER:
            place += room
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        place += _HEADER
        if place + length > len(content):
            return  # still being written
        parts += content[place : place + length]
        place += length
        if kind in (_FULL, _LAST):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            yield record
            parts = b""


def wait_for_the_end(path: Path) -> None:
    """Wait until the record that ends a run is written.

    The service of W&B, a process of its own, writes on for some milliseconds after
    ``wandb.finish()`` has returned.
    """
    deadline = time.monotonic() + 30
    while not any(record.HasField("exit") for record in records(path)):
        assert time.monotonic() < deadline, f"{path} has no end"
        time.sleep(0.05)


class OfflineRun:
    """Names and values in the ``.wandb`` file of the only offline run in a folder."""

    def __init__(self, run_dir: Path) -> None:
        (path,) = run_dir.glob("wandb/offline-run-*/*.wandb")
        wait_for_the_end(path)
        self.logged: set[str] = set()
        self.summary: dict[str, Any] = {}
        self.step_of: dict[str, str] = {}
        self.media: dict[str, str] = {}
        self.media_steps: set[int] = set()
        self.exit_code: int | None = None
        for record in records(path):
            rows = {_key(item): item.value_json for item in record.history.item}
            if any(name.startswith("media/") for name in rows):
                self.media_steps.add(json.loads(rows["trainer/global_step"]))
            for item in record.history.item:
                self._take_logged(item)
            for item in record.summary.update:
                self.summary[_key(item)] = json.loads(item.value_json)
            if record.HasField("exit"):
                self.exit_code = record.exit.exit_code
            if record.HasField("metric"):
                metric = record.metric
                self.step_of[metric.name or metric.glob_name] = metric.step_metric

    def _take_logged(self, item: Any) -> None:
        name, _, detail = _key(item).rpartition("/")
        if detail == "_type":
            self.media[name] = json.loads(item.value_json)
        self.logged.add(_key(item))


def _key(item: Any) -> str:
    return item.key or "/".join(item.nested_key)
