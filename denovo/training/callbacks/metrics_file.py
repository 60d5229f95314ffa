"""The CSV file of metrics, which a run that goes on appends to."""

import csv
import io
from pathlib import Path
from typing import Protocol, runtime_checkable

from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.loggers.csv_logs import ExperimentWriter
from lightning.pytorch.loggers.logger import rank_zero_experiment

from denovo.io.files import write_text


@runtime_checkable
class Continued(Protocol):
    """A logger that can go back to what it held when a checkpoint was written."""

    def position(self) -> int:
        """Return how much is logged."""
        ...

    def go_on_from(self, position: int) -> None:
        """Forget what was logged after a position: it will be logged again."""
        ...


class MetricsFile(CSVLogger):
    """Write ``metrics.csv`` as Lightning does, but keep the rows that are there.

    Takes the arguments of `CSVLogger`.
    """

    @property
    @rank_zero_experiment
    def experiment(self) -> "_Appending":
        """The writer of the file."""
        if not isinstance(self._experiment, _Appending):
            self._fs.makedirs(self.root_dir, exist_ok=True)
            self._experiment = _Appending(log_dir=self.log_dir)
        return self._experiment

    def position(self) -> int:
        """Return the number of rows, all of which are on disk from now on."""
        self.save()
        return self.experiment.n_rows

    def go_on_from(self, position: int) -> None:
        """Keep the first rows alone."""
        self.experiment.keep(position)


class _Appending(ExperimentWriter):
    """A writer whose file survives both its start and a kill in the midst of a new header."""

    def _check_log_dir_exists(self) -> None:
        """Go on with the file that is there, where the parent deletes it."""
        self.metrics_keys, rows = self._read()
        self.n_rows = len(rows)

    def save(self) -> None:
        self.n_rows += len(self.metrics)
        super().save()

    def keep(self, n_rows: int) -> None:
        """Drop all rows but the first ones, and those that are not written yet."""
        self.metrics = []
        keys, rows = self._read()
        self.n_rows = min(n_rows, len(rows))
        # Columns that later rows alone had come again with them.
        self.metrics_keys = [key for key in keys if any(row[key] for row in rows[:n_rows])]
        self._write(rows[:n_rows])

    def _rewrite_with_new_header(self, fieldnames: list[str]) -> None:
        _, rows = self._read()
        self._write(rows)

    def _read(self) -> tuple[list[str], list[dict[str, str]]]:
        if not Path(self.metrics_file_path).is_file():
            return [], []
        text = Path(self.metrics_file_path).read_text(encoding="utf-8")
        reader = csv.DictReader(io.StringIO(text), restval="")
        rows = list(reader)
        return list(reader.fieldnames or ()), rows

    def _write(self, rows: list[dict[str, str]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.metrics_keys, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        write_text(self.metrics_file_path, text.getvalue())
