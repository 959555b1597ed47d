"""Cost vectors and QAOA against PennyLane, dense matrices, finite differences and closed forms."""

import gc
import itertools
import math

import dimod
import networkx as nx
import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.qaoa import adjoint
from qwatt.quantum.engine.qaoa.cost import Ising, cost_vector, unit_spread
from qwatt.quantum.engine.qaoa.run import (
    linear_ramp,
    qaoa_energy,
    qaoa_energy_and_gradient,
    qaoa_probs,
    qaoa_state,
)
from qwatt.quantum.engine.qaoa.xy_ring import dicke_state

X = torch.tensor([[0, 1], [1, 0]], dtype=torch.complex128)
Y = torch.tensor([[0, -1j], [1j, 0]], dtype=torch.complex128)


def random_ising(n, seed, fields=True):
    rng = np.random.default_rng(seed)
    return Ising(rng.normal(size=n) * fields, np.triu(rng.normal(size=(n, n)), 1), 0.3)


def on_wire(matrix, wire, n):
    return torch.kron(
        torch.kron(torch.eye(2**wire, dtype=torch.complex128), matrix),
        torch.eye(2 ** (n - wire - 1), dtype=torch.complex128),
    )


def dense_state(cost, gammas, betas, start, generators):
    """The definition: full matrix exponentials of each commuting sub-layer."""
    state = start
    for gamma, beta in zip(gammas, betas, strict=True):
        state = state * torch.exp(-1j * gamma * cost)
        for generator in generators:
            state = torch.linalg.matrix_exp(-1j * beta * generator) @ state
    return state


def wire_by_wire_state(cost, gammas, betas, n):
    """exp(-i beta X) = cos - i sin X on one wire after another."""
    state = torch.full((2**n,), 2 ** (-n / 2), dtype=torch.complex128)
    for gamma, beta in zip(gammas, betas, strict=True):
        state = state * torch.exp(-1j * gamma * cost)
        for wire in range(n):
            flipped = state.view(2**wire, 2, -1).flip(1).reshape(-1)
            state = torch.cos(beta) * state - 1j * torch.sin(beta) * flipped
    return state


def cut_bqm(graph):
    bqm = dimod.BinaryQuadraticModel("BINARY")
    bqm.add_linear_from(dict.fromkeys(graph, 0.0))
    for a, b in graph.edges:
        bqm.add_linear(a, -1.0)
        bqm.add_linear(b, -1.0)
        bqm.add_quadratic(a, b, 2.0)
    return bqm


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_cost_vector_enumerates_a_bqm(n, vartype):
    rng = np.random.default_rng(n)
    pairs = {(i, j): rng.normal() for i, j in itertools.combinations(range(n), 2)}
    bqm = dimod.BinaryQuadraticModel({i: rng.normal() for i in reversed(range(n))}, pairs, 0.7, vartype)
    cost = cost_vector(bqm, dtype=torch.float64)
    low = 0 if vartype == "BINARY" else -1
    for z, bits in enumerate(itertools.product([low, 1], repeat=n)):
        assert cost[z].item() == pytest.approx(bqm.energy(dict(zip(bqm.variables, bits, strict=True))))


def test_cost_vector_of_arrays():
    rng = np.random.default_rng(3)
    linear, quadratic = rng.normal(size=4), rng.normal(size=(4, 4))
    cost = cost_vector((linear, quadratic), dtype=torch.float64)
    for z, bits in enumerate(itertools.product([0, 1], repeat=4)):
        x = np.array(bits)
        assert cost[z].item() == pytest.approx(linear @ x + x @ quadratic @ x)


