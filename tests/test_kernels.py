"""Compiled loops."""

import subprocess
import sys
from pathlib import Path

from denovo.decoding.kernels import mark_unreachable
from denovo.kernels import machine_code_folder

SCRIPT = """
from denovo.kernels import kernel, machine_code_folder
@kernel
def double(number):
    return 2 * number
print(double(21), machine_code_folder(double))
"""


def test_kernels_need_no_folder_that_can_be_written(tmp_path: Path) -> None:
    # Numba finds no folder for a function without a file, as it does where none can be written.
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.split() == ["42", "None"], done.stderr


def test_machine_code_is_kept() -> None:
    folder = machine_code_folder(mark_unreachable)
    assert folder is not None
    assert folder.is_dir()
