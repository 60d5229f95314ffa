import pytest
import torch

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.errors import InputError
from denovo.models import (
    EvidenceSequencer,
    RecursiveSequencer,
    TransformerSequencer,
    transfer_weights,
)

# The look-ahead and the remaining mass ask about any residue there is, also about a new one.
SMALL = {
    "evidence": (EvidenceSequencer, {"d_state": 24, "d_scorer": 16, "d_mass": 8,
                                     "lookahead_ions": [], "use_remaining": False}),
    "transformer": (TransformerSequencer, {"d_model": 32, "n_heads": 4, "n_layers": 1,
                                           "d_feedforward": 16}),
    "recursive": (RecursiveSequencer, {"n_refinements": 1, "d_model": 16, "d_scorer": 8}),
}  # fmt: skip
NEW = "S[UNIMOD:21]"


def extended(vocabulary: Vocabulary, *, dropped: str = "") -> Vocabulary:
    """The same alphabet with phosphoserine in the midst of it."""
    old = vocabulary.alphabet
    names = [r.name for r in old.residues if not r.is_n_terminal and r.name != dropped]
    names.insert(3, NEW)
    kinds = {
        m.accession: {"name": m.name, "formula": m.formula} for m in old.modifications.values()
    }
    kinds["UNIMOD:21"] = {"name": "Phospho", "formula": "HO3P"}
    terminal = [r.name for r in old.residues if r.is_n_terminal]
    return Vocabulary(ResidueAlphabet("phospho", names, kinds, terminal, old.implied))


def networks(kind, common, new):
    network, settings = SMALL[kind]
    torch.manual_seed(0)
    return network(common, **settings).eval(), network(new, **settings).eval()


def translated(batch, old, new):
    rows = [new.index[name] for name in old.tokens]
    return type(batch)(batch.spectra, torch.tensor(rows)[batch.tokens])


@pytest.mark.parametrize("kind", SMALL)
def test_a_network_with_one_residue_more_scores_the_others_as_before(kind, common, make_batch):
    new = extended(common)
    before, after = networks(kind, common, new)
    assert transfer_weights(after, before) == {NEW: "S"}
    batch = make_batch("PEPTIDEK", "SAMPLEK")
    old_logits = before(batch)
    logits = after(translated(batch, common, new))
    same = [new.index[name] for name in common.tokens]
    close = 0.05 if kind == "recursive" else 1e-5  # its first draft spreads over all candidates
    torch.testing.assert_close(logits[..., same], old_logits, atol=close, rtol=1e-4)


@pytest.mark.parametrize("kind", SMALL)
def test_a_new_residue_starts_as_its_donor(kind, common):
    new = extended(common)
    before, after = networks(kind, common, new)
    transfer_weights(after, before, {NEW: "T"})
    embedding = after.residue_embedding.weight
    assert torch.equal(embedding[new.index[NEW]], embedding[new.index["T"]])
    assert torch.equal(
        embedding[new.index["K"]], before.residue_embedding.weight[common.index["K"]]
    )


@pytest.mark.parametrize("kind", SMALL)
def test_residues_that_the_alphabet_has_not_are_dropped(kind, common):
    new = extended(common, dropped="M[UNIMOD:35]")
    before, after = networks(kind, common, new)
    transfer_weights(after, before)
    weight = before.residue_embedding.weight[common.index["[UNIMOD:1]-"]]
    assert torch.equal(after.residue_embedding.weight[new.index["[UNIMOD:1]-"]], weight)


@pytest.mark.parametrize(
    ("initialise_from", "named"), [({NEW: "Z"}, "'Z'"), ({"K": "R"}, "K, which is no new residue")]
)
def test_a_donor_that_cannot_be_one_is_named(common, initialise_from, named):
    before, after = networks("transformer", common, extended(common))
    with pytest.raises(InputError, match=named):
        transfer_weights(after, before, initialise_from)


def test_a_network_of_another_shape_is_refused(common):
    before = TransformerSequencer(common, d_model=16, n_heads=2, n_layers=1, d_feedforward=8)
    with pytest.raises(InputError, match="another shape"):
        transfer_weights(EvidenceSequencer(common, d_state=8, d_scorer=8), before)
