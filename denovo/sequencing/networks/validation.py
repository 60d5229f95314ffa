"""Validation of file content against a schema, with messages that name the first bad field."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from denovo.errors import InputError

_MAX_SHOWN = 60
"""Most characters of a refused value in a message."""
_MAX_MESSAGE = 160
_WORDS = {
    "Input should be": "must be",
    "less than or equal to": "at most",
    "greater than or equal to": "at least",
    "Value error, ": "",
}
LEFT_OUT: Any = None
"""Default of optional fields: the constructors have the actual defaults."""


class Strict(BaseModel):
    """Part of a file: unknown names and conversions between types are refused."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    def plain(self) -> dict[str, Any]:
        """Return the content as plain values, with the names of the file."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    def arguments(self) -> dict[str, Any]:
        """Return the content as arguments of the constructor, without ``_target_``."""
        return self.model_dump(exclude={"target", "convert"}, exclude_unset=True)


Schema = TypeVar("Schema", bound=Strict)


def validated(schema: type[Schema], value: Any, path: str | Path, name: str = "") -> Schema:
    """Validate a part of a file, whose dotted ``name`` and ``path`` appear in messages."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join([*([name] if name else []), *_place(value, first)])
        raise InputError(f"{path}: {field or 'its content'} {_fault(first)}") from None


def _place(value: Any, error: Mapping[str, Any]) -> list[str]:
    """Return the field of an error; the location of pydantic also names unions and types."""
    names = []
    for part in error["loc"]:
        is_missing = error["type"] == "missing" and part == error["loc"][-1]
        if isinstance(value, dict) and (part in value or is_missing):
            names.append(str(part)[:_MAX_SHOWN])
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            names.append(str(part))
            value = value[part]
    return names


def _fault(error: Mapping[str, Any]) -> str:
    value = error["input"]
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is a name that denovo does not know, and is refused"
    if error["type"] == "union_tag_invalid":
        return f"asks for {error['ctx']['tag'][:_MAX_SHOWN]!r} to be built, which is refused"
    if error["type"].startswith("union_tag"):
        return "does not say by _target_ which of the networks of denovo it is"
    message = str(error["msg"])
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    if len(message) > _MAX_MESSAGE:
        message = f"{message[:_MAX_MESSAGE]}..."
    return f"{message}, got {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else f"a list of {len(value)}"
    # Python refuses to write integers of thousands of digits as text.
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**30 else "a huge number"
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
