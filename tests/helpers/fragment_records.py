"""What fragments on peaks say of annotated spectra, as plain values."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.sequencing.rescoring.internal_odds import internal_log_odds
from denovo.spectra.ambiguity import ambiguous_regions
from denovo.spectra.batch import batch_of
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.spectra.measured import MeasuredSpectrum

_MOST = 60


def record_of(vocabulary: Vocabulary, spectra: Sequence[MeasuredSpectrum]) -> list[list[object]]:
    """Match the annotated peptides, and each to the next spectrum, too."""
    known = [(s, t) for s in spectra if (t := _tokens(s, vocabulary)) and s.precursor_charge]
    known = known[:_MOST]
    batch = batch_of([s for s, _ in known], [s.precursor_charge for s, _ in known], 150)
    records = []
    for shift in (0, 1):
        peptides = [t for _, t in (*known[shift:], *known[:shift])]
        found = FragmentMatches.of(batch, np.arange(len(known)), peptides, vocabulary)
        n_terminal = found.is_terminal.sum(axis=1)
        odds = internal_log_odds(found)
        for k, regions in enumerate(ambiguous_regions(found, peptides)):
            described = [[r.start, r.end, "|".join(r.readings)] for r in regions]
            records.append(
                [
                    "".join(map(str, found.is_covered[k][found.is_site[k]].astype(int))),
                    int(found.max_missing_sites[k]),
                    round(float(found.explained_intensity[k]), 9),
                    [round(float(v), 6) for v in found.intensity[k].sum(axis=1)],
                    int(n_terminal[k]),
                    round(float(odds[k]), 6),
                    described if shift == 0 else len(described),
                ]
            )
    return records


def _tokens(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int]:
    try:
        return vocabulary.encode(spectrum.peptide) if spectrum.peptide else []
    except InputError:
        return []
