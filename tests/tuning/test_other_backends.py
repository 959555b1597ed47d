"""The smallest run of every quantum head, distillation and policy on backends that are not the engine."""

import pytest

from qwatt.core.method import Kind
from qwatt.core.registry import all_methods, get_method
from qwatt.testing.trials import run_small, small_spec

pytestmark = pytest.mark.nightly

SOURCES = {"tuning/head": "builtin:weather", "tuning/distil": "held-back", "tuning/reinforce": "held-back"}
TABLE = "breast_cancer"
"""What the heads on single columns are for."""
FIXED = {"kernel-svm": (("wires", 2),)}
"""A kernel of all pairs with noise takes its time on more."""
QUANTUM = [(t, m.name) for t in SOURCES for m in all_methods(t) if m.kind is Kind.QUANTUM]


@pytest.mark.parametrize("backend", ["noisy:ibm_kingston", "pennylane:default.qubit"])
@pytest.mark.parametrize(("task", "name"), QUANTUM)
def test_a_quantum_method_runs_on_another_backend(task: str, name: str, backend: str) -> None:
    method = type(get_method(task, name))
    source = TABLE if getattr(method, "only", None) == "tables" else SOURCES[task]
    spec = small_spec(method, source, backend=backend, fixed=FIXED.get(name, ()))
    trial, _, _ = run_small(method, spec)
    assert trial.quality is not None
    assert trial.spec.backend == backend
    assert trial.demand["circuits"] > 0
