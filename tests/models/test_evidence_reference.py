import pytest
import torch

from denovo.models import EvidenceSequencer
from denovo.models.evidence import FragmentEvidence, PeakLookup
from denovo.models.evidence.sequencer import IONS
from denovo.spectra.batch import LabelledSpectra, Spectra
from tests.models.plain_evidence import PlainEvidence

SWITCHES = {
    "ions": IONS,
    "tolerances": ("4 ppm", "15 ppm", "0.03 Da"),
    "height_tolerances": ("15 ppm", "0.03 Da"),
    "lookahead_ions": ("b", "y"),
    "lookahead_tolerance": "15 ppm",
    "use_remaining": True,
    "precursor_tolerance": "5 ppm",
}
PEPTIDES = "PEPTIDEK", "[UNIMOD:1]-WGM[UNIMOD:35]K"


def noisy(batch: LabelledSpectra, n_noise: int = 150) -> LabelledSpectra:
    """Scatter the peaks of ladders, and add noise right beside them and anywhere."""
    generator = torch.Generator().manual_seed(1)
    spectra = batch.spectra
    drawn = torch.rand(3, len(batch), n_noise, generator=generator)
    near = spectra.mz.gather(1, (drawn[0] * spectra.mz.shape[1]).long())
    is_near = (drawn[1] < 0.5) & (near > 0)
    noise = torch.where(is_near, near + (drawn[2] - 0.5) * 0.3, 50 + 1000 * drawn[2])
    scatter = 1 + 5e-6 * torch.randn(spectra.mz.shape, generator=generator)
    mz = torch.cat([spectra.mz * scatter, noise], dim=1)
    mz, order = mz.masked_fill(mz == 0, torch.inf).sort(dim=1)
    mask = mz.isfinite()
    intensity = torch.cat([spectra.intensity, drawn[1]], dim=1).gather(1, order)
    peaks = mz.where(mask, 0.0), intensity.where(mask, 0.0), mask
    return LabelledSpectra(
        Spectra(*peaks, spectra.precursor_mass, spectra.precursor_charge), batch.tokens
    )


@pytest.fixture(params=["cpu", "device"])
def on(request, monkeypatch):
    """Compute evidence by the kernel of CPUs, or as on other devices."""
    if request.param == "device":
        monkeypatch.setattr(FragmentEvidence, "_on_cpu", FragmentEvidence._on_device)
    return request.param


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("wide", ["0.03 Da", "0.5 Da"])
@pytest.mark.usefixtures("on")
def test_features_are_those_of_a_plain_computation(common, make_batch, direction, wide):
    batch = noisy(make_batch(*PEPTIDES))
    switches = SWITCHES | {"tolerances": ("4 ppm", "15 ppm", wide), "height_tolerances": (wide,)}
    evidence = FragmentEvidence(common, direction, **switches)
    # Nothing, the first residues of a peptide, all of it, and more than there is.
    read = torch.tensor([[0.0, 226.0954, 907.36, 1500.0], [0.0, 186.0793, 390.1, 577.24]]).double()
    peaks = PeakLookup.of(batch.spectra, evidence.reach)
    features = evidence(peaks, read, batch.spectra.precursor_mass)
    for row in range(len(batch)):
        plain = PlainEvidence(common, direction, batch.spectra, row, switches)
        for position, mass in enumerate(read[row]):
            torch.testing.assert_close(
                features[row, position], plain.after(mass), atol=1e-5, rtol=1e-5
            )


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"lookahead_ions": ()},
        {"use_remaining": False},
        {"lookahead_ions": (), "use_remaining": False},
        {"height_tolerances": ()},
        {"lookahead_ions": ("b", "y", "y2")},
    ],
)
def test_cpus_and_devices_compute_the_same_features(common, make_batch, switches):
    batch = noisy(make_batch(*PEPTIDES))
    evidence = FragmentEvidence(common, "forward", **(SWITCHES | switches))
    peaks = PeakLookup.of(batch.spectra, evidence.reach)
    # The mass read may exceed that of the precursor, and ions may lie below 0 Th.
    read = torch.linspace(0.0, 3000.0, 301, dtype=torch.float64)
    peaks, total = peaks.repeat(301), batch.spectra.precursor_mass.repeat_interleave(301)
    rows = peaks, read.repeat(len(batch)), total
    found, expected = evidence._on_cpu(*rows), evidence._on_device(*rows)
    assert (expected > 0.5).any()
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_masses_beyond_all_numbers_leave_other_rows_as_they_are(common, make_batch):
    batch = noisy(make_batch("PEPTIDEK"))
    evidence = FragmentEvidence(common, "forward", **SWITCHES)
    peaks = PeakLookup.of(batch.spectra, evidence.reach)
    read = torch.tensor([[226.0954, torch.nan, torch.inf, -torch.inf, 1e300]], dtype=torch.float64)
    found = evidence(peaks, read, batch.spectra.precursor_mass)
    alone = evidence(peaks, read[:, :1], batch.spectra.precursor_mass)
    torch.testing.assert_close(found[:, :1], alone)


def test_logits_are_those_of_plain_features(common, make_batch, monkeypatch):
    batch = noisy(make_batch(*PEPTIDES))
    torch.manual_seed(0)
    sequencer = EvidenceSequencer(common, d_state=24, d_scorer=16, d_mass=8)
    with torch.no_grad():
        logits = sequencer(batch)

    def forward(peaks, read_mass, precursor_mass):
        plain = [
            PlainEvidence(common, "forward", batch.spectra, row, SWITCHES)
            for row in range(len(batch))
        ]
        rows = [[each.after(m) for m in mass] for each, mass in zip(plain, read_mass, strict=True)]
        return torch.stack([torch.stack(row) for row in rows])

    monkeypatch.setattr(sequencer.evidence, "forward", forward)
    with torch.no_grad():
        torch.testing.assert_close(logits, sequencer(batch), atol=1e-5, rtol=1e-5)
