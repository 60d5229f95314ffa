"""The network that comes with the package."""

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "weights" / "denovo.safetensors"
"""Its weights; the description lies beside them, and so does the card that says what it can do."""
