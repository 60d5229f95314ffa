"""What fragments on peaks say of annotated spectra, as plain values."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.sequencing.rescoring.internal_odds import internal_log_odds
from denovo.sequencing.rescoring.ions import CandidateIons
from denovo.spectra.batch import batch_of
from denovo.spectra.explain import FRAGMENT_TOLERANCE, Explainer
from denovo.spectra.fragment_matches import match_fragments
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
        row = np.arange(len(known))
        found = match_fragments(batch, row, peptides, vocabulary, FRAGMENT_TOLERANCE)
        ions = CandidateIons.of(batch, row, peptides, vocabulary)
        n_terminal = np.bincount(ions.terminal // len(ions.index.key), minlength=len(row))
        odds = internal_log_odds(ions)
        explanations = Explainer(vocabulary)(batch, peptides)
        for k, each in enumerate(explanations):
            assert each.share_of_sites == found.share_of_sites[k]
            assert each.longest_silent_run == found.longest_silent_run[k]
            assert each.explained_intensity == found.explained_intensity[k]
            regions = [[r.start, r.end, "|".join(r.readings)] for r in each.regions]
            records.append(
                [
                    "".join(map(str, each.is_covered.astype(int))),
                    int(found.longest_silent_run[k]),
                    round(float(found.explained_intensity[k]), 9),
                    [round(float(v), 6) for v in found.intensity[k].sum(axis=1)],
                    int(n_terminal[k]),
                    round(float(odds[k]), 6),
                    regions if shift == 0 else len(regions),
                ]
            )
    return records


def _tokens(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int]:
    try:
        return vocabulary.encode(spectrum.peptide) if spectrum.peptide else []
    except InputError:
        return []
