"""Quantum detectors of anomalies: circuits against PennyLane, closed forms, the bill, what shots resolve."""

import numpy as np
import pennylane as qml
import pytest
from scipy import stats

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend
from qwatt.data.domains import WEATHER
from qwatt.quantum.algorithms.closed_forms import amplitude_kernel, product_kernel, ring_bloch, ring_kernel
from qwatt.quantum.algorithms.likelihood_estimation import draw_counts, likeliest, schedule
from qwatt.quantum.circuits.amplification import amplified
from qwatt.quantum.circuits.feature_maps import angle_map, iqp_map, read_across
from qwatt.quantum.circuits.mean_overlap import mean_overlap
from qwatt.quantum.demand import circuit_counts
from qwatt.quantum.primitives.amplitude_estimation import mean_overlap_size
from qwatt.stages.monitoring.anomaly.amplitude_estimated import AmplitudeEstimated
from qwatt.stages.monitoring.anomaly.components import fit_components, reduced
from qwatt.stages.monitoring.anomaly.kernel_svm_amplitude import AmplitudeKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_iqp import IqpKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_product import ProductKernelMachine
from qwatt.stages.monitoring.anomaly.kernel_svm_twins import AmplitudeTwin, IqpTwin, ProductTwin
from qwatt.stages.monitoring.anomaly.mean_kernel import MeanKernel, SampledKernel
from qwatt.stages.monitoring.anomaly.model import Detector
from qwatt.stages.monitoring.anomaly.problem import TASK
from qwatt.stages.monitoring.anomaly.projected_kernel import ProjectedKernel
from qwatt.stages.monitoring.anomaly.projected_kernel_separable import SeparableProjectedKernel
from qwatt.stages.monitoring.anomaly.projected_kernel_twin import ProjectedKernelTwin
from qwatt.stages.monitoring.anomaly.task import AnomalyTask
from qwatt.testing import MethodChecks
from qwatt.testing.trials import run_small, small_spec

METHODS = [
    *(AmplitudeKernelMachine, IqpKernelMachine, ProductKernelMachine, ProjectedKernel),
    *(SeparableProjectedKernel, AmplitudeEstimated, AmplitudeTwin, IqpTwin, ProductTwin),
    *(ProjectedKernelTwin, MeanKernel, SampledKernel),
]
TWINS = [
    (AmplitudeKernelMachine, AmplitudeTwin),
    (IqpKernelMachine, IqpTwin),
    (ProductKernelMachine, ProductTwin),
    (ProjectedKernel, ProjectedKernelTwin),
    (AmplitudeEstimated, MeanKernel),
]

for _method in METHODS:
    globals()[f"Test{_method.__name__}"] = type(
        f"Test{_method.__name__}", (MethodChecks,), {"method": _method, "source": WEATHER}
    )


def context(shots=None, seed=0):
    return Unmetered(get_backend("engine"), shots, seed)


def rows_of(seed, rows=24, dimensions=5):
    return np.random.default_rng(seed).normal(size=(rows, dimensions))


def states(circuit, rows):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def state(x):
        circuit.function(x, None)
        return qml.state()

    return np.array([state(x) for x in rows])


@pytest.mark.parametrize(
    ("circuit", "kernel"),
    [(angle_map(4), product_kernel), (iqp_map(4, entanglement="ring"), ring_kernel)],
    ids=["product", "ring"],
)
def test_closed_forms_are_what_default_qubit_gives(circuit, kernel):
    x, y = rows_of(5, 5, 4), rows_of(6, 3, 4)
    fidelity = np.abs(states(circuit, x).conj() @ states(circuit, y).T) ** 2
    assert kernel(x, y) == pytest.approx(fidelity, abs=1e-9)


@pytest.mark.parametrize("entanglement", ["ring", "none"])
def test_bloch_vectors_are_what_default_qubit_gives(entanglement):
    x, circuit = rows_of(5, 4, 4), iqp_map(4, entanglement=entanglement)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def read(row):
        circuit.function(row, None)
        return [qml.expval(pauli(k)) for pauli in (qml.X, qml.Y, qml.Z) for k in range(4)]

    wanted = np.array([read(row) for row in x])
    assert ring_bloch(x, entanglement == "ring") == pytest.approx(wanted[:, :8], abs=1e-9)
    assert wanted[:, 8:] == pytest.approx(0.0, abs=1e-9)  # why Z is not read
    measured = [context().backend.expval(read_across(circuit, axis), x).numpy() for axis in "XY"]
    assert np.hstack(measured) == pytest.approx(wanted[:, :8], abs=1e-5)


@pytest.mark.parametrize(("method", "twin"), TWINS[:3])
def test_a_twins_kernel_is_that_of_exact_circuits(method, twin):
    train, rows, defaults = rows_of(0, 16), rows_of(1, 7), method.defaults()
    arrays = method().fit_inputs(train, defaults)
    x, y = (method().inputs(arrays, defaults, part) for part in (train, rows))
    circuit = method().feature_map(train.shape, defaults)
    found = [one().overlaps(circuit, x, y, context()) for one in (method, twin)]
    assert found[0] == pytest.approx(found[1], abs=1e-5)


