import numpy as np
import pytest
from pyteomics import mass

from denovo.io.modstring import peptide_of
from denovo.io.spectrum import SpectrumError


@pytest.mark.parametrize(
    ("name", "listed", "peptide"),
    [
        ("AAPCK/2", None, "AAPCK"),
        ("AAPCK/2", "0", "AAPCK"),
        ("AAPCK/2_0", "1/3,C,Carbamidomethyl", "AAPC[Carbamidomethyl]K"),
        ("AAPCK/2_1(3,C,CAM)_46eV", "1(3,C,CAM)", "AAPC[Carbamidomethyl]K"),
        ("CMCK/3", "2(0,C,CAM)(2,C,CAM)", "C[Carbamidomethyl]MC[Carbamidomethyl]K"),
        ("MAM/2", "2/0,M,Oxidation/2,M,Oxidation", "M[Oxidation]AM[Oxidation]"),
        ("AAK/2", "2/0,A,Acetyl/2,K,TMT", "[Acetyl]-AAK[TMT6plex]"),
        ("KAK/2", "1/0,K,TMT", "K[TMT6plex]AK"),
        ("QAK/2", "1/0,Q,Gln->pyro-Glu", "[Gln->pyro-Glu]-QAK"),
        ("n[43]AC[160]K/2", "2/-1,n,Acetyl/1,C,CAM", "[Acetyl]-AC[Carbamidomethyl]K"),
        ("[Acetyl]-AM[Oxidation]K/2", None, "[Acetyl]-AM[Oxidation]K"),
        ("n[43]AC[160]K/2", None, "n[43]AC[160]K"),
        # Counted from 1, as MS2PIP 4.1 does.
        ("AMAC/2", "2/2,M,Oxidation/4,C,Carbamidomethyl", "AM[Oxidation]AC[Carbamidomethyl]"),
        ("AMK/2", "2/0,A,Acetyl/2,M,Oxidation", "[Acetyl]-AM[Oxidation]K"),
        ("AMK/2", "1/2,M,15.994915", "AM[+15.994915]K"),
        ("AAK/2", "1/-1,K,Amidated", "AAK-[Amidated]"),
        # Masses in the name tell which of two residues is meant.
        ("AMM[147]K/2", "1/2,M,Oxidation", "AMM[Oxidation]K"),
        ("AM[147]MK/2", "1/2,M,Oxidation", "AM[Oxidation]MK"),
        ("Caffeine", None, None),
        ("", None, None),
    ],
)
def test_listed_modifications_are_put_into_the_peptide(
    name: str, listed: str | None, peptide: str | None
) -> None:
    assert peptide_of(name, listed) == peptide


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("AAK/2", "1/5,K,Acetyl"),
        ("AAK/2", "1/1,K,Acetyl"),
        ("AAK/2", "2/2,K,Acetyl"),
        ("AAK/2", "one"),
        ("AAK/2", "1/2-K-Acetyl"),
        ("AAK/2", ""),
    ],
)
def test_what_does_not_fit_is_refused(name: str, listed: str | None) -> None:
    with pytest.raises(SpectrumError):
        peptide_of(name, listed)


OXYGEN = mass.calculate_mass(formula="O")


def ions_of(letters: str, oxidised: int) -> np.ndarray:
    """Singly charged b and y ions, by pyteomics; the oxidised residue is counted from 0."""
    fragments = [
        mass.fast_mass(part, ion_type=ion, charge=1) + (OXYGEN if oxidised in held else 0.0)
        for cut in range(1, len(letters))
        for part, ion, held in (
            (letters[:cut], "b", range(cut)),
            (letters[cut:], "y", range(cut, len(letters))),
        )
    ]
    return np.sort(np.array(fragments))


@pytest.mark.parametrize("oxidised", [2, 3])
@pytest.mark.parametrize(("letters", "position"), [("LGMMFAK", 3), ("AAMMMK", 3)])
def test_the_peaks_tell_from_where_positions_are_counted(
    letters: str, position: int, oxidised: int
) -> None:
    mz = ions_of(letters, oxidised)
    peptide = peptide_of(f"{letters}/2", f"1/{position},M,Oxidation", (mz, np.ones_like(mz)))
    assert peptide == letters[: oxidised + 1] + "[Oxidation]" + letters[oxidised + 1 :]


def mixed(letters: str) -> np.ndarray:
    return np.sort(np.concatenate([ions_of(letters, 2), ions_of(letters, 3)]))


@pytest.mark.parametrize("mz", [None, np.array([150.0]), mixed("LGMMFAK")])
def test_peaks_that_fit_both_ways_or_none_leave_no_annotation(mz: np.ndarray | None) -> None:
    peaks = None if mz is None else (mz, np.ones_like(mz))
    with pytest.raises(SpectrumError, match=r"counted from 0 and from 1.*peaks\s+do not decide"):
        peptide_of("LGMMFAK/2", "1/3,M,Oxidation", peaks)


def test_a_modification_of_unknown_mass_is_not_guessed() -> None:
    mz = ions_of("LGMMFAK", 3)
    with pytest.raises(SpectrumError, match="do not decide"):
        peptide_of("LGMMFAK/2", "1/3,M,Riddle", (mz, np.ones_like(mz)))
