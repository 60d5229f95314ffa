"""Every benchmark fits the package: it imports what it uses, and says how it is run."""

import runpy
import sys
from pathlib import Path

import pytest
from pyteomics import mass

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = [path for path in sorted(FOLDER.glob("*.py")) if "__main__" in path.read_text("utf-8")]


@pytest.fixture
def own_modules(monkeypatch):
    """Let scripts import each other as when they are run, and forget these modules."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in {path.stem for path in FOLDER.glob("*.py")} & set(sys.modules):
        del sys.modules[name]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_imports_and_prints_its_help(script, own_modules, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    try:
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(script), run_name="__main__")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("denovo"):
            raise
        pytest.skip(f"{error.name} is not installed")
    assert end.value.code == 0
    assert "usage" in capsys.readouterr().out


PYTHON_OF_A_PEER = """#!/bin/sh
echo '{"n_parameters": 2000000, "seconds": {"greedy": 8.5}, "steps": {"greedy": 3}}' > "$3"
echo a warning >&2
echo the last line >&2
exit STATUS
"""


@pytest.mark.parametrize("status", [0, 1])
def test_a_peer_is_measured_in_its_environment_or_skipped_with_its_message(
    own_modules, tmp_path, status
):
    import peer_speed

    peer = peer_speed.PEERS[0]
    place = tmp_path / Path(peer.script).stem
    (place / "bin").mkdir(parents=True)
    python = place / "bin" / "python"
    python.write_text(PYTHON_OF_A_PEER.replace("STATUS", str(status)))
    python.chmod(0o755)
    (place / ".ready").touch()
    arrays = tmp_path / "spectra.npz"
    if status:
        with pytest.raises(peer_speed.SkippedError, match=f"{peer.name} .*: the last line"):
            peer_speed.speed_of(peer, arrays, tmp_path)
    else:
        assert peer_speed.speed_of(peer, arrays, tmp_path) == (
            2_000_000,
            {"greedy": 8.5},
            {"greedy": 3},
        )


@pytest.mark.slow
def test_a_peer_that_cannot_be_installed_is_skipped_with_the_words_of_pip(
    own_modules, tmp_path, monkeypatch
):
    import peer_speed

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(peer_speed.SkippedError, match="is not installed: ERROR"):
        peer_speed.speed_of(peer_speed.PEERS[0], tmp_path / "spectra.npz", tmp_path)
    assert not list(tmp_path.rglob(".ready"))


def labelled(peptides):
    """Write entries of an MGF file, with peaks that have nothing to do with the peptides."""
    text = []
    for number, peptide in enumerate(peptides):
        peaks = "".join(f"{200 + 31.7 * i + number} {i + 1}\n" for i in range(12))
        precursor_mz = mass.calculate_mass(peptide, charge=2)
        head = f"BEGIN IONS\nTITLE={number}\nPEPMASS={precursor_mz}\nCHARGE=2+\nSEQ={peptide}\n"
        text.append(f"{head}{peaks}END IONS\n")
    return "".join(text)


@pytest.mark.slow
def test_each_file_is_read_by_networks_tuned_on_the_others(
    own_modules, monkeypatch, capsys, tmp_path
):
    residues = "GASPVTLNDQEMHFYW"
    peptides = [
        "".join(residues[(number * (i + 3)) % 16] for i in range(8)) + "K"
        for number in range(1, 16)
    ]
    files = [tmp_path / "first.mgf", tmp_path / "second.mgf"]
    for file, own in zip(files, (peptides[:8], peptides[7:]), strict=True):
        file.write_text(labelled(own))
    settings = (
        *("size.steps_per_stage=1", "size.batch_size=4", "size.n_peptides=300"),
        *("size.n_proteins=20", "data.n_val=8", "data.n_test=8", "calibration_spectra=0"),
    )
    options = ("--folder", tmp_path / "tuned", "--rescoring", "none", "--settings", *settings)
    script = FOLDER / "tuned_on_others.py"
    monkeypatch.setattr(sys, "argv", [str(each) for each in (script, *files, *options)])
    runpy.run_path(str(script), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert ["first.mgf", "8", "1", "7"] in rows
    assert ["second.mgf", "8", "1", "7"] in rows
    assert [row[:3] for row in rows if row[:1] == ["none"]] == [
        ["none", "first.mgf", "8"],
        ["none", "second.mgf", "8"],
        ["none", "all", "16"],
    ]
