"""What all layers share: the frozen decoder's states, equal tokens to train on, the loss on other text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.language.decoder.text_windows import Judged, Windows
from qwatt.stages.architecture.layer.graft import Graft
from qwatt.stages.architecture.layer.problem import TASK, LayerAnswer, LayerProblem
from qwatt.stages.architecture.layer.settings import COMMON, LIMITS, Setup, setup
from qwatt.stages.architecture.layer.train import train_graft, window_nats
from qwatt.stages.architecture.layer.work import lower_passes, training_passes, upper_passes

if TYPE_CHECKING:
    import torch

    from qwatt.torch import quantum_layer
else:
    torch, quantum_layer = lazy("torch"), lazy("qwatt.torch.quantum_layer")

_TOLERANCE = 0.02
"""How far a layer's trained parameters may be from the quantum layer's."""
_STEP_WORK = 25.0
"""Calibrated optimiser steps whose overhead one has that runs through blocks of a transformer."""


class LayerMethod(Method[LayerProblem, LayerAnswer]):
    """Base of the layers; one gives `graft`. Nothing but the graft is trained, and always by AdamW.

    Class attributes:
        equal_parameters: whether its trained parameters must be as many as the quantum layer's.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    limits: ClassVar[Mapping[str, Limit]] = LIMITS
    equal_parameters: ClassVar[bool] = True

    @abstractmethod
    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return what goes into the block, untrained; it draws its numbers from torch's generator."""

    def parameters(self, setup: Setup) -> int:
        """Return the number of trained parameters of the quantum layer, the budget of all layers."""
        shape = setup.shape
        return quantum_layer.quantum_parameters(
            setup.frozen.hidden_size, shape.qubits, shape.reuploads, shape.layers
        )

    def circuit_effort(self, setup: Setup, rows: int, shots: int | None) -> Effort:
        """Return what reading so many tokens through the layer's circuits takes; nothing without circuits."""
        return Effort()

    def training_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Return what a step's circuits take beside the forward pass; nothing without circuits."""
        return Effort()

    def run(self, problem: LayerProblem, settings: Settings, context: Context) -> Solution[LayerAnswer]:
        """Train once and measure the loss on the validation part."""
        found = setup(problem, settings)
        frozen = found.frozen
        states = context.shared(Ring.LOADING, "hidden states", frozen.states)
        with one_thread(), frozen.upper() as predict:
            graft = self._drawn(found, context)
            with graft.inserted(frozen.model, 0, found.place):
                parameters = self._counted(found, graft.trained())
                with context.phase(Ring.KERNEL, "train"):
                    losses = train_graft(
                        predict, graft, found, states[0], float(settings["learning_rate"]), context
                    )
                with context.phase(Ring.KERNEL, "validate"):
                    nats = window_nats(predict, frozen.validation, states[1])
                state = graft.state()
        answer = LayerAnswer(
            self.name,
            frozen.decoder.name,
            frozen.decoder.digest,
            int(settings["block"]),
            found.place,
            parameters,
            state,
            graft.config,
            losses,
            self._judged(found, frozen.validation, nats),
        )
        counters = {"training_tokens": float(found.steps * found.rows), "steps": float(found.steps)}
        return Solution(answer, counters=counters, notes={"parameters": parameters, "place": found.place})

    def apply(
        self, problem: LayerProblem, solution: Solution[LayerAnswer], settings: Settings, context: Context
    ) -> Solution[LayerAnswer]:
        """Measure the loss on the held-back part."""
        found = setup(problem, settings)
        frozen = found.frozen
        states = frozen.states().value[2]
        with one_thread(), frozen.upper() as predict:
            graft = self._drawn(found, context)
            with graft.inserted(frozen.model, 0, found.place):
                graft.load(solution.answer.state)
                graft.training(False)
                with context.phase(Ring.KERNEL, "predict"):
                    nats = window_nats(predict, frozen.test, states)
        test = self._judged(found, frozen.test, nats)
        counters = solution.counters | {"predictions": test.tokens}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def plan(self, problem: LayerProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the frozen weights that every token meets, and the circuits of the layer."""
        found = setup(problem, settings)
        frozen = found.frozen
        tokens = {part: windows.shape[0] * frozen.context for part, windows in _parts(found).items()}
        step = self.circuit_effort(found, found.rows, shots) + self.training_effort(found, shots)
        training = Effort(
            step.demand.times(found.steps),
            {kind: units * found.steps for kind, units in (step.work or {}).items()},
            step.simulation_flops * found.steps,
        )
        steps = Effort(work={"iteration": _STEP_WORK * found.steps})
        host = training_passes(frozen, found.steps * found.rows) + steps
        return Plan(
            run=training + host + self._reading(found, tokens["validation"], shots),
            apply=self._reading(found, tokens["test"], shots),
            once=lower_passes(frozen, sum(tokens.values())),
            note=f"the decoder {frozen.decoder.name} is frozen; only the layer is trained",
        )

    def _reading(self, found: Setup, tokens: int, shots: int | None) -> Effort:
        return self.circuit_effort(found, tokens, shots) + upper_passes(found.frozen, tokens)

    def _drawn(self, found: Setup, context: Context) -> Graft:
        """Return the untrained graft, its numbers drawn from the trial's seed alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            return self.graft(found, context)

    def _counted(self, found: Setup, trained: Sequence[torch.nn.Parameter]) -> int:
        """Return the number of trained parameters.

        Raises:
            QwattError: they are not as many as they should be.
        """
        count, budget = sum(weights.numel() for weights in trained), self.parameters(found)
        if self.equal_parameters and abs(count - budget) > _TOLERANCE * budget:
            raise QwattError(
                f"{self.name} has {count:,} trained parameters, which is not {budget:,} within 2 %",
                where="qubits",
                mend="set other qubits, reuploads or layers; a wider decoder has finer steps",
            )
        return count

    def _judged(self, found: Setup, windows: Windows, nats: Any) -> Judged:
        return Judged(nats, windows.shape[0] * found.frozen.context, found.frozen.characters(windows))


def _parts(found: Setup) -> dict[str, Windows]:
    frozen = found.frozen
    return {"train": frozen.train, "validation": frozen.validation, "test": frozen.test}
