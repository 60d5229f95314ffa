"""When two peptides are the same one, and stable pseudo-random numbers that hang on that."""

import hashlib

from denovo.chemistry import bare_sequence


def identity(peptide: str) -> str:
    """Reduce a peptide to what decides whether two are the same: bare letters, I read as L.

    Isoleucine and leucine weigh the same, so spectra cannot tell them apart; a modified form is
    taken for the same peptide because most of its fragments are.

    Examples
    --------
    >>> identity("[UNIMOD:1]-PEPTIM[UNIMOD:35]K")
    'PEPTLMK'
    """
    return bare_sequence(peptide).replace("I", "L")


def stable_hash(text: str, purpose: str) -> int:
    """Hash a text to 64 bits, the same on every machine and in every release.

    Parameters
    ----------
    text : str
        What is hashed.
    purpose : str
        Up to 16 ASCII characters; hashes of different purposes are independent of each other.

    Returns
    -------
    int
        A number in [0, 2**64).
    """
    digest = hashlib.blake2b(text.encode(), digest_size=8, person=purpose.encode())
    return int.from_bytes(digest.digest(), "big")
