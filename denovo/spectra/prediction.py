"""What sequencing says of one spectrum: the record that files, reports and evaluation share."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What an answer is worth, whatever its score.

    ``ok``: a whole peptide that agrees with the precursor, if that was asked for.
    ``infeasible``: no peptide that the search found agrees with the precursor mass; there is no
    answer. ``cut_off``: the search ended without a whole peptide, at the length limit or before the
    first residue; there is no answer.
    """

    OK = "ok"
    INFEASIBLE = "infeasible"
    CUT_OFF = "cut_off"


class ChargeSource(StrEnum):
    """Where the charge of a precursor comes from.

    ``file``: as stated. ``assumed``: the file states none or several; of those tried, the one
    with the most probable answer.
    """

    FILE = "file"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Region:
    """Residues whose order the spectrum does not tell: no fragment separates them.

    Parameters
    ----------
    start, end : int
        First and last residue, counted from 1 at the N-terminus.
    readings : tuple of str
        Orders that explain the spectrum as well as the one that was read, which comes first:
        ``("GA", "AG")``; empty where there are too many to list.
    """

    start: int
    end: int
    readings: tuple[str, ...]


@dataclass(frozen=True)
class Alternative:
    """Another peptide that the spectrum may come from.

    Parameters
    ----------
    peptide : str
        ProForma.
    log_probability : float or None
        As of the `Prediction`; None for one that was derived from the answer by its mass alone.
    """

    peptide: str
    log_probability: float | None = None


@dataclass(frozen=True)
class Prediction:
    """What was read out of one spectrum.

    Parameters
    ----------
    file : str
        Path of the file the spectrum stands in.
    index : int
        Place in the file, from 0.
    native_id : str
        As ``spectra_ref`` of mzTab wants it, such as ``"scan=19"`` or ``"index=7"``.
    title : str
        What the file calls it.
    retention_time : float or None
        Seconds.
    precursor_mz : float
        Measured m/z in Th.
    precursor_charge : int
        Positive charge.
    charge_source : ChargeSource
        Where that charge comes from.
    status : Status
        Whether there is an answer.
    peptide : str
        ProForma; empty where there is no answer.
    residue_scores : tuple of float
        Probability of each residue given those read before it, in [0, 1], one for each residue;
        that of an N-terminal modification is multiplied into the first. Where several networks
        read, their geometric mean.
    log_probability : float
        Natural logarithm of the probability of the whole peptide, its end included, the mean over
        the networks where several read; of the answer that masses ruled out where there is none.
    probability : float or None
        Calibrated probability that the peptide is right; 0 where there is no answer, None if the
        network was never calibrated.
    q_value : float or None
        Least estimated share of wrong answers among those at least as probable, over all files
        of the run; None without ``probability`` and where there is no answer.
    peptide_mz : float or None
        Theoretical m/z of the peptide at ``precursor_charge``, monoisotopic, in Th.
    isotope_error : int or None
        Isotopic peak that the instrument took for the monoisotopic one, 0 for none.
    ppm_error : float or None
        Signed error of the precursor in ppm, the isotope error taken out.
    constraint_cost : float or None
        Log-probability lost by insisting on the precursor mass, at most 0; None if the constraint
        was off or nothing met it.
    unconstrained_peptide : str
        What would have been read without the constraint; empty if the constraint was off.
    site_coverage : float
        Cleavage sites of the peptide with a b or y ion among the peaks, in [0, 1].
    explained_intensity : float
        Share of the intensity that lies on b and y ions of the peptide, in [0, 1].
    ambiguous : tuple of Region
        Residues that the spectrum cannot order.
    alternatives : tuple of Alternative
        Other peptides, if they were asked for.
    scan : int or None
        Scan number, where the file states one.
    note : str
        What a user should know of how the entry was read; empty where there is nothing to say.
    activation : str
        How the precursor was fragmented (HCD, CID, ETD, EThcD), where the file states it.
    analyzer : str
        Mass analyzer of the fragments (FT, ion trap, TOF), where the file states it.
    """

    file: str
    index: int
    native_id: str
    title: str
    retention_time: float | None
    precursor_mz: float
    precursor_charge: int
    charge_source: ChargeSource
    status: Status
    peptide: str
    residue_scores: tuple[float, ...]
    log_probability: float
    probability: float | None = None
    q_value: float | None = None
    peptide_mz: float | None = None
    isotope_error: int | None = None
    ppm_error: float | None = None
    constraint_cost: float | None = None
    unconstrained_peptide: str = ""
    site_coverage: float = 0.0
    explained_intensity: float = 0.0
    ambiguous: tuple[Region, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    scan: int | None = None
    note: str = ""
    activation: str = ""
    analyzer: str = ""

    @property
    def has_answer(self) -> bool:
        """Whether a peptide was read."""
        return self.status is Status.OK

    @property
    def score(self) -> float:
        """What answers are ranked by, the higher the better: calibrated, or the raw logarithm."""
        return self.log_probability if self.probability is None else self.probability

    @property
    def ambiguity(self) -> str:
        """The ambiguous regions as text: ``"3-4:[GA|AG]"``, or ``"3-7"`` without readings."""
        return ";".join(
            f"{r.start}-{r.end}" + (f":[{'|'.join(r.readings)}]" if r.readings else "")
            for r in self.ambiguous
        )
