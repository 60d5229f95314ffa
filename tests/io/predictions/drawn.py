"""Predictions as hypothesis draws them: every field, with awkward names and missing values."""

from math import inf
from typing import Any

from hypothesis import strategies as st

from denovo.spectra.prediction import Alternative, ChargeSource, Prediction, Region, Site, Status

RESIDUES = ["G", "A", "L", "C[UNIMOD:4]", "M[UNIMOD:35]", "N[UNIMOD:7]", "K"]
NATIVE_IDS = ["scan=19", "index=7", "controllerType=0 controllerNumber=1 scan=19"]
TITLES = st.one_of(
    st.sampled_from(
        ["", "s1", "17", "1e5", 'run "a", spectrum 7; b', "µ\t|[x, y, z, w]\r\nb", "=1+1"]
    ),
    st.text(max_size=8),
)

scores = st.floats(0.0, 1.0, width=32)
finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(0.0, 1e5, exclude_min=True)
optional = st.none() | finite
runs = st.lists(st.sampled_from(RESIDUES), min_size=1, max_size=3).map("".join)
peptides = st.tuples(
    st.sampled_from(["", "[UNIMOD:1]-"]),
    st.lists(st.sampled_from(RESIDUES), min_size=1, max_size=9),
).map(lambda parts: parts[0] + "".join(parts[1]))
readings = st.just(()) | st.lists(runs, min_size=1, max_size=3).map(tuple)
regions = st.tuples(st.integers(1, 20), st.integers(1, 20), readings)
sites = st.tuples(
    st.integers(1, 50),
    st.sampled_from(["S[UNIMOD:21]", "M[UNIMOD:35]"]),
    st.integers(0, 10**4).map(lambda number: number / 1e4),
)
alternatives = st.tuples(peptides, st.none() | st.floats(-50.0, 0.0) | st.just(-inf))


# The checks of types draw random numbers of their own, which strategies must not.
def build(fields: dict[str, Any]) -> Prediction:
    """Make a prediction of what `predictions` drew."""
    regions = tuple(Region(*parts) for parts in fields["ambiguous"])
    alternatives = tuple(Alternative(*parts) for parts in fields["alternatives"])
    of_sites = tuple(Site(*parts) for parts in fields["sites"])
    made = {"ambiguous": regions, "alternatives": alternatives, "sites": of_sites}
    return Prediction(**(fields | made))


def predictions(
    files: tuple[str, ...] = ("a.mgf", "b.mzML"), titles: st.SearchStrategy[str] = TITLES
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the fields of predictions of spectra in some of these files."""
    return st.fixed_dictionaries(
        dict(
            file=st.sampled_from(files),
            index=st.integers(0, 10**6),
            native_id=st.sampled_from(NATIVE_IDS),
            title=titles,
            retention_time=optional,
            precursor_mz=positive,
            precursor_charge=st.integers(1, 20),
            charge_source=st.sampled_from(ChargeSource),
            status=st.sampled_from(Status),
            peptide=st.just("") | peptides,
            residue_scores=st.lists(scores, max_size=9).map(tuple),
            log_probability=st.floats(-1e4, 0.0) | st.just(-inf),
            probability=st.none() | st.floats(0.0, 1.0),
            q_value=st.none() | st.floats(0.0, 1.0),
            peptide_mz=st.none() | positive,
            isotope_error=st.none() | st.integers(-1, 3),
            ppm_error=optional,
            constraint_cost=st.none() | st.floats(-50.0, 0.0),
            unconstrained_peptide=st.just("") | peptides,
            site_coverage=st.floats(0.0, 1.0),
            explained_intensity=st.floats(0.0, 1.0),
            ambiguous=st.lists(regions, max_size=2).map(tuple),
            alternatives=st.lists(alternatives, max_size=2).map(tuple),
            sites=st.lists(sites, max_size=3).map(tuple),
            scan=st.none() | st.integers(0, 10**6),
            activation=st.sampled_from(["", "HCD", "EThcD"]),
            analyzer=st.sampled_from(["", "ion trap"]),
            note=st.just("") | st.just("another number of peaks than announced (4, not 5)"),
        )
    )
