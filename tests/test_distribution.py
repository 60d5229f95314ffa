"""Wheel and source archive hold what an installation needs, and run without a repository."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes

import pytest
import yaml

from denovo import __version__


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """Build wheel and source archive; return the folder of both."""
    folder = tmp_path_factory.mktemp("dist")
    build(root, folder)
    return folder


def build(source, folder, *arguments):
    command = [sys.executable, "-m", "hatchling", "build", "--directory", folder, *arguments]
    subprocess.run([*map(str, command)], cwd=source, check=True, capture_output=True)


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_file_of_the_package_the_settings_and_train_py(root, wheel):
    ignored = {"__pycache__"}
    package = {
        path.relative_to(root).as_posix()
        for path in (root / "denovo").rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }
    settings = {
        f"denovo/{path.relative_to(root).as_posix()}" for path in (root / "conf").rglob("*.yaml")
    }
    names = {name for name in names_in(wheel) if ".dist-info/" not in name}
    assert names == package | settings | {"denovo/program/train.py"}
    assert {"denovo/py.typed", "denovo/weights/denovo.safetensors"} <= names


def test_the_metadata_state_name_version_licence_and_command(unpacked):
    (folder,) = unpacked.glob("*.dist-info")
    metadata = message_from_bytes((folder / "METADATA").read_bytes())
    assert (metadata["Name"], metadata["Version"]) == ("denovo-ms", __version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert (folder / "licenses" / "LICENSE").is_file()
    assert "denovo = denovo.cli:main" in (folder / "entry_points.txt").read_text()


def test_a_wheel_built_from_the_source_archive_is_the_same(built, wheel, tmp_path):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build(source, tmp_path / "dist", "--target", "wheel")
    assert names_in(tmp_path / "dist" / wheel.name) == names_in(wheel)


@pytest.mark.slow
def test_the_wheel_composes_a_training_in_a_folder_without_a_repository(unpacked, tmp_path):
    command = [sys.executable, "-m", "denovo", "train", "--cfg", "job", "+experiment=measured"]
    composed = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert composed.returncode == 0, composed.stderr
    assert yaml.safe_load(composed.stdout)["name"] == "measured"


def test_the_citation_and_codemeta_state_the_version_of_the_package(root):
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == __version__
    codemeta = yaml.safe_load((root / "codemeta.json").read_text())
    assert codemeta["version"] == __version__
    assert f"\n## {__version__} " in (root / "CHANGELOG.md").read_text()
