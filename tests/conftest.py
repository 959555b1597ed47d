"""Prints the figures that tests recorded as one page, at the end and from whatever process they ran in."""

from collections import Counter


def pytest_terminal_summary(terminalreporter):
    """Write counts and figures of each file of tests, those that failed too."""
    stats = terminalreporter.stats
    reports = [report for outcome in ("passed", "failed") for report in stats.get(outcome, ())]
    recorded = [
        (report.nodeid.partition("::"), value)
        for report in reports
        for name, value in report.user_properties
        if name == "figures"
    ]
    if not recorded:
        return
    terminalreporter.section("figures")
    outcomes = ("passed", "failed", "error", "skipped")
    counts = Counter({outcome: len(stats.get(outcome, ())) for outcome in outcomes})
    terminalreporter.write_line(", ".join(f"{counts[outcome]:,} {outcome}" for outcome in outcomes))
    for (file, _, test), value in sorted(recorded, key=lambda one: one[0]):
        terminalreporter.write_line(f"\n{file}: {test.removeprefix('test_').replace('_', ' ')}\n{value}")
