"""Each encoding beside an independent truth: closed forms, PennyLane's simulator, exhaustive sums."""

from types import SimpleNamespace

import numpy as np
import pennylane as qml
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.circuits import overlap, state_preparation
from qwatt.quantum.demand import tape_counts
from qwatt.quantum.primitives import overlaps
from qwatt.quantum.primitives.size import size_of
from qwatt.stages.encoding.load import amplitude
from qwatt.stages.encoding.load.problem import LoadProblem
from qwatt.stages.encoding.load.score import recall, rmse, true_similarities
from qwatt.stages.encoding.load.topics import topic_vectors

TASK = "encoding/load"


def problem_of(vectors: int = 60, dimensions: int = 12, queries: int = 5, seed: int = 0) -> LoadProblem:
    made = topic_vectors(vectors + 2 * queries, dimensions, seed)
    parts = (made[2 * queries :], made[:queries], made[queries : 2 * queries])
    return LoadProblem(TASK, "made", "xs", seed, *parts, tuple(map(str, range(vectors))))


def answer(name: str, problem: LoadProblem, shots: int | None = None, seed: int = 0, **settings):
    method = get_method(TASK, name)
    context = Unmetered(get_backend("engine"), shots, seed)
    code = method.encode(problem, method.defaults() | settings, context)
    return code, method.compare(code, problem.test, context), context.backend.recorder.demand


def errors(name: str, problem: LoadProblem, shots: int | None = None, **settings):
    _, found, _ = answer(name, problem, shots, **settings)
    return found - true_similarities(problem.test, problem.stored)


@pytest.mark.parametrize("dimensions", [3, 5, 8, 12, 16])
@pytest.mark.parametrize("test", ["inversion", "interference"])
def test_exact_amplitudes_give_exact_inner_products(dimensions, test):
    """Inversion of vectors that fill their amplitudes loses the sign; all else keeps it."""
    problem = problem_of(dimensions=dimensions)
    true = true_similarities(problem.test, problem.stored)
    code, found, _ = answer("amplitude", problem, test=test)
    expected = np.abs(true) if test == "inversion" and dimensions in (8, 16) else true
    assert found == pytest.approx(expected, abs=2e-3 if test == "inversion" else 1e-5)
    assert code.arrays["angles"].shape == (60, 2 ** code.config["qubits"] - 1)


def test_the_code_is_the_tree_of_2_to_n_minus_1_ry_and_2_to_n_minus_2_cnot():
    problem = problem_of(dimensions=12)
    code, _, _ = answer("amplitude", problem)
    padded = np.concatenate([problem.stored[3], np.zeros(3), [1.0]])
    tape = qml.tape.make_qscript(state_preparation.prepare_real)(padded, range(4))
    counts = tape_counts(tape)
    assert (counts.gates_1q, counts.gates_2q) == (2**4 - 1, 2**4 - 2)
    assert {op.name for op in tape.operations} == {"RY", "CNOT"}
    state = qml.device("default.qubit", wires=4)
    prepared = qml.execute([tape.copy(measurements=[qml.state()])], state)[0]
    kept = amplitude.amplitudes(code.arrays["angles"][3:4])[0]
    assert prepared == pytest.approx(kept, abs=1e-6)
    assert kept * np.linalg.norm(padded) == pytest.approx(padded, abs=1e-6)


def test_the_bill_is_circuits_times_shots_and_two_trees_a_circuit():
    problem = problem_of(dimensions=12)
    _, _, demand = answer("amplitude", problem, 500, test="inversion", repetitions=4)
    (line,) = demand.circuit_lines
    assert (line.circuits, line.shots, line.qubits) == (5 * 60, 2000, 4)
    assert (line.gates_1q, line.gates_2q) == (2 * (2**4 - 1), 2 * (2**4 - 2))
    _, _, demand = answer("amplitude", problem, 500, test="interference", repetitions=4)
    (line,) = demand.circuit_lines
    assert (line.circuits, line.shots, line.qubits) == (5 * 60, 2000, 5)
    assert (line.gates_1q, line.gates_2q) == (2**5 - 1 + 1, 2**5 - 2)
    assert size_of(overlap.interference_test(16)).gates_2q == overlaps.interference_bill(4).size.gates_2q


