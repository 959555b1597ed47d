"""A piece of work inside a stage: data, a metric, a margin, sizes. It knows nothing of quantum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from qwatt.core.effect import Effect
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.headline import Headline
from qwatt.core.prediction import Prediction
from qwatt.core.problem import Problem, Quality, Solution
from qwatt.core.size import Ladder
from qwatt.core.trial import Trial

P = TypeVar("P", bound=Problem)
A = TypeVar("A")

STAGES = ("curation", "encoding", "architecture", "training", "tuning", "deployment", "monitoring")


class Task(ABC, Generic[P, A]):
    """Base of every task: it loads problems `P` and scores answers `A`, which are data.

    A task is one class with the `@task` decorator of `qwatt.core.registry`.

    Class attributes:
        name: "stage/task", such as "curation/dedup".
        functional_unit: the work that every method's energy is charged for, in one sentence.
        metric: name of the quality, such as "accuracy".
        higher_is_better: direction of the metric.
        margin: non-inferiority margin, in units of the metric.
        sizes: ladder "xs" (under 2 s), "s" (under 60 s), "m" (minutes) to size parameters, which a user may
            change in turn: "s,per_class=16".
        default_source: source when the study names none.
        no_effect: why no downstream effect follows from its trials, for a task that measures none.
        takes_training: whether "train:module:function", a user's own training, is a source of it.
    """

    name: ClassVar[str]
    functional_unit: ClassVar[str]
    metric: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    margin: ClassVar[float]
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]]
    default_source: ClassVar[str]
    takes_training: ClassVar[bool] = False
    no_effect: ClassVar[str] = "the task measures no downstream effect"

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        if "sizes" in cls.__dict__:
            cls.sizes = Ladder(cls.sizes)

    @property
    def stage(self) -> str:
        """The stage that the task belongs to."""
        return self.name.split("/", 1)[0]

    @abstractmethod
    def load(self, source: str, size: str, seed: int) -> P:
        """Return the instance: the same for every method that gets the same arguments.

        Args:
            source: a built-in data set's name or a path.
            size: rung of `sizes`, maybe with changes; "full", where there is one, takes all of a user's data.
            seed: seed of splits and planted truth.

        Raises:
            QwattError: the source cannot be read or is too small.
        """

    def rung(self, size: str) -> Mapping[str, Any]:
        """Return the parameters of a size, changed as the size says.

        Raises:
            QwattError: no such rung, or a change that it cannot take.
        """
        if size not in self.sizes:
            raise unknown_name("size", size, self.sizes, where=self.name)
        return self.sizes[size]

    def suits(self, method: str, source: str) -> bool:
        """Return whether a method can do the task with a source; a study leaves out those that cannot.

        Those that the user named run all the same, and say themselves what they miss.
        """
        return True

    @abstractmethod
    def validate(self, problem: P, solution: Solution[A]) -> Quality:
        """Score on validation data; the tuner chooses by it."""

    @abstractmethod
    def score(self, problem: P, solution: Solution[A]) -> Quality:
        """Score on held-back data, the same for everyone."""

    @abstractmethod
    def export(self, problem: P, solution: Solution[A], folder: Path) -> list[Path]:
        """Write what the user takes away (a clean corpus, a model); return the files, the main one first."""

    def predict(self, artifact: Path, source: str) -> Prediction:
        """Label new data with an exported artifact; a task whose artifacts cannot do that leaves it as it is.

        Args:
            artifact: the folder that `export` wrote into, with its `artifact.json`.
            source: a file or folder of data.

        Raises:
            QwattError: the task's artifacts predict nothing, this one is damaged, or the data cannot be read.
        """
        mend = "give an artifact of a task that labels data, such as tuning/head"
        raise QwattError(f"an artifact of {self.name} predicts nothing", where=str(artifact), mend=mend)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return what a method's solutions change downstream, as its trials measured it.

        Args:
            trials: one method's finished trials on one source and size, a seed each.
            others: the finished trials of all methods beside them, by the method's name.
        """
        return Effect.unknown(self.no_effect)

    def scoring(self, size: str) -> str:
        """Return what scoring a trial takes that is charged to no method, where it is much; for plans."""
        return ""

    def worse(self, trial: Trial, reference: Trial) -> bool:
        """Return whether a trial's quality is worse than another's by more than the margin, or is missing."""
        if trial.quality is None or reference.quality is None:
            return True
        gain = trial.quality - reference.quality
        return (gain if self.higher_is_better else -gain) < -self.margin

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return what `qwatt run --json` says of the best method's trial beside its quality; plain values."""
        return {}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Return what is said first of the best method's trial, in the terminal and the report.

        Args:
            trial: that trial, which made the artifact.
            artifact: where its main file is, or None when it made none.
        """
        value = "unknown" if trial.quality is None else f"{trial.quality:.4g}"
        written = () if artifact is None else (f"written to {artifact}",)
        return Headline((f"{self.metric.replace('_', ' ')} {value}", *written))

    def meets(self, trial: Trial) -> bool:
        """Return whether a result is what the user asked for; a run gives the best of those that are.

        Where none is, it gives the best of all, and `headline` warns.
        """
        return True
