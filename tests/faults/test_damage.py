"""Files of every kind with bytes flipped, cut off or repeated: read, or refused in one sentence."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io import open_spectra
from denovo.io.predictions import RunRecord, read_predictions, write_predictions
from denovo.reports.runs.run import read_yaml
from denovo.sequencing.networks import load_model
from denovo.sequencing.networks.loading import SHIPPED
from denovo.simulation.proteins import FastaProteome
from denovo.simulation.store import Manifest
from tests.faults import record
from tests.faults.spectrum_rules import broken_rule
from tests.helpers.predictions import prediction, unanswered
from tests.io.damages import FORMATS, good

FASTA = b">sp|A|one\nMKWVTFISLLFLFSSAYSRGVFRR\nDAHKSEVAHR\n>sp|B|two\nPEPTIDEK\n"


def damaged(data: bytes, seed: int) -> bytes:
    """Flip a bit, cut the end, or write a stretch over another."""
    random = np.random.default_rng([seed, len(data)])
    changed = bytearray(data)
    place = int(random.integers(len(data)))
    if seed % 4 < 2:
        changed[place] ^= 1 << int(random.integers(8))
    elif seed % 4 == 2:
        del changed[place:]
    else:
        other = int(random.integers(len(data)))
        changed[place : place + 20] = data[other : other + 20]
    return bytes(changed)


def check_damages(path: Path, data: bytes, read: Callable[[Path], object], n: int) -> int:
    """Read a file in many damaged forms; return how often it was refused."""
    before = {entry.name for entry in path.parent.iterdir()} | {path.name}
    n_refused = 0
    for seed in range(n):
        path.write_bytes(damaged(data, seed))
        record.tried["damaged files"] += 1
        try:
            read(path)
        except InputError as error:
            n_refused += 1
            record.check("damaged files", "tracebacks", bool(str(error).strip()), "no reason")
        except AssertionError:
            raise
        except Exception as error:
            record.check("damaged files", "tracebacks", False, (path.name, seed, repr(error)))
    after = {entry.name for entry in path.parent.iterdir()}
    record.check("damaged files", "code run", after == before, after - before)
    return n_refused


def read_spectra(path: Path) -> None:
    for entry in open_spectra(path):
        rule = broken_rule(entry)
        record.check("damaged files", "silent corruptions", rule is None, (path.name, rule))


@pytest.mark.faults
@pytest.mark.parametrize("form", FORMATS)
def test_damaged_spectra_keep_the_rules_or_state_a_reason(tmp_path: Path, form: str) -> None:
    check_damages(tmp_path / f"a.{form}", good(form).encode(), read_spectra, 200)


@pytest.mark.faults
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".mztab", ".parquet"])
def test_damaged_predictions_are_read_or_refused(
    tmp_path: Path, common: Vocabulary, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    write_predictions(
        [path], [prediction(0), unanswered(1)], RunRecord(("run.mgf",), {}, "0", common.alphabet)
    )
    assert check_damages(path, path.read_bytes(), lambda p: list(read_predictions(p)), 60)


@pytest.mark.faults
def test_a_damaged_network_is_refused(tmp_path: Path) -> None:
    data, path = SHIPPED.read_bytes(), tmp_path / "m.safetensors"
    n_refused = check_damages(path, data, load_model, 60)
    n_same = sum(damaged(data, seed) == data for seed in range(60))
    record.check("damaged files", "silent corruptions", n_refused == 60 - n_same, n_refused)


@pytest.mark.faults
def test_damaged_texts_are_read_or_refused(tmp_path: Path, root: Path) -> None:
    alphabet = (root / "conf" / "residues" / "common.yaml").read_bytes()
    check_damages(tmp_path / "a.fasta", FASTA, lambda p: list(FastaProteome(p).sequences()), 60)
    check_damages(tmp_path / "a.yaml", alphabet, read_yaml, 60)


@pytest.mark.faults
def test_a_damaged_manifest_is_refused_or_says_the_same(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path, {"kind": "drill"}, 1, {"train": 3}, {"s.parquet": "0" * 64})
    manifest.save()
    path = tmp_path / "manifest.json"
    json.loads(path.read_bytes())
    read = partial(_load_manifest, tmp_path)
    assert check_damages(path, path.read_bytes(), read, 60)


def _load_manifest(folder: Path, _: Path) -> Manifest:
    return Manifest.load(folder)
