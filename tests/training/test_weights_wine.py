"""The published case on Wine, ten seeds: whose gain it is. Slow: 50 searches and Adams, ten epochs each."""

import statistics

import pytest

from qwatt.core.registry import get_method
from qwatt.testing.trials import run_small, small_spec

TASK = "training/weights"
ROWS = {
    "half-oracle": ("grover-published", {}),
    "textbook": ("grover", {"marks": "near-least"}),
    "coordinate search": ("coordinate-search", {}),
    "random candidate": ("random-candidate", {}),
    "Adam, 1e-2": ("adam", {"learning_rate": 1e-2, "epochs": 10}),
    "Adam, 1e-3": ("adam", {"learning_rate": 1e-3, "epochs": 10}),
}


@pytest.mark.nightly
def test_the_gain_is_that_of_an_undertrained_baseline(record_property):
    accuracy, lines, calls = {}, [], {}
    for row, (name, fixed) in ROWS.items():
        method = type(get_method(TASK, name))
        changes = {"size": "published", "shots": 1024, "fixed": tuple(sorted(fixed.items()))}
        trials = [
            run_small(method, small_spec(method, "wine", seed=seed, **changes))[0] for seed in range(10)
        ]
        qualities = [trial.quality for trial in trials]
        accuracy[row] = statistics.mean(qualities)
        calls[row] = statistics.mean(trial.projected.get("oracle_calls", 0.0) for trial in trials)
        evaluations = trials[0].counters["loss_evaluations"]
        joules = statistics.median(trial.host_energy.value for trial in trials)
        spread = statistics.stdev(qualities)
        lines.append(
            f"{row:18} {accuracy[row]:.3f} +- {spread:.3f}, {evaluations:,.0f} evaluations, {joules:.3g} J"
        )
    record_property("figures", "\n".join(lines))
    assert accuracy["half-oracle"] > 0.94
    for row in ("textbook", "coordinate search", "random candidate", "Adam, 1e-2"):
        assert accuracy[row] == pytest.approx(accuracy["half-oracle"], abs=0.03), row
    assert accuracy["Adam, 1e-3"] < accuracy["half-oracle"] - 0.1
    assert calls["textbook"] < 0.01 * calls["half-oracle"], "more than half are marked: no iteration"
