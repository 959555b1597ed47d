"""Optimisers of torch on exact gradients: what a simulator can give a circuit, and a QPU cannot.

A simulated circuit of few qubits is a classical model: its gradient costs three forward passes whatever its
number of angles (arXiv:2305.13362), nothing of it is charged to a QPU, and the methods here are classical.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.language.decoder.optimiser import Named
from qwatt.quantum.backends import exact_simulator
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.stages.training.optimise.batches import batch_size, batches
from qwatt.stages.training.optimise.classifier import CircuitClassifier, Classifier, model_of
from qwatt.stages.training.optimise.decoding import train_on_text
from qwatt.stages.training.optimise.method import OptimiseMethod, Training
from qwatt.stages.training.optimise.problem import (
    CIRCUIT,
    DECODER,
    CircuitProblem,
    DecoderProblem,
    OptimiseAnswer,
)
from qwatt.stages.training.optimise.rates import falling

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

PASSES = 3
"""Runs of a circuit that a simulated gradient takes: forward, and state and covector backward."""


class BackpropMethod(OptimiseMethod):
    """Base of the optimisers that take gradients from automatic differentiation.

    Their setting `rate` multiplies the learning rate that is usual for the model, so that no trial of the
    tuner is spent on rates for another model.

    Class attributes:
        usual: learning rate by model.
    """

    simulates: ClassVar[bool] = True
    trains: ClassVar[frozenset[str]] = frozenset({CIRCUIT, DECODER})
    usual: ClassVar[Mapping[str, float]]

    @abstractmethod
    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return torch optimisers of all weights; their own rates are the first step's.

        Args:
            named: weights with their names.
            rate: learning rate.
            settings: the others.
        """

    def train(self, training: Training, settings: Settings, context: Context) -> list[torch.Tensor]:
        """Differentiate the simulation and step."""
        problem, model, recorder = training.problem, training.model, training.recorder
        simulator = exact_simulator(context)
        # a matrix, so that what preconditions matrices has one: uploads and layers by wires and axes
        first = model.start(problem.seed)
        weights = torch.nn.Parameter(first.flatten(2).flatten(0, 1) if first.ndim > 2 else first)
        optimisers = self.optimisers([("weights", weights)], self._rate(self.model, settings), settings)
        peaks = [[group["lr"] for group in one.param_groups] for one in optimisers]
        steps, found = step_count(problem), []
        runs = PASSES * batch_size(problem)
        for step, batch in zip(range(steps), batches(problem, training.features), strict=False):
            with context.phase(Ring.KERNEL, "train"):
                for one, rates in zip(optimisers, peaks, strict=True):
                    for group, peak in zip(one.param_groups, rates, strict=True):
                        group["lr"] = peak * falling(step, steps)
                    one.zero_grad()
                z = model.exact(batch.x, weights.view(model.shape), simulator)
                loss = model.loss(z, batch.labels)
                loss.backward()  # type: ignore[no-untyped-call]
                for one in optimisers:
                    one.step()
            if recorder.due((step + 1) * runs, step + 1 == steps):
                found.append(weights.detach().clone().view(model.shape))
                recorder.take(steps=step + 1, runs=(step + 1) * runs)
            context.progress(step + 1, steps, "steps")
        return found

    def run_decoder(
        self, problem: DecoderProblem, settings: Settings, context: Context
    ) -> Solution[OptimiseAnswer]:
        """Train a small decoder and look at the validation part."""
        rate = self._rate(DECODER, settings)
        arrays, curve, validation = train_on_text(
            problem, lambda named: self.optimisers(named, rate, settings), context
        )
        last, size = curve.points[-1], problem.decoder
        config = {"parameters": size.parameters, "steps": last.steps, "tokens": last.tokens}
        answer = OptimiseAnswer(self.name, DECODER, arrays, curve, validation, config=config)
        return Solution(answer, counters={"steps": last.steps, "tokens": last.tokens}, notes=dict(config))

    def read(
        self, model: Classifier, x: torch.Tensor, weights: torch.Tensor, context: Context, phase: str
    ) -> torch.Tensor:
        """Compute the read-outs exactly."""
        simulator = exact_simulator(context)
        with context.phase(Ring.KERNEL, phase), torch.no_grad():
            return model.exact(x, weights, simulator)

    def train_effort(self, problem: CircuitProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the simulated passes."""
        steps = step_count(problem)
        passes = _work(model_of(problem, self.model), PASSES * steps * batch_size(problem))
        return Effort(work=passes | {"iteration": float(steps), "engine_call": 3.0 * steps})

    def read_effort(self, problem: CircuitProblem, sentences: int, shots: int | None) -> Effort:
        """Count one simulated pass a sentence."""
        return Effort(work=_work(model_of(problem, self.model), sentences) | {"engine_call": 1.0})

    def _rate(self, model: str, settings: Settings) -> float:
        return self.usual[model] * float(settings["rate"])


def step_count(problem: CircuitProblem) -> int:
    """Return the steps that the budget of runs allows, at least one."""
    return max(1, problem.circuit.runs // (PASSES * batch_size(problem)))


def _work(model: Classifier, passes: int) -> dict[str, float]:
    if isinstance(model, CircuitClassifier):
        return {"statevector_flop": float(state_flops(model.circuit, passes))}
    return {"gemm_flop": 2.0 * model.parameters * passes}
