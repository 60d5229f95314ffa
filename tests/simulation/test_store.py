"""Stores are found again, continued, repaired and never half-written."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.recipe import Recipe, split_of
from denovo.simulation.shards import HASH_KEY, PROVENANCE_KEY
from denovo.simulation.simulator import Ms2pipSimulator
from denovo.simulation.store import SpectrumStore, build_store

RECIPE = Recipe(
    SyntheticProteome(10),
    Digest(),
    Precursors(modifications={"M[UNIMOD:35]": 0.3, "[UNIMOD:1]-": 0.2}),
    Ms2pipSimulator(),
    n_peptides=100,
    fractions={"train": 0.6, "val": 0.3, "test": 0.1},
    shard_size=30,
)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, common: Vocabulary) -> SpectrumStore:
    """A finished store; not to be changed."""
    return build_store(RECIPE, common, tmp_path_factory.mktemp("stores"), processes=1)


@pytest.fixture
def store(finished: SpectrumStore, tmp_path: Path) -> SpectrumStore:
    """A copy of the finished store, in a folder of its own."""
    return SpectrumStore(shutil.copytree(finished.path, tmp_path / finished.path.name))


def rebuild(store: SpectrumStore, vocabulary: Vocabulary) -> SpectrumStore:
    return build_store(RECIPE, vocabulary, store.path.parent, processes=1)


def test_splits_share_the_peptides_and_keep_their_sides(finished: SpectrumStore) -> None:
    tables = {split: finished.table(split) for split in ("train", "val", "test")}
    assert {split: len(table) for split, table in tables.items()} == finished.n_spectra
    assert sum(finished.n_spectra.values()) == 100
    for split, table in tables.items():
        peptides = table["peptide"].to_pylist()
        assert {split_of(peptide, RECIPE.fractions) for peptide in peptides} == {split}


def test_rows_hold_what_the_simulator_predicts(finished: SpectrumStore, common: Vocabulary) -> None:
    table = finished.table("val")
    assert table.column_names == ["peptide", "charge", "b", "y", "b2", "y2"]
    peptides, charges = table["peptide"].to_pylist(), table["charge"].to_pylist()
    expected = Ms2pipSimulator().predict(peptides, charges, common.alphabet)
    for ion, arrays in expected.items():
        assert table[ion].num_chunks == 1
        for found, array in zip(table[ion].to_pylist(), arrays, strict=True):
            np.testing.assert_array_equal(np.float32(found), array)


def test_every_file_carries_its_provenance(finished: SpectrumStore) -> None:
    for path in sorted(finished.path.glob("*.parquet")):
        metadata = pq.read_schema(path).metadata
        assert metadata[HASH_KEY].decode() == finished.content_hash == finished.path.name
        assert json.loads(metadata[PROVENANCE_KEY]) == finished.provenance


def test_a_finished_store_is_found_again_untouched(
    store: SpectrumStore, common: Vocabulary
) -> None:
    before = {path: path.stat().st_mtime_ns for path in store.path.iterdir()}
    assert rebuild(store, common).path == store.path
    assert {path: path.stat().st_mtime_ns for path in store.path.iterdir()} == before


def test_another_setting_gives_another_store(store: SpectrumStore, common: Vocabulary) -> None:
    other = replace(RECIPE, n_peptides=5, seed=7)
    second = build_store(other, common, store.path.parent, processes=1)
    assert second.path != store.path
    assert sum(second.n_spectra.values()) == 5


def test_an_interrupted_build_continues_to_the_same_bytes(
    store: SpectrumStore, common: Vocabulary
) -> None:
    whole = files(store.path)
    manifest = json.loads(whole["manifest.json"])
    for name in ("shard-00001.parquet", "shard-00003.parquet"):
        (store.path / name).unlink()
        del manifest["shards"][name]
    (store.path / "manifest.json").write_text(json.dumps(manifest))
    (store.path / ".shard-00001.parquet.99.part").write_bytes(b"what a killed process leaves")
    kept = (store.path / "shard-00000.parquet").stat().st_mtime_ns
    rebuild(store, common)
    assert files(store.path) == whole
    assert (store.path / "shard-00000.parquet").stat().st_mtime_ns == kept


def damage_by_truncation(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def damage_by_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [damage_by_truncation, damage_by_one_bit, Path.unlink])
def test_a_damaged_shard_is_named_and_rebuilt(
    store: SpectrumStore,
    common: Vocabulary,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
) -> None:
    whole = files(store.path)
    damage(store.path / "shard-00002.parquet")
    with caplog.at_level(logging.WARNING):
        rebuild(store, common)
    (record,) = caplog.records
    assert "shard-00002.parquet is missing or damaged; building it again" in record.message
    assert files(store.path) == whole


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_reading_never_returns_other_values_than_were_written(
    finished: SpectrumStore, store: SpectrumStore, place: float, bit: int
) -> None:
    path = store.path / "shard-00000.parquet"
    content = bytearray((finished.path / path.name).read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        table = store.table("train")
    except InputError as raised:
        error = str(raised)
    else:
        error = ""
    if error:
        assert "shard-00000.parquet is missing or damaged" in error
    else:
        assert table.equals(finished.table("train"))


def test_a_damaged_manifest_is_replaced(store: SpectrumStore, common: Vocabulary) -> None:
    whole = files(store.path)
    (store.path / "manifest.json").write_text('{"shards": ')
    with pytest.raises(InputError, match=r"manifest\.json is damaged"):
        SpectrumStore(store.path)
    rebuild(store, common)
    assert files(store.path) == whole


def test_an_unfinished_store_cannot_be_opened(store: SpectrumStore) -> None:
    manifest = json.loads((store.path / "manifest.json").read_text())
    del manifest["shards"]["shard-00000.parquet"]
    (store.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"is unfinished \(3 of 4 files\)"):
        SpectrumStore(store.path)


def test_a_folder_without_a_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="contains no store"):
        SpectrumStore(tmp_path)


def test_a_store_of_other_residues_is_refused(
    finished: SpectrumStore, canonical: Vocabulary
) -> None:
    with pytest.raises(InputError, match=r"made with other residues .* alphabet 'canonical'"):
        SpectrumStore(finished.path, canonical)


def test_an_unknown_split_is_refused(finished: SpectrumStore) -> None:
    with pytest.raises(InputError, match=r"no split 'valid', only train, val, test"):
        finished.table("valid")


def test_a_split_without_peptides_is_empty(tmp_path: Path, common: Vocabulary) -> None:
    recipe = replace(RECIPE, n_peptides=3, fractions={"train": 1.0, "val": 0.0})
    store = build_store(recipe, common, tmp_path, processes=1)
    assert store.n_spectra == {"train": 3, "val": 0}
    assert len(store.table("val")) == 0


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path, common: Vocabulary) -> None:
    (tmp_path / "taken").write_text("a file, where a folder should be")
    with pytest.raises(InputError, match=r"cannot write .*taken.*choose another folder"):
        build_store(RECIPE, common, tmp_path / "taken", processes=1)


def test_peptides_that_cannot_be_simulated_leave_no_file(
    tmp_path: Path, common: Vocabulary
) -> None:
    recipe = replace(RECIPE, digest=Digest(min_length=1, max_length=3))
    with pytest.raises(InputError, match="MS2PIP takes 4 to 100"):
        build_store(recipe, common, tmp_path, processes=1)
    assert list(tmp_path.rglob("*.parquet")) == list(tmp_path.rglob("*.part")) == []


def alterations(value: object, place: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    """List a few other values for every field of a manifest."""
    found = []
    if isinstance(value, dict):
        for key, entry in value.items():
            found += alterations(entry, (*place, key))
    number = value + 1 if isinstance(value, int | float) else 7
    others = [None, [], {}, "x", number, -1, 10**12]
    return found + [(place, other) for other in others if place and other != value]


def test_no_altered_field_of_a_manifest_is_believed(
    store: SpectrumStore, common: Vocabulary
) -> None:
    path = store.path / "manifest.json"
    whole = json.loads(path.read_text())
    expected = {split: store.table(split) for split in store.n_spectra}
    fields = [(p, v) for p, v in alterations(whole) if len(p) < 3 or p[1] == "residues"]
    assert len(fields) > 100
    for place, value in fields:
        altered = json.loads(json.dumps(whole))
        node = altered
        for key in place[:-1]:
            node = node[key]
        node[place[-1]] = value
        path.write_text(json.dumps(altered))
        try:
            found = SpectrumStore(store.path, common)
            tables = {split: found.table(split) for split in expected}
        except InputError:
            continue
        else:
            assert all(tables[split].equals(table) for split, table in expected.items()), place


@pytest.mark.parametrize(
    "change",
    [
        *({"shards": []}, {"shards": None}, {"n_spectra": None}, {"provenance": None}),
        *({"provenance": {}}, {"n_shards": 0, "shards": {}}, {"n_shards": 7}, {"n_shards": 3}),
        {"n_spectra": {"train": 61, "val": 26, "test": 14}},
    ],
)
def test_a_manifest_that_was_changed_is_named_and_replaced(
    store: SpectrumStore, common: Vocabulary, change: dict[str, object]
) -> None:
    path = store.path / "manifest.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | change))
    with pytest.raises(InputError, match=r"manifest\.json is damaged: .*remove") as refused:
        SpectrumStore(store.path).table("train")
    assert "\n" not in str(refused.value)
    rebuild(store, common)
    assert json.loads(path.read_text()) == whole
