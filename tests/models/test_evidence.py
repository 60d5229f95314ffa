import pytest
import torch
from omegaconf import OmegaConf

from denovo.chemistry import WATER_MASS
from denovo.errors import InputError
from denovo.models import EvidenceSequencer
from denovo.models.evidence import FragmentEvidence, ImmoniumEvidence, PeakLookup
from denovo.models.evidence.sequencer import IONS
from denovo.spectra.batch import Spectra
from denovo.training.program_files import config_directory

SWITCHES = {
    "ions": ("b", "y"),
    "tolerances": ("15 ppm", "0.03 Da"),
    "height_tolerances": ("15 ppm",),
    "lookahead_ions": ("b", "y"),
    "lookahead_tolerance": "15 ppm",
    "use_remaining": True,
    "precursor_tolerance": "5 ppm",
}


def evidence_of(vocabulary, batch, read_mass, direction="forward", **changes):
    evidence = FragmentEvidence(vocabulary, direction, **(SWITCHES | changes))
    read = torch.tensor([[read_mass]], dtype=torch.float64)
    peaks = PeakLookup.of(batch.spectra, evidence.reach)
    features = evidence(peaks, read, batch.spectra.precursor_mass)
    return evidence, features[0, 0]


def test_every_peak_within_reach_is_found_as_a_plain_search_finds_it(make_batch):
    batch = make_batch("PEPTIDEK", "GGM[UNIMOD:35]AK", n_extra=3)
    reach = 0.4
    lookup = PeakLookup.of(batch.spectra, lambda mz: reach)
    generator = torch.Generator().manual_seed(0)
    steps = torch.rand(3, 200, generator=generator, dtype=torch.float64) * 1100 - 100
    of_row = torch.tensor([[0.0, 17.3, 0.0], [0.0, 99.0, 1.1]], dtype=torch.float64)
    queries = (of_row[..., None] + steps).flatten(1)
    hits = lookup.near(of_row, steps)
    found = torch.zeros(queries.shape, dtype=torch.bool)
    found[hits.row, hits.column] = True
    gap = torch.full(queries.shape, torch.inf)
    gap[hits.row, hits.column] = hits.distance
    for row, mask in enumerate(batch.spectra.peak_mask):
        mz, intensity = batch.spectra.mz[row][mask], batch.spectra.intensity[row][mask]
        gaps = (queries[row].float()[..., None] - mz).abs()
        assert found[row][gaps.amin(dim=-1) <= reach].all()
        torch.testing.assert_close(gap[row][found[row]], gaps.amin(dim=-1)[found[row]])
        own = hits.row == row
        nearest = gaps[hits.column[own]].argmin(dim=-1)
        torch.testing.assert_close(hits.height[own], intensity.sqrt()[nearest])
    assert found.float().mean() < 0.1


def test_a_wild_peak_does_not_make_the_map_of_peaks_endless(make_batch):
    spectra = make_batch("PEPTIDEK").spectra
    mz = torch.cat([spectra.mz, torch.tensor([[1e9]])], dim=1)
    wild = Spectra(
        mz,
        torch.cat([spectra.intensity, torch.ones(1, 1)], dim=1),
        torch.ones_like(mz, dtype=torch.bool),
        spectra.precursor_mass,
        spectra.precursor_charge,
    )
    assert PeakLookup.of(wild, lambda mz: 0.2).is_near.shape[1] < 20_000


@pytest.mark.parametrize(("direction", "right"), [("forward", "P"), ("backward", "K")])
def test_the_right_residue_has_the_strongest_evidence(common, make_batch, direction, right):
    batch = make_batch("PEPTIDEK")
    evidence, features = evidence_of(common, batch, 0.0, direction)
    own_site = features[:-1, : evidence.n_ion_features].sum(dim=-1)
    assert common.tokens[common.candidates[own_site.argmax()]] == right


def test_evidence_tells_residues_a_few_millidalton_apart(common, make_batch):
    batch = make_batch("GKWK")
    _, features = evidence_of(common, batch, common.masses[common.index["G"]].item())
    closeness = dict(
        zip(common.candidates.tolist(), features[:-1, : len(SWITCHES["ions"])], strict=True)
    )
    assert closeness[common.index["K"]].min() > 0.9
    assert closeness[common.index["Q"]].max() < 0.01  # 36 mDa away


def test_lookahead_speaks_where_the_own_site_is_silent(common, make_batch):
    batch = make_batch("PEPTIDEK")
    spectra = batch.spectra
    silent = spectra.peak_mask.clone()
    b1, y7 = 98.0600, 831.4094  # of PEPTIDEK
    for mz in (b1, y7):
        silent &= (spectra.mz - mz).abs() > 0.01
    batch = type(batch)(type(spectra)(**{**vars(spectra), "peak_mask": silent}), batch.tokens)
    evidence, features = evidence_of(common, batch, 0.0)
    p = common.candidates.tolist().index(common.index["P"])
    assert features[p, : evidence.n_ion_features].max() < 0.01
    assert features[p, evidence.n_ion_features] > 0.9


def test_what_remains_says_where_a_peptide_can_end(common, make_batch):
    batch = make_batch("PEPTIDEK")
    whole = batch.spectra.precursor_mass.item() - WATER_MASS
    n_remaining = 6
    _, at_end = evidence_of(common, batch, whole)
    _, before_last = evidence_of(common, batch, whole - common.masses[common.index["K"]].item())
    assert at_end[-1, -n_remaining] > 0.99
    k = common.candidates.tolist().index(common.index["K"])
    assert before_last[k, -n_remaining] > 0.99
    assert before_last[-1, -n_remaining] < 0.01
    assert before_last[-1, -n_remaining + 2] > 0.99  # exactly one residue is missing


def test_every_switch_changes_the_number_of_features(common):
    full = FragmentEvidence(common, "forward", **SWITCHES)
    assert full.n_features == 2 * 3 + 4 + 6
    for change, fewer in (
        ({"lookahead_ions": ()}, 4),
        ({"use_remaining": False}, 6),
        ({"ions": ("b",)}, 3),
        ({"tolerances": ("15 ppm",)}, 2),
        ({"height_tolerances": ()}, 2),
    ):
        assert FragmentEvidence(common, "forward", **(SWITCHES | change)).n_features == (
            full.n_features - fewer
        )


def test_immonium_peaks_are_found(common, make_batch):
    batch = make_batch("PEPTIDEK")
    mz = torch.tensor([[86.0964, 500.0]])
    spectra = type(batch.spectra)(
        mz,
        torch.ones(1, 2),
        torch.ones(1, 2, dtype=torch.bool),
        *list(vars(batch.spectra).values())[3:],
    )
    immonium = ImmoniumEvidence(common)
    heights = immonium(PeakLookup.of(spectra, immonium.reach))[0]
    assert common.tokens[common.candidates[heights.argmax()]] == "L"
    assert (heights > 0.5).sum() == 1


def test_an_unknown_ion_type_is_named(common):
    with pytest.raises(InputError, match="c3"):
        EvidenceSequencer(common, ions=("c3",))


def test_no_ion_type_at_all_is_refused(common):
    with pytest.raises(InputError, match=r"model\.ions"):
        EvidenceSequencer(common, ions=())


def test_the_settings_ask_for_the_ions_that_the_sequencer_looks_up_by_itself():
    settings = OmegaConf.load(config_directory() / "model" / "evidence.yaml")
    assert tuple(settings.ions) == IONS
