"""A control that must fail: measured spectra whose peaks belong to other peptides."""

from collections.abc import Sequence

from denovo.data import ExchangedSpectra
from denovo.errors import InputError
from denovo.sim2real.sets import Kind, SpectrumSet, identities_of

_SEED = 0


def control_sets(sets: Sequence[SpectrumSet]) -> tuple[list[SpectrumSet], list[str]]:
    """Exchange the peaks within each measured set.

    Every spectrum keeps its precursor and its peptide, and is shown the peaks of a spectrum of
    another peptide (bare, I = L) of the same set. Whatever is read right then comes from somewhere
    else than the peaks: peptides learnt by heart and found again by their mass, or a truth that has
    leaked into what the sequencer sees. To hold answers to proper spectra against exchanged
    peptides instead would find neither: it tests the counting alone, and hardly that, as few
    peptides of a set weigh the same.

    Parameters
    ----------
    sets : sequence of SpectrumSet
        All that is scored; those that are not measured are passed over.

    Returns
    -------
    controls : list of SpectrumSet
        Named as the sets they are made of.
    faults : list of str
        A sentence for each measured set whose peaks cannot be exchanged.
    """
    controls, faults = [], []
    for each in sets:
        if each.kind is not Kind.MEASURED:
            continue
        try:
            exchanged = ExchangedSpectra(each.source, identities_of(each.source), _SEED)
        except InputError as fault:
            faults.append(f"no control for {each.name}: {fault}")
            continue
        controls.append(SpectrumSet(each.name, Kind.CONTROL, exchanged))
    return controls, faults
