import pytest

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
        ("AC[160]K/2", None),
    ],
)
def test_what_does_not_fit_is_refused(name: str, listed: str | None) -> None:
    with pytest.raises(SpectrumError):
        peptide_of(name, listed)
