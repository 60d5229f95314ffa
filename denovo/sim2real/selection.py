"""Which measured spectra are comparable between files and sequencers."""

from denovo.chemistry import Ppm, Vocabulary, mz_to_mass
from denovo.io import MeasuredSpectrum

ALLOWED_MODIFICATIONS = ("C[UNIMOD:4]", "M[UNIMOD:35]")


class Selection:
    """Refuse spectra that say more about their file than about a sequencer.

    An instance remembers what it has kept, and serves one file.

    Parameters
    ----------
    vocabulary : Vocabulary
        What the peptides are written in.
    min_length, max_length : int
        Shortest and longest peptide, in residues.
    precursor_ppm : float
        Largest distance of the precursor from the peptide in ppm. Beyond, the annotation is wrong
        or an isotope was picked.
    one_per_precursor : bool
        Whether only the first spectrum of each peptide and charge is kept, for files that hold many
        of few peptides.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        min_length: int = 6,
        max_length: int = 20,
        precursor_ppm: float = 50.0,
        one_per_precursor: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.min_length, self.max_length = min_length, max_length
        self.tolerance = Ppm(precursor_ppm)
        self.one_per_precursor = one_per_precursor
        self._kept: set[tuple[int, ...]] = set()

    def __call__(self, spectrum: MeasuredSpectrum, tokens: list[int]) -> str | None:
        """Say why a spectrum is not wanted, or None.

        Parameters
        ----------
        spectrum : MeasuredSpectrum
            With peptide and charge.
        tokens : list of int
            The peptide, modifications as they are written.
        """
        names = [self.vocabulary.tokens[token] for token in tokens]
        odd = [name for name in names if "[" in name and name not in ALLOWED_MODIFICATIONS]
        charge = spectrum.precursor_charge
        assert charge is not None, "annotated spectra have a charge"
        if odd:
            return f"{odd[0]} is modified otherwise than {' and '.join(ALLOWED_MODIFICATIONS)}"
        if not self.min_length <= len(tokens) <= self.max_length:
            return f"{len(tokens)} residues, not {self.min_length} to {self.max_length}"
        mass = mz_to_mass(spectrum.precursor_mz, charge)
        if not self.tolerance.contains(mass, self.vocabulary.peptide_mass(tokens)):
            return f"its precursor is over {self.tolerance} from its peptide"
        key = (*self.vocabulary.canonical[tokens].tolist(), charge)
        if self.one_per_precursor and key in self._kept:
            return "another spectrum of its peptide and charge is there already"
        self._kept.add(key)
        return None
