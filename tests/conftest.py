"""Prints the figures that tests recorded, at the end and from whatever process they ran in."""

import os

os.environ.setdefault("QWATT_COMPILED_GATES", "never")  # no test's numbers depend on how many ran before it


def pytest_terminal_summary(terminalreporter):
    for report in [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]:
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(value)
