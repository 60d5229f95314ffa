"""The table of drills at the end of a session that tried some."""

import pytest

from tests.faults import record

collect_ignore = ["fuzz_readers.py"]  # needs atheris


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session in which a drill had a bad outcome."""
    if record.found and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if record.tried:
        terminalreporter.section("faults")
        for line in record.table():
            terminalreporter.write_line(line)
