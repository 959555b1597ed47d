"""How good a keep-set is: removals against the planted truth, and what is left of the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Quality
from qwatt.stages.curation.dedup.boilerplate import without_boilerplate
from qwatt.stages.curation.dedup.components import connected_components
from qwatt.stages.curation.dedup.problem import DIFFERENT, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.shingles import Shingles, jaccard, shingle

Judge = Callable[[int, int], bool | None]
"""Called with two documents: whether they are duplicates, or None where nobody knows."""


def pair_quality(problem: DedupProblem, answer: DedupAnswer, part: NDArray[np.bool_]) -> Quality:
    """Score the removals among the documents of `part`, shape (N,).

    Precision is the share of removed documents whose kept representative is truly their duplicate; recall
    is the number of those over the number of truly redundant documents (cluster size less one).

    A user's corpus may hold duplicates that nobody labelled. There, a removal for a document of another
    cluster is wrong when the two, or what they were planted from, share less than `DIFFERENT` of their runs
    of three words, boilerplate left out; else nobody knows, it is not judged, and a planted document counts
    as found by it.
    """
    judge = truth(problem)
    verdicts = {i: judge(i, removal.kept) for i, removal in answer.dropped.items() if part[i]}
    right = sum(verdict is True for verdict in verdicts.values())
    judged = sum(verdict is not None for verdict in verdicts.values())
    planted = problem.planted
    found = {i for i, verdict in verdicts.items() if verdict or (verdict is None and planted[i])}
    redundant = int(part.sum()) - len(np.unique(problem.clusters[part]))
    precision = right / judged if judged else 1.0
    recall = min(1.0, len(found) / redundant) if redundant else 1.0
    extras = {
        "precision": precision,
        "recall": recall,
        "removals_not_judged": len(verdicts) - judged,
        "duplicates_held_back": redundant,
        **_edge_scores(problem, answer, part, judge),
        "recall_by_kind": _recall_by_kind(problem, found, part),
        **_what_is_left(problem, answer),
        **_shape(problem, answer),
    }
    return Quality(_f1(precision, recall), extras)


def chosen_by(quality: Quality, precision: float) -> float:
    """Return what a tuner goes by: recall, once the precision that was asked for is reached; else below 0."""
    reached = quality.extras["precision"]
    return float(quality.extras["recall"] if reached >= precision else reached - 1.0)


def truth(problem: DedupProblem) -> Judge:
    """Return the judge of a problem's pairs."""

    @cache
    def shingles(i: int) -> Shingles:
        return without_boilerplate(shingle([problem.texts[i]], "word3"), problem.common)[0]

    def judge(i: int, j: int) -> bool | None:
        if problem.clusters[i] == problem.clusters[j]:
            return True
        if problem.judged:
            return False
        alike = jaccard(shingles(problem.root(i)), shingles(problem.root(j)))
        return False if alike < DIFFERENT else None

    return judge


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _edge_scores(
    problem: DedupProblem, answer: DedupAnswer, part: NDArray[np.bool_], judge: Judge
) -> dict[str, float]:
    """Score the predicted pairs themselves, whatever was removed for them."""
    verdicts = [judge(i, j) for i, j in answer.pairs if part[i]]
    correct = sum(verdict is True for verdict in verdicts)
    judged = sum(verdict is not None for verdict in verdicts)
    sizes = np.bincount(problem.clusters[part])
    true_pairs = int((sizes * (sizes - 1) // 2).sum())
    precision = correct / judged if judged else 1.0
    recall = correct / true_pairs if true_pairs else 1.0
    return {"edge_precision": precision, "edge_recall": recall, "edge_f1": _f1(precision, recall)}


def _recall_by_kind(problem: DedupProblem, found: set[int], part: NDArray[np.bool_]) -> dict[str, float]:
    """By kind, the share of duplicates of which the copy or what it was made from was rightly removed."""
    made: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for i in np.flatnonzero(part & (problem.parents >= 0)).tolist():
        made[problem.kinds[i]] += 1
        seen[problem.kinds[i]] += i in found or int(problem.parents[i]) in found
    return {kind: seen[kind] / made[kind] for kind in sorted(made)}


def _what_is_left(problem: DedupProblem, answer: DedupAnswer) -> dict[str, Any]:
    words = problem.vocabularies
    kept = [words[i] for i in answer.keep]
    everything = len(np.unique(np.concatenate(words)))
    return {
        "documents": len(problem),
        "documents_kept": len(answer.keep),
        "retained_unique_tokens": len(np.unique(np.concatenate(kept))) / max(everything, 1),
        "kept_weight": float(problem.weights[answer.keep].sum()),
    }


def _shape(problem: DedupProblem, answer: DedupAnswer) -> dict[str, Any]:
    """Sizes of the predicted components; one is trivial when all its documents are pairwise duplicates."""
    groups = [g for g in connected_components(range(len(problem)), answer.pairs) if len(g) > 1]
    member = {i: number for number, group in enumerate(groups) for i in group}
    edges = Counter(member[i] for i, _ in answer.pairs)
    trivial = sum(edges[n] == len(g) * (len(g) - 1) // 2 for n, g in enumerate(groups))
    histogram = Counter(len(g) for g in groups)
    return {
        "component_sizes": {str(size): histogram[size] for size in sorted(histogram)},
        "trivial_components": trivial / len(groups) if groups else 1.0,
    }
