import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from denovo.chemistry import EOS, PAD, Vocabulary, mass_to_mz
from denovo.data.annotated import AnnotatedSpectra
from denovo.data.sources import AnnotatedSources
from denovo.errors import InputError
from tests.io.samples import MSP

PEAKS = ((300.5, 50.0), (98.06, 25.0), (200.25, 100.0))


def entry(
    title: str,
    peptide: str | None = "PEPTIDE",
    precursor_mz: float = 400.687258,
    peaks: tuple[tuple[float, float], ...] = PEAKS,
) -> str:
    sequence = "" if peptide is None else f"SEQ={peptide}\n"
    lines = "".join(f"{mz} {intensity}\n" for mz, intensity in peaks)
    head = f"BEGIN IONS\nTITLE={title}\nPEPMASS={precursor_mz}\nCHARGE=2+\n"
    return head + sequence + lines + "END IONS\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*entries: str, name: str = "spectra.mgf") -> Path:
        path = tmp_path / name
        path.write_text("".join(entries))
        return path

    return write


def precursor_of(vocabulary: Vocabulary, peptide: str) -> float:
    return mass_to_mz(vocabulary.peptide_mass(vocabulary.encode(peptide)), 2)


def test_a_batch_is_padded_sorted_and_relative_to_the_base_peak(
    write: Callable[..., Path], common: Vocabulary
) -> None:
    path = write(entry("long"), entry("short", "PEK", peaks=((150.0, 4.0),)))
    source = AnnotatedSpectra(path, common)
    batch = source.read(np.array([1, 0]))
    assert batch.spectra.mz.tolist() == [
        [150.0, 0.0, 0.0],
        pytest.approx([98.06, 200.25, 300.5]),
    ]
    assert batch.spectra.intensity.tolist() == [[1.0, 0.0, 0.0], [0.25, 1.0, 0.5]]
    assert batch.spectra.peak_mask.tolist() == [[True, False, False], [True] * 3]
    assert batch.tokens[0].tolist() == [*common.encode("PEK"), EOS, PAD, PAD, PAD, PAD]
    assert source.identifiers(np.array([1, 0])) == ["short", "long"]


def test_the_precursor_is_the_measured_one_in_double_precision(
    write: Callable[..., Path], common: Vocabulary
) -> None:
    batch = AnnotatedSpectra(write(entry("one")), common).read(np.array([0])).spectra
    assert batch.precursor_mass.dtype == torch.float64
    # Neutral mass of PEPTIDE: 799.35996 Da.
    assert batch.precursor_mass.item() == pytest.approx(799.35996, abs=2e-5)
    assert batch.precursor_charge.tolist() == [2]


def test_rows_may_be_repeated(write: Callable[..., Path], common: Vocabulary) -> None:
    batch = AnnotatedSpectra(write(entry("one")), common).read(np.array([0, 0, 0]))
    assert len(batch) == 3


def test_the_most_intense_peaks_are_kept_in_order_of_mz(
    write: Callable[..., Path], common: Vocabulary
) -> None:
    source = AnnotatedSpectra(write(entry("one")), common, max_peaks=2)
    assert source.read(np.array([0])).spectra.mz.tolist() == [[200.25, 300.5]]


def test_a_square_root_in_the_file_is_undone(
    write: Callable[..., Path], common: Vocabulary
) -> None:
    source = AnnotatedSpectra(write(entry("one")), common, intensity_power=2)
    assert source.read(np.array([0])).spectra.intensity.tolist() == [[0.0625, 1.0, 0.25]]


@pytest.mark.parametrize(
    "text", ["AC[Carbamidomethyl]K", "AC+57.021K", "AC[UNIMOD:4]K", "AC[+57.021]K", "ACK"]
)
def test_spellings_of_a_peptide_give_the_same_tokens(
    write: Callable[..., Path], canonical: Vocabulary, text: str
) -> None:
    source = AnnotatedSpectra(write(entry("one", text)), canonical)
    tokens = source.read(np.array([0])).tokens[0].tolist()
    assert tokens == [canonical.index[name] for name in ("A", "C[UNIMOD:4]", "K")] + [EOS]


def test_tokens_are_canonical(write: Callable[..., Path], common: Vocabulary) -> None:
    source = AnnotatedSpectra(write(entry("one", "IN[Deamidated]K")), common)
    assert common.decode(source.read(np.array([0])).tokens[0].tolist()) == "LDK"