def test_cost_without_fields_is_bitwise_symmetric():
    cost = cost_vector(random_ising(9, 0, fields=False))
    assert torch.equal(cost, cost.flip(0))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("fields", [False, True])
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_state_probabilities_energy_and_gradient(n, fields, library, monkeypatch):
    """Even and odd wires, one and several blocks, half and whole register, both array libraries."""
    monkeypatch.setattr("qwatt.quantum.engine.qaoa.adjoint.MIN_SYMMETRIC_WIRES", 3)
    monkeypatch.setattr("qwatt.quantum.engine.qaoa.planes.NUMPY_WIRES", 16 if library == "numpy" else -1)
    cost = cost_vector(random_ising(n, n, fields), dtype=torch.float64)
    rng = np.random.default_rng(n)
    gammas, betas = (torch.tensor(rng.normal(size=3), requires_grad=True) for _ in range(2))
    expected = wire_by_wire_state(cost, gammas, betas, n)
    energy = (expected.abs().square() * cost).sum()
    wanted = torch.autograd.grad(energy, [gammas, betas])

    ours = qaoa_energy(cost, gammas, betas)
    torch.testing.assert_close(ours, energy, atol=1e-10, rtol=0)
    for got, want in zip(torch.autograd.grad(ours, [gammas, betas]), wanted, strict=True):
        torch.testing.assert_close(got, want, atol=1e-9, rtol=0)
    value, *gradient = qaoa_energy_and_gradient(cost, gammas, betas)
    assert value == pytest.approx(energy.item(), abs=1e-10)
    torch.testing.assert_close(torch.tensor(gradient).double(), torch.stack(wanted), atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(qaoa_state(cost, gammas, betas), expected.detach(), atol=1e-10, rtol=0)
    torch.testing.assert_close(
        qaoa_probs(cost, gammas, betas), expected.detach().abs().square(), atol=1e-10, rtol=0
    )


def test_a_cost_changed_in_place_is_seen():
    """Buffers stay with the cost between calls; a new symmetry or new values must not be missed."""
    cost = cost_vector(random_ising(14, 3, fields=False), dtype=torch.float64)
    before = qaoa_energy(cost, [0.3], [0.2])
    assert qaoa_energy(cost, [0.3], [0.2]) == before
    cost[5] += 100.0
    fresh = qaoa_energy(cost.clone(), [0.3], [0.2])
    assert qaoa_energy(cost, [0.3], [0.2]) == fresh
    assert fresh != before


def test_buffers_die_with_the_cost():
    cost = cost_vector(random_ising(6, 3))
    key = id(cost)
    qaoa_energy(cost, [0.3], [0.2])
    assert key in adjoint._idle
    del cost
    gc.collect()
    assert key not in adjoint._idle


def test_a_second_derivative_is_refused():
    cost, angle = cost_vector(random_ising(4, 3)), torch.tensor([0.3], requires_grad=True)
    with pytest.raises(QwattError, match="once only"):
        torch.autograd.grad(qaoa_energy(cost, angle, angle), angle, create_graph=True)


def test_energy_matches_pennylane_circuit():
    graph = nx.random_regular_graph(3, 8, seed=1)
    cost = cost_vector(cut_bqm(graph))
    cost_h, mixer_h = qml.qaoa.maxcut(graph)

    @qml.qnode(qml.device("default.qubit", wires=8))
    def circuit(gammas, betas):
        for wire in range(8):
            qml.Hadamard(wire)
        for gamma, beta in zip(gammas, betas, strict=True):
            qml.qaoa.cost_layer(gamma, cost_h)
            qml.qaoa.mixer_layer(beta, mixer_h)
        return qml.expval(cost_h)

    gammas = torch.tensor([0.4, 0.7], dtype=torch.float64, requires_grad=True)
    betas = torch.tensor([0.6, 0.2], dtype=torch.float64, requires_grad=True)
    theirs = circuit(gammas, betas)
    ours = qaoa_energy(cost, gammas, betas)
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)
    wanted = torch.autograd.grad(theirs, [gammas, betas])
    for got, want in zip(torch.autograd.grad(ours, [gammas, betas]), wanted, strict=True):
        torch.testing.assert_close(got, want, atol=1e-5, rtol=0)


def test_gradient_of_an_observable_by_finite_differences():
    cost = cost_vector(random_ising(7, 5, fields=False), dtype=torch.float64)
    other = cost_vector(random_ising(7, 6), dtype=torch.float64)
    angles = [torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda g, b: qaoa_energy(cost, g, b, observable=other), angles)
    assert torch.autograd.gradcheck(lambda g, b: qaoa_energy(cost, g, b), angles)


def test_single_precision_stays_close():
    cost, _ = unit_spread(cost_vector(random_ising(14, 2), dtype=torch.float64))
    gammas, betas = linear_ramp(6, 0.8, 0.6)
    exact = qaoa_energy(cost, gammas, betas)
    assert qaoa_energy(cost.float(), gammas, betas).item() == pytest.approx(exact.item(), abs=2e-5)


