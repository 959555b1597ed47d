"""How good a keep-set is: pairs against the planted truth, and what is left of the corpus."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Quality
from qwatt.stages.curation.dedup.graph import connected_components
from qwatt.stages.curation.dedup.problem import DIFFERENT, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.shingles import jaccard, shingle


def pair_quality(problem: DedupProblem, answer: DedupAnswer, part: NDArray[np.bool_]) -> Quality:
    """Score the removals among the documents of `part`, shape (N,).

    Precision is the share of removed documents whose kept representative is truly their duplicate; recall
    is the number of those over the number of truly redundant documents (cluster size less one).

    A user's corpus may hold duplicates that nobody labelled. There, a removal of one original for another
    is wrong when they share less than `DIFFERENT` of their word 3-shingles, and else is not judged.
    """
    clusters = problem.clusters
    right = {i for i, gone in answer.dropped.items() if clusters[i] == clusters[gone.kept]}
    judged = [i for i, gone in answer.dropped.items() if part[i] and _is_judged(problem, i, gone.kept)]
    correct = sum(i in right for i in judged)
    redundant = int(part.sum()) - len(np.unique(clusters[part]))
    precision = correct / len(judged) if judged else 1.0
    recall = correct / redundant if redundant else 1.0
    extras = {
        "precision": precision,
        "recall": recall,
        "removals_not_judged": sum(bool(part[i]) for i in answer.dropped) - len(judged),
        **_edge_scores(problem, answer, part),
        "recall_by_kind": _recall_by_kind(problem, right, part),
        **_what_is_left(problem, answer),
        **_shape(problem, answer),
    }
    return Quality(_f1(precision, recall), extras)


def _is_judged(problem: DedupProblem, removed: int, kept: int) -> bool:
    """Whether it is known if the two are duplicates."""
    if problem.judged or problem.clusters[removed] == problem.clusters[kept]:
        return True
    if problem.parents[removed] >= 0 or problem.parents[kept] >= 0:
        return True
    return jaccard(*shingle([problem.texts[removed], problem.texts[kept]], "word3")) < DIFFERENT


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _edge_scores(problem: DedupProblem, answer: DedupAnswer, part: NDArray[np.bool_]) -> dict[str, float]:
    """Score the predicted pairs themselves, whatever was removed for them."""
    pairs = [(i, j) for i, j in answer.pairs if part[i] and _is_judged(problem, i, j)]
    correct = sum(problem.clusters[i] == problem.clusters[j] for i, j in pairs)
    sizes = np.bincount(problem.clusters[part])
    true_pairs = int((sizes * (sizes - 1) // 2).sum())
    precision = correct / len(pairs) if pairs else 1.0
    recall = correct / true_pairs if true_pairs else 1.0
    return {"edge_precision": precision, "edge_recall": recall, "edge_f1": _f1(precision, recall)}


def _recall_by_kind(problem: DedupProblem, right: set[int], part: NDArray[np.bool_]) -> dict[str, float]:
    """By kind, the share of duplicates of which the copy or what it was made from was rightly removed."""
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for i in np.flatnonzero(part & (problem.parents >= 0)).tolist():
        made[problem.kinds[i]] += 1
        found[problem.kinds[i]] += i in right or int(problem.parents[i]) in right
    return {kind: found[kind] / made[kind] for kind in sorted(made)}


def _what_is_left(problem: DedupProblem, answer: DedupAnswer) -> dict[str, Any]:
    words = problem.vocabularies
    everything: frozenset[str] = frozenset().union(*words)
    kept: frozenset[str] = frozenset().union(*(words[i] for i in answer.keep))
    return {
        "documents": len(problem),
        "documents_kept": len(answer.keep),
        "retained_unique_tokens": len(kept) / max(len(everything), 1),
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
