"""Table of the answers with the highest scores, for the page of a sequencing run."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from denovo.reports.table import Table, text_of
from denovo.spectra.prediction import Prediction

_N_ROWS = 1000


class BestAnswers:
    """Keep the answers with the highest scores of a stream, the first ones among equals."""

    def __init__(self, n_rows: int = _N_ROWS) -> None:
        self._n_rows = n_rows
        self._kept: list[tuple[float, int, Prediction]] = []
        self._n_answers = 0

    def watching(self, predictions: Iterable[Prediction]) -> Iterator[Prediction]:
        """Pass predictions on, and keep the best answers among them."""
        numbers = count()
        for prediction in predictions:
            if prediction.has_answer:
                self._n_answers += 1
                entry = (prediction.score, -next(numbers), prediction)
                if len(self._kept) < self._n_rows:
                    heapq.heappush(self._kept, entry)
                else:
                    heapq.heappushpop(self._kept, entry)
            yield prediction

    def table(self) -> Table:
        """Make the table, best answer first, without columns that are empty throughout."""
        best = [prediction for *_, prediction in sorted(self._kept, reverse=True)]
        is_calibrated = any(prediction.probability is not None for prediction in best)
        files = {prediction.file: Path(prediction.file).name for prediction in best}
        if len(set(files.values())) < len(files):
            files = {file: file for file in files}
        has_files = len(files) > 1
        headings = (
            *("spectrum", "file", "peptide", "source", "proteins"),
            "probability" if is_calibrated else "log-probability",
            *("q-value", "m/z", "charge", "RT (min)", "error (ppm)", "sites covered"),
        )
        rows = tuple(_cells(p, files[p.file] if has_files else "") for p in best)
        caption = "All answers, the most probable first"
        if self._n_answers > len(rows):
            caption = (
                f"The {len(rows):,} most probable of {self._n_answers:,} answers; the output files "
                "of the run hold all"
            )
        return Table(headings, rows, caption, n_text=5).without_empty_columns()


def _cells(prediction: Prediction, file: str) -> tuple[str, ...]:
    time = prediction.retention_time
    return (
        prediction.title or prediction.native_id,
        file,
        prediction.peptide,
        prediction.source,
        prediction.proteins.replace(";", "; "),
        f"{prediction.score:.3f}",
        text_of(prediction.q_value, ".2g"),
        f"{prediction.precursor_mz:.4f}",
        f"{prediction.precursor_charge}",
        "" if time is None else f"{time / 60:.2f}",
        text_of(prediction.ppm_error, "+.2f"),
        f"{prediction.site_coverage:.0%}",
    )
