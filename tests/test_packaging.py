"""Files of `packaging/`: versions and requirements agree, and the commands of Nextflow run."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from denovo import __version__
from tests.helpers.fake_model import mgf_of

MODULES = Path("packaging", "nextflow", "modules", "denovo")
NAMES_IN_CONDA = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("packaging/conda/recipe.yaml", r'version: "(.*)"'),
        ("packaging/container/Dockerfile", r"denovo-ms:(\S+) "),
        ("packaging/container/denovo.def", r"image.version (.*)"),
        ("packaging/nextflow/nextflow.config", r"version +?= '(.*)'"),
        (MODULES / "environment.yml", r"denovo-ms==(.*)"),
        (MODULES / "sequence" / "main.nf", r"'denovo-ms:(.*)'"),
        (MODULES / "merge" / "main.nf", r"'denovo-ms:(.*)'"),
    ],
)
def test_every_file_states_the_version_of_the_package(root, file, pattern):
    assert set(re.findall(pattern, (root / file).read_text())) == {__version__}


def test_the_conda_recipe_requires_what_the_package_requires(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = {
        re.sub(r"^[\w.-]+", lambda m: NAMES_IN_CONDA.get(m[0], m[0]), each)
        for each in project["dependencies"]
    }
    recipe = yaml.safe_load((root / "packaging/conda/recipe.yaml").read_text())
    stated = {each.replace(" ", "") for each in recipe["requirements"]["run"]}
    assert stated == wanted | {f"python{project['requires-python']}"}


def script_of(path, **values):
    """Return the script of a process of Nextflow with its variables replaced."""
    (script,) = re.findall(r'script:.*?"""(.*?)"""', path.read_text(), re.DOTALL)
    for name, value in values.items():
        script = script.replace(f"${{{name}}}", str(value))
    # Nextflow removes the indentation, and the backslashes that keep `$` from it.
    lines = [line.removeprefix("    ") for line in script.replace("\\$", "$").splitlines()]
    text = "\n".join(lines)
    assert "${" not in text
    return text


def run(script, folder, denovo):
    """Run a script in bash, with `denovo` on its path."""
    lead = f'set -e\ndenovo() {{ "{sys.executable}" -m denovo "$@"; }}\n'
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(denovo), "OMP_NUM_THREADS": "1"}
    command = ["bash", "-c", lead + script]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_commands_of_the_nextflow_modules_sequence_shards_and_merge_them(root, tmp_path):
    n_spectra, shards = 300, 2
    known = {"prefix": "all", "spectra": "a.mgf", "task.cpus": 1, "task.process": "P"}
    options = "--rescoring none --beam-width 2"
    (merged := tmp_path / "merged").mkdir()
    for shard in range(1, shards + 1):
        (folder := tmp_path / str(shard)).mkdir()
        mgf_of(folder / "a.mgf", n_spectra)
        script = script_of(
            root / MODULES / "sequence" / "main.nf",
            **known, args=options, outputs=f"--shard {shard}/{shards}",
        )  # fmt: skip
        run(script, folder, root)
        shutil.copytree(folder / "all.parquet.parts", merged / f"shard{shard}")
    mgf_of(merged / "a.mgf", n_spectra)
    script = script_of(
        root / MODULES / "merge" / "main.nf", **known, args="", parts="shard1 shard2"
    )
    run(script, merged, root)
    assert pq.read_table(merged / "all.parquet").num_rows == n_spectra
    assert {"all.mztab", "all.html"} <= {path.name for path in merged.iterdir()}
    versions = yaml.safe_load((merged / "versions.yml").read_text())
    assert versions == {"P": {"denovo-ms": __version__}}
