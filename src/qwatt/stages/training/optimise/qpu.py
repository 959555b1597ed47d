"""Base of the optimisers that a QPU can run: they spend an equal budget of circuits, each with its shots."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.stages.training.optimise.batches import Batch, batch_size, batches
from qwatt.stages.training.optimise.classifier import CircuitClassifier, Classifier, model_of
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.method import OptimiseMethod, Training
from qwatt.stages.training.optimise.problem import CircuitProblem
from qwatt.stages.training.optimise.rates import falling

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

Step = Callable[["torch.Tensor", Batch, int, float], "torch.Tensor"]
"""Called with weights, a batch, the step's number and the factor on the rate; returns the next weights."""

CONTROLS = ("adamw", "adamw-separable", "mlp-same-size")
"""What stands beside every one of them: exact gradients, no entanglers, as many classical weights."""


class QpuOptimiser(OptimiseMethod):
    """Base of the optimisers that need nothing but measured circuits."""

    kind = Kind.QUANTUM

    @abstractmethod
    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return the function that takes a step; what it remembers from step to step is its own."""

    @abstractmethod
    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Return the bill of one step, from the primitives; its number counts from 0."""

    def train(self, training: Training, settings: Settings, context: Context) -> list[torch.Tensor]:
        """Take the steps that the budget of circuits allows."""
        problem, model, recorder = training.problem, training.model, training.recorder
        assert isinstance(model, CircuitClassifier)
        bills = self.schedule(problem, settings, context.shots)
        step_of = self.descent(Measured(model, circuit_backend(context), context), settings, context.rng)
        weights, found, runs, shots = model.start(problem.seed), [], 0, 0
        for step, (bill, batch) in enumerate(zip(bills, batches(problem, training.features), strict=False)):
            with context.phase(Ring.OUTER, "step"), torch.no_grad():
                weights = step_of(weights, batch, step, falling(step, len(bills)))
            runs, shots = runs + bill.circuits, shots + bill.shots
            if recorder.due(runs, step + 1 == len(bills)):
                found.append(weights.clone())
                recorder.take(steps=step + 1, runs=runs, shots=shots)
            context.progress(step + 1, len(bills), "steps")
        return found

    def schedule(self, problem: CircuitProblem, settings: Settings, shots: int | None) -> list[Demand]:
        """Return the bills of the steps that the budget allows, at least of one."""
        model = model_of(problem, self.model)
        assert isinstance(model, CircuitClassifier)
        left, bills = problem.circuit.runs, list[Demand]()
        while True:
            bill = self.step_demand(model, settings, len(bills), batch_size(problem), shots)
            left -= bill.circuits
            if left < 0 and bills:
                return bills
            bills.append(bill)

    def train_effort(self, problem: CircuitProblem, settings: Settings, shots: int | None) -> Effort:
        """Add up the bills; what the host does between circuits is a step of Python each."""
        bills = self.schedule(problem, settings, shots)
        whole, model = Demand.sum(bills), model_of(problem, self.model)
        assert isinstance(model, CircuitClassifier)
        flops = float(state_flops(model.circuit, whole.circuits))
        work = {"engine_call": 2.0 * len(bills), "iteration": float(len(bills))}
        return Effort(whole, work, flops)

    def read(
        self, model: Classifier, x: torch.Tensor, weights: torch.Tensor, context: Context, phase: str
    ) -> torch.Tensor:
        """Measure the read-outs with the context's shots on its backend."""
        assert isinstance(model, CircuitClassifier)
        measured = Measured(model, circuit_backend(context), context)
        with context.phase(Ring.KERNEL, phase):
            return measured.z(x, weights[None])[0]

    def read_effort(self, problem: CircuitProblem, sentences: int, shots: int | None) -> Effort:
        """Bill one circuit a sentence."""
        model = model_of(problem, self.model)
        assert isinstance(model, CircuitClassifier)
        demand = expectation.demand(model.circuit, sentences, shots)
        flops = expectation.simulation_flops(model.circuit, sentences)
        return Effort(demand, {"engine_call": 1.0}, flops)
