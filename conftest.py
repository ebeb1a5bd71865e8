"""A notebook that takes too long is a fault: nobody waits a minute for the next page of a lecture."""

from __future__ import annotations

import pytest

LONGEST = 60.0  # seconds that a whole notebook may take


def pytest_configure(config: pytest.Config) -> None:
    """Look at the clock, whichever notebooks are run."""
    config.pluginmanager.register(Clock())


class Clock:
    """Adds up what the cells of each notebook have taken; fails the run if it was too much."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one cell is over."""
        path = report.nodeid.partition("::")[0]
        if path.endswith(".ipynb"):
            self.spent[path] = self.spent.get(path, 0.0) + report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """All notebooks have been run."""
        if any(seconds > LONGEST for seconds in self.spent.values()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how long each took."""
        for path, seconds in sorted(self.spent.items()):
            too_long = f", longer than the {LONGEST:.0f} s that a notebook may take" * (seconds > LONGEST)
            terminalreporter.write_line(f"{path}: {seconds:.1f} s{too_long}", red=bool(too_long))