def test_shots_have_the_error_that_the_tests_have():
    """Interference: 1 - c^2 over the shots. Inversion of (x, 1): 1 - F over them, F = ((1 + c) / 2)^2."""
    problem, shots = problem_of(400, 12, 40), 900
    true = true_similarities(problem.test, problem.stored)
    interference = np.mean(1 - true**2) / shots
    inversion = np.mean(1 - ((1 + true) / 2) ** 2) / shots
    found = [np.mean(errors("amplitude", problem, shots, test=t) ** 2) for t in ("interference", "inversion")]
    assert found == pytest.approx([interference, inversion], rel=0.05)


def test_sampling_a_vector_errs_exactly_as_interfering_it():
    problem, shots = problem_of(400, 12, 40), 700
    true = true_similarities(problem.test, problem.stored)
    found = errors("sampled", problem, shots)
    assert found.mean() == pytest.approx(0, abs=5 / np.sqrt(shots * found.size))
    assert np.mean(found**2) == pytest.approx(np.mean(1 - true**2) / shots, rel=0.05)


def test_int8_errs_by_at_most_half_a_scale_a_number():
    problem = problem_of(dimensions=64)
    code, found, _ = answer("int8", problem)
    bound = code.arrays["scales"] / 2 * np.abs(problem.test).sum(axis=1)[:, None]
    true = true_similarities(problem.test, problem.stored)
    assert (np.abs(found - true) <= bound + 1e-6).all()


def test_all_principal_components_are_the_vectors():
    problem = problem_of(dimensions=16)
    assert np.abs(errors("pca", problem, components=64)).max() < 0.02
    kept = problem.stored - problem.stored.mean(axis=0)
    few = errors("pca", problem, components=4)
    directions = np.linalg.svd(kept)[2][4:]
    lost = (problem.test @ directions.T) @ (kept @ directions.T).T
    assert few == pytest.approx(-lost, abs=0.03)


def test_a_projection_on_all_directions_is_exact_and_on_few_it_is_unbiased():
    problem = problem_of(dimensions=16)
    assert np.abs(errors("random-projection", problem, components=64)).max() < 0.03
    each = [errors("random-projection", problem, components=4, seed=seed) for seed in range(400)]
    assert np.abs(np.mean(each, axis=0)).max() < 0.15


def test_bits_differ_as_the_angle_says():
    problem = problem_of(dimensions=16)
    true = true_similarities(problem.test, problem.stored)
    few, many = (rmse(true + errors("binary", problem, bits_per_dimension=n), true) for n in (4, 256))
    assert many < 0.05 and few / many == pytest.approx(8, rel=0.3)


def test_product_quantisation_compares_with_the_nearest_centroids():
    import faiss

    problem = problem_of(200, 16)
    code, found, _ = answer("pq", problem, pieces=4, bits=4)
    index = faiss.deserialize_index(code.arrays["index"])
    pieces = problem.stored.reshape(200, 4, 1, 4)
    centroids = faiss.vector_to_array(index.pq.centroids).reshape(1, 4, 16, 4)
    nearest = ((pieces - centroids) ** 2).sum(-1).argmin(-1)
    decoded = centroids[0][np.arange(4), nearest].reshape(200, 16)
    assert found == pytest.approx(problem.test @ decoded.T, abs=1e-5)
    assert code.bytes_read == 2


def test_more_bits_of_rabitq_err_less():
    problem = problem_of(300, 64)
    true = true_similarities(problem.test, problem.stored)
    found = [rmse(true + errors("rabitq", problem, bits=bits), true) for bits in (1, 2, 4, 8)]
    assert found == sorted(found, reverse=True) and found[-1] < 0.002


def test_loading_all_components_gives_exact_inner_products():
    problem = problem_of(dimensions=12)
    assert np.abs(errors("amplitude-leading", problem, qubits=4)).max() < 2e-3
    few, twin = (errors("amplitude-leading", problem, qubits=2), errors("pca", problem, components=3))
    assert few == pytest.approx(twin, abs=0.02)


