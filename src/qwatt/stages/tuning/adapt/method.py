"""What all adaptations share: equal tokens in one order, AdamW, and a plain decoder in the end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.problem import TASK, AdaptAnswer, AdaptProblem
from qwatt.stages.tuning.adapt.settings import LIMITS, Setup, rates, setup
from qwatt.stages.tuning.adapt.train import BATCH_TOKENS, train_adapter, window_nats

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


_SOFTMAX = 6.0
"""Exponentials of a vocabulary that a softmax, its loss and its gradient take, a token."""
_SPELLED = 4.0
"""Bytes that a token spells, about, when characters are counted."""
_BLOCK = 18.0
"""Steps of an optimiser that the small operations of a block and its gradient weigh as much as."""


class AdaptMethod(Method[AdaptProblem, AdaptAnswer]):
    """Base of the adaptations; one gives `adapter`, and what that takes beside the decoder's own passes."""

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = rates(1e-2, 3e-3, 3e-2, 1e-1)
    limits: ClassVar[Mapping[str, Limit]] = LIMITS

    @abstractmethod
    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Return an adapter that is inside the decoder; it draws its numbers from torch's generator."""

    def once_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Return what is done once a trial, such as measuring the weights; nothing by default."""
        return Effort()

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Return what one training takes beside the decoder's own passes; nothing by default."""
        return Effort()

    def run(self, problem: AdaptProblem, settings: Settings, context: Context) -> Solution[AdaptAnswer]:
        """Adapt once, merge, and measure the merged decoder's loss on the validation part."""
        found = setup(problem, settings)
        subject = found.pretrained
        with one_thread(), torch.random.fork_rng(devices=[]), subject.borrowed() as model:
            torch.manual_seed(context.seed)
            with context.phase(Ring.LOADING, "start"):
                adapter = self.adapter(found, context)
            with context.phase(Ring.KERNEL, "train"):
                rate = float(settings["learning_rate"]) * subject.rate_factor
                losses = train_adapter(model, adapter, found, rate, context)
            parameters = sum(weights.numel() for weights in adapter.parameters())
            with context.phase(Ring.LOADING, "merge"):
                adapter.merge()
                weights = subject.changed()
            with context.phase(Ring.KERNEL, "validate"):
                nats = window_nats(model, subject.validation)
        answer = AdaptAnswer(
            self.name,
            subject.decoder.name,
            subject.decoder.digest,
            parameters,
            weights,
            losses,
            adapter.facts,
            subject.judged(subject.validation, nats),
        )
        counters = {"training_tokens": float(found.trained_tokens), "steps": float(found.steps)}
        return Solution(answer, counters=counters, notes={"parameters": parameters, **adapter.facts})

    def apply(
        self, problem: AdaptProblem, solution: Solution[AdaptAnswer], settings: Settings, context: Context
    ) -> Solution[AdaptAnswer]:
        """Measure the merged decoder's loss on the held-back part."""
        subject = setup(problem, settings).pretrained
        with one_thread(), subject.borrowed() as model:
            subject.put(solution.answer.weights)
            with context.phase(Ring.KERNEL, "predict"):
                nats = window_nats(model, subject.test)
        test = subject.judged(subject.test, nats)
        counters = solution.counters | {"predictions": test.tokens}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def plan(self, problem: AdaptProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the passes over the text, and what the adapter adds to them."""
        found = setup(problem, settings)
        subject = found.pretrained
        return Plan(
            run=self.adapter_effort(found, shots)
            + _training(found, self.backward_passes, self.kernels)
            + reading(found, subject.validation.shape[0]),
            apply=reading(found, subject.test.shape[0]),
            once=self.once_effort(found, shots),
            note=f"all matrices of {subject.decoder.name} are adapted, on {found.trained_tokens:,} tokens",
        )

    backward_passes: ClassVar[float] = 1.0
    """A backward pass multiplies with frozen weights once more; their own gradients are not computed."""
    kernels: ClassVar[float] = 1.0
    """Steps of an optimiser that an adapter's small operations in one matrix weigh as much as, each step."""


def _training(found: Setup, backward: float, kernels: float) -> Effort:
    subject, tokens = found.pretrained, found.trained_tokens
    small = _BLOCK * (1 + subject.blocks) + kernels * len(subject.matrices)
    return Effort(
        work={
            "gemm_flop": 2.0 * (1.0 + backward) * subject.multiplied * tokens,
            "elementwise": _SOFTMAX * subject.vocabulary * tokens,
            "iteration": found.steps * (1.0 + small),
        }
    )


def reading(found: Setup, windows: int) -> Effort:
    """Count the forward passes over so many windows."""
    subject, tokens = found.pretrained, windows * found.pretrained.context
    passes = -(-tokens // BATCH_TOKENS)
    return Effort(
        work={
            "gemm_flop": 2.0 * subject.multiplied * tokens,
            "elementwise": _SOFTMAX / 3 * subject.vocabulary * tokens,
            "iteration": _BLOCK / 2 * (1 + subject.blocks) * passes,
            "tokenised_byte": _SPELLED * tokens,
        }
    )
