"""The formats of `denovo convert`, and which of them an output has."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from denovo.choices import ExchangeFormat
from denovo.errors import InputError
from denovo.io.atomic_outputs import together
from denovo.io.exchange.casanovo import write_casanovo, write_casanovo_by_index
from denovo.io.exchange.source import Source
from denovo.io.exchange.tables import write_fasta, write_pin, write_psm_utils
from denovo.io.predictions import SUFFIXES, write_predictions
from denovo.spectra.prediction import Prediction


class _Format(NamedTuple):
    """Suffixes of a format, and its writer of answers; that of denovo writes all predictions."""

    suffixes: Sequence[str]
    write: Callable[[Path, Iterable[Prediction], Source], None]


def _write_ours(path: Path, predictions: Iterable[Prediction], source: Source) -> None:
    write_predictions([path], predictions, source.run)


def _write_mzid(path: Path, answers: Iterable[Prediction], source: Source) -> None:
    # Only here, as the vocabularies of psims take seconds to load.
    from denovo.io.exchange.mzid import write_mzid

    write_mzid(path, answers, source)


_FORMATS = {
    ExchangeFormat.DENOVO: _Format(SUFFIXES, _write_ours),
    ExchangeFormat.PIN: _Format((".pin",), write_pin),
    ExchangeFormat.PSM_UTILS: _Format((".tsv", ".parquet"), write_psm_utils),
    ExchangeFormat.MZID: _Format((".mzid",), _write_mzid),
    ExchangeFormat.FASTA: _Format((".fasta",), write_fasta),
    ExchangeFormat.CASANOVO: _Format((".mztab",), write_casanovo),
    ExchangeFormat.CASANOVO_INDEX: _Format((".mztab",), write_casanovo_by_index),
}


class Output(NamedTuple):
    """A file to write and its format."""

    path: Path
    format: ExchangeFormat


def choose_formats(paths: Sequence[Path], asked: Sequence[ExchangeFormat]) -> list[Output]:
    """Choose the format of each output: one that was asked for, or the usual one of its suffix.

    Parameters
    ----------
    paths : sequence of Path
        Files to write.
    asked : sequence of ExchangeFormat
        Formats for suffixes that several formats have.

    Raises
    ------
    InputError
        If a suffix is unknown, two of the formats that were asked for have it, or no output has a
        format that was asked for.
    """
    outputs = [Output(path, _choose(path, asked)) for path in paths]
    unused = set(asked) - {output.format for output in outputs}
    if unused:
        name = min(unused)
        raise InputError(
            f"--format {name}: no output ends in {' or '.join(_FORMATS[name].suffixes)}, its suffix"
        )
    return outputs


def _choose(path: Path, asked: Sequence[ExchangeFormat]) -> ExchangeFormat:
    suffix = path.suffix.lower()
    fitting = [name for name, known in _FORMATS.items() if suffix in known.suffixes]
    if not fitting:
        every = {suffix: None for known in _FORMATS.values() for suffix in known.suffixes}
        raise InputError(
            f"{path}: the suffix gives the format; expected one of {', '.join(every)}, got "
            f"{suffix or 'none'}"
        )
    chosen = [name for name in fitting if name in asked]
    if len(chosen) > 1:
        raise InputError(
            f"{path} may be {' or '.join(chosen)}; write the files of one format at a time"
        )
    return chosen[0] if chosen else fitting[0]


def write_outputs(
    source: Source, outputs: Sequence[Output], on_row: Callable[[], None] = lambda: None
) -> None:
    """Write predictions in several formats, all outputs or none.

    Spectra without a peptide are left out, except from the formats of denovo.

    Parameters
    ----------
    source : Source
        The predictions.
    outputs : sequence of Output
        Files to write.
    on_row : callable
        Called for each prediction of each output, to show progress.

    Raises
    ------
    InputError
        If no spectrum has a peptide and a format needs one, or an output cannot be written.
    """
    for output in outputs:
        if not source.n_answers and output.format is not ExchangeFormat.DENOVO:
            raise InputError(
                f"{source.path} holds no peptides; only {', '.join(SUFFIXES)} of denovo can be "
                "written"
            )
    with together(*(output.path for output in outputs)):
        for path, name in outputs:
            rows = _rows(source, name is ExchangeFormat.DENOVO, on_row)
            _FORMATS[name].write(path, rows, source)


def _rows(source: Source, is_every: bool, on_row: Callable[[], None]) -> Iterator[Prediction]:
    for prediction in source:
        if is_every or prediction.peptide:
            yield prediction
        on_row()