def test_trained_circuits_answer_with_the_overlap_of_their_own_states():
    """The kernel of the trained angles, by PennyLane, and the fidelity that the code states."""
    from qwatt.quantum.circuits.real_rotations import brickwork
    from qwatt.stages.encoding.load.components import coordinates, inner_products, targets

    problem = problem_of(20, 12, 3)
    code, found, _ = answer("amplitude-approximate", problem, qubits=3, layers=2)
    circuit = brickwork(3, 2).circuit()

    @qml.qnode(qml.device("default.qubit", wires=3))
    def state(angles):
        circuit.function(angles, None)
        return qml.state()

    stored = np.array([np.real(state(row)) for row in code.arrays["inputs"]])
    wanted = targets(coordinates(code.arrays, problem.stored), 3)
    assert np.mean((stored * wanted).sum(1) ** 2) == pytest.approx(code.config["fidelity"], abs=1e-4)
    method, settings = get_method(TASK, "amplitude-approximate"), code.config
    asked = coordinates(code.arrays, problem.test)
    context = Unmetered(get_backend("engine"))
    angles = method.inputs(targets(asked, 3), settings, context)[0]
    overlaps = np.abs(np.array([np.real(state(row)) for row in angles]) @ stored.T)
    expected = inner_products(code.arrays, problem.test, asked, 2 * overlaps - 1)
    assert found == pytest.approx(expected, abs=1e-3)


def test_more_layers_load_more_truly_and_entanglers_are_worth_something():
    problem = problem_of(40, 16)
    fidelity = {
        layers: answer("amplitude-approximate", problem, qubits=4, layers=layers)[0].config["fidelity"]
        for layers in (1, 2, 6)
    }
    alone = answer("amplitude-separable", problem, qubits=4)[0].config["fidelity"]
    assert alone < fidelity[1] < fidelity[2] < fidelity[6]
    stairs = [answer("mps", problem, qubits=4, stairs=n)[0].config["fidelity"] for n in (1, 2)]
    assert alone < stairs[0] < stairs[1]


def test_the_angle_kernel_is_a_product_of_cosines_and_its_distance_the_inner_product():
    from qwatt.stages.encoding.load.angle import cosines_of
    from qwatt.stages.encoding.load.components import coordinates, inner_products, lengths

    problem = problem_of(dimensions=6)
    code, found, _ = answer("angle", problem, qubits=6, scale=1.5)
    asked, kept = (coordinates(code.arrays, part) for part in (problem.test, problem.stored))
    closed = np.prod(np.cos(1.5 * (asked[:, None] - kept) / 2) ** 2, axis=2)
    cosines = cosines_of(closed, 1.5, lengths(asked), lengths(kept), None)
    assert found == pytest.approx(inner_products(code.arrays, problem.test, asked, cosines), abs=1e-3)
    assert np.abs(errors("angle", problem, qubits=6, scale=0.2)).max() < 0.02


def test_random_vectors_find_what_chance_finds():
    problem = problem_of(400, 16, 40)
    true = true_similarities(problem.test, problem.stored)
    assert recall(answer("random-vectors", problem)[1], true) == pytest.approx(10 / 400, abs=0.03)


def test_energy_by_uses_spreads_only_the_encoding():
    from qwatt.core.ring import Ring
    from qwatt.stages.encoding.load.reuse import energy_by_uses

    def phase(ring, value):
        return SimpleNamespace(ring=ring, energy=SimpleNamespace(value=value))

    extras = {"vectors": 10, "j_per_prediction": 2.0, "qpu_j_per_prediction": 7.0, "qpu_of_predictions": "q"}
    phases = {"encode": phase(Ring.LOADING, 50.0), "compare": phase(Ring.KERNEL, 99.0)}
    found = energy_by_uses(SimpleNamespace(extras=extras, phases=phases, qpu={}))
    assert found["host"]["1"] == 7.0 and found["host"]["100"] == pytest.approx(2.05)
    assert found["qpu"]["10"] == 7.5 and found["qpu_name"] == "q"
    del extras["qpu_j_per_prediction"]
    costs = {"a": (True, 400.0), "b": (False, 1.0), "c": (True, None), "d": (True, 900.0)}
    qpu = {n: {"executable": able, "energy_j": {"value": joules}} for n, (able, joules) in costs.items()}
    looked = energy_by_uses(SimpleNamespace(extras=extras, phases=phases, qpu=qpu, tuning=[0, 0]))
    assert looked["qpu_name"] == "a" and looked["qpu"]["10"] == pytest.approx((5 + 400 / 2 / 10) / 10 + 2)
    phases["encode"] = phase(Ring.LOADING, None)
    assert energy_by_uses(SimpleNamespace(extras=extras, phases=phases)) is None
