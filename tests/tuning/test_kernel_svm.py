"""The fidelity-kernel SVM: what it bills, and that its kernel is the states' overlap."""

from typing import Any

import numpy as np
import pytest

from qwatt.api.target import Overrides, resolve
from qwatt.core.context import Unmetered
from qwatt.core.demand import Demand
from qwatt.core.registry import get_backend
from qwatt.projection.scaling import find_card, scenario_sizes
from qwatt.projection.scaling.today import bill
from qwatt.projection.scenario.file import load_scenario
from qwatt.stages.tuning.head.kernel_svm import KernelSvmHead
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.product_kernel import ProductKernelHead
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing.trials import run_small, small_spec

SOURCE = "builtin:weather"
WIRES = 5


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    return HeadTask().load(SOURCE, "xs", 0)


def settings(**changes: Any) -> dict[str, Any]:
    return KernelSvmHead.defaults() | {"wires": WIRES} | changes


def exact() -> Unmetered:
    return Unmetered(get_backend("engine"))


def test_a_product_maps_kernel_is_a_product_of_cosines(problem: HeadProblem) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, WIRES)), rng.normal(size=(4, WIRES))
    found = KernelSvmHead().overlaps("angle", x, y, exact())
    assert np.allclose(found, np.cos((x[:, None] - y) / 2).prod(axis=2) ** 2, atol=1e-5)


@pytest.mark.parametrize("feature_map", KernelSvmHead.space["map"])
def test_it_decides_as_scikit_learn_on_the_same_kernel(feature_map: str, problem: HeadProblem) -> None:
    from sklearn.svm import SVC

    head = KernelSvmHead()
    model = head.fit(problem, settings(map=feature_map), exact())
    train = model.arrays["train"]
    test = 0.25 * (problem.test.vectors - model.arrays["mean"]) @ model.arrays["components"]
    reference = SVC(kernel="precomputed").fit(
        head.overlaps(feature_map, train, None, exact()), problem.train.labels
    )
    scores = head.decide(model, problem.test.vectors, exact())
    margins = reference.decision_function(head.overlaps(feature_map, test, train, exact()))
    assert np.allclose(scores[:, 1] - scores[:, 0], margins, atol=1e-4)


def test_the_twin_is_the_kernel_of_the_product_map(problem: HeadProblem) -> None:
    """The closed form labels as the exact kernel of the "angle" map does."""
    chosen = settings(map="angle")
    scores = [
        head.decide(head.fit(problem, chosen, exact()), problem.test.vectors, exact())
        for head in (KernelSvmHead(), ProductKernelHead())
    ]
    assert np.allclose(*scores, atol=1e-4)


def test_a_map_is_fixed_for_the_head_and_not_for_its_closed_form() -> None:
    fixed = Overrides(methods=["kernel-svm"], fixed=["map=iqp", "wires=3"], size="xs", seeds=1)
    study, _, _ = resolve("tuning/head", fixed)
    settings = {spec.method: dict(spec.fixed) for spec in study.trials()}
    assert settings["kernel-svm"] == {"map": "iqp", "wires": 3}
    assert settings["kernel-svm-product"] == {"wires": 3}


def test_a_narrow_bandwidth_is_no_kernel(problem: HeadProblem) -> None:
    """Far apart on the sphere of many qubits, all sentences are alike unlike: only the diagonal is left."""
    head = KernelSvmHead()
    spread = {}
    for bandwidth in (0.25, 8.0):
        model = head.fit(problem, settings(map="iqp", bandwidth=bandwidth, wires=12), exact())
        gram = head.overlaps("iqp", model.arrays["train"], None, exact())
        spread[bandwidth] = gram[~np.eye(len(gram), dtype=bool)].mean()
    assert spread[8.0] < 0.02
    assert spread[0.25] > 0.2


def test_card_plan_and_record_are_one_bill() -> None:
    fixed = (("map", "iqp"), ("wires", WIRES))
    trial, problem, _ = run_small(KernelSvmHead, small_spec(KernelSvmHead, SOURCE, fixed=fixed))
    assert isinstance(problem, HeadProblem)
    fit, labelled = len(problem.train), len(problem.validation) + len(problem.test)
    plan = KernelSvmHead().plan(problem, trial.settings, 200)
    card = find_card("tuning/head/kernel-svm").pinned(
        {"components": WIRES, "samples": fit, "texts": labelled, "shots": 200}
    )
    projected = bill(card, scenario_sizes(load_scenario("llama-3.1-8b-chat")))
    recorded = Demand.from_record(trial.demand)
    assert recorded.circuits == fit * (fit - 1) // 2 + fit * labelled
    for other in (projected, plan.run.demand + plan.apply.demand):
        for name in ("circuits", "shots", "gates_1q", "gates_2q", "depth", "qubits"):
            assert getattr(other, name) == getattr(recorded, name), name
