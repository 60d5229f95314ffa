"""`pyteomics.mass` without its database of modifications.

The database needs SQLAlchemy and lxml, which take a second to load. `pyteomics.mass.unimod` can
still be imported explicitly.
"""

import sys

_DATABASE = "pyteomics.mass.unimod"
_found = sys.modules.setdefault(_DATABASE, None)  # pyright: ignore[reportArgumentType]
from pyteomics import mass  # noqa: E402

if _found is None:
    del sys.modules[_DATABASE]

__all__ = ["mass"]
