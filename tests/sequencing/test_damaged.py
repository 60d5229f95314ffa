"""Damaged files, and spectra that are possible but absurd, go through to outputs and rejected."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.decoding import DecoderKind, GreedyDecoder, make_decoder
from denovo.io import open_spectra
from denovo.io.predictions import (
    RunRecord,
    open_rejected,
    read_predictions,
    write_predictions,
)
from denovo.models import EvidenceSequencer, TransformerSequencer
from denovo.sequencing import SpectrumSequencer
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.helpers.table_sequencer import TableSequencer
from tests.io.damages import FORMATS, catalogue


def test_every_entry_of_damaged_files_is_a_row_or_in_the_rejected_entries(
    tmp_path: Path, common: Vocabulary
) -> None:
    # All of them take ten seconds, most of which the checks of types take.
    chosen = [damage for form in FORMATS for damage in catalogue(form)][::5]
    damages = {damage.name: damage for damage in chosen}
    folder = tmp_path / "in"
    folder.mkdir()
    for name, damage in damages.items():
        (folder / name).write_bytes(damage.data)
    files = [folder / name for name in damages]
    places: list[tuple[str, int | None]] = []

    def read_once() -> Iterator[MeasuredSpectrum | Rejected]:
        for found in open_spectra(files):
            places.append((found.file, found.index))
            yield found

    pipeline = SpectrumSequencer(TableSequencer(common), GreedyDecoder(max_length=3), n_peaks=150)
    output, rejected_path = tmp_path / "out.mztab", tmp_path / "out.rejected.csv"
    found = []
    with open_rejected(rejected_path) as rejected:
        for outcome in pipeline(read_once()):
            if isinstance(outcome, Rejected):
                rejected.add(outcome)
            else:
                found.append(pipeline.prediction(*outcome))
    record = RunRecord(tuple(map(str, files)), {}, "0.1.0", common.alphabet)
    write_predictions([output], found, record)
    rows = list(read_predictions(output))
    with rejected_path.open(newline="", encoding="utf-8") as stream:
        rejected = list(csv.DictReader(stream))
    assert len(rows) + len(rejected) == len(places)
    written = [(row.file, str(row.index)) for row in rows]
    written += [(row["file"], row["index"] or "None") for row in rejected]
    assert sorted(written) == sorted((file, str(index)) for file, index in places)
    assert {row.file for row in rows} | {row["file"] for row in rejected} == set(map(str, files))
    for name, damage in damages.items():
        read = [row.precursor_mz for row in rows if Path(row.file).name == name]
        assert set(read) >= {400.5 + i for i in damage.kept}
        told = [row for row in rejected if Path(row["file"]).name == name]
        assert all(row["reason"] for row in told)
        if damage.n_entries is not None:
            assert len(read) + sum(row["index"] != "" for row in told) == damage.n_entries


# Precursor m/z, charge, m/z and intensities that no rule of a reader excludes.
ABSURD = {
    "heavy_precursor": (1e6, 20, [100.5, 200.25], [1.0, 2.0]),
    "light_precursor": (1.0, 1, [100.5, 200.25], [1.0, 2.0]),
    "precursor_lighter_than_a_proton": (1.001, 3, [100.5, 200.25], [1.0, 2.0]),
    "precursor_of_ten_kilodalton": (2500.0, 4, [100.5, 200.25], [1.0, 2.0]),
    "one_peak": (400.5, 2, [100.5], [1.0]),
    "same_peak_many_times": (400.5, 2, [100.5] * 300, [1.0] * 300),
    "huge_mz": (400.5, 2, [100.5, 1e6], [1.0, 2.0]),
    "tiny_mz": (400.5, 2, [1.0, 1.0], [1.0, 2.0]),
    "huge_intensities": (400.5, 2, [100.5, 200.25], [1e308, 1.7e308]),
    "tiny_intensities": (400.5, 2, [100.5, 200.25], [5e-324, 1e-323]),
    "intensities_far_apart": (400.5, 2, [100.5, 200.25], [5e-324, 1.7e308]),
}


def spectrum(
    name: str, precursor: float, charge: int, mz: list[float], intensity: list[float]
) -> MeasuredSpectrum:
    peaks = np.array(mz), np.array(intensity)
    return MeasuredSpectrum(name, 0, 1, precursor, charge, *peaks, None, "a.mgf", "index=0")


@pytest.fixture(params=["evidence", "transformer"])
def network(request: pytest.FixtureRequest, common: Vocabulary) -> nn.Module:
    torch.manual_seed(0)
    if request.param == "evidence":
        return EvidenceSequencer(common, d_state=24, d_scorer=16, d_mass=8).eval()
    return TransformerSequencer(common, d_model=32, n_heads=4, n_layers=1, d_feedforward=32).eval()


@pytest.mark.parametrize("kind", [DecoderKind.BEAM, DecoderKind.CONSTRAINED])
def test_an_absurd_spectrum_is_a_row_and_spoils_no_other(
    tmp_path: Path,
    common: Vocabulary,
    network: EvidenceSequencer | TransformerSequencer,
    kind: DecoderKind,
) -> None:
    records = [spectrum(name, *parts) for name, parts in ABSURD.items()]
    good = spectrum("good", 400.5, 2, [100.5, 200.25], [1.0, 1.0])
    decoder = make_decoder(kind, beam_width=2, n_candidates=1)
    pipeline = SpectrumSequencer(network, decoder, n_peaks=50, n_alternatives=1)
    alone = [pipeline.prediction(*out) for out in pipeline([good]) if not isinstance(out, Rejected)]
    found = [
        pipeline.prediction(*out)
        for out in pipeline([*records, good])
        if not isinstance(out, Rejected)
    ]
    assert [row.title for row in found] == [*ABSURD, "good"]
    assert found[-1].peptide == alone[0].peptide
    assert found[-1].log_probability == pytest.approx(alone[0].log_probability, abs=1e-4)
    for row in found:
        assert np.isfinite(row.log_probability), row.title
        assert np.isfinite(row.residue_scores).all(), row.title
    for suffix in (".mztab", ".parquet"):
        output = tmp_path / f"out{suffix}"
        write_predictions([output], found, RunRecord(("a.mgf",), {}, "0.1.0", common.alphabet))
        assert [row.title for row in read_predictions(output)] == [*ABSURD, "good"]
