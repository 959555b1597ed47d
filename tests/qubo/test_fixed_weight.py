"""QAOA that keeps the number of ones."""

import math

import numpy as np
import pennylane as qml
import pytest
from test_samplers import random_bqm

from qwatt.core.errors import QwattError
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.backends.plugin import PennyLaneBackend
from qwatt.quantum.primitives.size import size_of
from qwatt.quantum.qubo import bqm_from_arrays, bqm_shape, energies, energy_spread, get_sampler
from qwatt.quantum.qubo.fixed_weight import fixed_weight_qaoa, prepare_dicke


@pytest.mark.parametrize("wires", [1, 2, 3, 5, 6])
def test_the_dicke_state_is_uniform_over_its_strings(wires):
    node = qml.QNode(
        lambda ones: (prepare_dicke(wires, ones), qml.state())[1], qml.device("default.qubit", wires=wires)
    )
    count = np.array([bin(i).count("1") for i in range(2**wires)])
    for ones in range(wires + 1):
        truth = (count == ones) / math.sqrt(math.comb(wires, ones))
        assert abs(np.vdot(truth, node(ones))) == pytest.approx(1.0)
    with pytest.raises(QwattError, match="cannot hold"):
        prepare_dicke(wires, wires + 1)


@pytest.mark.parametrize(("n", "ones"), [(4, 2), (5, 3)])
def test_the_circuit_is_what_the_engine_samples(n, ones):
    bqm, angles = random_bqm(n, 1), ([0.4, 0.7], [-0.5, -0.2])
    rows = [
        backend.qaoa(bqm, *angles, 20_000, np.random.default_rng(0), ones=ones).record.energy
        for backend in (EngineBackend(dtype="complex128"), PennyLaneBackend("default.qubit"))
    ]
    spread = energies(bqm).std() / math.sqrt(20_000)
    assert rows[0].mean() == pytest.approx(rows[1].mean(), abs=4.5 * 2 * spread)


@pytest.mark.parametrize(("n", "ones", "depth"), [(4, 1, 2), (5, 3, 1), (6, 3, 3)])
def test_the_plan_has_the_gates_of_the_circuit_and_is_what_is_billed(n, ones, depth):
    bqm, backend = random_bqm(n, 0), EngineBackend()
    sampler = get_sampler("qaoa", backend, depth=depth, ones=ones)
    plan = sampler.plan(bqm_shape(bqm), 30)
    line = size_of(fixed_weight_qaoa(bqm, depth, ones))
    assert (plan.gates_1q, plan.gates_2q) == (line.gates_1q, line.gates_2q)
    assert plan.depth / 1.25 <= line.depth <= 1.25 * plan.depth
    found = sampler.sample(bqm, 30, 0)
    assert backend.recorder.demand == plan
    assert (found.record.sample.sum(axis=1) == ones).all()


def test_it_beats_guessing_among_feasible_strings():
    gains = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        bqm = bqm_from_arrays(rng.normal(size=10), np.triu(rng.normal(size=(10, 10)), 1))
        count = np.array([bin(i).count("1") for i in range(2**10)])
        feasible = energies(bqm)[count == 5]
        assert energy_spread(bqm, 5) == pytest.approx(feasible.std())
        found = get_sampler("qaoa", ones=5).sample(bqm, 1000, seed).record.energy
        gains.append((feasible.mean() - found.mean()) / (feasible.mean() - feasible.min()))
    assert min(gains) > 0.3


def test_more_ones_than_variables_are_refused():
    with pytest.raises(QwattError, match="cannot hold 5 ones"):
        get_sampler("qaoa", ones=5).sample(random_bqm(4, 0), 10, 0)
