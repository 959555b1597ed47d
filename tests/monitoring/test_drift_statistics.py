"""The newer statistics of monitoring/drift against definitions written out, other libraries, and circuits."""

import numpy as np
import pennylane as qml
import pytest
from river.drift.binary import DDM
from scipy import stats

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
from qwatt.quantum.algorithms.closed_forms import ring_kernel_of_pairs
from qwatt.quantum.algorithms.kernel_concentration import Concentration
from qwatt.quantum.circuits.amplification import amplified
from qwatt.quantum.circuits.feature_maps import iqp_map
from qwatt.quantum.circuits.overlap import OverlapTest
from qwatt.quantum.circuits.state_preparation import gray_turns
from qwatt.quantum.circuits.tabulated_mean import tabulated_mean
from qwatt.stages.monitoring.drift.amplitude_estimated import AmplitudeEstimated
from qwatt.stages.monitoring.drift.betting import wealth
from qwatt.stages.monitoring.drift.ddm import WARM_START, excesses
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd, ring_kernel
from qwatt.stages.monitoring.drift.mixture_overlap import DrawnPairs, drawn_discrepancies, drawn_pairs
from qwatt.stages.monitoring.drift.mmd_fuse import MmdFuse, normalised_kernels
from qwatt.stages.monitoring.drift.permutation import labels


def test_the_fused_statistic_is_its_definition():
    rows = np.random.default_rng(0).normal(size=(12, 3))
    assigned = labels(12, np.random.default_rng(1))[:4]
    grams = normalised_kernels(rows)
    for found, window in zip(MmdFuse().statistics(grams, assigned, {}), assigned, strict=True):
        each = []
        for gram in np.moveaxis(grams, -1, 0):
            x, y = np.flatnonzero(~window), np.flatnonzero(window)
            within = [sum(gram[i, j] for i in part for j in part if i != j) / 30 for part in (x, y)]
            each.append(sum(within) - 2 * gram[np.ix_(x, y)].mean())
        rate = np.sqrt(6 * 5)
        assert found == pytest.approx(np.log(np.mean(np.exp(rate * np.array(each)))) / rate, abs=1e-9)
    off = grams[~np.eye(12, dtype=bool)]
    assert (off**2).sum(axis=0) / 30 == pytest.approx(1.0)


def test_the_excess_is_what_makes_ddm_alarm():
    """River's DDM with a threshold alarms where the excess is above it, for the first time."""
    rng = np.random.default_rng(5)
    for threshold in (1.5, 2.0, 3.0):
        errors = (rng.random(200) < np.repeat([0.2, 0.6], 100)).astype(float)
        detector = DDM(warm_start=WARM_START, drift_threshold=threshold)
        alarm = None
        for i, error in enumerate(errors):
            detector.update(bool(error))
            if detector.drift_detected:
                alarm = i
                break
        ours = np.flatnonzero(excesses(errors[None])[0] > threshold)
        assert alarm is not None and ours[0] == alarm


def test_wealth_is_a_fair_game_whichever_texts_change_places():
    """Over all 2^m exchanges of partners the mean wealth is exactly 1 at the end: a martingale."""
    rows = np.random.default_rng(3).normal(size=(10, 2))
    gram = np.exp(-0.5 * ((rows[:, None] - rows) ** 2).sum(-1))
    final = []
    for exchange in np.ndindex(*(2,) * 5):
        order = np.arange(10)
        for i, swapped in enumerate(exchange):
            order[[i, i + 5]] = order[[i + 5, i]] if swapped else order[[i, i + 5]]
        final.append(wealth(gram[np.ix_(order, order)]))
    assert np.mean(final, axis=0) == pytest.approx(np.ones(6), abs=1e-9)
    assert np.std(final, axis=0)[-1] > 0.01


