"""The CSV file of metrics, to which a continued run appends."""

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
    """A logger that can return to its position at a checkpoint."""

    def position(self) -> int:
        """Return the number of logged entries."""
        ...

    def go_on_from(self, position: int) -> None:
        """Drop the entries after a position, which will be logged again."""
        ...


class MetricsFile(CSVLogger):
    """Write ``metrics.csv`` as `CSVLogger` does, but keep the existing rows."""

    @property
    @rank_zero_experiment
    def experiment(self) -> "_Appending":
        """The writer of the file."""
        if not isinstance(self._experiment, _Appending):
            self._fs.makedirs(self.root_dir, exist_ok=True)
            self._experiment = _Appending(log_dir=self.log_dir)
        return self._experiment

    def position(self) -> int:
        """Write all rows to disk and return their number."""
        self.save()
        return self.experiment.n_rows

    def go_on_from(self, position: int) -> None:
        """Keep only the first rows."""
        self.experiment.keep(position)


class _Appending(ExperimentWriter):
    """A writer that keeps an existing file, and that survives a kill during a header change."""

    def _check_log_dir_exists(self) -> None:
        """Continue an existing file, which the parent class would delete."""
        self.metrics_keys, rows = self._read()
        self.n_rows = len(rows)

    def save(self) -> None:
        self.n_rows += len(self.metrics)
        super().save()

    def keep(self, n_rows: int) -> None:
        """Keep only the first rows, and drop those that are not written yet."""
        self.metrics = []
        keys, rows = self._read()
        self.n_rows = min(n_rows, len(rows))
        # Columns of the dropped rows come back with them.
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
