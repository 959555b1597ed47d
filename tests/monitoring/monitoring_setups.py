"""What detectors of streams are made of, in tests."""

from qwatt.stages.monitoring.drift.watch.detector import Setup


def setup_of(rows, alpha=0.05, window=50, **settings):
    """Return a setup of a reference, a quarter of which is fitted to."""
    cut = len(rows) // 4
    return Setup(rows[:cut], rows[cut:], alpha, window, 0, "engine", 200, settings)
