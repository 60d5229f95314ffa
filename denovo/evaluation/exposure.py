"""Exposure of a network to the peptides of its evaluation, from the record of its training."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denovo.sequencing.networks import measured_files
from denovo.simulation.exclusion import Exclusion, contained
from denovo.simulation.proteins import FastaProteome, Proteome, SyntheticProteome


@dataclass(frozen=True)
class Exposure:
    """Number of measured peptides that a training may have seen.

    ``n_contained`` peptides are in the proteins of the training and not in available ``excluded``
    files; None if the proteins are unknown. ``missing`` names the other files of ``excluded``,
    which is None if it is not recorded. ``measured`` names the files of measured spectra that the
    network was trained on: what they hold is not recorded.
    """

    n_peptides: int
    excluded: tuple[str, ...] | None
    n_contained: int | None
    missing: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The exposure as one line."""
        if self.measured:
            return (
                f"it was trained on the measured spectra of {', '.join(self.measured)}; which "
                "peptides of the files it saw is not recorded"
            )
        if self.excluded is None:
            left_out = "which peptides its training left out is not recorded"
        else:
            names = ", ".join(self.excluded)
            left_out = f"its training left out {f'the peptides of {names}' if names else 'nothing'}"
        if self.n_contained is None:
            return f"{left_out}; whether it saw the peptides of the files cannot be counted"
        unknown = (
            f", before those of {', '.join(self.missing)} are left out" if self.missing else ""
        )
        return (
            f"{left_out}; {self.n_contained} of {self.n_peptides} peptides of the files lie "
            f"in its training proteins{unknown}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all fields and the sentence."""
        return {**vars(self), "sentence": self.sentence}


def exposure_of(config: Mapping[str, Any], peptides: Collection[str]) -> Exposure:
    """Search the proteins of a training for measured peptides, reduced by `identity`.

    Peptides are found anywhere in the proteins, cleaved by the enzyme or not, so that the count is
    an upper bound and needs no digest.
    """
    data = config.get("data", {})
    recipe = data.get("sources", {}).get("recipe", {})
    files = [Path(path).expanduser() for path in recipe.get("exclude") or ()]
    excluded = tuple(path.name for path in files) if "exclude" in recipe else None
    proteome = _proteome_of(recipe.get("proteome") or {})
    measured = tuple(measured_files(data))
    if proteome is None or measured:
        return Exposure(len(peptides), excluded, None, measured=measured)
    found = contained(peptides, proteome.sequences())
    available = [path for path in files if path.is_file()]
    if found and available:
        found -= Exclusion(available).excluded(found)
    missing = tuple(path.name for path in files if path not in available)
    return Exposure(len(peptides), excluded, len(found), missing)


def _proteome_of(node: Mapping[str, Any]) -> Proteome | None:
    """Return the proteome of a recipe if it is generated from a seed or its file is available."""
    name = str(node.get("_target_", "")).rsplit(".", 1)[-1]
    settings = {key: value for key, value in node.items() if not key.startswith("_")}
    if name == SyntheticProteome.__name__:
        return SyntheticProteome(**settings)
    if name == FastaProteome.__name__ and Path(str(settings.get("path"))).is_file():
        return FastaProteome(**settings)
    return None