def test_a_length_counts_residues_and_no_terminal_modification(
    write: Callable[..., Path], common: Vocabulary
) -> None:
    source = AnnotatedSpectra(write(entry("a", "PEPTIDE"), entry("b", "[Acetyl]-AK")), common)
    assert source.lengths.tolist() == [7, 2]
    assert len(source) == 2


def test_a_residue_outside_the_alphabet_is_named_with_file_spectrum_and_cure(
    write: Callable[..., Path], canonical: Vocabulary
) -> None:
    path = write(entry("good"), entry("odd one", "PEM[Oxidation]K"))
    with pytest.raises(InputError) as caught:
        AnnotatedSpectra(path, canonical)
    message = str(caught.value)
    for part in (str(path), "line 10", "'odd one'", "[Oxidation]", "residues=common", "=skip"):
        assert part in message


def test_a_spectrum_without_peptide_is_an_input_error(
    write: Callable[..., Path], canonical: Vocabulary
) -> None:
    with pytest.raises(InputError, match=r"'bare'.*SEQ="):
        AnnotatedSpectra(write(entry("bare", None)), canonical)


def test_what_is_skipped_is_counted_and_logged(
    write: Callable[..., Path], canonical: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(entry("bare", None), entry("good"), entry("odd", "PEXK"))
    with caplog.at_level(logging.WARNING):
        source = AnnotatedSpectra(path, canonical, unsupported="skip")
    assert len(source) == 1
    assert source.identifiers(np.array([0])) == ["good"]
    assert [title for title, _ in source.skipped] == ["bare", "odd"]
    assert "residue X" in source.skipped[1][1]
    assert "2 spectra were skipped" in caplog.text


def test_an_annotation_in_no_known_notation_is_skipped_and_counted(
    write: Callable[..., Path], canonical: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    misplaced = entry("misplaced", "AK\nUSER03=9-MOD:00425")
    path = write(entry("good"), entry("odd", "pEPTIDE"), misplaced)
    with caplog.at_level(logging.WARNING):
        source = AnnotatedSpectra(path, canonical)
    assert [title for title, _ in source.skipped] == ["odd", "misplaced"]
    assert "2 spectra were skipped" in caplog.text
    with pytest.raises(InputError, match=r"no spectrum is left.*write modifications in brackets"):
        AnnotatedSpectra(write(entry("odd", "pEPTIDE")), canonical)


def test_nothing_left_is_an_input_error(write: Callable[..., Path], canonical: Vocabulary) -> None:
    with pytest.raises(InputError, match=r"no spectrum is left, 1 were skipped.*residue X"):
        AnnotatedSpectra(write(entry("odd", "PEXK")), canonical, unsupported="skip")


def test_a_precursor_that_does_not_fit_its_peptide_is_kept_and_reported(
    write: Callable[..., Path], canonical: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    right = precursor_of(canonical, "PEPTIDE")
    path = write(
        entry("right", precursor_mz=right),
        entry("40 ppm", precursor_mz=right * (1 + 40e-6)),
        entry("60 ppm", precursor_mz=right * (1 - 60e-6)),
        entry("isotope", precursor_mz=right + 1.003355 / 2),
    )
    with caplog.at_level(logging.WARNING):
        source = AnnotatedSpectra(path, canonical)
    assert len(source) == 4
    assert [title for title, _ in source.misfits] == ["60 ppm", "isotope"]
    assert source.misfits[0][1] == pytest.approx(-60, abs=0.2)
    assert len(caplog.records) == 1


def test_several_files_and_patterns_are_read_in_order(
    write: Callable[..., Path], canonical: Vocabulary
) -> None:
    second = write(entry("2"), name="b[1].mgf")
    first = write(entry("1"), name="a.mgf")
    everything = np.array([0, 1])
    listed = AnnotatedSpectra([str(second), first], canonical)
    matched = AnnotatedSpectra(str(first.parent / "*.mgf"), canonical)
    assert listed.identifiers(everything) == ["2", "1"]
    assert matched.identifiers(everything) == ["1", "2"]


@pytest.mark.parametrize(
    ("path", "message"),
    [("absent.mgf", "does not exist"), ("*.absent", "no file matches"), ([], "no spectrum file")],
)
def test_files_that_are_not_there_are_an_input_error(
    canonical: Vocabulary, path: str | list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        AnnotatedSpectra(path, canonical)


@pytest.mark.parametrize(
    "options", [{"max_peaks": 0}, {"intensity_power": 0.0}, {"unsupported": "drop"}]
)
def test_settings_out_of_range_are_an_input_error(
    write: Callable[..., Path], canonical: Vocabulary, options: dict
) -> None:
    with pytest.raises(InputError, match="annotated spectra need"):
        AnnotatedSpectra(write(entry("one")), canonical, **options)


@pytest.mark.parametrize(
    ("name", "n_spectra", "n_misfits"),
    [
        ("casanovo_sample_preprocessed_spectra.mgf", 128, 0),
        ("pepnet_train.mgf", 124, 0),
        ("proteometools_kuester_test.mgf", 171, 3),
        ("winnow_hela_spectra.mgf", 100, 3),
    ],
)
def test_measured_spectra_are_read_whole(
    real_data: Callable[[str], Path],
    common: Vocabulary,
    name: str,
    n_spectra: int,
    n_misfits: int,
) -> None:
    source = AnnotatedSpectra(real_data(name), common)
    assert (len(source), len(source.skipped), len(source.misfits)) == (n_spectra, 0, n_misfits)
    batch = source.read(np.arange(n_spectra))
    mz, mask = batch.spectra.mz, batch.spectra.peak_mask
    assert (mz.diff(dim=1)[mask[:, 1:]] >= 0).all()
    assert (batch.spectra.intensity.amax(dim=1) == 1).all()
    assert (batch.spectra.intensity[mask] > 0).all()
    assert batch.n_residues.tolist() == source.lengths.tolist()


def test_an_entry_that_is_no_spectrum_stops_or_is_left_out(
    write: Callable[..., Path], canonical: Vocabulary
) -> None:
    path = write(entry("good"), entry("damaged", peaks=((-1.0, 5.0),)), entry("neutral"))
    path.write_text(
        path.read_text().replace("TITLE=neutral\n", "TITLE=neutral\nCHARGE=2+ and 3+\n")
    )
    with pytest.raises(InputError, match=r"'damaged'.*=skip"):
        AnnotatedSpectra(path, canonical)
    source = AnnotatedSpectra(path, canonical, unsupported="skip")
    assert len(source) == 1
    assert [title for title, _ in source.skipped] == ["damaged", "neutral"]
    assert "no single charge" in source.skipped[1][1]


def test_a_damaged_file_stops_even_if_entries_are_left_out(
    tmp_path: Path, canonical: Vocabulary
) -> None:
    path = tmp_path / "nothing.mgf"
    path.write_text("no spectra at all\n")
    with pytest.raises(InputError, match=r"nothing\.mgf"):
        AnnotatedSpectra(path, canonical, unsupported="skip")


def test_libraries_are_read_as_other_files_are(tmp_path: Path, common: Vocabulary) -> None:
    path = tmp_path / "small.msp"
    path.write_text(MSP)
    source = AnnotatedSpectra(path, common, unsupported="skip")
    assert len(source) + len(source.skipped) == MSP.count("Name:")
    assert len(source) > 0


def test_spectra_are_refused_for_a_reason(
    write: Callable[..., Path], canonical: Vocabulary
) -> None:
    source = AnnotatedSpectra(
        write(entry("short", "PEK"), entry("long")),
        canonical,
        refuse=lambda spectrum, tokens: f"{len(tokens)} residues" if len(tokens) < 5 else None,
    )
    assert len(source) == 1
    assert source.skipped == [("short", "3 residues")]


def test_peptides_that_are_the_same_are_warned_of_whatever_their_form(
    write: Callable[..., Path], common: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    """Oxidised and plain, deamidated and acid, I and L; a peptide with N is another one."""
    forms = {
        "train": ("PEPTIM[UNIMOD:35]K", "PEPTN[UNIMOD:7]K", "SAMPNK"),
        "val": ("PEPTLMK", "PEPTDK", "SAMPDK"),
    }
    paths = {}
    for split, peptides in forms.items():
        entries = [entry(p, p, precursor_of(common, p)) for p in peptides]
        paths[split] = str(write(*entries, name=f"{split}.mgf"))
    sources = AnnotatedSources(common, **paths)
    with caplog.at_level(logging.WARNING):
        sources.open("train")
        sources.open("val")
    assert "2 of the 3 peptides for val are in the training set too" in caplog.text
