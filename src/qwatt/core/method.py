"""A way to do a task: one class in one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from qwatt.core.context import Context
from qwatt.core.effort import Effort, Plan
from qwatt.core.limits import Limit
from qwatt.core.problem import Problem, Solution
from qwatt.core.ring import Ring

__all__ = ["Context", "Effort", "Kind", "Method", "Plan", "Ring", "Settings"]

P = TypeVar("P", bound=Problem)
A = TypeVar("A")

Settings = Mapping[str, Any]
"""One choice for every tunable of a method."""


class Kind(StrEnum):
    """What a method is in a comparison."""

    CLASSICAL = "classical"
    QUANTUM = "quantum"
    INSPIRED = "inspired"
    CONTROL = "control"


class Method(ABC, Generic[P, A]):
    """Base of every method: it takes the task's problem `P` and returns the task's answer `A`, which is data.

    A method is one class with the `@method` decorator.

    Class attributes:
        name: short name inside the task, such as "minhash".
        task: the task's name.
        kind: classical, quantum, inspired or control.
        sources: where the algorithm is from, such as "arXiv:2504.08732".
        companions: methods of the same task that must run beside this one.
        space: tunables, each with its candidates; the first of each is the default.
        limits: what a user may fix a tunable at; where it says nothing, a number of the candidates' sign or
            one of the candidate texts; whole numbers up to a million.
        extra: the optional packages that it needs, as in `pip install 'qwatt[EXTRA]'`. It runs when it is
            named, not among all methods of a task.
        simulates: whether a classical method computes circuits too, as methods of other kinds do.
        stochastic: whether repeating a run may reach the target by luck; its energy-to-solution is then
            charged for 99 % certainty.

    Heavy libraries are declared at the top of the file by `qwatt.core.lazy.lazy`; the protocol imports them
    before it measures.
    """

    name: ClassVar[str]
    task: ClassVar[str]
    kind: ClassVar[Kind]
    sources: ClassVar[tuple[str, ...]]
    companions: ClassVar[tuple[str, ...]] = ()
    space: ClassVar[Mapping[str, Sequence[Any]]] = {}
    limits: ClassVar[Mapping[str, Limit]] = {}
    extra: ClassVar[str | None] = None
    simulates: ClassVar[bool] = False
    stochastic: ClassVar[bool] = False

    @property
    def takes_backend(self) -> bool:
        """Whether a trial's backend is made before anything is measured."""
        return self.simulates or self.kind is not Kind.CLASSICAL

    def warm_up(self) -> None:
        """Do what a process does once before anything is measured, such as compiling."""

    @abstractmethod
    def run(self, problem: P, settings: Settings, context: Context) -> Solution[A]:
        """Do the task once with the given settings, inside the context's energy windows."""

    def apply(self, problem: P, solution: Solution[A], settings: Settings, context: Context) -> Solution[A]:
        """Apply the chosen solution to the held-back data; only the tuner's winner is applied.

        Methods whose solution does not depend on the held-back data (a keep-set, a mask) leave it as it is.
        """
        return solution

    def plan(self, problem: P, settings: Settings, shots: int | None) -> Plan:
        """Predict what one `run` and one `apply` would execute; executes no circuit.

        A quantum method must override it, and its demand must equal what the backend records.
        """
        return Plan(run=Effort(work=None))

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the default settings."""
        return {name: candidates[0] for name, candidates in cls.space.items()}