def test_random_pairs_estimate_the_discrepancy():
    rows = 0.4 * np.random.default_rng(2).normal(size=(20, 4)) + np.repeat([[0.0], [1.0]], 10, axis=0)
    gram = ring_kernel(rows)
    left, right = drawn_pairs(20, 400_000, np.random.default_rng(1))
    assert (left != right).all()
    counts = np.bincount(left * 20 + right, minlength=400).reshape(20, 20)[~np.eye(20, dtype=bool)]
    assert stats.chisquare(counts).pvalue > 1e-4
    observed = labels(20, np.random.default_rng(0))[:1]
    sample = DrawnPairs.of(left, right, ring_kernel_of_pairs(rows, left, right), 20)
    off = ~np.eye(10, dtype=bool)
    exact = gram[:10, :10][off].mean() + gram[10:, 10:][off].mean() - 2 * gram[:10, 10:].mean()
    assert drawn_discrepancies(sample, observed)[0] == pytest.approx(exact, abs=0.01)
    assert exact > 0.05


@pytest.mark.parametrize("kind", ["inversion", "swap"])
def test_listed_pairs_are_measured_alike_by_states_and_by_circuits(kind):
    rows = np.random.default_rng(4).normal(size=(5, 3))
    left, right = np.array([0, 1, 4, 4, 2]), np.array([1, 0, 2, 2, 2])
    test = OverlapTest(kind, iqp_map(3, entanglement="ring"))
    exact = np.append(ring_kernel(rows)[left[:4], right[:4]], 1.0)
    demands = []
    for spec in ("engine", "pennylane:default.qubit"):
        backend = get_backend(spec)
        assert backend.pair_overlaps(test, rows, left, right).numpy() == pytest.approx(exact, abs=1e-6)
        demands.append(backend.recorder.demand)
        backend.seed(1)
        seen = backend.pair_overlaps(test, rows, left, right, shots=4_000).numpy()
        assert np.abs(seen - exact).max() < 5 / np.sqrt(4_000)
    assert demands[0] == demands[1] and demands[0].circuits == 5


def test_the_last_wire_shows_the_mean_of_the_table_and_amplification_sharpens_it():
    values = np.random.default_rng(6).random(8)
    circuit = tabulated_mean(3)
    angle = np.arcsin(np.sqrt(values.mean()))
    turns = gray_turns(2 * np.arcsin(np.sqrt(values)))
    for k in (0, 1, 2):
        device = qml.device("default.qubit", wires=4)

        @qml.qnode(device)
        def chance(k=k):
            amplified(circuit, k, 3).function(turns, None)
            return qml.probs(wires=3)

        assert chance()[1] == pytest.approx(np.sin((2 * k + 1) * angle) ** 2, abs=1e-9)


def test_estimates_are_near_the_means_that_they_are_of():
    rng = np.random.default_rng(3)
    scores = np.concatenate([rng.random(30), 0.7 * rng.random(30)])
    context = Unmetered(get_backend("engine"), shots=2_000)
    (found,) = AmplitudeEstimated().compared([scores[:, None]], {"doublings": 4}, context)
    assert found.statistics[0] == pytest.approx(scores[:30].mean() - scores[30:].mean(), abs=0.02)
    assert len(found) == 20


@pytest.mark.parametrize(
    ("bandwidth", "blind", "far"), [(0.3, False, None), (30.0, True, "far apart"), (1e-3, True, "alike")]
)
def test_an_untuned_bandwidth_is_detected(bandwidth, blind, far):
    rows = np.random.default_rng(8).normal(size=(60, 8))
    context = Unmetered(get_backend("engine"), shots=1_000)
    grams = KernelMmd().compared([bandwidth * rows], {}, context)
    found = Concentration.of(grams, 1_000)
    exact = Concentration.of([ring_kernel(bandwidth * rows)], None)
    assert found.concentrated is exact.concentrated is blind
    assert found.deviation == pytest.approx(exact.deviation, abs=0.01)
    if far:
        assert far in found.said(bandwidth)
        remarks = KernelMmd().remarks(grams, {"bandwidth": bandwidth}, 1_000)
        assert remarks["concentrated"] and "bandwidth" in remarks
