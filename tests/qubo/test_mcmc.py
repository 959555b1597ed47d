"""Markov chains against Boltzmann's distribution; quenches against the matrix exponential and PennyLane."""

import itertools

import dimod
import numpy as np
import pennylane as qml
import pytest
import torch
from scipy.linalg import expm

from qwatt.core.errors import QwattError
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuits.quench import quench
from qwatt.quantum.engine.qaoa.cost import cost_vector
from qwatt.quantum.engine.qaoa.quench import quench_probs
from qwatt.quantum.primitives import quench as bills
from qwatt.quantum.primitives.size import size_of
from qwatt.quantum.qubo import bqm_shape, energy_of, energy_spread, get_sampler
from qwatt.quantum.qubo.mcmc import moved, random_strings
from qwatt.quantum.qubo.quantum_mcmc import MIXER_SHARE, STEPS, TIME_STEP, mixer_norm


def model(n, seed=0):
    rng = np.random.default_rng(seed)
    pairs = {pair: rng.normal() for pair in itertools.combinations(range(n), 2)}
    return dimod.BinaryQuadraticModel({i: rng.normal() for i in range(n)}, pairs, 0.3, "BINARY")


def strings(n):
    return np.array(list(itertools.product([0, 1], repeat=n)), dtype=np.int8)


def engine_transitions(bqm, angles, steps, keeps_ones):
    cost = cost_vector(bqm, dtype=torch.float64)
    return quench_probs(cost, torch.arange(2**bqm.num_variables), *angles, steps, keeps_ones).numpy()


def transitions(bqm, angles, steps, keeps_ones):
    """Chances between all pairs of bit strings, by PennyLane's own simulator."""
    n, circuit = bqm.num_variables, quench(bqm, steps, keeps_ones)

    @qml.qnode(qml.device("default.qubit", wires=n))
    def run(bits):
        circuit.function(bits, np.array(angles))
        return qml.probs(wires=range(n))

    return np.array([run(bits.astype(float)) for bits in strings(n)])


@pytest.mark.parametrize(("n", "keeps_ones"), [(2, True), (3, False), (3, True), (4, True)])
def test_a_quench_is_as_likely_as_its_reverse(n, keeps_ones):
    found = transitions(model(n), (0.9, 0.35), 6, keeps_ones)
    np.testing.assert_allclose(found, found.T, atol=1e-10)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    if keeps_ones:
        ones = strings(n).sum(axis=1)
        assert found[ones[:, None] != ones].max() < 1e-10
    assert np.abs(found - np.eye(2**n)).max() > 0.01


@pytest.mark.parametrize(("n", "keeps_ones"), [(1, False), (2, True), (4, False), (4, True), (5, True)])
def test_the_engine_draws_from_the_circuit(n, keeps_ones):
    bqm, angles = model(n, 3), (0.7, 0.4)
    found = engine_transitions(bqm, angles, 4, keeps_ones)
    np.testing.assert_allclose(found, transitions(bqm, angles, 4, keeps_ones), atol=1e-9)


@pytest.mark.parametrize("keeps_ones", [False, True])
def test_fine_steps_are_the_matrix_exponential(keeps_ones):
    n, time, share, steps = 4, 1.2, 0.4, 600
    bqm = model(n)
    cost, flips = np.diag(energy_of(bqm, strings(n))), np.zeros((2**n, 2**n))
    for x, y in itertools.product(range(2**n), repeat=2):
        differ = [i for i in range(n) if (x ^ y) >> (n - 1 - i) & 1]
        if not keeps_ones:
            flips[x, y] = len(differ) == 1
        elif len(differ) == 2 and strings(n)[x].sum() == strings(n)[y].sum():
            flips[x, y] = (differ[1] - differ[0]) % n in (1, n - 1)
    exact = np.abs(expm(-1j * time * ((1 - share) * cost + share * flips))) ** 2
    angles = ((1 - share) * time / steps, share * time / steps)
    assert np.abs(engine_transitions(bqm, angles, steps, keeps_ones) - exact).max() < 0.01


@pytest.mark.parametrize("ones", [None, 2])
def test_the_limit_is_boltzmanns_distribution(ones):
    """The stationary state of the exact chain, steps as coarse as they are used."""
    n, beta = 4, 2.0
    bqm = model(n, 1)
    member = np.array([ones is None or bits.sum() == ones for bits in strings(n)])
    energy, spread = energy_of(bqm, strings(n))[member], energy_spread(bqm, ones)
    scale = mixer_norm(n, ones) / spread
    boltzmann = np.exp(-beta * energy / spread)
    boltzmann /= boltzmann.sum()
    for steps in (4, 10):
        angles = (0.6 * scale * TIME_STEP, 0.4 * TIME_STEP)
        proposed = transitions(bqm, angles, steps, ones is not None)[np.ix_(member, member)]
        accepted = np.minimum(1.0, np.exp(-beta * (energy[None, :] - energy[:, None]) / spread))
        chain = proposed * accepted
        np.fill_diagonal(chain, chain.diagonal() + 1.0 - chain.sum(axis=1))
        np.testing.assert_allclose(boltzmann @ chain, boltzmann, atol=1e-8)


