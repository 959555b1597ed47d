"""The optimiser task: every method's conformance, budgets, and what is recorded along the way."""

from qwatt.core.registry import all_methods
from qwatt.stages.training.optimise.task import OptimiseTask
from qwatt.testing import MethodChecks, TaskChecks

SOURCE = "builtin:weather"


class TestOptimiseTask(TaskChecks):
    task = OptimiseTask
    source = SOURCE


def checks_of(cls: type) -> type:
    return type(f"Test{cls.__name__}", (MethodChecks,), {"method": cls, "source": SOURCE})


METHODS = all_methods("training/optimise")
for _method in METHODS:
    globals()[f"Test{_method.__name__}"] = checks_of(_method)
