"""What is said first of a partition: its clusters, how good they are, and the most central texts of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from shlex import quote
from typing import Any

import numpy as np

from qwatt.core.headline import Headline, SideBySide, counted, share
from qwatt.core.trial import Trial
from qwatt.stages.curation.cluster.export import centres
from qwatt.stages.curation.cluster.problem import ClusterAnswer, ClusterProblem

_EXAMPLES = 6
_EXCERPT = 120
_NAMES = ("points", "clusters", "cluster_sizes", "truth", "adjusted_rand", "agreement_with_best_kmeans")


def examples(problem: ClusterProblem, answer: ClusterAnswer) -> list[dict[str, Any]]:
    """Return of the largest clusters of texts the two most central ones."""
    if problem.embedding is None:
        return []
    texts, points, middle = problem.embedding.texts, problem.points, centres(problem, answer)
    sizes = np.bincount(answer.labels, minlength=answer.clusters)
    found = []
    for cluster in np.argsort(-sizes, kind="stable")[:_EXAMPLES].tolist():
        members = np.flatnonzero(answer.labels == cluster)
        if len(members) < 2:
            continue
        order = members[((points[members] - middle[cluster]) ** 2).sum(axis=1).argsort(kind="stable")]
        first, second = order[:2].tolist()
        found.append(
            {
                "cluster": cluster,
                "size": int(sizes[cluster]),
                "texts": [_short(texts[first]), _short(texts[second])],
                "ids": [problem.ids[first], problem.ids[second]],
            }
        )
    return found


def summary(trial: Trial) -> Mapping[str, Any]:
    """Return what `qwatt run --json` says beside the quality."""
    return {name: trial.extras[name] for name in _NAMES if name in trial.extras}


def headline(trial: Trial, artifact: str | None) -> Headline:
    """Return the sentences and examples of a trial."""
    found = trial.extras
    if trial.quality is None or "cluster_sizes" not in found:  # a record of another version
        return Headline(())
    sizes = found["cluster_sizes"]
    filled = [size for size in sizes if size]
    facts = [
        f"{counted(found['points'], 'point')} in {counted(len(filled), 'cluster')} "
        f"of {filled[-1]:,} to {filled[0]:,}, {_quality(trial)}"
    ]
    if artifact is not None:
        folder = quote(str(PurePath(artifact).parent))
        facts.append(f"every row with its cluster: {artifact}")
        facts.append(f"put other data into these clusters with: qwatt predict {folder} --data FILE")
    warnings: tuple[str, ...] = ()
    if len(filled) < len(sizes):
        warnings = (f"{len(sizes) - len(filled)} of the {len(sizes)} clusters asked for are empty",)
    pairs = tuple(_example(one) for one in found.get("examples", ()))
    look = "the two most central texts of the largest clusters"
    return Headline(tuple(facts), warnings, pairs, look, ("most central", "next"))


def _quality(trial: Trial) -> str:
    found, accuracy = trial.extras, share(trial.quality or 0.0)
    if found["truth"] == "labels":
        agreement = share(found["agreement_with_best_kmeans"])
        return f"balanced accuracy {accuracy} against the labels, agreement with the best k-means {agreement}"
    return f"balanced accuracy {accuracy} against the best of ten k-means (the source has no labels)"


def _example(one: Mapping[str, Any]) -> SideBySide:
    (left, right), (first, second) = one["texts"], one["ids"]
    return SideBySide(f"cluster {one['cluster']}, {one['size']:,} texts", (first, left), (second, right))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _EXCERPT else f"{plain[:_EXCERPT]} ..."
