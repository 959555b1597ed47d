"""A way to do a task: one class in one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.problem import Problem, Solution
from qwatt.core.quantity import Quantity

Settings = Mapping[str, Any]
"""One choice for every tunable of a method."""


class Kind(StrEnum):
    """What a method is in a comparison."""

    CLASSICAL = "classical"
    QUANTUM = "quantum"
    INSPIRED = "inspired"
    CONTROL = "control"


@dataclass(frozen=True)
class Plan:
    """What a method would execute, found without executing a circuit.

    Args:
        demand: the QPU's bill of `run`.
        apply_demand: the QPU's bill of `apply`.
        flops: arithmetic operations of the host, simulating the circuits included; None when unknown.
        once_flops: those that are done once a trial, whatever the number of settings tried.
        note: what the plan assumes.
    """

    demand: Demand = field(default_factory=Demand)
    apply_demand: Demand = field(default_factory=Demand)
    flops: float | None = None
    once_flops: float = 0.0
    note: str = ""


class Context(Protocol):
    """What the protocol hands to a running method."""

    seed: int
    shots: int | None
    """Shots per circuit; None means exact expectation values, a labelled extra row."""

    @property
    def backend(self) -> Backend:
        """Where circuits and QUBOs run."""
        ...

    @property
    def rng(self) -> np.random.Generator:
        """The trial's own generator, seeded by its seed and method."""
        ...

    def phase(self, name: str) -> AbstractContextManager[Any]:
        """Open an energy window. "circuits" is reserved for what a QPU would execute."""
        ...

    def charge(self, name: str, energy: Quantity, seconds: float, note: str) -> None:
        """Charge work that was done and measured earlier, such as cached embeddings."""
        ...


class Method(ABC):
    """Base of every method. A method is one class with the `@method` decorator.

    Class attributes:
        name: short name inside the task, such as "minhash".
        task: the task's name.
        kind: classical, quantum, inspired or control.
        sources: where the algorithm is from, such as "arXiv:2504.08732".
        companions: methods of the same task that must run beside this one.
        space: tunables, each with its candidates; the first of each is the default.
        stochastic: whether repeating a run may reach the target by luck; its energy-to-solution is then
            charged for 99 % certainty.
        imports: heavy modules that `run` needs; the protocol imports them before it measures.
    """

    name: ClassVar[str]
    task: ClassVar[str]
    kind: ClassVar[Kind]
    sources: ClassVar[tuple[str, ...]]
    companions: ClassVar[tuple[str, ...]] = ()
    space: ClassVar[Mapping[str, Sequence[Any]]] = {}
    stochastic: ClassVar[bool] = False
    imports: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Do the task once with the given settings, inside the context's energy windows."""

    def apply(self, problem: Problem, solution: Solution, settings: Settings, context: Context) -> Solution:
        """Apply the chosen solution to the held-back data; only the tuner's winner is applied.

        Methods whose solution does not depend on the held-back data (a keep-set, a mask) leave it as it is.
        """
        return solution

    def plan(self, problem: Problem, settings: Settings, shots: int | None) -> Plan:
        """Predict what one `run` and one `apply` would execute; executes no circuit.

        A quantum method must override it, and its demand must equal what the backend records.
        """
        return Plan()

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the default settings."""
        return {name: candidates[0] for name, candidates in cls.space.items()}
