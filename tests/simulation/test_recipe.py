"""What a store is made of, and its hash."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import identity
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import FastaProteome, SyntheticProteome
from denovo.simulation.recipe import Recipe, content_hash
from denovo.simulation.simulator import Ms2pipSimulator

RECIPE = Recipe(
    SyntheticProteome(20), Digest(), Precursors(), Ms2pipSimulator(), n_peptides=100, shard_size=30
)


def hash_of(recipe: Recipe, vocabulary: Vocabulary) -> str:
    return content_hash(recipe.provenance(vocabulary))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: replace(r, proteome=SyntheticProteome(21)),
        lambda r: replace(r, digest=Digest(max_length=21)),
        lambda r: replace(r, precursors=Precursors(charges={2: 1.0})),
        lambda r: replace(r, precursors=Precursors(modifications={"M[UNIMOD:35]": 0.1})),
        lambda r: replace(r, simulator=Ms2pipSimulator("HCD2019")),
        lambda r: replace(r, n_peptides=101),
        lambda r: replace(r, seed=1),
        lambda r: replace(r, fractions={"train": 1.0}),
        lambda r: replace(r, shard_size=31),
    ],
)
def test_every_setting_changes_the_hash(
    common: Vocabulary, change: Callable[[Recipe], Recipe]
) -> None:
    assert hash_of(change(RECIPE), common) != hash_of(RECIPE, common)


def test_another_alphabet_changes_the_hash(common: Vocabulary, canonical: Vocabulary) -> None:
    assert hash_of(RECIPE, common) != hash_of(RECIPE, canonical)


def test_spelling_of_the_settings_does_not_change_the_hash(common: Vocabulary) -> None:
    other = replace(
        RECIPE,
        precursors=Precursors(charges={3: 0.4, 2: 0.6}),
        fractions={"test": 0.05, "train": 0.9, "val": 0.05},
    )
    assert hash_of(other, common) == hash_of(RECIPE, common)


def test_content_of_input_files_enters_the_hash_and_their_names_do_not(
    tmp_path: Path, common: Vocabulary
) -> None:
    def variant(name: str, protein: str, excluded: str) -> str:
        (tmp_path / f"{name}.fasta").write_text(f">p\n{protein}\n")
        (tmp_path / f"{name}.txt").write_text(f"{excluded}\n")
        recipe = replace(
            RECIPE,
            proteome=FastaProteome(tmp_path / f"{name}.fasta"),
            exclude=[tmp_path / f"{name}.txt"],
        )
        return hash_of(recipe, common)

    first = variant("a", "PEPTIDEK", "SAMPLER")
    assert variant("b", "PEPTIDEK", "SAMPLER") == first
    assert variant("c", "PEPTIDER", "SAMPLER") != first
    assert variant("d", "PEPTIDEK", "SAMPLEK") != first


def test_provenance_is_plain_json(common: Vocabulary) -> None:
    provenance = RECIPE.provenance(common)
    assert json.loads(json.dumps(provenance)) == provenance


def test_shards_hold_the_number_of_peptides_asked_for(common: Vocabulary) -> None:
    assert [len(shard.rows) for shard in RECIPE.shards(common)] == [30, 30, 30, 10]


def test_excluded_peptides_are_replaced_by_others(tmp_path: Path, common: Vocabulary) -> None:
    def keys(recipe: Recipe) -> list[str]:
        return [identity(row.peptide) for shard in recipe.shards(common) for row in shard.rows]

    before = keys(RECIPE)
    (tmp_path / "held_out.txt").write_text("\n".join(before[:40]))
    after = keys(replace(RECIPE, exclude=[tmp_path / "held_out.txt"]))
    assert after[:60] == before[40:]
    assert len(after) == 100
    assert not set(after) & set(before[:40])


DEAMIDATED = replace(
    RECIPE,
    precursors=Precursors(modifications={"N[UNIMOD:7]": 0.5}),
    fractions={"train": 0.5, "val": 0.3, "test": 0.2},
)


def test_forms_of_one_peptide_stand_on_one_side_whatever_they_were_drawn_from(
    tmp_path: Path, common: Vocabulary
) -> None:
    # Each peptide is there with N and with D, and half of the forms of the first are the second.
    pairs = [f"{start}{site}TPEK" for start in ("AAG", "SLV", "PFW", "HMA") for site in "ND"]
    proteins = "".join(f">{n}\n{peptide}\n" for n, peptide in enumerate(pairs * 2))
    (tmp_path / "p.fasta").write_text(proteins)
    digest = Digest(min_length=6)
    proteome = FastaProteome(tmp_path / "p.fasta")
    sides: dict[str, set[str]] = {}
    n_changed = 0
    for seed in range(8):
        recipe = replace(DEAMIDATED, proteome=proteome, digest=digest, seed=seed)
        for row in (row for shard in recipe.shards(common) for row in shard.rows):
            sides.setdefault(identity(row.peptide), set()).add(row.split)
            n_changed += "[UNIMOD:7]" in row.peptide
    assert n_changed > 4
    assert all(len(splits) == 1 for splits in sides.values())
    assert set().union(*sides.values()) > {"train"}


def test_a_form_that_is_an_excluded_peptide_is_left_out(tmp_path: Path, common: Vocabulary) -> None:
    rows = [row for shard in DEAMIDATED.shards(common) for row in shard.rows]
    changed = [row.peptide for row in rows if "[UNIMOD:7]" in row.peptide]
    (tmp_path / "acids.txt").write_text("\n".join(identity(peptide) for peptide in changed[:5]))
    recipe = replace(DEAMIDATED, exclude=[tmp_path / "acids.txt"])
    left = {row.peptide for shard in recipe.shards(common) for row in shard.rows}
    assert not left & set(changed[:5])
    assert set(changed[5:]) <= left


def test_only_stores_whose_split_is_another_have_another_hash(common: Vocabulary) -> None:
    oxidised = replace(RECIPE, precursors=Precursors(modifications={"M[UNIMOD:35]": 0.1}))
    assert "split" not in RECIPE.provenance(common)
    assert "split" not in oxidised.provenance(common)
    assert "split" in DEAMIDATED.provenance(common)


def test_too_few_peptides_are_all_used_with_a_warning(
    common: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        shards = replace(RECIPE, n_peptides=100_000).shards(common)
    n_peptides = sum(len(shard.rows) for shard in shards)
    assert n_peptides > 100
    assert f"the proteins give {n_peptides} peptides, 100000 were asked for" in caplog.text


def test_a_digest_that_is_excluded_as_a_whole_is_refused(
    tmp_path: Path, common: Vocabulary
) -> None:
    (tmp_path / "p.fasta").write_text(">p\nPEPTIDEK\n")
    path = tmp_path / "p.fasta"
    recipe = replace(RECIPE, proteome=FastaProteome(path), exclude=[path])
    with pytest.raises(InputError, match=r"all 1 peptides of the digest are excluded"):
        recipe.shards(common)


@pytest.mark.parametrize(
    "settings", [{"n_peptides": 0}, {"shard_size": 0}, {"fractions": {"train": 0.5}}]
)
def test_impossible_settings_are_refused(settings: dict) -> None:
    with pytest.raises(InputError, match="must"):
        replace(RECIPE, **settings)