def test_one_layer_cuts_at_least_the_proven_part_of_cubic_graphs():
    """On a triangle-free cubic graph an edge is cut with probability 1/2 + 1/(3 sqrt 3) (arXiv:1411.4028)."""
    graph = nx.petersen_graph()
    cost = cost_vector(cut_bqm(graph), dtype=torch.float64)
    gamma, beta = math.atan(1 / math.sqrt(2)), math.pi / 8
    cut = -qaoa_energy(cost, [gamma], [-beta]).item()
    expected = 0.5 + 1 / (3 * math.sqrt(3))
    assert expected > 0.6924
    assert cut / graph.number_of_edges() == pytest.approx(expected, abs=1e-12)
    assert cut / -cost.min().item() >= 0.6924


def test_linear_ramp_is_its_formula_and_improves_with_layers():
    gammas, betas = linear_ramp(4, 0.8, 0.4)
    torch.testing.assert_close(gammas, torch.tensor([0.1, 0.3, 0.5, 0.7], dtype=torch.float64))
    torch.testing.assert_close(betas, torch.tensor([-0.35, -0.25, -0.15, -0.05], dtype=torch.float64))
    cost, _ = unit_spread(cost_vector(random_ising(10, 7)))
    energies = [qaoa_energy(cost, *linear_ramp(p, 0.6, 0.6)).item() for p in (1, 4, 16)]
    assert energies[0] > energies[1] > energies[2]
    best = qaoa_probs(cost, *linear_ramp(16, 0.6, 0.6))[cost.argmin()]
    assert best > 50 / 1024


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_xy_ring_matches_its_definition_and_keeps_the_weight(n):
    cost = cost_vector(random_ising(n, n), dtype=torch.float64)
    edges = [(i, i + 1) for i in range(0, n - 1, 2)], [(i, (i + 1) % n) for i in range(1, n - n % 2, 2)]
    rounds = [edges[0]] if n == 2 else [*edges, [(n - 1, 0)]] if n % 2 else [*edges]
    generators = [
        sum(on_wire(p, a, n) @ on_wire(p, b, n) for a, b in layer for p in (X, Y)) / 2 for layer in rounds
    ]
    gammas, betas = torch.tensor([0.4, 0.9]).double(), torch.tensor([0.7, -0.3]).double()
    start = dicke_state(n, 1, torch.complex128, torch.device("cpu"))
    expected = dense_state(cost, gammas, betas, start, generators)
    state = qaoa_state(cost, gammas, betas, mixer="xy_ring", weight=1)
    torch.testing.assert_close(state, expected, atol=1e-10, rtol=0)
    ones = torch.tensor([bin(z).count("1") for z in range(2**n)])
    assert qaoa_probs(cost, gammas, betas, mixer="xy_ring", weight=1)[ones != 1].sum() == 0


def test_xy_ring_gradient():
    cost = cost_vector(random_ising(5, 1), dtype=torch.float64)
    angles = [torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda g, b: qaoa_energy(cost, g, b, mixer="xy_ring", weight=2), angles)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c: qaoa_energy(c, [0.1], [0.1, 0.2]), "must be two"),
        (lambda c: qaoa_energy(c[:5], [0.1], [0.1]), r"2\*\*n"),
        (lambda c: qaoa_energy(c, [0.1], [0.1], mixer="xy_ring"), "weight="),
        (lambda c: qaoa_energy(c, [0.1], [0.1], mixer="xy_ring", weight=9), "cannot hold"),
        (lambda c: qaoa_energy(c, [0.1], [0.1], mixer="y"), "unknown mixer"),
        (lambda c: qaoa_energy(c, [0.1], [0.1], observable=c[:2]), "observable"),
        (lambda c: unit_spread(torch.ones(8)), "same energy"),
        (lambda c: linear_ramp(0, 1.0, 1.0), "at least one layer"),
        (lambda c: cost_vector((np.zeros(31), np.zeros((31, 31)))), "1 to 30"),
        (lambda c: cost_vector((np.zeros(3), np.zeros((2, 2)))), "quadratic has shape"),
    ],
)
def test_misuse_is_named(call, words):
    with pytest.raises(QwattError, match=words):
        call(cost_vector(random_ising(3, 0)))
