"""The script of the tutorials writes readable spectra, of peptides of its proteins."""

import subprocess
import sys

import pytest

from denovo.chemistry.identity import identity
from denovo.io import MeasuredSpectrum, open_spectra
from denovo.simulation.proteins import FastaProteome


@pytest.mark.slow
def test_the_example_of_the_tutorials_holds_spectra_of_peptides_of_its_proteins(root, tmp_path):
    script = root / "docs" / "tutorials" / "example.py"
    subprocess.run([sys.executable, script, "--name", "small"], cwd=tmp_path, check=True)
    spectra = list(open_spectra(tmp_path / "small.mgf"))
    proteins = [identity(s) for s in FastaProteome(tmp_path / "small.fasta").sequences()]
    assert (len(spectra), len(proteins)) == (300, 400)
    for spectrum in spectra:
        assert isinstance(spectrum, MeasuredSpectrum)
        assert any(identity(spectrum.peptide or "") in protein for protein in proteins[:30])