@pytest.mark.parametrize("options", [{"ones": 2}, {}], ids=["fixed", "free"])
@pytest.mark.parametrize("name", ["mcmc", "uniform", "quantum-mcmc"])
def test_samples_follow_boltzmanns_distribution(name, options):
    """Total variation distance of the second half of each chain, at a temperature where chains move."""
    bqm, beta, chains, turns = model(4, 2), 1.0, 300, 120
    options = options | {"beta": beta, "chains": chains}
    if name == "uniform":
        name, options = "mcmc", options | {"proposal": "uniform"}
    found = get_sampler(name, **options).sample(bqm, chains * turns, 5)
    ones = options.get("ones")
    member = [bits for bits in strings(4) if ones is None or bits.sum() == ones]
    expected = np.exp(-beta * energy_of(bqm, member) / energy_spread(bqm, ones))
    rows = [tuple(row) for row in found.record.sample[chains * turns // 2 :].tolist()]
    counted = np.array([rows.count(tuple(bits.tolist())) for bits in member])
    assert counted.sum() == len(rows)
    assert np.abs(counted / len(rows) - expected / expected.sum()).sum() / 2 < 0.03


def test_the_mixers_norm_is_that_of_its_matrix():
    for n, ones in [(2, 1), (5, 2), (6, 3)]:
        rows = [bits for bits in strings(n) if bits.sum() == ones]
        pairs = [(0, 1)] if n == 2 else [(i, (i + 1) % n) for i in range(n)]
        squares = sum(bits[i] != bits[j] for bits in rows for i, j in pairs) / len(rows)
        assert mixer_norm(n, ones) == pytest.approx(np.sqrt(squares))
    assert mixer_norm(5) == pytest.approx(np.sqrt(5))


def test_the_bill_is_known_beforehand_and_that_of_the_counted_circuits():
    bqm = model(6)
    for ones in (None, 3):
        backend = EngineBackend()
        sampler = get_sampler("quantum-mcmc", backend, chains=4, ones=ones)
        found = sampler.sample(bqm, 50, 0)
        assert len(found) == 50
        plan = sampler.plan(bqm_shape(bqm), 50)
        assert plan.circuits == plan.shots == 52
        assert _totals(backend.recorder.demand) == _totals(plan)
        gates = sum(
            proposals * size_of(quench(bqm, steps, ones is not None)).gates_2q
            for steps, proposals in sampler.quenches(50).items()
        )
        assert sum(line.circuits * line.gates_2q for line in plan.circuit_lines) == gates


def _totals(demand):
    record = demand.to_record()
    del record["lines"]
    return record


@pytest.mark.parametrize("n", range(2, 9))
def test_bills_of_complete_graphs_are_exact(n):
    bqm, couplings = model(n), n * (n - 1) // 2
    counted, billed = size_of(quench(bqm, 5)), bills.bill(n, couplings, 5).size
    for name in ("qubits", "gates_1q", "gates_2q", "depth", "read"):
        assert getattr(counted, name) == getattr(billed, name), name
    counted, billed = size_of(quench(bqm, 6, True)), bills.fixed_weight_bill(n, couplings, 6).size
    assert (counted.gates_1q, counted.gates_2q) == (billed.gates_1q, billed.gates_2q)
    assert counted.depth <= billed.depth <= 1.35 * counted.depth


def test_quenches_take_the_papers_times_and_both_kinds_of_steps():
    assert sorted(STEPS) == list(range(4, 25, 2))
    assert min(STEPS) * TIME_STEP >= 2 and max(STEPS) * TIME_STEP <= 20
    assert MIXER_SHARE == (0.25, 0.6)
    for steps, keeps_ones in [(0, False), (3, True)]:
        with pytest.raises(QwattError, match="a quench of"):
            quench(model(3), steps, keeps_ones)


def test_local_moves_go_to_neighbours_alone():
    rng = np.random.default_rng(0)
    free = random_strings((300, 5), None, rng)
    assert (np.abs(moved(free, None, rng) - free).sum(axis=1) == 1).all()
    kept = random_strings((300, 5), 2, rng)
    other = moved(kept, 2, rng)
    assert (other.sum(axis=1) == 2).all() and (np.abs(other - kept).sum(axis=1) == 2).all()
    full = random_strings((3, 5), 5, rng)
    assert (moved(full, 5, rng) == full).all()


@pytest.mark.parametrize("name", ["mcmc", "quantum-mcmc"])
def test_chains_find_the_ground_state_and_keep_the_ones(name):
    for seed in range(3):
        bqm = model(8, seed)
        for ones in (None, 3):
            found = get_sampler(name, ones=ones).sample(bqm, 400, seed)
            rows = [bits for bits in strings(8) if ones is None or bits.sum() == ones]
            assert found.first.energy == pytest.approx(energy_of(bqm, rows).min())
            assert ones is None or (found.record.sample.sum(axis=1) == ones).all()
            again = get_sampler(name, ones=ones).sample(bqm, 400, seed)
            assert (again.record.sample == found.record.sample).all()


def test_what_cannot_be_sampled_is_refused():
    with pytest.raises(QwattError, match="3 variables cannot hold 4 ones"):
        get_sampler("mcmc", ones=4).sample(model(3), 10, 0)
    with pytest.raises(QwattError, match="proposal"):
        get_sampler("mcmc", proposal="quench")


def test_a_noisy_machine_cannot_lead_out_of_the_number_of_ones():
    from qwatt.quantum.backends import get_circuit_backend

    backend = get_circuit_backend("noisy:ibm_sherbrooke")
    found = get_sampler("quantum-mcmc", backend, chains=2, ones=1).sample(model(3), 12, 0)
    assert (found.record.sample.sum(axis=1) == 1).all()
