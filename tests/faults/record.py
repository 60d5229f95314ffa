"""What the drills of a session found: a row for each kind of fault."""

from collections import Counter

KINDS = ("kills", "full disks", "damaged files", "altered networks", "two writers")
OUTCOMES = ("results lost", "mixed", "tracebacks", "code run", "silent corruptions")
tried: Counter[str] = Counter()
found: Counter[tuple[str, str]] = Counter()


def check(kind: str, outcome: str, holds: bool, what: object) -> None:
    """Count a bad outcome, and fail the test that found it."""
    assert kind in KINDS
    assert outcome in OUTCOMES
    if not holds:
        found[kind, outcome] += 1
        raise AssertionError(f"{kind}, {outcome}: {what}")


def table() -> list[str]:
    """Write the rows of a session as text."""
    lines = [f"{'fault':18}{'tried':>8}" + "".join(f"{name:>20}" for name in OUTCOMES)]
    for kind in KINDS:
        counts = "".join(f"{found[kind, name]:>20}" for name in OUTCOMES)
        lines.append(f"{kind:18}{tried[kind]:>8}{counts}")
    return lines
