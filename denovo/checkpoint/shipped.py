"""The network that comes with the package."""

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "weights" / "denovo.safetensors"
"""Its weights; the description lies beside them, and so does the card that says what it can do."""

UNTRAINED = Path(__file__).parents[1] / "weights" / "evidence.safetensors"
"""The baseline that was not trained: counts of what is seen at the sites of simulated spectra."""
UNTRAINED_NAME = "evidence"
"""What it is called where a checkpoint is asked for."""
