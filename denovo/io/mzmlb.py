"""Reader of mzMLb files: mzML in an HDF5 container, with the arrays beside it.

Bhamber et al. (2021), Journal of Proteome Research 20, 172-183, doi:10.1021/acs.jproteome.0c00192.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from denovo.io.mzml import Arrays, scan_mzml
from denovo.io.spectrum import SpectrumError
from denovo.io.streams import FileError
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import ndarray

_MISSING = (
    "mzMLb needs h5py and hdf5plugin; run `pip install 'denovo-ms[mzmlb]'`, or convert it to mzML "
    "with msconvert of ProteoWizard"
)
_XML = "mzML"
_BUFFER = 1 << 20
"""Bytes of XML that are read at a time, no less than a block of the container."""
_MAX_LENGTH = 1 << 21
"""Largest number of values of one array."""


def scan_mzmlb(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of an mzMLb file, as those of an mzML file."""
    try:
        import h5py
        from pyteomics.mzmlb import ExternalArrayRegistry, HDF5ByteBuffer
    except ImportError as error:
        raise FileError(_MISSING) from error

    try:
        with h5py.File(path, "r") as file:
            xml = _dataset(file, _XML)

            @contextmanager
            def open_xml(path: Path) -> Iterator[BufferedReader]:
                yield BufferedReader(HDF5ByteBuffer(xml), _BUFFER)

            registry = ExternalArrayRegistry(file)
            yield from scan_mzml(path, open_xml, _arrays(file, registry))
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise FileError(f"the mzMLb file is damaged ({' '.join(str(error).split())})") from error


def _arrays(file: Any, registry: Any) -> Arrays:
    """Return the function that reads a part of an array of the container."""

    def read(name: str, offset: int, length: int) -> ndarray:
        try:
            size = _dataset(file, name).size
            if not 0 <= offset <= offset + length <= size or length > _MAX_LENGTH:
                raise SpectrumError(f"its values are outside the {size:,} of {name[:60]!r}")
            return registry.get(name, length, offset)
        except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise SpectrumError(f"its values cannot be read from {name[:60]!r}") from error

    return read


def _dataset(file: Any, name: str) -> Any:
    """Return a dataset of the container that has no part in another file."""
    import h5py

    is_own = isinstance(file.get(name, getlink=True), h5py.HardLink)
    found = file.get(name) if is_own else None
    if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual or found.ndim != 1:
        raise KeyError(f"it has no dataset {name!r}")
    return found
