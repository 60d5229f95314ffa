"""Choices that a user has by name; no library is imported, so that options are checked at once."""

from enum import StrEnum

PICTURES = (".png", ".svg", ".pdf")
"""Formats of pictures, as suffixes of their files."""

NETWORKS = {
    "hcd": "tryptic peptides, HCD at high resolution",
    "wide": "tryptic, 6-30 residues, charges 1 to 5",
    "nontryptic": "any ends: HLA peptides, antibodies",
    "phospho": "phosphorylated S, T and Y",
    "tmt": "TMT 6-, 10- and 11-plex labels",
    "free-cysteine": "C free, carbamidomethylated or carboxymethylated",
    "cid": "CID in an ion trap, at low resolution",
    "untrained": "as hcd, by peak statistics alone",
}
"""Networks of the package, in place of a file, and what they read; the first is the default."""
DEFAULT_NETWORK = next(iter(NETWORKS))


class DecoderKind(StrEnum):
    """How peptides are searched for.

    ``constrained``: a beam among those that agree with the precursor mass. ``beam``: a beam
    whatever they weigh. ``greedy``: the most probable residue at every position.
    """

    CONSTRAINED = "constrained"
    BEAM = "beam"
    GREEDY = "greedy"


class SpectrumGrouping(StrEnum):
    """What spectra are grouped by: the charge of the precursor, or the length of the peptide."""

    CHARGE = "charge"
    LENGTH = "length"


class DecoyKind(StrEnum):
    """How peptides of a proteome become decoys; their last residue stays.

    ``reversed``: their other residues in reverse. ``shuffled``: in a random order, the same one for
    all peptides of a length.
    """

    REVERSED = "reversed"
    SHUFFLED = "shuffled"


class Rescoring(StrEnum):
    """What decides between the candidates of a spectrum.

    ``best``: the most that the network is fitted for. ``none``: the probability of the first
    network. ``joint``: all networks together. ``full``: all networks, the peaks, and the similarity
    to the spectrum that MS2PIP predicts.
    """

    BEST = "best"
    NONE = "none"
    JOINT = "joint"
    FULL = "full"

    @property
    def fitted(self) -> "tuple[Rescoring, ...]":
        """Kinds that a network is fitted for to do this: this one, and those that need less."""
        kinds = (Rescoring.JOINT, Rescoring.FULL)
        if self is Rescoring.BEST:
            return kinds
        return kinds[: kinds.index(self) + 1] if self in kinds else ()


class Engine(StrEnum):
    """Where chunks of spectra are sequenced.

    ``local``: in processes of this machine. ``dask``: on the workers of a Dask cluster.
    """

    LOCAL = "local"
    DASK = "dask"


class Unsupported(StrEnum):
    """What to do with annotations that the alphabet of a network cannot write.

    ``error``: stop. ``skip``: leave such spectra out, and list them.
    """

    ERROR = "error"
    SKIP = "skip"


class ExchangeFormat(StrEnum):
    """Formats that `denovo convert` writes.

    ``denovo``: CSV, TSV, Parquet or mzTab as `denovo sequence` writes them. ``pin``: input of
    Percolator and mokapot. ``psm_utils``: TSV or Parquet of psm_utils. ``mzid``: mzIdentML 1.2.
    ``fasta``: distinct sequences. ``casanovo``: mzTab in the layout of Casanovo, spectra by scan
    number. ``casanovo-index``: the same, spectra by their place in the file.
    """

    DENOVO = "denovo"
    PIN = "pin"
    PSM_UTILS = "psm_utils"
    MZID = "mzid"
    FASTA = "fasta"
    CASANOVO = "casanovo"
    CASANOVO_INDEX = "casanovo-index"


class Match(StrEnum):
    """What makes a residue right.

    ``deepnovo``: mass within 0.1 Da, and within 0.5 Da up to its end. ``proteobench``: within 20
    and 50 ppm, the mass mode of ProteoBench. ``exact``: the same residue where ProteoBench compares
    two, its exact mode with I as L, and deamidated N and Q as D and E.
    """

    DEEPNOVO = "deepnovo"
    EXACT = "exact"
    PROTEOBENCH = "proteobench"
