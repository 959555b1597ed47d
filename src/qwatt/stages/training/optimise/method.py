"""What all optimisers share: the same model, start and batches, a budget, and held-back scores."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.training.optimise.classifier import Classifier, model_of
from qwatt.stages.training.optimise.curve import Recorder
from qwatt.stages.training.optimise.decoding import judged
from qwatt.stages.training.optimise.features import angles_of, fit_features
from qwatt.stages.training.optimise.problem import (
    CIRCUIT,
    TASK,
    Array,
    CircuitProblem,
    DecoderProblem,
    Held,
    OptimiseAnswer,
    OptimiseProblem,
    Part,
)

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@dataclass(frozen=True, eq=False)
class Training:
    """What an optimiser of sentences trains, and who takes the points of its curve.

    Args:
        problem: sentences and budget.
        model: whose weights are trained.
        features: from embeddings to angles, as `fit_features` returns it.
        recorder: takes the points.
    """

    problem: CircuitProblem
    model: Classifier
    features: Mapping[str, Array]
    recorder: Recorder


class OptimiseMethod(Method[OptimiseProblem, OptimiseAnswer]):
    """Base of the optimisers.

    Class attributes:
        trains: what it can train, "circuit" or also "decoder".
        model: which model it trains on sentences.
    """

    task = TASK
    trains: ClassVar[frozenset[str]] = frozenset({CIRCUIT})
    model: ClassVar[str] = "circuit"

    @abstractmethod
    def train(self, training: Training, settings: Settings, context: Context) -> list[torch.Tensor]:
        """Train until the budget of runs is spent; return the weights at every point taken, the last last."""

    @abstractmethod
    def train_effort(self, problem: CircuitProblem, settings: Settings, shots: int | None) -> Effort:
        """Predict what `train` takes."""

    @abstractmethod
    def read(
        self, model: Classifier, x: torch.Tensor, weights: torch.Tensor, context: Context, phase: str
    ) -> torch.Tensor:
        """Return the read-outs of sentences, shape (sentences, readouts), without a gradient."""

    @abstractmethod
    def read_effort(self, problem: CircuitProblem, sentences: int, shots: int | None) -> Effort:
        """Predict what `read` takes."""

    def run(self, problem: OptimiseProblem, settings: Settings, context: Context) -> Solution[OptimiseAnswer]:
        """Train once and look at the validation part."""
        if isinstance(problem, DecoderProblem):
            return self.run_decoder(problem, settings, context)
        context.shared(Ring.LOADING, "embed", lambda: problem.embedding.embed(_told(context)))
        with one_thread():
            with context.phase(Ring.LOADING, "features"):
                features = fit_features(problem)
            model = model_of(problem, self.model)
            recorder = Recorder(problem.circuit.runs)
            trajectory = self.train(Training(problem, model, features, recorder), settings, context)
            validation = self._held(model, features, trajectory[-1], problem.validation, context, "validate")
        curve = recorder.close()
        arrays = features | {
            "weights": trajectory[-1].numpy(),
            "trajectory": np.stack([weights.numpy() for weights in trajectory]),
        }
        last = curve.points[-1]
        config = {"parameters": model.parameters, "steps": last.steps, "runs": last.runs}
        answer = OptimiseAnswer(self.name, self.model, arrays, curve, validation, config=config)
        return Solution(answer, counters={"steps": last.steps, "runs": last.runs}, notes=dict(config))

    def apply(
        self,
        problem: OptimiseProblem,
        solution: Solution[OptimiseAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[OptimiseAnswer]:
        """Look at the test part with the chosen weights."""
        if isinstance(problem, DecoderProblem):
            return self.apply_decoder(problem, solution, context)
        answer = solution.answer
        weights = torch.as_tensor(answer.arrays["weights"])
        with one_thread():
            model = model_of(problem, self.model)
            test = self._held(model, answer.arrays, weights, problem.test, context, "predict")
        return replace(solution, answer=replace(answer, test=test))

    def run_decoder(
        self, problem: DecoderProblem, settings: Settings, context: Context
    ) -> Solution[OptimiseAnswer]:
        """Refuse: a circuit's optimiser has nothing to shift in a decoder."""
        raise QwattError(
            f"{self.name} trains the angles of a circuit, and {problem.source} has no labels to learn",
            where=TASK,
            mend="give labelled text, or choose adamw, muon, soap, shampoo, kfac or sgd for a decoder",
        )

    def apply_decoder(
        self, problem: DecoderProblem, solution: Solution[OptimiseAnswer], context: Context
    ) -> Solution[OptimiseAnswer]:
        """Look at a decoder's test part."""
        test = judged(problem, solution.answer.arrays, context)
        return replace(solution, answer=replace(solution.answer, test=test))

    def plan(self, problem: OptimiseProblem, settings: Settings, shots: int | None) -> Plan:
        """Add up training and looking at both parts."""
        if isinstance(problem, DecoderProblem):
            return self.plan_decoder(problem)
        return Plan(
            run=self.train_effort(problem, settings, shots)
            + self.read_effort(problem, len(problem.validation), shots),
            apply=self.read_effort(problem, len(problem.test), shots),
            once=Effort(work=problem.embedding.work),
        )

    def plan_decoder(self, problem: DecoderProblem) -> Plan:
        """Count the passes over the text: six operations a weight and token to train, two to judge."""
        size, text = problem.decoder, problem.text
        steps = problem.tokens // size.step_tokens
        chars = len("".join((*text.train, *text.validation, *text.test)))
        train = {"gemm_flop": 6.0 * size.parameters * steps * size.step_tokens, "iteration": float(steps)}
        judge = {"gemm_flop": 2.0 * size.parameters * len("".join(text.test))}
        note = "a token a character to judge; what the optimiser itself computes is left out"
        return Plan(Effort(work=train), Effort(work=judge), Effort(work={"tokenised_byte": chars}), note)

    def _held(
        self,
        model: Classifier,
        features: Mapping[str, Array],
        weights: torch.Tensor,
        part: Part,
        context: Context,
        phase: str,
    ) -> Held:
        z = self.read(model, angles_of(features, part), weights, context, phase)
        return model.held(z, torch.as_tensor(part.labels))


def _told(context: Context) -> Callable[[int, int], None]:
    return lambda done, total: context.progress(done, total, "sentences embedded")
