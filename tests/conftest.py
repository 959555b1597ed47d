"""A cache of the tests' own, and one page of the figures that they recorded in any process."""

import os
import platform
import signal
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from qwatt.core.cache import cache_folder
from qwatt.protocol.node import LOCK

DEAR = ("datasets", "decoders", "embeddings")
"""Folders of the cache that cost a download or a training: shared with the user."""
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as under nohup: what tests interrupt must hear it
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("patient", settings.default, deadline=None)  # a busy machine is no fault
settings.load_profile("patient")
OUTCOMES = ("passed", "failed", "error", "skipped")


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory):
    """Keep what is registered apart from the user's, and let no worker wait while another one measures."""
    own = tmp_path_factory.mktemp("cache")
    for name in DEAR:
        (own / name).symlink_to(cache_folder(name), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QWATT_CACHE", str(own))
        patch.setenv(LOCK, str(own / "node.lock"))
        yield


def pytest_addoption(parser):
    parser.addoption("--figures", metavar="FILE", help="where the page of figures is written to as well")


def pytest_collection_modifyitems(items):
    """Let what takes hours begin first: the others run beside it."""
    items.sort(key=lambda item: item.get_closest_marker("soak") is None)


def pytest_terminal_summary(terminalreporter, config):
    """Write the page where a test recorded figures, or where it was asked for."""
    recorded, file = figures(terminalreporter.stats), config.getoption("--figures")
    if not recorded and not file:
        return
    lines = [*head(terminalreporter.stats), *recorded]
    terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(line)
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text("\n".join(lines) + "\n", "utf-8")


def figures(stats):
    """Return by test what it recorded, those that failed too."""
    reports = [report for outcome in ("passed", "failed") for report in stats.get(outcome, ())]
    recorded = sorted(
        (report.nodeid.partition("::"), value)
        for report in reports
        for name, value in report.user_properties
        if name == "figures"
    )
    lines = []
    for (file, _, test), value in recorded:
        lines += ["", f"{file}: {test.removeprefix('test_').replace('_', ' ')}", *value.splitlines()]
    return lines


def head(stats):
    """Return when and where the tests ran, how many ended how, and what took longest."""
    counts = Counter({outcome: len(stats.get(outcome, ())) for outcome in OUTCOMES})
    slowest = sorted(stats.get("passed", ()), key=lambda report: -report.duration)[:3]
    return [
        f"{datetime.now():%Y-%m-%d %H:%M}, Python {platform.python_version()}, {os.cpu_count()} cores",
        ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES),
        "slowest: " + ", ".join(f"{report.nodeid} {report.duration:,.0f} s" for report in slowest),
    ]
