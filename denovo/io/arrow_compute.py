"""`pyarrow.compute`, whose functions are made on import, where type checkers do not see them."""

from typing import Any

import pyarrow.compute

pc: Any = pyarrow.compute

__all__ = ["pc"]
