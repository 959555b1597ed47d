"""Every detector on 200 null runs: its false alarms lie in the binomial interval of the nominal rate."""

import numpy as np
import pytest
from scipy import stats

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend
from qwatt.stages.monitoring.anomaly.amplitude_estimated import AmplitudeEstimated
from qwatt.stages.monitoring.anomaly.mean_kernel import SampledKernel
from qwatt.stages.monitoring.anomaly.problem import ALPHA
from qwatt.stages.monitoring.drift.betting import Betting
from qwatt.stages.monitoring.drift.ddm import Ddm
from qwatt.stages.monitoring.drift.ks import KolmogorovSmirnov

pytestmark = pytest.mark.nightly

RUNS, TRAIN, CALIBRATION, SHOTS = 200, 8, 19, 100
ANOMALY, DRIFT = all_methods("monitoring/anomaly"), all_methods("monitoring/drift")
ALL_AT_ONCE = 0.01 / (len(ANOMALY) + len(DRIFT))
"""Chance that one right detector is refused, such that one of all is with a chance of 1 %."""
RARER = (AmplitudeEstimated, SampledKernel, KolmogorovSmirnov, Ddm, Betting)
"""Estimates and statistics that tie, and validity at any time: alarms may be fewer, never more."""


def context(seed):
    return Unmetered(get_backend("engine"), SHOTS, seed)


def held(method, alarms):
    """Print the rate beside its interval of 95 %, and hold it to the one of all detectors at once."""
    low, high = stats.binom.ppf([0.025, 0.975], RUNS, ALPHA).astype(int)
    print(f"\n{method.task}/{method.name}: {alarms} of {RUNS}, {low} to {high} by the binomial")
    least, most = stats.binom.ppf([ALL_AT_ONCE / 2, 1 - ALL_AT_ONCE / 2], RUNS, ALPHA)
    assert alarms <= most
    assert issubclass(method, RARER) or alarms >= least


@pytest.mark.parametrize("method", ANOMALY, ids=lambda m: m.name)
def test_of_single_texts(method):
    """Each run has clean rows of its own to fit and to calibrate on, and one more that is scored."""
    alarms = 0
    for seed in range(RUNS):
        rows = np.random.default_rng([seed, 1]).normal(size=(TRAIN + CALIBRATION + 1, 5))
        train, calibration, last = np.split(rows, [TRAIN, TRAIN + CALIBRATION])
        detector = method().detector(train, calibration, method.defaults(), context(seed), "")
        scores = method().scores(detector, last, context(RUNS + seed), "predict")
        alarms += int(detector.p_values(scores)[0] <= ALPHA)
    held(method, alarms)


@pytest.mark.parametrize("method", DRIFT, ids=lambda m: m.name)
def test_of_windows(method):
    """Each run is a pair of samples of 12 rows of one normal distribution."""
    rng, detector = np.random.default_rng(23), method()
    settings = method.defaults() | ({"components": 0} if "components" in method.space else {})
    samples = [0.3 * rng.normal(size=(24, 4)) for _ in range(RUNS)]
    encode = detector.encoding(np.concatenate(samples), settings)
    compared = detector.compared([encode(rows) for rows in samples], settings, context(0))
    values = [detector.evidence(sample, settings, rng).p_value for sample in compared]
    held(method, sum(value <= ALPHA for value in values))
