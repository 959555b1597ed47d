import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms import amplitude_estimation as ae
from qwatt.quantum.algorithms import minimum_finding as mf
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuits import feature_maps, overlap
from qwatt.quantum.primitives import amplitude_estimation


def test_duerr_hoyer_finds_the_minimum_within_the_proven_expectation():
    spent, hits = [], 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        losses = rng.permutation(128).astype(float)
        found = mf.find_minimum(losses, rng, target=0.0, budget=10**6)
        hits += found.value == 0
        spent.append(found.oracle_calls + found.checks)
        assert found.loss_evaluations == 128
    assert hits == 200
    assert np.mean(spent) < mf.call_budget(128) / 2
    assert np.mean(spent) > math.sqrt(128)


def test_success_with_the_published_budget_is_at_least_a_half():
    hits = sum(
        mf.find_minimum(np.random.default_rng(s).permutation(64), np.random.default_rng(s)).value == 0
        for s in range(200)
    )
    assert hits > 150


def test_oracle_calls_grow_as_the_square_root():
    def mean_calls(items):
        runs = (
            mf.find_minimum(rng.permutation(items), rng, target=0.0, budget=10**7)
            for rng in map(np.random.default_rng, range(150))
        )
        return np.mean([run.oracle_calls + run.checks for run in runs])

    slope = math.log(mean_calls(4096) / mean_calls(64)) / math.log(64)
    assert slope == pytest.approx(0.5, abs=0.06)


def test_the_two_counts_are_apart():
    found = mf.find_minimum(np.arange(8.0), np.random.default_rng(0))
    assert found.counters == {"loss_evaluations": 8}
    assert found.projected == {"oracle_calls": sum(found.iterations), "oracle_checks": found.checks}


def test_the_top_percent_of_512_takes_about_28_calls():
    runs = [
        mf.find_minimum(rng.permutation(512), rng, target=4.0)
        for rng in map(np.random.default_rng, range(200))
    ]
    assert np.median([run.oracle_calls + run.checks for run in runs]) == pytest.approx(28, abs=6)


def test_ties_and_a_single_item_end():
    for losses in (np.zeros(16), np.ones(1)):
        found = mf.find_minimum(losses, np.random.default_rng(0))
        assert found.value == losses[0]


def test_circuits_on_a_backend_find_the_minimum_and_are_charged():
    backend = EngineBackend()
    losses = np.array([5.0, 3, 9, 1, 7, 8, 2, 6])
    measure = mf.on_backend(backend)
    found = mf.find_minimum(losses, np.random.default_rng(1), target=1.0, budget=500, measure=measure)
    assert (found.index, found.value) == (3, 1.0)
    assert backend.recorder.demand.shots == len(found.iterations)
    with pytest.raises(QwattError, match="power of two"):
        mf.find_minimum(losses[:7], np.random.default_rng(1), measure=measure)


def test_estimation_on_a_backend_is_charged_what_was_planned():
    backend, circuit = EngineBackend(), overlap.swap_test(feature_maps.angle_map(1))
    inputs = np.array([0.2, 1.3])
    measure = ae.on_backend(backend, circuit, inputs, rng=np.random.default_rng(0))
    found = ae.estimate_amplitude(measure, 0.02)
    assert found.low <= (1 - math.cos(0.55) ** 2) / 2 <= found.high
    planned, charged = amplitude_estimation.demand(circuit, found.rounds), backend.recorder.demand
    for total in ("circuits", "shots", "qubits", "gates_1q", "gates_2q", "depth", "measurements"):
        assert getattr(planned, total) == getattr(charged, total)


def test_a_nan_loss_is_refused():
    with pytest.raises(QwattError):
        mf.find_minimum([1.0, math.nan], np.random.default_rng(0))


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.integers(0, 10**6))
def test_the_interval_is_as_narrow_as_asked(amplitude, seed):
    found = ae.estimate_amplitude(ae.sampled(amplitude, np.random.default_rng(seed)), 0.01)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low <= 2 * 0.01
    assert found.oracle_calls == sum((2 * k + 1) * n for k, n in found.rounds)


def test_the_interval_covers_as_often_as_stated():
    rng = np.random.default_rng(0)
    amplitudes = rng.random(400)
    runs = [ae.estimate_amplitude(ae.sampled(a, rng), 0.005) for a in amplitudes]
    covered = np.mean([r.low <= a <= r.high for r, a in zip(runs, amplitudes, strict=True)])
    assert covered >= 0.95


@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-4])
def test_calls_are_about_fifty_over_the_error(error):
    rng = np.random.default_rng(1)
    runs = [ae.estimate_amplitude(ae.sampled(a, rng), error) for a in rng.random(200)]
    constant = np.mean([r.oracle_calls for r in runs]) * error
    assert 38 < constant < 56


def test_contradicting_rounds_still_end_in_an_interval():
    answers = iter([50, 100, 0, 100, 0] * 1000)
    found = ae.estimate_amplitude(lambda k, shots: next(answers), 0.001)
    assert 0 <= found.low < found.high <= 1


@pytest.mark.parametrize("wrong", [{"error": 0.7}, {"error": 0.1, "alpha": 0}, {"error": 0.1, "ratio": 1}])
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(QwattError):
        ae.estimate_amplitude(lambda k, n: 0, **wrong)


def test_many_minima_are_found_as_one_by_one():
    """The same law for every row: as often right, and as many calls on average."""
    rng = np.random.default_rng(4)
    losses = np.stack([rng.permutation(16) for _ in range(400)])
    found = mf.find_minima(losses, np.random.default_rng(0))
    right = (losses[np.arange(400), found.indices] == 0).mean()
    singles = [mf.find_minimum(row, np.random.default_rng(i)) for i, row in enumerate(losses)]
    assert right == pytest.approx(np.mean([one.value == 0 for one in singles]), abs=0.03)
    assert found.oracle_calls / 400 == pytest.approx(np.mean([s.oracle_calls for s in singles]), rel=0.05)
    assert found.checks / 400 == pytest.approx(np.mean([s.checks for s in singles]), rel=0.05)
    assert found.loss_evaluations == 6400
