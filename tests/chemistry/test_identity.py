"""What makes two peptides the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import identity, stable_hash


@pytest.mark.parametrize(
    "spelling", ["PEPTIMK", "PEPTLMK", "PEPTIM[UNIMOD:35]K/2", "+42.01PEPTIMK"]
)
def test_spellings_of_a_peptide_have_one_identity(spelling: str) -> None:
    assert identity(spelling) == "PEPTLMK"


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        *(
            (f"PEP{n}IK", "PEPDLK")
            for n in ("N[UNIMOD:7]", "N[Deamidated]", "N[U:7]", "N[U:7|INFO:x]")
        ),
        *((f"PEP{n}IK/2", "PEPDLK") for n in ("N[+0.984]", "N[+0.98]", "N+0.98402", "D")),
        ("PEPQ[Deamidated]IK", "PEPELK"),
        ("PEPD[Methyl]IK", "PEPELK"),
        ("[UNIMOD:1]-N[UNIMOD:7]PEPIK", "DPEPLK"),
        # These weigh what no other residue does, however near oxidised M is to F.
        ("PEPC[UNIMOD:4]M[+15.99]S[Phospho]N[unheard of]K", "PEPCMSNK"),
        ("PEPNIK", "PEPNLK"),
    ],
)
def test_a_modified_residue_of_the_mass_of_another_is_that_one(spelling: str, same: str) -> None:
    assert identity(spelling) == same


def test_peptides_of_one_row_of_tokens_are_the_same(common: Vocabulary) -> None:
    for token, first in enumerate(common.canonical.tolist()):
        if common.is_residue[token] and not common.is_n_terminal[token]:
            assert identity(common.tokens[token]) == identity(common.tokens[first])


def test_hash_is_the_same_in_every_release() -> None:
    # From Python's hashlib.blake2b; a change moves peptides between splits.
    assert stable_hash("PEPTLDEK", "split") == int.from_bytes(
        bytes.fromhex("5e9d1477bfb51a57"), "big"
    )


@given(st.text("ACDEFGHKLMNPQRSTVWY", min_size=1))
def test_hashes_for_different_purposes_differ(sequence: str) -> None:
    assert stable_hash(sequence, "split") != stable_hash(sequence, "precursor")
