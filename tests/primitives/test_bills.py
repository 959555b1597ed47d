"""Every primitive's bill against the counted circuit, in numbers and in arrays."""

import itertools

import dimod
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.quantum.circuits import feature_maps, overlap, reupload
from qwatt.quantum.circuits.qaoa import in_rounds
from qwatt.quantum.circuits.qaoa import qaoa as qaoa_circuit
from qwatt.quantum.primitives import (
    amplitudes,
    annealing,
    expectation,
    gradient,
    kernel,
    layers,
    metric,
    overlaps,
    perturbation,
    qaoa,
)
from qwatt.quantum.primitives.bill import BILL_SHOTS, whole
from qwatt.quantum.primitives.named import primitives
from qwatt.quantum.primitives.size import CircuitSize, size_of
from qwatt.quantum.qubo.fixed_weight import dicke_circuit, ring_mixer_circuit

graphs = st.integers(2, 9).flatmap(
    lambda n: st.lists(
        st.sampled_from(list(itertools.combinations(range(n), 2))), min_size=1, unique=True
    ).map(lambda edges: (n, edges))
)


def model(n, edges, seed=0):
    rng = np.random.default_rng(seed)
    couplings = {edge: 1 + rng.random() for edge in edges}
    return dimod.BinaryQuadraticModel({i: 0.3 + rng.random() for i in range(n)}, couplings, 0.0, "SPIN")


def numbers(size):
    return size.qubits, size.gates_1q, size.gates_2q, size.depth, size.read


