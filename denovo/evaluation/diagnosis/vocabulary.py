"""Whether data, losses, metrics, decoding and a checkpoint weigh the same residues alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from denovo.chemistry import FIRST_RESIDUE, PROTON_MASS, WATER_MASS, Vocabulary
from denovo.data import SpectrumSource
from denovo.decoding import GreedyDecoder
from denovo.errors import InputError
from denovo.evaluation.diagnosis.coverage import CoveringPeptides, MassCheck
from denovo.losses import expected_mass
from denovo.metrics import EvaluationMetrics
from denovo.simulation.predicted import ladder_spectra
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.typing import Float, Int, Tensor

_FLOAT32_TOLERANCE = 1e-3
"""In Da: what rounding leaves of a residue mass that is read off m/z in float32."""

_CERTAIN = 1e4
"""Difference of logits beyond which all probability is on one token, in float64 too."""

_DOUBLE = 2.0


def check_vocabulary(vocabulary: Vocabulary, seed: int = 0) -> list[MassCheck]:
    """Weigh peptides that hold every residue in each part of the program.

    Parameters
    ----------
    vocabulary : Vocabulary
        The table that all of them are given.
    seed : int
        Seed of the peptides.

    Returns
    -------
    list of MassCheck
        One for each quantity, good or bad.
    """
    peptides = CoveringPeptides.draw(vocabulary, seed)
    return [
        check_table(peptides, vocabulary),
        *check_source(peptides, ladder_spectra(peptides.texts, vocabulary)),
        check_losses(peptides, vocabulary),
        check_metrics(peptides, vocabulary),
        *check_decoding(peptides, vocabulary),
    ]


def first_fault(checks: list[MassCheck]) -> str | None:
    """Say in a sentence what is wrong, None if nothing is."""
    faults = [check for check in checks if not check.is_ok]
    if not faults:
        return None
    rooms = ", ".join(dict.fromkeys(check.room for check in faults))
    return f"{rooms}: not the masses of pyteomics; {faults[0].quantity}: {faults[0]}"


def check_table(peptides: CoveringPeptides, vocabulary: Vocabulary) -> MassCheck:
    """Weigh peptides by reading their text and adding up the table."""
    masses = [vocabulary.peptide_mass(vocabulary.encode(text)) for text in peptides.texts]
    return peptides.compare("vocabulary", "mass of the text", np.array(masses))


def check_source(peptides: CoveringPeptides, source: SpectrumSource) -> list[MassCheck]:
    """Weigh what a source of spectra hands out: precursor, fragments and tokens.

    Parameters
    ----------
    peptides : CoveringPeptides
        What the source holds, in this order; their table weighs its tokens.
    source : SpectrumSource
        Spectra whose peak of highest m/z is the last b ion, of charge 1.

    Returns
    -------
    list of MassCheck
        Of the precursor mass, of the fragment ladder, of the tokens.
    """
    batch = source.read(np.arange(len(peptides.texts)))
    last_b = batch.spectra.mz.double().amax(dim=1) - PROTON_MASS + WATER_MASS
    prefixes = peptides.without_last()
    precursor = batch.spectra.precursor_mass.numpy()
    return [
        peptides.compare("data", "precursor mass", precursor),
        prefixes.compare("data", "fragment ladder", last_b.numpy(), _FLOAT32_TOLERANCE),
        _check_tokens(peptides, batch.tokens),
    ]


def _check_tokens(peptides: CoveringPeptides, tokens: Int[Tensor, "batch length"]) -> MassCheck:
    table = peptides.vocabulary.masses
    if int(tokens.max()) >= len(table) or int(tokens.min()) < 0:
        odd = int(tokens.max()) if int(tokens.max()) >= len(table) else int(tokens.min())
        remark = f"token {odd} does not exist, the table ends at {len(table) - 1}"
        return MassCheck("data", "tokens", remark=remark)
    return peptides.compare("data", "tokens", (table[tokens].sum(dim=1) + WATER_MASS).numpy())


def check_losses(peptides: CoveringPeptides, vocabulary: Vocabulary) -> MassCheck:
    """Weigh distributions that are certain of every residue, as the mass losses do.

    Parameters
    ----------
    peptides : CoveringPeptides
        The peptides; their table numbers the tokens.
    vocabulary : Vocabulary
        What the losses look masses up in.
    """
    tokens = pad_tokens([peptides.vocabulary.encode(text) for text in peptides.texts])
    logits = _certain_logits(tokens, len(peptides.vocabulary))
    masses = expected_mass(logits, tokens >= FIRST_RESIDUE, vocabulary)
    return peptides.compare("losses", "expected mass", masses.numpy())


def check_metrics(peptides: CoveringPeptides, vocabulary: Vocabulary) -> MassCheck:
    """Weigh decoded peptides as the precursor error metrics do, with the table they look up."""
    masses = [
        _metric_mass(vocabulary, peptides.vocabulary.encode(text), _DOUBLE * float(mass))
        for text, mass in zip(peptides.texts, peptides.masses, strict=True)
    ]
    return peptides.compare("metrics", "decoded mass", np.array(masses), tolerance=1e-5)


def _metric_mass(vocabulary: Vocabulary, tokens: list[int], observed: float) -> float:
    """Infer the decoded mass from the error that is reported for a precursor of twice the mass.

    The metric keeps the size of an error, not its sign; twice too heavy, it is surely positive.
    """
    metrics = EvaluationMetrics(vocabulary)
    mass = torch.tensor([observed], dtype=torch.float64)
    batch = LabelledSpectra(_empty_spectra(mass), pad_tokens([tokens]))
    metrics.update([tokens], mass, torch.zeros(1), batch)
    error = float(metrics.decoded_error.compute()["ppm_error_mean"])
    return observed / (1 + 1e-6 * error)


def check_decoding(peptides: CoveringPeptides, vocabulary: Vocabulary) -> list[MassCheck]:
    """Decode a sequencer that is certain of every residue; compare mass and text.

    Parameters
    ----------
    peptides : CoveringPeptides
        What the sequencer says; their table numbers its tokens.
    vocabulary : Vocabulary
        What the decoder looks masses and names up in.
    """
    own = peptides.vocabulary
    canonical = [own.canonical[own.encode(text)].tolist() for text in peptides.texts]
    sequencer = CertainSequencer(vocabulary, canonical)
    spectra = _empty_spectra(torch.from_numpy(peptides.masses))
    # What is too heavy must be weighed here, not avoided.
    decoded = GreedyDecoder(max_length=sequencer.tokens.shape[1], max_overshoot=None)(
        sequencer, spectra
    )
    texts = [vocabulary.decode(tokens) for tokens in decoded.peptides]
    odd = [(own.decode(a), b) for a, b in zip(canonical, texts, strict=True) if own.decode(a) != b]
    remark = f"{odd[0][0]} is read as {odd[0][1] or 'nothing'}" if odd else ""
    return [
        peptides.compare("decoding", "expected mass", decoded.expected_mass.numpy()),
        MassCheck("decoding", "peptide", remark=remark),
    ]


def check_state(peptides: CoveringPeptides, state: dict[str, Any]) -> list[MassCheck]:
    """Compare the table that a checkpoint stores with the peptides' own.

    Parameters
    ----------
    peptides : CoveringPeptides
        Weighed peptides, numbered by the alphabet that the checkpoint names.
    state : dict
        ``tokens`` and ``masses`` as `Vocabulary.state` wrote them.

    Returns
    -------
    list of MassCheck
        Of the stored names and of the stored masses.

    Raises
    ------
    InputError
        If the table is no table.
    """
    own = peptides.vocabulary
    names, masses = state.get("tokens"), state.get("masses")
    if not isinstance(names, list) or not isinstance(masses, list) or len(names) != len(masses):
        raise InputError("the checkpoint holds no table of tokens and masses; train it anew")
    pairs = [(n, a, b) for n, (a, b) in enumerate(zip(own.tokens, names, strict=False)) if a != b]
    remark = ""
    if len(names) != len(own):
        remark = f"{len(names)} tokens, expected {len(own)}"
    elif pairs:
        number, expected, found = pairs[0]
        remark = f"token {number} is {found}, expected {expected}"
    table = np.full(max(len(own), len(masses)), np.nan)
    table[: len(masses)] = masses
    sums = [table[own.encode(text)].sum() + WATER_MASS for text in peptides.texts]
    return [
        MassCheck("checkpoint", "names of the tokens", remark=remark),
        peptides.compare("checkpoint", "stored masses", np.array(sums)),
    ]


@dataclass(frozen=True)
class StillToSay:
    """The state of a `CertainSequencer`.

    Parameters
    ----------
    tokens : Tensor [row, length], int
        What each row has still to say.
    """

    tokens: Int[Tensor, "row length"]

    def select(self, index: Int[Tensor, " chosen"]) -> "StillToSay":
        """Take rows by number, in order and with repetition."""
        return StillToSay(self.tokens[index])


class CertainSequencer:
    """A sequencer that says given peptides, whatever it is shown.

    Parameters
    ----------
    vocabulary : Vocabulary
        What decoders look tokens up in.
    peptides : list of list of int
        Tokens to say, without EOS, one list per spectrum.
    """

    def __init__(self, vocabulary: Vocabulary, peptides: list[list[int]]) -> None:
        self.vocabulary = vocabulary
        self.direction = "forward"
        self.tokens: Int[Tensor, "batch length"] = pad_tokens(peptides)

    def initial_state(self, spectra: Spectra) -> StillToSay:
        """Begin every peptide."""
        return StillToSay(self.tokens)

    def next_residue_logits(
        self, state: StillToSay, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], StillToSay]:
        """Say the next token of each peptide with certainty."""
        logits = _certain_logits(state.tokens[:, :1], len(self.vocabulary))[:, 0]
        return logits, StillToSay(state.tokens[:, 1:])


def _certain_logits(
    tokens: Int[Tensor, "batch length"], n_tokens: int
) -> Float[Tensor, "batch length vocab"]:
    return torch.nn.functional.one_hot(tokens, n_tokens).float() * _CERTAIN


def _empty_spectra(precursor_mass: Tensor) -> Spectra:
    n = len(precursor_mass)
    peaks = torch.zeros(n, 1)
    charge = torch.full((n,), 2)
    return Spectra(peaks, peaks, peaks.bool(), precursor_mass, charge)
