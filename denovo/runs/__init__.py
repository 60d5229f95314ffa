"""Run folders, read back."""

from denovo.runs.run import Run, find_runs

__all__ = ["Run", "find_runs"]
