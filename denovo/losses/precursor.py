"""Precursor mass loss: the predicted peptide must weigh what was measured."""

from collections.abc import Callable

from denovo.checks import check_names, check_positive
from denovo.chemistry import Vocabulary, ppm_error
from denovo.errors import InputError
from denovo.losses.expected_mass import expected_mass, straight_through_mass
from denovo.losses.penalties import make_penalty
from denovo.losses.term import LossTerm
from denovo.spectra import LabelledSpectra
from denovo.typing import Float, Float64, Tensor

UNITS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "ppm": ppm_error,
    "Da": lambda predicted, measured: predicted - measured,
}
"""How the error of a predicted mass is counted."""

MASSES: dict[str, Callable[..., Tensor]] = {
    "expected": expected_mass,
    "straight_through": straight_through_mass,
}
"""What the mass of a peptide is that is not decided yet."""


class PrecursorMassLoss(LossTerm):
    """Penalty on the mass error of the predicted peptide.

    The default is logarithmic: with ``e`` the absolute error in ppm it is
    ``log(1 + e / loss_scale) * loss_scale``. Its slope ``loss_scale / (loss_scale + e)`` is 1 at
    zero and never vanishes, however wrong the mass. `denovo.losses.penalties` has the alternatives.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    loss_scale : float
        Knee of the penalty in ``unit``, positive; the bound of the clamp.
    use_log_loss : bool
        False is another way to write ``penalty="clamp"``.
    penalty : str
        ``"log"``, ``"clamp"``, ``"huber"``, ``"sqrt"`` or ``"hybrid"``.
    normalize : bool
        Whether to divide by ``loss_scale``, which else moves knee and size together: at 25,000 ppm
        and a scale of 100 the plain loss is 552, beside a cross-entropy near 2.
    unit : str
        ``"ppm"`` of the measured mass, or ``"Da"``.
    mass : str
        ``"expected"``: mean residue mass under the predicted distribution. ``"straight_through"``:
        mass of the most probable residues, with the gradient of the expected mass.
    tail : float
        Share of absolute error in the hybrid penalty, in (0, 1]; the others have none.

    Raises
    ------
    InputError
        If a name is unknown, a number out of range, or the clamp is asked for twice differently.

    Notes
    -----
    The error is relative to the *measured* precursor mass, the only one that exists outside of
    training data. Only the last refinement step counts: it is the answer, and the earlier steps
    are free to be wrong in any way that helps it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        loss_scale: float | int = 100.0,
        use_log_loss: bool = True,
        penalty: str = "log",
        normalize: bool = False,
        unit: str = "ppm",
        mass: str = "expected",
        tail: float | int = 0.01,
    ) -> None:
        super().__init__(vocabulary)
        check_names([unit], UNITS, "precursor mass loss", "unit")
        check_names([mass], MASSES, "precursor mass loss", "mass")
        self.loss_scale = check_positive("loss_scale", loss_scale)
        name = _penalty_name(penalty, use_log_loss)
        self.penalty = make_penalty(name, self.loss_scale, normalize, tail)
        self.unit, self.mass = unit, mass

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the loss of each spectrum; see the class for the formula."""
        return self.penalty.value(self.error(logits, batch))

    def error(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the signed mass error of each peptide, positive if it is too heavy.

        Parameters
        ----------
        logits : Tensor [step, batch, length, vocab]
            What the sequencer says.
        batch : LabelledSpectra
            The spectra and their peptides.

        Returns
        -------
        Tensor [batch], float64
            Predicted less measured mass at the last refinement step, in ``unit``.
        """
        predicted = MASSES[self.mass](logits[-1], batch.residue_mask, self.vocabulary)
        return UNITS[self.unit](predicted, batch.spectra.precursor_mass)


def _penalty_name(penalty: str, use_log_loss: bool) -> str:
    if use_log_loss:
        return penalty
    if penalty not in ("log", "clamp"):
        raise InputError(
            f"use_log_loss=false means penalty=clamp, but penalty={penalty} was asked for; "
            "leave use_log_loss at true"
        )
    return "clamp"
