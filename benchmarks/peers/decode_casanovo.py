"""Speed of Casanovo's decoding, by its own code, at the size that it ships.

Run in an environment with Casanovo in it. The weights are random: those of its authors are not on
PyPI.
"""

from pathlib import Path

import torch
import yaml
from casanovo.config import Config
from casanovo.denovo.model import Spec2Pep
from depthcharge.tokenizers import PeptideTokenizer
from timed import Decode, measure, n_residues

SIZES = ("dim_model", "n_head", "dim_feedforward", "n_layers", "max_charge")


def main() -> None:
    """Measure greedy decoding and five beams."""
    torch.manual_seed(0)
    shipped = yaml.safe_load(Path(Config._default_config).read_text())
    tokenizer = PeptideTokenizer(residues=shipped["residues"], reverse=True, stop_token="$")
    sizes = {name: shipped[name] for name in SIZES}
    model = Spec2Pep(tokenizer=tokenizer, max_peptide_len=n_residues(), **sizes)

    def decoder(n_beams: int) -> Decode:
        def decode(*spectra: torch.Tensor) -> object:
            model.n_beams = n_beams
            return model.beam_search_decode(*spectra)

        return decode

    measure(model, {"greedy": decoder(1), "5 beams": decoder(5)})


if __name__ == "__main__":
    main()
