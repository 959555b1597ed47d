import dimod
import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits import qaoa as family
from qwatt.quantum.demand import circuit_counts
from qwatt.quantum.primitives import qaoa as primitive

X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])


def random_bqm(n, seed, vartype="BINARY"):
    rng = np.random.default_rng(seed)
    linear = {f"v{i}": rng.normal() for i in range(n)}
    quadratic = {(f"v{i}", f"v{j}"): rng.normal() for i in range(n) for j in range(i) if rng.random() < 0.7}
    return dimod.BinaryQuadraticModel(linear, quadratic, 0.5, vartype)


def energies(bqm):
    n = bqm.num_variables
    bits = (np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1
    values = bits if bqm.vartype is dimod.BINARY else 2 * bits - 1
    return bqm.energies((values, list(bqm.variables)))


def on(n, *placed):
    operators = [np.eye(2)] * n
    for wire, matrix in placed:
        operators[wire] = matrix
    found = np.eye(1)
    for matrix in operators:
        found = np.kron(found, matrix)
    return found


def state(circuit, weights):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(None, weights)
        return qml.state()

    return np.asarray(run())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 10**6), st.sampled_from(["BINARY", "SPIN"]))
def test_qaoa_is_the_product_of_exponentials(n, layers, seed, vartype):
    bqm = random_bqm(n, seed, vartype)
    weights = np.random.default_rng(seed).normal(size=(2, layers))
    cost, mixer = energies(bqm), sum(on(n, (i, X)) for i in range(n))
    expected = np.full(2**n, 2 ** (-n / 2), dtype=complex)
    for gamma, beta in weights.T:
        expected = expm(-1j * beta * mixer) @ (np.exp(-1j * gamma * cost) * expected)
    found = state(family.qaoa(bqm, layers), weights)
    assert abs(np.vdot(expected, found)) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("n", range(2, 6))
def test_the_xy_ring_is_the_product_of_exponentials_and_keeps_the_ones(n):
    bqm, beta, gamma = random_bqm(n, n), 0.7, 0.4
    start = [1] * (n // 2) + [0] * (n - n // 2)
    expected = np.zeros(2**n, dtype=complex)
    expected[int("".join(map(str, start)), 2)] = 1
    expected = np.exp(-1j * gamma * energies(bqm)) * expected
    for i, j in family.ring_pairs(n):
        pair = (on(n, (i, X), (j, X)) + on(n, (i, Y), (j, Y))) / 2
        expected = expm(-1j * beta * pair) @ expected
    found = state(family.qaoa(bqm, 1, "xy_ring", start), np.array([[gamma], [beta]]))
    assert abs(np.vdot(expected, found)) == pytest.approx(1, abs=1e-9)
    ones = np.array([bin(z).count("1") for z in range(2**n)])
    assert (abs(found[ones != n // 2]) < 1e-12).all()


@pytest.mark.parametrize("n", range(2, 8))
def test_the_ring_has_every_neighbour_once(n):
    pairs = {frozenset(pair) for pair in family.ring_pairs(n)}
    assert pairs == {frozenset((i, (i + 1) % n)) for i in range(n)}
    assert len(family.ring_pairs(n)) == len(pairs)


@pytest.mark.parametrize(("n", "layers"), [(3, 1), (5, 2), (6, 4)])
def test_counts(n, layers):
    bqm = random_bqm(n, n)
    fields, bonds = family.ising_terms(bqm)
    found = circuit_counts(family.qaoa(bqm, layers))
    assert len(fields) == n
    billed = primitive.bill(n, len(bonds), layers).size
    assert (found.gates_1q, found.gates_2q) == (billed.gates_1q, billed.gates_2q)
    xy = circuit_counts(family.qaoa(bqm, layers, "xy_ring", [1, 1] + [0] * (n - 2)))
    ring = primitive.xy_ring_size(n)
    assert xy.gates_1q == 2 + layers * (len(fields) + len(bonds) + ring.gates_1q)
    assert xy.gates_2q == layers * (2 * len(bonds) + ring.gates_2q)


def test_the_engine_has_the_same_convention():
    torch = pytest.importorskip("torch")
    from qwatt.quantum.engine.qaoa.run import qaoa_probs

    bqm, weights = random_bqm(4, 9), np.random.default_rng(9).normal(size=(2, 2))
    fast = qaoa_probs(torch.as_tensor(energies(bqm)), *torch.as_tensor(weights))
    assert np.allclose(abs(state(family.qaoa(bqm, 2), weights)) ** 2, fast.numpy(), atol=1e-9)


def test_p1_maxcut_of_a_3_regular_graph_reaches_the_published_ratio():
    """0.6924 is for triangle-free graphs (1411.4028); the Petersen graph is one."""
    edges = [(i, (i + 1) % 5) for i in range(5)] + [(i, i + 5) for i in range(5)]
    edges += [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
    bqm = dimod.BinaryQuadraticModel.from_ising({}, dict.fromkeys(edges, 0.5))
    for i in range(10):
        bqm.add_variable(i, 0.0)
    circuit, cut = family.qaoa(bqm, 1), 7.5 - energies(bqm)
    gamma, beta = np.arctan(1 / np.sqrt(2)), np.pi / 8
    ratios = [
        np.sum(abs(state(circuit, np.array([[gamma], [sign * beta]]))) ** 2 * cut) / 15 for sign in (1, -1)
    ]
    assert max(ratios) == pytest.approx(0.6924, abs=1e-3)


def test_wrong_arguments_are_refused():
    for arguments in ({"mixer": "grover"}, {"mixer": "xy_ring"}, {"mixer": "xy_ring", "start": [1]}):
        with pytest.raises(QwattError):
            family.qaoa(random_bqm(3, 0), 1, **arguments)
