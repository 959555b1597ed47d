"""What all distillations share: one student, equal tokens, the teacher's forward pass charged to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.distil.objective import Objective
from qwatt.stages.tuning.distil.problem import TASK, DistilAnswer, DistilProblem
from qwatt.stages.tuning.distil.settings import LIMITS, WITH_TERM, Setup, setup
from qwatt.stages.tuning.distil.student import BLOCK, Student, new_student, trained
from qwatt.stages.tuning.distil.train import judge, train_student

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_ACTIVATIONS = 6.0
"""Exponentials of a vocabulary that a softmax, its loss and its gradient take, a token."""
_KERNELS = 18.0
"""Steps of an optimiser that the small operations of a student's block and its gradient weigh as much as."""


class DistilMethod(Method[DistilProblem, DistilAnswer]):
    """Base of the methods; one gives its objective, or another student."""

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = WITH_TERM
    limits: ClassVar[Mapping[str, Limit]] = LIMITS

    def objective(
        self, found: Setup, settings: Settings, states: torch.Tensor | None, context: Context
    ) -> Objective:
        """Return what is minimised; weights of its own are drawn from torch's generator."""
        return Objective(float(settings["mixing"]), float(settings["temperature"]))

    def student(self, found: Setup, context: Context) -> Student:
        """Return the untrained student."""
        return new_student(found.size, context.seed, found.lesson.teacher.tokenizer.eos_token_id)

    def taught(self, settings: Settings) -> bool:
        """Return whether the teacher is asked."""
        return True

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Return what a step takes beside the student and the logits; nothing."""
        return Effort()

    def reading_effort(self, found: Setup, tokens: int, shots: int | None) -> Effort:
        """Return what the student's circuits take to read so many tokens; nothing without circuits."""
        return Effort()

    def run(self, problem: DistilProblem, settings: Settings, context: Context) -> Solution[DistilAnswer]:
        """Train once and judge the student on the validation part."""
        found = setup(problem, settings)
        lesson = found.lesson
        states = None
        if self.taught(settings):
            states = context.shared(Ring.LOADING, "teacher", lesson.taught)
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            student = self.student(found, context)
            with student.assembled() as model:
                parameters = sum(weights.numel() for weights in trained(model))
                with context.phase(Ring.KERNEL, "train"):
                    objective = self.objective(found, settings, states, context)
                    losses = train_student(
                        model, lesson, states, objective, found.steps, found.learning_rate, context
                    )
                with context.phase(Ring.KERNEL, "validate"):
                    validation = judge(model, lesson, lesson.validation)
        state, layer_state = student.weights()
        answer = DistilAnswer(
            self.name,
            lesson.teacher.name,
            lesson.teacher.digest,
            found.size,
            parameters,
            state,
            student.description,
            layer_state,
            BLOCK,
            losses,
            validation,
        )
        counters = {"training_tokens": float(found.tokens), "steps": float(found.steps)}
        if states is not None:
            counters["teacher_tokens"] = float(states.shape[0] * states.shape[1])
        return Solution(answer, counters=counters, notes={"parameters": parameters})

    def apply(
        self,
        problem: DistilProblem,
        solution: Solution[DistilAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[DistilAnswer]:
        """Judge the student on the held-back part."""
        found = setup(problem, settings)
        with one_thread():
            student = self.student(found, context)
            student.load(solution.answer.state, solution.answer.layer_state)
            with student.assembled() as model, context.phase(Ring.KERNEL, "predict"):
                test = judge(model.eval(), found.lesson, found.lesson.test)
        counters = solution.counters | {"predictions": float(test.tokens)}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def plan(self, problem: DistilProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the student's passes, the teacher's one, its head in every step, and the circuits."""
        found = setup(problem, settings)
        lesson, asked = found.lesson, self.taught(settings)
        teacher = sum(weights.numel() for weights in lesson.model.base_model.parameters())
        text = lesson.train.shape[0] * lesson.context if asked else 0
        step = self.step_effort(found, settings, shots)
        circuits = Effort(
            step.demand.times(found.steps),
            {kind: units * found.steps for kind, units in (step.work or {}).items()},
            step.simulation_flops * found.steps,
        )
        own = self._training(found, asked)
        return Plan(
            run=circuits + own + self._reading(found, lesson.validation.shape[0], shots),
            apply=self._reading(found, lesson.test.shape[0], shots),
            once=Effort(work={"gemm_flop": 2.0 * teacher * text}),
            note=f"the teacher {lesson.teacher.name} is given; its training is charged to no method",
        )

    def _training(self, found: Setup, asked: bool) -> Effort:
        size, tokens = found.size, found.tokens
        flop = 6.0 * size.parameters * tokens
        values = _ACTIVATIONS * size.vocabulary * tokens
        if asked:
            flop += 2.0 * size.vocabulary * found.lesson.width * tokens
            values *= 2.0
        iterations = found.steps * (1.0 + _KERNELS * (1 + size.layers))
        return Effort(work={"gemm_flop": flop, "elementwise": values, "iteration": iterations})

    def _reading(self, found: Setup, windows: int, shots: int | None) -> Effort:
        tokens = windows * found.lesson.context
        size = found.size
        work = {"gemm_flop": 2.0 * size.parameters * tokens, "elementwise": 2.0 * size.vocabulary * tokens}
        return self.reading_effort(found, tokens, shots) + Effort(work=work)
