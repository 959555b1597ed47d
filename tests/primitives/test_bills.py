"""Every primitive's bill against the counted circuit, in numbers and in arrays."""

import inspect
import itertools

import dimod
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.quantum.algorithms import amplitude_estimation as ae
from qwatt.quantum.algorithms.variational_svd import svd_circuit
from qwatt.quantum.circuits import feature_maps, overlap, qram, reupload
from qwatt.quantum.circuits import grover as grover_circuits
from qwatt.quantum.circuits.qaoa import in_rounds
from qwatt.quantum.circuits.qaoa import qaoa as qaoa_circuit
from qwatt.quantum.primitives import (
    amplitude_estimation,
    amplitudes,
    annealing,
    expectation,
    gradient,
    grover,
    kernel,
    layers,
    lookup,
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


SIZE = CircuitSize(5, 9, 8, 7)
SMALL = {"ones": 3, "options": 3, "error": 0.01, "marked": 2}


def arguments(function):
    """A value for every argument that has no default."""
    required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    return [SIZE if p.name == "size" else SMALL.get(p.name, 8) for p in required]


def values_of(found):
    if isinstance(found, CircuitSize):
        return numbers(found)
    return tuple(found.numbers().values()) if hasattr(found, "numbers") else (found,)


@pytest.mark.parametrize("name", sorted(primitives()))
def test_every_named_primitive_takes_arrays_and_explains_itself(name):
    """Draws of shape (n, 1): each row is what the numbers of that row give."""
    chosen = primitives()[name]
    sizes = arguments(chosen.function)
    alone = values_of(chosen.function(*sizes))
    column = np.array([[1.0], [1.0]])
    many = [size if isinstance(size, CircuitSize) else size * column for size in sizes]
    for one, both in zip(alone, values_of(chosen.function(*many)), strict=True):
        assert np.broadcast_to(both, (2, 1)) == pytest.approx(np.full((2, 1), float(one)))
    assert len(chosen.formula) > 30, "a formula in words"


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


@pytest.mark.parametrize(("wires", "bricks"), [(2, 2), (3, 4), (2, 5)])
def test_the_variational_svd_is_exact_in_gates(wires, bricks):
    counted, billed = size_of(svd_circuit(wires, bricks)), layers.variational_svd(wires, bricks)
    assert numbers(counted)[:3] == numbers(billed)[:3]
    assert counted.depth <= billed.depth <= counted.depth + 2 * bricks


@pytest.mark.parametrize(("choices", "options"), [(2, 3), (3, 2), (2, 4)])
def test_one_hot_qaoa_is_exact_in_gates(choices, options):
    """Counted from its parts: a W start and a ring on each choice, the cost over all."""
    n, p = choices * options, 2
    edges = list(itertools.combinations(range(n), 2))
    cost = size_of(qaoa_circuit(model(n, edges), 1))
    w, ring = size_of(dicke_circuit(options, 1)), size_of(ring_mixer_circuit(options))
    billed = qaoa.one_hot_bill(choices, options, len(edges), p).size
    plain = cost.gates_1q - 2 * n
    assert billed.gates_1q == choices * w.gates_1q + p * (plain + choices * ring.gates_1q)
    assert billed.gates_2q == choices * w.gates_2q + p * (cost.gates_2q + choices * ring.gates_2q)


@pytest.mark.parametrize("entries", [2, 4, 8, 16])
@pytest.mark.parametrize("bits", [1, 3])
def test_bucket_brigade_has_a_controlled_swap_a_toffoli(entries, bits):
    """8 CNOT a controlled swap and 3 a plain one are all the two-qubit gates of the counted circuit."""
    table = tuple((1,) * bits for _ in range(entries))
    swaps = lookup.bucket_brigade_swaps(entries, bits)
    address = entries.bit_length() - 1
    plain = 2 * (entries - 1 + address) + 2 * bits
    circuit = qram.lookup("bucket_brigade", table)
    assert size_of(circuit).gates_2q == 8 * swaps + 3 * plain
    bill = lookup.bucket_brigade_bill(entries, bits)
    assert (bill.toffoli, bill.qubits) == (swaps, circuit.wires)


@pytest.mark.parametrize(("entries", "bits"), [(2**20, 32), (2**10, 8), (2**14, 16), (2**17, 128)])
def test_select_swap_is_the_estimators_without_restored_ancillas(entries, bits):
    """The closed form takes the best number of swaps, the estimator a power of two: within 6 %."""
    estimator = pytest.importorskip("pennylane.estimator")
    found = estimator.estimate(estimator.QROM(entries, bits, restored=False))
    assert lookup.qrom_toffoli(entries, bits) == pytest.approx(found.gate_counts["Toffoli"], rel=0.06)


@pytest.mark.parametrize("amplitude", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("error", [0.01, 0.003])
def test_amplitude_estimation_takes_about_the_billed_calls(amplitude, error):
    """Simulated at the circuit's own statistics: within a factor two of 50 / eps in the mean of 30 runs."""
    runs = [
        ae.estimate_amplitude(ae.sampled(amplitude, np.random.default_rng(seed)), error).oracle_calls
        for seed in range(30)
    ]
    assert 0.5 < np.mean(runs) / amplitude_estimation.calls(error) < 2


def test_grover_calls_are_the_best_iterations():
    for items, marked in ((64, 1), (1024, 3), (4096, 40)):
        best = grover_circuits.best_iterations(items, marked)
        assert grover.calls(items, marked) == pytest.approx(best, abs=1)
    assert grover.bill(1024, 1, 10, 5, 7, searches=3).toffoli == pytest.approx(
        3 * 5 * (grover.calls(1024) + 1)
    )


def test_lines_of_circuits_add_up():
    one, two = (expectation.bill(CircuitSize(*shape), n, s) for shape, n, s in ADDED)
    both = one + two
    assert both.circuits == 8 and both.size.qubits == 4
    for name in ("gates_1q", "gates_2q", "depth"):
        apart = sum(bill.circuits * getattr(bill.size, name) for bill in (one, two))
        assert both.circuits * getattr(both.size, name) == pytest.approx(apart)
    assert both.circuits * both.shots == pytest.approx(6 * 100 + 2 * 300)


ADDED = (((4, 10, 20, 30), 6, 100), ((3, 2, 1, 9), 2, 300))
