"""Records of sequencing answers, shared by files, reports and evaluation."""

from dataclasses import dataclass
from enum import StrEnum

KNOWN, NOVEL = "proteome", "novel"
"""Values of `Prediction.source`."""


class Status(StrEnum):
    """Status of an answer, independent of its score.

    ``ok``: a whole peptide that agrees with the precursor, if this was requested. ``infeasible``:
    no answer, because no peptide of the search agrees with the precursor mass. ``cut_off``: no
    answer, because the search ended without a whole peptide, at the length limit or before the
    first residue.
    """

    OK = "ok"
    INFEASIBLE = "infeasible"
    CUT_OFF = "cut_off"


class ChargeSource(StrEnum):
    """Origin of the charge of a precursor.

    ``file``: stated in the file. ``assumed``: the file states none or several; the charge with the
    most probable answer was chosen.
    """

    FILE = "file"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Region:
    """Residues whose order is undetermined: no fragment separates them.

    Parameters
    ----------
    start, end : int
        First and last residue, counted from 1 at the N-terminus.
    readings : tuple of str
        Orders that explain the spectrum equally well, the order of the answer first:
        ``("GA", "AG")``; empty if there are too many to list.
    """

    start: int
    end: int
    readings: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """A residue that may carry a modification of an answer.

    Parameters
    ----------
    place : int
        Its place, from 1 at the N-terminus.
    residue : str
        The modified residue in ProForma, such as ``S[UNIMOD:21]``.
    probability : float
        Probability that it is modified, given the residues of the answer and the number of its
        modifications.
    """

    place: int
    residue: str
    probability: float

    def __str__(self) -> str:
        return f"{self.place}:{self.residue} {self.probability:.4f}"


@dataclass(frozen=True)
class Alternative:
    """Another possible peptide of a spectrum.

    Parameters
    ----------
    peptide : str
        ProForma.
    log_probability : float or None
        As in `Prediction`; None for a peptide derived from the answer by its mass alone.
    """

    peptide: str
    log_probability: float | None = None


@dataclass(frozen=True)
class Rivals:
    """Best peptides of one spectrum in a proteome and outside of it, with the weights of both.

    Weights are natural logarithms on one scale, -inf without a peptide.

    Parameters
    ----------
    known, novel : Prediction or None
        Best peptide in the proteome, and best one of the others.
    log_known, log_novel, log_decoy : float
        Weight of the best peptide of each kind; the decoys are made of peptides of the proteome.
    all_known, all_novel : float
        Sum of the weights of all peptides of each source, those not listed included.
    rank : int or None
        Place of ``known`` among all candidates, from 1, by utility alone; None without it.
    proteins : str
        Accessions of the proteins of ``known``, with semicolons between them.
    variant_of, variant : str
        As in `Prediction`, of ``novel``.
    """

    known: "Prediction | None"
    novel: "Prediction | None"
    log_known: float
    log_novel: float
    log_decoy: float
    all_known: float
    all_novel: float
    rank: int | None
    proteins: str
    variant_of: str = ""
    variant: str = ""


@dataclass(frozen=True)
class Prediction:
    """Answer for one spectrum.

    Parameters
    ----------
    file, index, native_id, title, retention_time, scan, note, activation, analyzer
        As in `MeasuredSpectrum`.
    precursor_mz : float
        Measured m/z in Th.
    precursor_charge : int
        Positive charge.
    charge_source : ChargeSource
        Origin of the charge.
    status : Status
        Whether there is an answer.
    peptide : str
        ProForma; empty without an answer.
    residue_scores : tuple of float
        Probability of each residue given the residues decoded before it, in [0, 1]. The
        probability of an N-terminal modification is multiplied into that of the first residue. For
        several networks, the geometric mean.
    log_probability : float
        Natural logarithm of the probability of the whole peptide, its end included; for several
        networks, the mean. Without an answer, that of the peptide that the mass ruled out.
    probability : float or None
        Calibrated probability that the peptide is correct; 0 without an answer, None if the network
        was not calibrated.
    q_value : float or None
        Smallest estimated share of wrong answers among those at least as probable, over all files
        of the run; None without ``probability`` and without an answer.
    peptide_mz : float or None
        Theoretical m/z of the peptide at ``precursor_charge``, monoisotopic, in Th.
    isotope_error : int or None
        Isotopic peak that the instrument took for the monoisotopic one, 0 for none.
    ppm_error : float or None
        Signed error of the precursor in ppm, corrected for the isotope error.
    constraint_cost : float or None
        Log-probability lost by the constraint on the precursor mass, at most 0; None if the
        constraint was off or no peptide met it.
    unconstrained_peptide : str
        Answer without the constraint; empty if the constraint was off.
    site_coverage : float
        Share of the cleavage sites of the peptide with a b or y ion among the peaks, in [0, 1].
    explained_intensity : float
        Share of the intensity on b and y ions of the peptide, in [0, 1].
    ambiguous : tuple of Region
        Residues whose order is undetermined.
    alternatives : tuple of Alternative
        Other peptides, if they were requested.
    sites : tuple of Site
        Residues that may carry the modifications of the peptide, where there is a choice; empty
        without rescoring.
    source : str
        ``proteome`` for a peptide of the given proteome, ``novel`` for another one; empty without
        a proteome or an answer. This and all that follows is set in runs with a proteome only.
    proteins : str
        Accessions of the proteins of the peptide, with semicolons between them.
    proteome_peptide, novel_peptide : str
        Best peptide of each source; one of them is ``peptide``.
    proteome_rank : int or None
        Place of ``proteome_peptide`` among all candidates without the prior, from 1.
    proteome_probability, novel_probability : float or None
        Calibrated probability of both.
    variant_of : str
        Peptide of the proteome, without variable modifications, that a novel answer is a variant
        of; empty if there is none.
    variant : str
        What the answer has in its place: ``A5V``, or ``GG5N`` for residues of equal mass.
    usi : str
        Universal Spectrum Identifier with the peptide; empty unless the accession of the dataset is
        given and the scan number known.
    rivals : Rivals or None
        Figures from which the last step of a run chooses; not written to files of predictions.
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
    sites: tuple[Site, ...] = ()
    scan: int | None = None
    note: str = ""
    activation: str = ""
    analyzer: str = ""
    source: str = ""
    proteins: str = ""
    proteome_peptide: str = ""
    proteome_rank: int | None = None
    proteome_probability: float | None = None
    novel_peptide: str = ""
    novel_probability: float | None = None
    variant_of: str = ""
    variant: str = ""
    usi: str = ""
    rivals: Rivals | None = None

    @property
    def has_answer(self) -> bool:
        """Whether there is a peptide."""
        return self.status is Status.OK

    @property
    def score(self) -> float:
        """Ranking score, higher is better: the calibrated probability, or the raw logarithm."""
        return self.log_probability if self.probability is None else self.probability

    @property
    def site_probabilities(self) -> str:
        """The sites as text: ``"3:S[UNIMOD:21] 0.9310; 5:T[UNIMOD:21] 0.0690"``."""
        return "; ".join(map(str, self.sites))

    @property
    def ambiguity(self) -> str:
        """The ambiguous regions as text: ``"3-4:[GA|AG]"``, or ``"3-7"`` without readings."""
        return ";".join(
            f"{r.start}-{r.end}" + (f":[{'|'.join(r.readings)}]" if r.readings else "")
            for r in self.ambiguous
        )
