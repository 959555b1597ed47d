"""What a user takes away: their rows with a cluster each, the centroids, and the card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.data.rows import to_json, write_jsonl
from qwatt.quantum.algorithms import lloyd
from qwatt.quantum.algorithms.lloyd import Points
from qwatt.stages.curation.cluster.problem import TASK, ClusterAnswer, ClusterProblem

CENTROIDS = "centroids.json"


def write_clusters(problem: ClusterProblem, answer: ClusterAnswer, folder: Path, method: str) -> list[Path]:
    """Write `clustered.jsonl` (every row with its cluster), the card, and
    `centroids.json` (what new data is compared with).
    """
    folder.mkdir(parents=True, exist_ok=True)
    clustered, centroids = folder / "clustered.jsonl", folder / CENTROIDS
    found = centres(problem, answer)
    distances = np.sqrt(((problem.points - found[answer.labels]) ** 2).sum(axis=1))
    write_jsonl(clustered, (_row(problem, answer, distances, i) for i in range(len(problem))))
    record = {
        "encoder": None if problem.embedding is None else problem.embedding.encoder,
        "columns": list(problem.scale.columns),
        "mean": list(problem.scale.mean),
        "deviation": list(problem.scale.deviation),
        "sizes": np.bincount(answer.labels, minlength=answer.clusters).tolist(),
        "centroids": found.tolist(),
        "centroids_in_the_table's_units": problem.scale.undo(found).tolist(),
    }
    centroids.write_text(to_json(record, indent=1) + "\n", "utf-8")
    return [clustered, centroids, ArtifactCard(TASK, method).write(folder)]


def centres(problem: ClusterProblem, answer: ClusterAnswer) -> Points:
    """Return the clusters' means, shape (clusters, dimensions); an empty cluster's is the mean of all."""
    points = problem.points
    return lloyd.means(points, answer.labels, np.tile(points.mean(axis=0), (answer.clusters, 1)))


def _row(problem: ClusterProblem, answer: ClusterAnswer, distances: Points, i: int) -> Mapping[str, Any]:
    """Return the user's row with its cluster; a field of that name of their own is kept beside it."""
    if problem.rows:
        row = dict(problem.rows[i])
    elif problem.embedding is not None:
        row = {"id": problem.ids[i], "text": problem.embedding.texts[i]}
    else:
        row = {"id": problem.ids[i]}
    name = "cluster"
    while name in row:
        name += "_found"
    return row | {name: int(answer.labels[i]), f"distance_to_{name}": float(distances[i])}