@pytest.mark.parametrize(("method", "twin"), TWINS[3:])
def test_a_twin_scores_as_exact_circuits_do(method, twin):
    train, rows = rows_of(0, 16), rows_of(1, 7)
    chosen = {name: value for name, value in method.defaults().items() if name in twin.space}
    chosen |= {"references": 16} if method is AmplitudeEstimated else {}
    both = []
    for one in (method, twin):
        settings_of = one.defaults() | chosen
        fitted = one().fit(train, settings_of, context())
        both.append(one().score(fitted.arrays, settings_of, rows, context()))
    assert both[0] == pytest.approx(both[1], abs=1e-4)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_the_amplified_mean_overlap_is_what_its_shots_are_drawn_from(k):
    rng = np.random.default_rng(3)
    stored, x = rng.normal(size=(2, 4)), rng.normal(size=4)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    circuit = amplified(mean_overlap(1, 2), k, good=3)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def read(inputs):
        circuit.function(inputs, None)
        return qml.probs(wires=3)

    mean = amplitude_kernel(x[None], stored).mean()
    wanted = np.sin((2 * k + 1) * np.arcsin(np.sqrt(mean))) ** 2
    assert read(np.concatenate([stored.ravel(), x]))[1] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("index", "data", "k"), [(1, 2, 0), (2, 2, 1), (1, 3, 3)])
def test_the_bill_of_a_mean_overlap_is_that_of_its_circuit(index, data, k):
    found = mean_overlap_size(index, data, k)
    counted = circuit_counts(amplified(mean_overlap(index, data), k, index + data))
    assert (found.gates_1q, found.gates_2q) == (counted.gates_1q, counted.gates_2q)
    assert found.depth == pytest.approx(counted.depth, rel=0.25)  # parts run partly beside each other


def test_likelihood_estimates_reach_the_cramer_rao_bound():
    """At most amplitudes; at a few the likelihood has a second peak close by, and estimates are less sure."""
    rounds, shots, runs = schedule(4), 100, 200
    assert rounds == (0, 1, 2, 4, 8)
    bound = 1 / (2 * np.sqrt(shots * sum((2 * k + 1) ** 2 for k in rounds)))
    rng, ratios = np.random.default_rng(0), []
    for amplitude in np.linspace(0.02, 0.98, 49):
        counts = draw_counts(np.full(runs, amplitude), rounds, shots, rng)
        errors = np.arcsin(np.sqrt(likeliest(counts, rounds, shots))) - np.arcsin(np.sqrt(amplitude))
        ratios.append(np.median(np.abs(errors)) / stats.norm.ppf(0.75) / bound)
    assert np.median(ratios) == pytest.approx(1.0, abs=0.1)
    assert np.quantile(ratios, 0.9) < 1.3 and max(ratios) < 2.0


def test_what_components_leave_out_is_a_value_of_its_own():
    rows = rows_of(0, 50, 6)
    arrays = fit_components(rows, 4)
    found = reduced(arrays, rows)
    assert found.shape == (50, 4)
    assert found.mean(axis=0) == pytest.approx(0.0, abs=1e-9)
    centred = rows - rows.mean(axis=0)
    left = np.linalg.norm(
        centred - centred @ np.linalg.svd(centred)[2][:3].T @ np.linalg.svd(centred)[2][:3], axis=1
    )
    assert found[:, 3] == pytest.approx((left - left.mean()) / left.std())
    far = rows[:1] + 50 * np.linalg.svd(centred)[2][5]  # along the component of least variance
    assert reduced(arrays, far)[0, 3] > 10


@pytest.mark.parametrize(("bandwidth", "concentrated"), [(0.3, False), (5.0, True), (1e-3, True)])
def test_a_bandwidth_that_shots_cannot_resolve_is_noticed(bandwidth, concentrated):
    chosen = IqpKernelMachine.defaults() | {"bandwidth": bandwidth}
    for shots in (None, 1_000):
        facts = IqpKernelMachine().fit(rows_of(0, 40, 10), chosen, context(shots)).facts
        assert facts["concentrated"] is concentrated
        assert facts["shot_error"] == pytest.approx(1_000**-0.5)


def test_a_concentrated_kernel_is_a_note_and_a_warning():
    fixed = (("bandwidth", 5.0),)
    trial, _, _ = run_small(IqpKernelMachine, small_spec(IqpKernelMachine, WEATHER, fixed=fixed))
    assert trial.notes["concentrated"] is True
    (said,) = AnomalyTask().headline(trial, None).warnings
    assert (
        "bandwidth 5 is untuned" in said
        and "less than the 0.071 that shots can tell (narrow it: --set bandwidth=1.7)" in said
    )
    assert AnomalyTask().summary(trial)["kernel"]["kernel_deviation"] < 200**-0.5


@pytest.mark.nightly
@pytest.mark.parametrize("method", all_methods(TASK), ids=lambda method: method.name)
def test_a_saved_detector_scores_as_before(method, tmp_path):
    _, problem, solution = run_small(method, small_spec(method, WEATHER))
    AnomalyTask().export(problem, solution, tmp_path)
    before, after = solution.answer.detector, Detector.load(tmp_path)
    rows = np.asarray(problem.embedding.embed().value, dtype=np.float64)[:9]
    both = [method().scores(one, rows, context(one.shots), "predict") for one in (before, after)]
    assert both[0] == pytest.approx(both[1], abs=1e-12)
    assert after.p_values(both[1]) == pytest.approx(before.p_values(both[0]))
