"""Choice of a network by what spectra state and show."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from denovo.chemistry.labels import LABELS, TMT, Label
from denovo.chemistry.pyteomics_mass import mass
from denovo.spectra.measured import MeasuredSpectrum

_TOLERANCE = 15e-6
_REPORTERS = sorted({mz for label in LABELS.values() for mz in label.reporters})
_FEW = 20
"""Fewer spectra than this show nothing about a run."""
_REPORTER_HEIGHT, _LABEL_HEIGHT = 0.05, 0.02
"""Least height, relative to the base peak, of two reporter ions or of the ion of the whole label in
a labelled spectrum: 44 of 58 measured spectra with TMT have the latter, of 1,715 without TMT none
has either."""
_LABELLED = 0.5
"""Share of such spectra in a labelled run."""
_LOSS_HEIGHT, _PHOSPHO = 0.05, 0.1
"""Least height of the precursor without phosphoric acid, and share of such spectra in a run of
phosphopeptides: four of 1,773 measured spectra of other peptides have such a peak."""
_PHOSPHORIC_ACID = float(mass.calculate_mass(formula="H3PO4"))
_UNREADABLE = 0.9
"""Share of spectra that the default network cannot read, in a run that is refused."""
_HIGH_CHARGE, _HIGHLY_CHARGED = 4, 0.5
"""Lowest of the high charges, and share of such precursors in a run for which they decide: of lower
ones the default network reads more."""
_WITHOUT_B_AND_Y = ("ETD", "ECD")
_ION_TRAP = "ion trap"
_STRONGEST, _LIGHT = 30, (150.0, 450.0)
"""Peaks of a spectrum whose mass defect is looked at: so many of the highest, those between these
m/z in Th, where fragments of peptides leave gaps."""
_HIGHEST_DEFECT, _MARGIN = 7.5e-4, 0.05
"""Largest m/z beyond a whole number of a singly charged fragment, per Th, and what is added."""
_HALF, _ABOVE = 0.45, 0.80
"""Between these lie the fractions of doubly charged fragments."""
_STRAY, _FEWEST_PEAKS = 0.15, 200
"""Share of such peaks in the gaps in a run of low resolution, and the fewest peaks that show it: it
is 0.27 in 256 CID spectra of an ion trap, and 0.00 to 0.08 in ten files of 947 HCD spectra."""


@dataclass(frozen=True)
class Proposal:
    """What the first spectra of a run say about the network to use.

    Parameters
    ----------
    network : str or None
        A network of the package; None if none of them reads such spectra.
    sentence : str
        The reason, and what to do.
    is_refused : bool
        Whether the default network cannot read such spectra.
    """

    network: str | None
    sentence: str
    is_refused: bool = False


def propose(spectra: Iterable[MeasuredSpectrum]) -> Proposal | None:
    """Propose another network than the default one, if the spectra call for it.

    Parameters
    ----------
    spectra : iterable of MeasuredSpectrum
        The first ones of a run.

    Returns
    -------
    Proposal or None
        None if the default network fits, or if there are too few spectra to say.
    """
    found = list(spectra)
    if len(found) < _FEW:
        return None
    return next(_proposals(found), None)


def _proposals(spectra: Sequence[MeasuredSpectrum]) -> Iterator[Proposal]:
    n, first = len(spectra), f"of the first {len(spectra)} spectra"
    kinds = Counter(map(_unreadable, spectra))
    n_refused = n - kinds.pop("", 0)
    if kinds[_ION_TRAP] >= _UNREADABLE * n:
        yield Proposal(
            "cid",
            f"{kinds[_ION_TRAP] / n:.0%} {first} are from an ion trap; --network cid reads CID at "
            "its resolution, and the default network does not",
            is_refused=True,
        )
    elif n_refused >= _UNREADABLE * n:
        named = " and ".join(f"an {kind}" if kind == _ION_TRAP else kind for kind in kinds)
        yield Proposal(
            None,
            f"the spectra are from {named}, which no network of the package reads: they read b "
            "and y ions",
            is_refused=True,
        )
    if _is_coarse([s for s in spectra if not s.analyzer]):
        yield Proposal(
            "cid",
            f"strong peaks {first} lie where no fragment of a peptide does: if they were measured "
            "in an ion trap, --network cid reads them",
        )
    for label, n_labelled in Counter(map(_label_of, spectra)).items():
        if label is None or n_labelled < _LABELLED * n:
            continue
        of_label = f"{n_labelled / n:.0%} {first} show {label.name} labels"
        if label == TMT:
            yield Proposal("tmt", f"{of_label}; --network tmt reads them")
        yield Proposal(
            None,
            f"{of_label}, which no network of the package reads; train one with denovo train "
            f"+experiment=tmt 'modify=[{label.name}@K+N-term:fixed]'",
            is_refused=True,
        )
    n_lost = sum(map(_lost_phosphate, spectra))
    if n_lost >= _PHOSPHO * n:
        yield Proposal(
            "phospho",
            f"in {n_lost / n:.0%} {first} the precursor loses phosphoric acid; --network phospho "
            "reads phosphopeptides",
        )
    n_high = sum((spectrum.precursor_charge or 0) >= _HIGH_CHARGE for spectrum in spectra)
    if n_high >= _HIGHLY_CHARGED * n:
        yield Proposal(
            "wide",
            f"{n_high / n:.0%} {first} have a charge of {_HIGH_CHARGE} or more; --network wide "
            "reads more of these",
        )


def _unreadable(spectrum: MeasuredSpectrum) -> str:
    """Name the kind of a spectrum without b and y ions at high resolution; empty for others."""
    if spectrum.activation in _WITHOUT_B_AND_Y:
        return spectrum.activation
    return _ION_TRAP if spectrum.analyzer == _ION_TRAP else ""


def _is_coarse(spectra: Sequence[MeasuredSpectrum]) -> bool:
    """Whether m/z values are too coarse for the gaps between the masses of peptides to show."""
    lowest, highest = _LIGHT
    n_light = n_stray = 0
    for spectrum in spectra:
        mz = spectrum.mz[np.argsort(-spectrum.intensity, kind="stable")[:_STRONGEST]]
        mz = mz[(mz > lowest) & (mz < highest)]
        fraction = mz % 1
        is_between = (fraction > _HIGHEST_DEFECT * mz + _MARGIN) & (fraction < _HALF)
        n_light += len(mz)
        n_stray += int((is_between | (fraction > _ABOVE)).sum())
    return n_light >= _FEWEST_PEAKS and n_stray >= _STRAY * n_light


def _label_of(spectrum: MeasuredSpectrum) -> Label | None:
    """Return the label with the fewest channels that has the ions of a spectrum."""
    shown = [mz for mz in _REPORTERS if _has(spectrum, mz, _REPORTER_HEIGHT)]
    for label in LABELS.values():
        has_reporters = len(shown) > 1 and shown[-1] <= label.reporters[-1]
        if has_reporters or _has(spectrum, label.whole, _LABEL_HEIGHT):
            return label
    return None


def _lost_phosphate(spectrum: MeasuredSpectrum) -> bool:
    charges = spectrum.possible_charges or (spectrum.precursor_charge or 2,)
    lost = (spectrum.precursor_mz - _PHOSPHORIC_ACID / charge for charge in charges)
    return any(_has(spectrum, mz, _LOSS_HEIGHT) for mz in lost)


def _has(spectrum: MeasuredSpectrum, mz: float, height: float) -> bool:
    """Whether a spectrum has a peak at an m/z, of a height relative to its base peak."""
    is_near = np.abs(spectrum.mz - mz) < _TOLERANCE * mz
    return bool((spectrum.intensity[is_near] >= height * spectrum.intensity.max()).any())
