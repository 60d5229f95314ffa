"""Conversion of the notations of other programs to ProForma, as text without masses.

psm_utils supports some of these notations, but only in its readers of result files.
"""

import re

_UNDERSCORES = re.compile(r"_+(.*?)_+(?:\.(\d+))?")
_NEIGHBOUR = r"(?:[A-Z-]|\[[A-Z-](?:[/;] ?[A-Z-])*\])"
_FLANKED = re.compile(rf"{_NEIGHBOUR}\.(.+)\.{_NEIGHBOUR}")
SHIFT = r"[+-]\d*\.?\d+"
"""A mass shift without brackets."""
# Parentheses in front of a bracket are a range of ProForma, and so are those with a question mark.
_PIECES = re.compile(
    rf"\[(?P<bracket>[^\]]*)\]|\((?!\?)(?P<round>(?:[^()]|\([^()]*\))*)\)(?!\[)|(?P<shift>{SHIFT})"
)
_SITE = re.compile(r"\s+\((?:[A-Z]+|(?:(?:Any|Protein|Peptide) )?[NC]-term(?: [A-Z])?)\)$")
_SHORT = {"ac": "Acetyl", "de": "Deamidated", "me": "Methyl", "ox": "Oxidation", "ph": "Phospho"}
"""Abbreviations of modifications in MaxQuant up to version 1.6."""
_C_TERMINAL = re.compile(r"(?:\.|c)(\[[^\]]*\])$")


def as_proforma(text: str) -> str:
    """Rewrite a peptide in ProForma from any of the common notations.

    ======================================  =========================================
    MaxQuant, Spectronaut                   ``_(Acetyl (Protein N-term))PEM(ox)K_``
    PEAKS, DeepNovo                         ``PEM(+15.99)K``
    DIA-NN, OpenMS                          ``.(UniMod:1)PEM(UniMod:35)K``
    Comet, MSFragger, TPP                   ``K.n[43]PEM[147]K.A``
    Skyline                                 ``PEM[+16]K``, ``PEM[Oxidation (M)]K``
    Casanovo, MassIVE-KB                    ``+43.006-17.027PEM+15.995K``
    ======================================  =========================================

    Parameters
    ----------
    text : str
        A peptide in one of these notations, or in ProForma.

    Returns
    -------
    str
        The peptide with all modifications in brackets, those of the N-terminus first
        (``"[Acetyl]-PEM[Oxidation]K"``), and without neighbouring residues; masses are unchanged.
        Text that is not a peptide is not corrected.

    Examples
    --------
    >>> as_proforma("_(Acetyl (Protein N-term))PEM(ox)K_")
    '[Acetyl]-PEM[Oxidation]K'
    """
    text = text.strip()
    if match := _UNDERSCORES.fullmatch(text):
        text = match[1] + (f"/{match[2]}" if match[2] else "")
    if match := _FLANKED.fullmatch(text):
        text = match[1]
    text = re.sub(r"^(?:\.|n(?=[\[(]))", "", text)
    text = _C_TERMINAL.sub(r"-\1", _PIECES.sub(_bracketed, text))
    return re.sub(r"^((?:\[[^\]]+\]-?)+)(?=[A-Z])", _terminated, text)


def _bracketed(match: re.Match[str]) -> str:
    if match["shift"]:
        return f"[{match['shift']}]"
    if match["bracket"] is not None:
        return f"[{_SITE.sub('', match['bracket'])}]"
    name = _SITE.sub("", match["round"])
    return f"[{_SHORT.get(name, name)}]"


def _terminated(match: re.Match[str]) -> str:
    return match[1].replace("]-", "]") + "-"
