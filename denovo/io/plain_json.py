"""JSON as others read it: neither NaN nor infinity."""

import json
import math
from collections.abc import Mapping
from typing import Any


def without_nan(value: Any) -> Any:
    """Put None where a number is not finite.

    Examples
    --------
    >>> without_nan({"low": float("nan"), "all": [1.0, float("inf")]})
    {'low': None, 'all': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(value: Any) -> str:
    """Write plain values as indented text that ends with a line feed; see `without_nan`."""
    return json.dumps(without_nan(value), indent=2, allow_nan=False) + "\n"
