"""The projected-kernel SVM: its kernel is that of the qubits' states, two circuits a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qml
import pytest
from sklearn.svm import SVC

from qwatt.core.context import Unmetered
from qwatt.core.demand import Demand
from qwatt.core.registry import get_backend
from qwatt.projection.scaling import find_card, scenario_sizes
from qwatt.projection.scaling.today import bill
from qwatt.projection.scenario.file import load_scenario
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.projected_kernel import ProjectedKernelHead
from qwatt.stages.tuning.head.projected_kernel_separable import SeparableProjectedKernel
from qwatt.stages.tuning.head.projected_kernel_twin import ProjectedKernelTwin
from qwatt.stages.tuning.head.score import accuracy, other_readouts
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing.trials import run_small, small_spec

SOURCE = "builtin:weather"
WIRES = 4


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    return HeadTask().load(SOURCE, "xs", 0)


def settings(**changes: Any) -> dict[str, Any]:
    return ProjectedKernelHead.defaults() | {"wires": WIRES, "bandwidth": 0.6} | changes


def exact() -> Unmetered:
    return Unmetered(get_backend("engine"))


def qubit_states(angles: np.ndarray) -> np.ndarray:
    """Return every qubit's density matrix after the map, by PennyLane, shape (rows, wires, 2, 2)."""
    device = qml.device("default.qubit", wires=angles.shape[1])

    @qml.qnode(device)
    def states(row: np.ndarray) -> Any:
        qml.IQPEmbedding(row, range(len(row)), pattern=[[k, (k + 1) % len(row)] for k in range(len(row))])
        return [qml.density_matrix(k) for k in range(len(row))]

    return np.array([states(row) for row in angles])


def angles_of(problem: HeadProblem, vectors: np.ndarray, arrays: Any) -> np.ndarray:
    return 0.6 * (vectors - arrays["mean"]) @ arrays["components"]


def test_it_decides_as_scikit_learn_on_the_states_of_single_qubits(problem: HeadProblem) -> None:
    """Equation 9 of the source: a Gaussian of the squared Frobenius distances, summed over the qubits."""
    head = ProjectedKernelHead()
    model = head.fit(problem, settings(), exact())
    train, test = (
        qubit_states(angles_of(problem, part.vectors[:60], model.arrays))
        for part in (problem.train, problem.test)
    )
    gamma = 2.0 * model.config["gamma"]  # |r - r'|^2 is twice the squared distance of the matrices

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        distance = (np.abs(x[:, None] - y) ** 2).sum(axis=(2, 3, 4))
        return np.exp(-gamma * distance)

    reference = SVC(C=1.0, kernel="precomputed").fit(kernel(train, train), problem.train.labels)
    scores = head.decide(model, problem.test.vectors[:60], exact())
    margins = reference.decision_function(kernel(test, train))
    assert np.allclose(scores[:, 1] - scores[:, 0], margins, atol=1e-3)


@pytest.mark.parametrize("wires", [2, 3, 7])
def test_the_twin_labels_as_the_exact_circuits_do(wires: int, problem: HeadProblem) -> None:
    """Two components, fewer than a ring has wires, among them."""
    scores = [
        head.decide(head.fit(problem, settings(wires=wires), exact()), problem.test.vectors, exact())
        for head in (ProjectedKernelHead(), ProjectedKernelTwin())
    ]
    assert np.allclose(*scores, atol=1e-3)


def test_without_couplings_only_the_angles_are_compared(problem: HeadProblem) -> None:
    head = SeparableProjectedKernel()
    x = np.random.default_rng(0).normal(size=(5, WIRES))
    found = head.bloch(x, exact())
    assert np.allclose(found, np.hstack([np.cos(x), np.sin(x)]), atol=1e-5)


def test_sentences_that_are_all_alike_are_labelled_all_alike(tmp_path: Path) -> None:
    """Where the encoder tells no sentence apart there is no width to take, and no division by it."""
    file = tmp_path / "same.csv"
    rows = [f"{'x' * (1 + i % 2)}{' ' * i}y,{'ab'[i % 2]}" for i in range(60)]
    file.write_text("text,label\n" + "\n".join(rows) + "\n")
    alike = HeadTask().load(str(file), "xs", 0)
    model = ProjectedKernelTwin().fit(alike, settings(), exact())
    scores = ProjectedKernelTwin().decide(model, alike.train.vectors, exact())
    assert np.isfinite(scores).all()
    assert accuracy(scores, alike.train.labels) >= 0.5


@pytest.mark.parametrize(("wires", "simulated"), [(3, True), (9, False)])
def test_noise_is_simulated_beside_a_trial_where_it_is_exact(
    problem: HeadProblem, wires: int, simulated: bool
) -> None:
    model = ProjectedKernelHead().fit(problem, settings(wires=wires), exact())
    vectors, labels = problem.test.vectors[:2], problem.test.labels[:2]
    found = other_readouts(ProjectedKernelHead(), model, vectors, labels)
    assert (found["accuracy_noisy"] is not None) == simulated
    assert simulated or "9 noisy wires" in found["noisy_reason"]


def test_card_plan_and_record_are_one_bill() -> None:
    fixed = (("wires", WIRES),)
    trial, problem, _ = run_small(ProjectedKernelHead, small_spec(ProjectedKernelHead, SOURCE, fixed=fixed))
    assert isinstance(problem, HeadProblem)
    labelled = len(problem.validation) + len(problem.test)
    plan = ProjectedKernelHead().plan(problem, trial.settings, 200)
    card = find_card("tuning/head/projected-kernel").pinned(
        {"components": WIRES, "samples": len(problem.train), "texts": labelled, "shots": 200}
    )
    projected = bill(card, scenario_sizes(load_scenario("llama-3.1-8b-chat")))
    recorded = Demand.from_record(trial.demand)
    assert recorded.circuits == 2 * (len(problem.train) + labelled)
    for other in (projected, plan.run.demand + plan.apply.demand):
        for name in ("circuits", "shots", "gates_1q", "gates_2q", "depth", "qubits"):
            assert getattr(other, name) == getattr(recorded, name), name
