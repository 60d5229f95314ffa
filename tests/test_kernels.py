"""Compiled loops."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import numba.core.caching
class Nowhere:
    @classmethod
    def from_function(cls, function, path):
        return None
numba.core.caching.CacheImpl._locator_classes = [Nowhere]
from denovo.simulation.packaged_models import predict_logarithms
print(len(predict_logarithms("TMT", ["PEPTIDEK"], [2])["b"]))
from denovo.decoding.kernels import mark_unreachable
from denovo.kernels import machine_code_folder
print(machine_code_folder(mark_unreachable))
"""


def test_kernels_need_no_folder_that_can_be_written(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.split() == ["7", "None"], done.stderr
