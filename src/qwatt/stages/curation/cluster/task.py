"""The task: group sentences, or the rows of a table, into clusters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.headline import Headline
from qwatt.core.prediction import Prediction
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.curation.cluster import headline
from qwatt.stages.curation.cluster.export import write_clusters
from qwatt.stages.curation.cluster.predict import predict_with
from qwatt.stages.curation.cluster.problem import TASK, ClusterAnswer, ClusterProblem
from qwatt.stages.curation.cluster.score import partition_quality, variance_explained
from qwatt.stages.curation.cluster.sources import load_problem


@task
class ClusterTask(Task[ClusterProblem, ClusterAnswer]):
    """Clustering of sentence embeddings, or of any table of numbers.

    Labels, where the source has them, are the truth that partitions are scored by; no method and no tuner
    sees them: a tuner goes by the share of the variance that a partition explains. Without labels the best
    of ten k-means is the truth, with which a method can at best tie.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Group the points of one data set into a given number of clusters, starting from raw text or a table."
    )
    metric: ClassVar[str] = "balanced_accuracy"
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"points": 64, "encoder": "hashed:16"},
        "s": {"points": 600, "encoder": "minilm"},
        "m": {"points": 4_000, "encoder": "minilm"},
        "full": {"points": None, "encoder": "minilm"},
    }
    default_source: ClassVar[str] = "snippets"
    no_effect: ClassVar[str] = "clusters alone change nothing that the life counts"

    def load(self, source: str, size: str, seed: int) -> ClusterProblem:
        """Return a sample of a source's points; texts are embedded when a method first asks for vectors."""
        rung = self.rung(size)
        return load_problem(source, size, rung["points"], rung["encoder"], seed)

    def validate(self, problem: ClusterProblem, solution: Solution[ClusterAnswer]) -> Quality:
        """Return the share of the variance that the partition explains; no label is looked at."""
        return Quality(variance_explained(problem, solution.answer.labels))

    def score(self, problem: ClusterProblem, solution: Solution[ClusterAnswer]) -> Quality:
        """Return balanced accuracy after matching clusters to classes, and further metrics."""
        quality = partition_quality(problem, solution.answer)
        return Quality(
            quality.value, {**quality.extras, "examples": headline.examples(problem, solution.answer)}
        )

    def export(self, problem: ClusterProblem, solution: Solution[ClusterAnswer], folder: Path) -> list[Path]:
        """Write every row with its cluster, and the centroids."""
        return write_clusters(problem, solution.answer, folder, folder.name)

    def predict(self, artifact: Path, source: str) -> Prediction:
        """Put new texts or rows into the saved clusters."""
        return predict_with(artifact, source)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the number of points and clusters, and how good the partition is."""
        return headline.summary(trial)

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how many points in how many clusters, how good, and where they are."""
        return headline.headline(trial, artifact)
