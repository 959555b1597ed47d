"""Rounding as QUBO against exhaustive search, and the searches against their own definition."""

from __future__ import annotations

import sys
import types
from itertools import product

import dimod
import numpy as np
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend, get_method
from qwatt.stages.deployment.quantise.adaround import AdaRound
from qwatt.stages.deployment.quantise.annealer import Annealer
from qwatt.stages.deployment.quantise.coordinate_descent import descended_codes
from qwatt.stages.deployment.quantise.gptq import damped, gptq
from qwatt.stages.deployment.quantise.grid import fit_grid
from qwatt.stages.deployment.quantise.layer_error import row_errors
from qwatt.stages.deployment.quantise.one_flip import descended
from qwatt.stages.deployment.quantise.qubo_rounding import DAMPING, QuboRounding
from qwatt.stages.deployment.quantise.row_windows import RowState, coupled_windows, window_widths
from qwatt.stages.deployment.quantise.sign_round import SignRound
from qwatt.stages.deployment.quantise.windows_exact import minima
from qwatt.stages.deployment.quantise.workbench import Rows
from qwatt.testing import MethodChecks

TASK = "deployment/quantise"
COLUMNS = 10


def made(seed, count=6, columns=COLUMNS, bits=2):
    """Return rows whose inputs are strongly correlated, and their grid."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(300, 4)) @ rng.normal(size=(4, columns)) + 0.3 * rng.normal(size=(300, columns))
    weights = rng.normal(size=(count, columns)).astype(np.float32)
    moment = damped(inputs.T @ inputs / len(inputs), 0.01)
    rows = Rows(("layer",), weights, (slice(0, count),), moment)
    return rows, fit_grid(weights, np.full(count, bits), 0, "minmax", moment.diagonal())


def error(rows, grid, codes):
    return row_errors(grid.values(codes) - rows.weights.astype(np.float64), rows.moment)


def best_of_all(rows, grid):
    """Return the least error of each row over all roundings down or up of its weights."""
    below = np.clip(np.floor(rows.weights / grid.steps + grid.offsets), 0, grid.top - 1)
    every = np.array(list(product((0, 1), repeat=rows.weights.shape[1])))
    found = []
    for row in range(len(below)):
        values = (below[row] + every - grid.offsets[row]) * grid.steps[row] - rows.weights[row]
        found.append(row_errors(values, rows.moment).min())
    return np.array(found)


@pytest.mark.parametrize("width", [1, 4, COLUMNS])
def test_a_windows_energy_is_the_error_that_its_bits_leave(width):
    rows, grid = made(0)
    codes = grid.nearest(rows.weights)
    state = RowState(rows.weights, rows.moment, grid, codes)
    rng = np.random.default_rng(1)
    inside = np.sort(rng.choice(COLUMNS, width, replace=False))
    qubos = state.window(inside)
    bits = rng.integers(2, size=(6, width), dtype=np.int8)
    other = codes.copy()
    other[:, inside] = qubos.below + bits
    change = error(rows, grid, other) - error(rows, grid, codes)
    assert qubos.energies(bits) - qubos.now == pytest.approx(change, rel=1e-4, abs=1e-5)


def test_a_window_of_the_whole_row_is_adarounds():
    rows, grid = made(2)
    state = RowState(rows.weights, rows.moment, grid, gptq(rows, grid, 0.01))
    qubos = state.window(np.arange(COLUMNS))
    lower = np.clip(np.floor(rows.weights / grid.steps + grid.offsets), 0, grid.top - 1)
    assert np.array_equal(qubos.below, lower)
    bits = minima(qubos)
    assert qubos.energies(bits) == pytest.approx(best_of_all(rows, grid), rel=1e-4)


def test_what_is_taken_never_makes_a_row_worse():
    rows, grid = made(3, columns=30)
    state = RowState(rows.weights, rows.moment, grid, gptq(rows, grid, 0.01))
    rng = np.random.default_rng(0)
    before = error(rows, grid, state.codes)
    for inside in coupled_windows(rows.moment, 7, rng) * 3:
        state.take(inside, state.window(inside), rng.integers(2, size=(6, len(inside)), dtype=np.int8))
        after = error(rows, grid, state.codes)
        assert (after <= before * (1 + 1e-6)).all()
        before = after


@pytest.mark.parametrize(("columns", "width"), [(30, 7), (12, 12), (5, 64)])
def test_windows_hold_every_column_once(columns, width):
    rows, _ = made(4, columns=columns)
    found = coupled_windows(rows.moment, width, np.random.default_rng(0))
    assert sorted(np.concatenate(found).tolist()) == list(range(columns))
    assert sorted(map(len, found)) == sorted(window_widths(columns, width))


@pytest.mark.parametrize("name", ["rounding-annealing", "rounding-tabu", "windows-exact", "qaoa-windows"])
def test_samplers_find_the_best_rounding_of_short_rows(name):
    """Of ten weights, beginning with GPTQ's codes, which may be better than any rounding down or up."""
    rows, grid = made(5)
    judged = Rows(rows.names, rows.weights, rows.spans, damped(rows.moment, DAMPING))
    start = error(judged, grid, gptq(rows, grid, DAMPING))
    method = get_method(TASK, name)
    context = Unmetered(get_backend("engine"), shots=1_000)
    found = method.rounded(rows, grid, method.defaults(), context)
    expected = np.minimum(best_of_all(judged, grid), start)
    assert error(judged, grid, found.codes) == pytest.approx(expected, rel=1e-3)


