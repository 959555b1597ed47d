"""qwatt: energy-to-solution of quantum-enhanced methods in every stage of a language model's life.

The names below are imported when they are first used, so that `import qwatt` imports nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt import estimate as estimate
    from qwatt.api.artifact import Artifact as Artifact
    from qwatt.api.artifact import load as load
    from qwatt.api.compare import RunComparison as RunComparison
    from qwatt.api.compare import compare as compare
    from qwatt.api.export import export as export
    from qwatt.api.plan import StudyPlan as StudyPlan
    from qwatt.api.plan import plan as plan
    from qwatt.api.project import LifeProjection as LifeProjection
    from qwatt.api.project import project as project
    from qwatt.api.run import Run as Run
    from qwatt.api.run import open_run as open_run
    from qwatt.api.run import run as run
    from qwatt.core.errors import QwattError as QwattError
    from qwatt.core.quantity import Quantity as Quantity
    from qwatt.energy.meter import Meter as Meter
    from qwatt.integrations.record import record as record

    __version__: str

_HOMES = {
    "Artifact": "qwatt.api.artifact",
    "load": "qwatt.api.artifact",
    "RunComparison": "qwatt.api.compare",
    "compare": "qwatt.api.compare",
    "export": "qwatt.api.export",
    "StudyPlan": "qwatt.api.plan",
    "plan": "qwatt.api.plan",
    "LifeProjection": "qwatt.api.project",
    "project": "qwatt.api.project",
    "Run": "qwatt.api.run",
    "open_run": "qwatt.api.run",
    "run": "qwatt.api.run",
    "QwattError": "qwatt.core.errors",
    "Quantity": "qwatt.core.quantity",
    "Meter": "qwatt.energy.meter",
    "record": "qwatt.integrations.record",
}
"""Where each public name lives."""

_MODULES = ("estimate",)

__all__ = ["__version__", *_HOMES, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("qwatt")
    if name in _MODULES:
        return import_module(f"qwatt.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'qwatt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
