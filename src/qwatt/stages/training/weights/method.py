"""What all ways to find weights share: features with the encoder's energy, a random start, the answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.training.weights.network import Floats, Labels, Weights, random_weights, size
from qwatt.stages.training.weights.problem import TASK, WeightsAnswer, WeightsProblem

_LOSS_CALLS, _LAYER_CALLS = 15.0, 6.0
"""Calls of NumPy of a loss, and of each layer before it."""

EPOCHS: dict[str, Sequence[Any]] = {"epochs": (10,)}
"""Passes over all weights, as in arXiv:2504.14568."""


@dataclass(frozen=True, eq=False)
class Training:
    """What a method trains on.

    Args:
        x: features, shape (rows, features).
        labels: class of each row.
        widths: of the network.
    """

    x: Floats
    labels: Labels
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """What a method found.

    Args:
        weights: the network's.
        curve: the objective at the start and after every epoch.
        evaluations: objectives of all training rows that were computed; a gradient counts as two more.
        projected: counts that only a projection may use.
        notes: remarks for the record.
    """

    weights: Weights
    curve: list[float]
    evaluations: float
    projected: Mapping[str, float]
    notes: Mapping[str, Any]


class WeightsMethod(Method[WeightsProblem, WeightsAnswer]):
    """Base of the methods; one gives `find` and its `effort`. All work with one thread.

    Every method of one seed begins with the same random weights.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = EPOCHS

    @abstractmethod
    def find(self, training: Training, start: Weights, settings: Settings, context: Context) -> Found:
        """Return trained weights, found inside energy windows."""

    @abstractmethod
    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Predict what `find` takes on so many training rows."""

    def run(self, problem: WeightsProblem, settings: Settings, context: Context) -> Solution[WeightsAnswer]:
        """Train; the frozen encoder's energy is charged to every method alike."""
        embedding = problem.embedding
        if embedding is not None:
            context.shared(Ring.LOADING, "embed", lambda: embedding.embed(_told(context)))
        with one_thread():
            with context.phase(Ring.LOADING, "scale"):
                training = Training(problem.inputs(problem.train), problem.train.labels, problem.widths)
            start = random_weights(problem.widths, np.random.default_rng([problem.seed, 5]))
            found = self.find(training, start, settings, context)
        answer = WeightsAnswer(self.name, found.weights, tuple(found.curve))
        notes = {"parameters": size(problem.widths), "final_loss": found.curve[-1]} | dict(found.notes)
        counters = {"loss_evaluations": float(found.evaluations)}
        return Solution(answer, counters, dict(found.projected), notes)

    def plan(self, problem: WeightsProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the effort of one training; texts are embedded once, whatever the number of settings."""
        once = Effort() if problem.embedding is None else Effort(work=problem.embedding.work)
        return Plan(self.effort(len(problem.train), problem.widths, settings, shots), once=once)


def pass_flops(rows: int, widths: Sequence[int]) -> float:
    """Return the operations of one forward pass of all rows: two a row and weight."""
    return 2.0 * rows * size(widths)


def pass_work(passes: float, rows: int, widths: Sequence[int]) -> dict[str, float]:
    """Return the host's work of so many forward passes, each with the loss and the weights' penalty."""
    calls = passes * (_LOSS_CALLS + _LAYER_CALLS * (len(widths) - 1))
    return {"gemm_flop": passes * pass_flops(rows, widths), "array_call": calls}


def _told(context: Context) -> Any:
    return lambda done, total: context.progress(done, total, "texts embedded")
