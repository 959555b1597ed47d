"""The sentence of a measured verdict holds what its word rests on."""

import pytest

from qwatt.core.comparison import compare
from qwatt.core.quantity import Quantity
from qwatt.core.registry import get_task
from qwatt.core.trial import Trial, TrialSpec
from qwatt.report.today import verdict_of


def trials(method, kind, accuracy, joules):
    found = []
    for seed, value in enumerate(joules):
        spec = TrialSpec("tuning/head", method, "x", "s", seed, "engine", 1000, 1)
        energy = Quantity(value, value / 2, value * 2, boundary="node", basis="estimated:cpu_time")
        found.append(Trial(spec, kind, "accuracy", "done", accuracy, host_energy=energy))
    return found


def verdict(accuracy, joules):
    best = trials("classic", "classical", 0.9, [2.0] * 5)
    comparison = compare(get_task("tuning/head"), best + trials("ours", "inspired", accuracy, joules))
    return verdict_of(comparison, comparison.row("ours"))


@pytest.mark.parametrize(
    ("joules", "word", "spread"),
    [([1.0, 3.0, 3.0, 3.0, 6.0], "pilot", "1.5 times"), ([4.0, 6.0, 6.0, 6.0, 8.0], "do not", "3 times")],
)
def test_the_interval_that_decides_is_in_the_sentence(joules, word, spread):
    found = verdict(0.9, joules)
    assert found.word == word
    assert (
        f"{spread} the energy of classic ({min(joules) / 2:.3g} to {max(joules) / 2:.3g})" in found.sentence
    )


def test_a_worse_quality_names_the_metric_in_words():
    assert "median accuracy 0.500 (best 0.500) against 0.900 of classic" in verdict(0.5, [1.0] * 5).sentence
