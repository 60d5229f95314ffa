"""What makes two peptides the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.peptides.identity import identity, stable_hash


@pytest.mark.parametrize(
    "spelling", ["PEPTIMK", "PEPTLMK", "PEPTIM[UNIMOD:35]K/2", "+42.01PEPTIMK"]
)
def test_spellings_of_a_peptide_have_one_identity(spelling: str) -> None:
    assert identity(spelling) == "PEPTLMK"


def test_hash_is_the_same_in_every_release() -> None:
    # From Python's hashlib.blake2b; a change moves peptides between splits.
    assert stable_hash("PEPTLDEK", "split") == int.from_bytes(
        bytes.fromhex("5e9d1477bfb51a57"), "big"
    )


@given(st.text("ACDEFGHKLMNPQRSTVWY", min_size=1))
def test_hashes_for_different_purposes_differ(sequence: str) -> None:
    assert stable_hash(sequence, "split") != stable_hash(sequence, "precursor")