@settings(max_examples=60, deadline=None)
@given(graphs, st.integers(1, 3))
def test_qaoa_is_exact_in_gates_and_least_in_depth(graph, p):
    n, edges = graph
    counted, billed = size_of(qaoa_circuit(model(n, edges), p)), qaoa.bill(n, len(edges), p).size
    assert (counted.gates_1q, counted.gates_2q) == (billed.gates_1q, billed.gates_2q)
    most = max(sum(v in edge for edge in edges) for v in range(n))
    fewest = max(most, -(-len(edges) // (n // 2)))
    slowest = 1 + p * (3 * (2 * most - 1) + 2)
    assert counted.depth <= slowest, "first-fit colouring needs fewer than twice the largest degree"
    assert billed.depth <= 1 + p * (3 * fewest + 2), (
        "no order of the couplings is faster than its busiest qubit"
    )


@pytest.mark.parametrize("n", range(2, 13))
def test_qaoa_of_a_complete_graph_is_exact_in_depth_too(n):
    edges = list(itertools.combinations(range(n), 2))
    assert numbers(size_of(qaoa_circuit(model(n, edges), 3))) == numbers(qaoa.bill(n, len(edges), 3).size)


@pytest.mark.parametrize(("n", "degree"), [(8, 3), (12, 5), (16, 8), (16, 4)])
def test_qaoa_of_a_regular_graph_is_within_a_factor_two_in_depth(n, degree):
    """Also the case that once had two bills: 16 variables, 64 couplings, 10 layers."""
    edges = list(nx.random_regular_graph(degree, n, seed=1).edges)
    counted, billed = size_of(qaoa_circuit(model(n, edges), 10)), qaoa.bill(n, len(edges), 10).size
    assert (counted.gates_1q, counted.gates_2q) == (billed.gates_1q, billed.gates_2q)
    assert billed.depth <= counted.depth <= 2 * billed.depth
    if (n, degree) == (16, 8):
        assert numbers(billed)[1:4] == (976, 1280, 261)


@given(graphs)
def test_rounds_hold_every_bond_once_and_no_wire_twice(graph):
    bonds = [(i, j, 1.0) for i, j in graph[1]]
    found = in_rounds(bonds)
    assert sorted(found) == sorted(bonds)
    assert in_rounds(bonds[::-1]) == found, "the order does not depend on the model's own"


@pytest.mark.parametrize("n", range(2, 11))
def test_dicke_start_and_ring_are_exact(n):
    for ones in range(n + 1):
        counted, billed = size_of(dicke_circuit(n, ones)), qaoa.dicke_size(n, ones)
        assert numbers(counted) == numbers(billed), ones
    assert numbers(size_of(ring_mixer_circuit(n))) == numbers(qaoa.xy_ring_size(n))


PREPARATIONS = [feature_maps.angle_map(3), feature_maps.amplitude_map(3), feature_maps.zz_map(4, 2)]


@pytest.mark.parametrize("circuit", PREPARATIONS, ids=lambda c: c.name)
def test_overlap_tests_and_kernels_double_the_preparation(circuit):
    size = size_of(circuit)
    counted = size_of(overlap.compute_uncompute(circuit))
    assert numbers(counted) == numbers(overlaps.inversion_bill(size).size)
    assert numbers(counted) == numbers(kernel.bill(size, 5).size)
    assert (kernel.bill(size, 5).circuits, kernel.bill(size, 5, 3).circuits) == (10, 15)
    swap, billed = size_of(overlap.swap_test(circuit)), overlaps.swap_bill(size).size
    assert numbers(swap)[:3] == numbers(billed)[:3] and swap.read == billed.read
    assert billed.depth / 1.3 <= swap.depth <= billed.depth
    if circuit.name != "zz_full":
        assert swap.depth == billed.depth


@pytest.mark.parametrize("qubits", range(1, 6))
def test_interference_test_is_exact(qubits):
    counted = size_of(overlap.interference_test(2**qubits))
    assert numbers(counted) == numbers(overlaps.interference_bill(qubits).size)


def test_counts_of_circuits():
    size = CircuitSize(3, 4, 5, 6)
    assert gradient.bill(size, 7, 11).circuits == 2 * 7 * 11
    assert perturbation.bill(size, 8, 5).circuits == 80
    assert perturbation.metric_bill(size, 1, 5).circuits == 20
    assert metric.bill(size, 3, 2).circuits == 2 * 15
    assert metric.block_bill(size, 4, 2).circuits == 8
    assert expectation.bill(size, 9).numbers()["shots"] == BILL_SHOTS
    assert annealing.bill(10, 100, 2).demand("anneal").anneal_lines[0].couplings == 45


def test_a_gradient_shifts_every_angle_of_the_circuit():
    circuit = reupload.reupload(3, 2, 1)
    demand = gradient.demand(circuit, 5, 10, inputs=True)
    rotations = size_of(circuit).gates_1q
    assert demand == gradient.bill(size_of(circuit), rotations, 5, 10).demand("gradient")


@pytest.mark.parametrize(
    ("value", "expected"), [(4, 4), (4.0, 4), (4.2, 5), (0.1 + 0.2, 1), (7 * 3.3 / 3.3, 7)]
)
def test_bills_are_rounded_up_to_whole_numbers_but_not_by_float_dust(value, expected):
    assert whole(value) == expected


CALLS = {
    "amplitude_tree": (5,),
    "angle_map": (5,),
    "annealing": (20, 100),
    "block_metric": (CircuitSize(5, 9, 8, 7), 4, 3),
    "brickwork": (5, 4),
    "cnot_phase_map": (5,),
    "entangling_layers": (5, 3, 2),
    "expectation": (CircuitSize(5, 9, 8, 7), 4),
    "gradient": (CircuitSize(5, 9, 8, 7), 4, 3),
    "hardware_efficient": (5, 3),
    "interference_test": (5,),
    "inversion_test": (CircuitSize(5, 9, 8, 7),),
    "kernel": (CircuitSize(5, 9, 8, 7), 12),
    "metric": (CircuitSize(5, 9, 8, 7), 12, 2),
    "metric_samples": (CircuitSize(5, 9, 8, 7), 12, 2),
    "phase_map": (5, 2),
    "qaoa": (16, 40, 10),
    "qaoa_fixed_weight": (16, 40, 10, 6),
    "reupload": (4, 2, 3),
    "ring_layers": (4, 3),
    "rotations": (10, 90),
    "spsa": (CircuitSize(5, 9, 8, 7), 12, 2),
    "swap_test": (CircuitSize(5, 9, 8, 7),),
    "amplitude_tree_logical": (5, 2),
}


def values_of(found):
    if isinstance(found, CircuitSize):
        return numbers(found)
    return tuple(found.numbers().values()) if hasattr(found, "numbers") else (found,)


@pytest.mark.parametrize("name", sorted(primitives()))
def test_every_named_primitive_takes_arrays_and_explains_itself(name):
    """Draws of shape (n, 1): each row is what the numbers of that row give."""
    chosen, sizes = primitives()[name], CALLS[name]
    alone = values_of(chosen.function(*sizes))
    column = np.array([[1.0], [1.0]])
    many = [size if isinstance(size, CircuitSize) else size * column for size in sizes]
    for one, both in zip(alone, values_of(chosen.function(*many)), strict=True):
        assert np.broadcast_to(both, (2, 1)) == pytest.approx(np.full((2, 1), float(one)))
    assert "arXiv:" in chosen.formula or "doi:" in chosen.formula or len(chosen.formula) > 30


def test_simulation_grows_with_states_not_with_circuits():
    circuit = feature_maps.zz_map(4, 1)
    size = size_of(circuit)
    state = 8.0 * (size.gates_1q + size.gates_2q + 1) * 16
    assert expectation.simulation_flops(circuit, 10) == 10 * state
    assert gradient.simulation_flops(circuit, 10) == 20 * state
    assert kernel.simulation_flops(circuit, 10) == 10 * state + 8 * 50 * 16
    more = qaoa.simulation_flops(10, 45, 5) - qaoa.simulation_flops(10, 9, 5)
    assert more == 2 * 36 * 2**10, "couplings enter the energies, and share their phases"


def test_amplitudes_are_written_not_synthesised_when_simulated():
    loaded = feature_maps.amplitude_map(8)
    assert expectation.simulation_flops(loaded, 1) == 8 * 2**8
    assert size_of(loaded).gates_1q == 2**8 - 1


def test_layers_of_one_qubit_have_no_entanglers():
    assert numbers(layers.entangling_layers(1, 3))[:3] == (1, 3, 0)
    assert numbers(amplitudes.size(1)) == (1, 1, 0, 1, 1)
