"""The screening design and its estimates, against responses whose effects are known."""

import runpy
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

screening = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "head_screening.py"))
SIGNS = screening["design"]()


def test_the_design_is_orthogonal_and_clear_of_interactions():
    assert SIGNS.shape == (24, len(screening["FACTORS"]))
    assert np.array_equal(SIGNS.T @ SIGNS, 24 * np.eye(11))
    assert not any((SIGNS[:, a] * SIGNS[:, b] @ SIGNS).any() for a, b in combinations(range(11), 2))


def test_known_effects_come_back_whatever_the_interactions():
    rng = np.random.default_rng(3)
    effects = rng.normal(size=11)
    pairs = sum(rng.normal() * SIGNS[:, a] * SIGNS[:, b] for a, b in combinations(range(11), 2))
    response = 0.7 + SIGNS @ effects / 2.0 + pairs
    assert screening["main_effects"](response[None])[0] == pytest.approx(effects)


def test_an_interval_is_students_over_the_seeds():
    rng = np.random.default_rng(4)
    responses = {str(seed): rng.normal(size=24) for seed in range(5)}
    first = next(iter(screening["FACTORS"]))
    row = next(row for row in screening["summary"](responses) if row["factor"] == first)
    high, low = SIGNS[:, 0] > 0, SIGNS[:, 0] < 0
    own = np.array([values[high].mean() - values[low].mean() for values in responses.values()])
    from scipy.stats import ttest_1samp

    interval = ttest_1samp(own, 0.0).confidence_interval(0.95)
    assert row["effect"] == pytest.approx(own.mean())
    assert row["interval"] == pytest.approx([interval.low, interval.high])


def test_results_of_other_designs_are_not_put_together(tmp_path):
    (tmp_path / "a.json").write_text('{"size": "s", "noise": "", "factors": {}, "responses": {}}')
    (tmp_path / "b.json").write_text('{"size": "m", "noise": "", "factors": {}, "responses": {}}')
    with pytest.raises(SystemExit, match="different designs"):
        screening["joined"]([tmp_path / "a.json", tmp_path / "b.json"])
