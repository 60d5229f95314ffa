"""Speed of InstaNovo's decoding, by its own code, at the size that it ships.

Run in an environment with InstaNovo in it. The weights are random: those of its authors are not on
PyPI.
"""

from importlib.resources import files

import torch
import yaml
from instanovo.inference import BeamSearchDecoder, GreedyDecoder
from instanovo.transformer.model import InstaNovo
from instanovo.utils.residues import ResidueSet
from timed import Decode, measure, n_residues

SIZES = ("dim_model", "n_head", "dim_feedforward", "encoder_layers", "decoder_layers", "max_charge")


def main() -> None:
    """Measure greedy decoding and five beams."""
    torch.manual_seed(0)
    configs = files("instanovo") / "configs"
    shipped = yaml.safe_load((configs / "model" / "instanovo_base.yaml").read_text())
    residues = yaml.safe_load((configs / "residues" / "default.yaml").read_text())["residues"]
    model = InstaNovo(ResidueSet(residues), **{name: shipped[name] for name in SIZES})
    greedy, beams = GreedyDecoder(model), BeamSearchDecoder(model)

    def decoder(search: GreedyDecoder | BeamSearchDecoder, n_beams: int) -> Decode:
        def decode(mz: torch.Tensor, intensity: torch.Tensor, precursors: torch.Tensor) -> object:
            spectra = torch.stack([mz, intensity], dim=2)
            return search.decode(
                spectra=spectra,
                precursors=precursors,
                beam_size=n_beams,
                max_length=n_residues() + 1,
                max_isotope=1,
            )

        return decode

    measure(model, {"greedy": decoder(greedy, 1), "5 beams": decoder(beams, 5)})


if __name__ == "__main__":
    main()
