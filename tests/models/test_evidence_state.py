import torch

from denovo.chemistry import SOS
from denovo.models import EvidenceSequencer
from denovo.models.evidence.state import distinct_prefixes


def test_rows_that_have_read_the_same_mass_of_a_spectrum_share_a_prefix(common):
    g, a, n, k, q = (common.masses[common.index[residue]] for residue in "GANKQ")
    spectrum = torch.tensor([0, 0, 0, 1, 1, 1])
    read = torch.stack([g + a, k, a + g, g + g, q, n])
    first_row, prefix = distinct_prefixes(spectrum, read)
    assert len(first_row) == 4
    assert prefix[0] == prefix[2] != prefix[1]
    assert prefix[3] == prefix[5] != prefix[4]  # GG is N to the last electron
    assert first_row[prefix].tolist() == [0, 1, 0, 3, 4, 3]


def test_the_same_mass_read_of_two_spectra_makes_two_prefixes():
    first_row, _ = distinct_prefixes(torch.tensor([0, 1]), torch.tensor([114.0, 114.0]).double())
    assert first_row.tolist() == [0, 1]


def test_hypotheses_that_share_evidence_get_the_logits_that_they_get_alone(common, make_batch):
    torch.manual_seed(0)
    sequencer = EvidenceSequencer(common, d_state=24, d_scorer=16, d_mass=8)
    spectra = make_batch("PEPTIDEK", "EPPTIDEK").spectra
    read = common.encode("PEP"), common.encode("EPP"), common.encode("PPE"), common.encode("TID")
    spectrum = torch.tensor([0, 0, 1, 0])

    def logits_after(rows):
        last = torch.full((len(rows),), SOS)
        state = sequencer.initial_state(spectra).select(spectrum[rows])
        for tokens in zip(*(read[row] for row in rows), strict=True):
            _, state = sequencer.next_residue_logits(state, last)
            last = torch.tensor(tokens)
        logits, state = sequencer.next_residue_logits(state, last)
        return logits, len(state.evidence)

    with torch.no_grad():
        together, n_prefixes = logits_after([0, 1, 2, 3])
        alone = torch.cat([logits_after([row])[0] for row in range(4)])
    assert n_prefixes == 3
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