def test_rows_in_blocks_are_rounded_as_all_at_once(monkeypatch):
    """Whole rows are one window, which is searched whole: no draw makes a difference."""
    rows, grid = made(9)
    method, context = get_method(TASK, "windows-exact"), Unmetered(get_backend("engine"))
    whole = method.rounded(rows, grid, method.defaults(), context).codes
    monkeypatch.setattr("qwatt.stages.deployment.quantise.qubo_rounding._ROWS", 4)
    assert np.array_equal(method.rounded(rows, grid, method.defaults(), context).codes, whole)


def test_no_single_flip_betters_a_descent():
    rows, grid = made(6, columns=16)
    qubos = RowState(rows.weights, rows.moment, grid, grid.nearest(rows.weights)).window(np.arange(16))
    bits = descended(qubos)
    for j in range(16):
        other = bits.copy()
        other[:, j] ^= 1
        assert (qubos.energies(other) >= qubos.energies(bits) - 1e-9).all()


def test_no_single_code_betters_coordinate_descent():
    rows, grid = made(7, bits=3)
    found = descended_codes(rows, rows.moment, grid, grid.nearest(rows.weights), 100)
    least = error(rows, grid, found)
    assert least.sum() < error(rows, grid, grid.nearest(rows.weights)).sum()
    for j, code in product(range(COLUMNS), range(8)):
        other = found.copy()
        other[:, j] = code
        assert (error(rows, grid, other) >= least * (1 - 1e-6)).all()


@pytest.mark.parametrize(("method", "steps", "share"), [(AdaRound, 1_000, 0.75), (SignRound, 200, 0.95)])
def test_learned_roundings_leave_less_than_rounding_to_nearest(method, steps, share):
    rows, grid = made(8, count=20, columns=24)
    settings = {**method.defaults(), "steps": steps}
    found = method().rounded(rows, grid, settings, None)
    difference = found.weights - rows.weights
    nearest = error(rows, grid, grid.nearest(rows.weights)).sum()
    assert row_errors(difference, rows.moment).sum() < share * nearest
    assert found.codes.max() <= 3


def test_quantum_windows_and_their_twins_have_equal_rights():
    """As many passes, as wide windows, as many settings to choose from."""
    names = ("qaoa-windows", "qaoa-windows-separable", "windows-exact", "random-rounding")
    methods = [get_method(TASK, name) for name in names]
    assert {(m.width, m.space["passes"], len(m.space["clip"])) for m in methods} == {(12, (1,), 2)}
    begins_with_gptq = {m.name for m in all_methods(TASK) if issubclass(m, QuboRounding)}
    assert begins_with_gptq > set(names)


class FakeSampler:
    """Stands for the annealer: draws as many reads by simulated annealing."""

    def __init__(self, solver=None):
        self.solver = solver

    def sample(self, bqm, num_reads):
        from dwave.samplers import SimulatedAnnealingSampler

        assert isinstance(bqm, dimod.BinaryQuadraticModel)
        return SimulatedAnnealingSampler().sample(bqm, num_reads=num_reads, num_sweeps=20, seed=0)


@pytest.fixture(autouse=True)
def fake_annealer(monkeypatch):
    module = types.ModuleType("dwave.system")
    module.DWaveSampler, module.EmbeddingComposite = FakeSampler, lambda child: child
    monkeypatch.setitem(sys.modules, "dwave.system", module)


class TestAnnealer(MethodChecks):
    method = Annealer
    tuning_trials = 1
