"""`pyteomics.mass` without the database that it opens on import where it can.

That database, of modifications, takes SQLAlchemy and lxml, a second to load. Whoever wants it can
still import `pyteomics.mass.unimod`.
"""

import sys

_DATABASE = "pyteomics.mass.unimod"
_found = sys.modules.setdefault(_DATABASE, None)  # pyright: ignore[reportArgumentType]
from pyteomics import mass  # noqa: E402

if _found is None:
    del sys.modules[_DATABASE]

__all__ = ["mass"]
