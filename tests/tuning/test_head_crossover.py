"""The fit of the crossover: a line is found, an outlier neither moves it far nor leaves its own interval."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

crossover = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "head_crossover.py"))
WIDTHS = tuple(range(8, 23, 2))
METER = (0.25, 1.0, 3.0)


def intervals(values):
    return [[share * value for share in METER] for value in values]


def test_a_line_comes_back_with_the_meters_interval():
    bounds, slope = crossover["fitted_interval"](WIDTHS, intervals([1e-6 * 2.0**n for n in WIDTHS]))
    assert slope == pytest.approx(1.0)
    assert bounds(35) == pytest.approx(tuple(share * 1e-6 * 2.0**35 for share in METER))


def test_the_error_of_the_line_is_that_of_least_squares():
    """Equal weights: against SciPy's slope and Student's interval, at n = 0 that of the intercept."""
    noise = np.random.default_rng(1).normal(0.0, 0.2, len(WIDTHS))
    values = [2.0 ** (n - 20 + e) for n, e in zip(WIDTHS, noise, strict=True)]
    bounds, slope = crossover["fitted_interval"](WIDTHS, [[v, v, v] for v in values])
    truth = stats.linregress(WIDTHS[4:], np.log2(values[4:]))
    half = stats.t.ppf(0.975, 2) * truth.intercept_stderr
    assert slope == pytest.approx(truth.slope)
    assert np.log2(bounds(0)) == pytest.approx(
        [truth.intercept - half, truth.intercept, truth.intercept + half]
    )


@given(st.lists(st.floats(-3.0, 3.0), min_size=8, max_size=8), st.integers(8, 60))
def test_an_interval_holds_its_value(noise, n):
    values = [2.0 ** (w - 20 + e) for w, e in zip(WIDTHS, noise, strict=True)]
    low, value, high = crossover["fitted_interval"](WIDTHS, intervals(values))[0](n)
    assert low < value < high


def test_a_width_of_which_little_is_known_weighs_little():
    rows = intervals([1e-6 * 2.0**n for n in WIDTHS])
    rows[-1] = [1e-3 * rows[-1][1], 10.0 * rows[-1][1], 1e5 * rows[-1][1]]
    slope = crossover["fitted_interval"](WIDTHS, rows)[1]
    plain = np.polyfit(WIDTHS[4:], np.log2([row[1] for row in rows[4:]]), 1)[0]
    assert abs(slope - 1.0) < 0.1 * abs(plain - 1.0)


def test_too_few_widths_are_refused():
    with pytest.raises(SystemExit, match="5 widths or more, not 4"):
        crossover["fitted_interval"](WIDTHS[:4], intervals([1.0, 2.0, 4.0, 8.0]))
