"""SemDeDup against the paper's words: clusters, the farthest document stays, nothing across clusters."""

import numpy as np
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.stages.curation.dedup.embedding import cosine_stars
from qwatt.stages.curation.dedup.semantic import Semantic, cluster_count, cosines_to, stars_of_clusters
from qwatt.stages.curation.dedup.semantic_quantum import SemanticQuantum
from qwatt.stages.curation.dedup.sources import PHRASES


def unit(rows):
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def plain_semdedup(vectors, labels, worth, threshold):
    """Cluster by cluster, the worthiest first: a document goes if one that stays is as similar as that."""
    gone = {}
    for label in sorted(set(labels.tolist())):
        kept = []
        members = [i for i in range(len(vectors)) if labels[i] == label]
        for i in sorted(members, key=lambda i: -worth[i]):
            similar = [(float(vectors[i] @ vectors[j]), j) for j in kept]
            best = max(similar, default=(-1.0, -1))
            if best[0] >= threshold:
                gone[i] = best[1]
            else:
                kept.append(i)
    return gone


@pytest.mark.parametrize("seed", range(4))
def test_stars_inside_clusters_are_those_of_the_plain_loop(seed):
    rng = np.random.default_rng(seed)
    base = unit(rng.normal(size=(30, 8)))
    vectors = unit(np.vstack([base, base + 0.15 * rng.normal(size=base.shape)]))
    labels, worth = rng.integers(4, size=60), rng.random(60)
    found = stars_of_clusters(vectors, worth, 0.85, range(60), labels)
    gone = {i: int(j) for i, j in enumerate(found.leader.tolist()) if i != j}
    assert gone == plain_semdedup(vectors, labels, worth, 0.85)
    assert gone and all(labels[i] == labels[j] for i, j in gone.items())


def test_one_cluster_is_the_exact_search():
    rng = np.random.default_rng(1)
    vectors, worth = unit(rng.normal(size=(40, 3))), rng.random(40)
    whole = cosine_stars(vectors, worth, 0.9)
    found = stars_of_clusters(vectors, worth, 0.9, range(40), np.zeros(40, dtype=np.int64))
    assert found.leader.tolist() == whole.leader.tolist()


def run(cls, shots=None, seed=0, **settings):
    problem = get_task("curation/dedup").load(PHRASES, "xs", seed)
    chosen = cls.defaults() | {"cluster_size": 8, "threshold": 0.7} | settings
    context = Unmetered(get_backend("engine:cpu?dtype=complex128"), shots, seed)
    return problem, cls().run(problem, chosen, context)


@pytest.mark.parametrize("keep", ["far", "near"])
def test_the_document_farthest_from_its_centroid_stays_or_the_nearest(keep):
    problem, solution = run(Semantic, keep=keep)
    embedded = [i for i, removal in solution.answer.dropped.items() if removal.similarity != 1.0]
    assert embedded and solution.notes["clusters"] == cluster_count(48, {"cluster_size": 8})
    vectors = get_encoder_vectors(problem)
    # Of a pair in a cluster the one that stays lies farther from, or nearer to, the mean of the clusters
    # that the same seed gives.
    names = [i for i in range(len(problem)) if i in vectors]
    points = np.array([vectors[i] for i in names], dtype=np.float64)
    context = Unmetered(get_backend("engine"), None, 0)
    labels, centroids = Semantic().clusters(points, solution.notes["clusters"], context)
    likeness = dict(zip(names, cosines_to(points, centroids[labels]).tolist(), strict=True))
    for i in embedded:
        kept = solution.answer.dropped[i].kept
        if i in likeness and kept in likeness:
            assert (likeness[kept] >= likeness[i]) == (keep == "near") or likeness[kept] == likeness[i]


def get_encoder_vectors(problem):
    from qwatt.language import embed_long, get_encoder
    from qwatt.stages.curation.dedup.semantic import distinct

    names, _, long = distinct(problem, Semantic.defaults())
    chosen = [names[n] for n in long]
    rows = embed_long(get_encoder(problem.encoder), [problem.texts[i] for i in chosen]).value
    return dict(zip(chosen, rows, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_exact_overlaps_give_the_classical_clusters(seed):
    """Of vectors whose cosines are positive, so that inversion tests lose no sign."""
    points = unit(np.abs(np.random.default_rng(seed).normal(size=(60, 7))))
    found = []
    for cls in (Semantic, SemanticQuantum):
        context = Unmetered(get_backend("engine:cpu?dtype=complex128"), None, seed)
        labels, centroids = cls().clusters(points, 5, context)
        found.append((labels.tolist(), centroids))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1])


def test_larger_clusters_find_more():
    small, large = (len(run(Semantic, cluster_size=size)[1].answer.dropped) for size in (3, 100))
    assert large >= small


def test_corpora_without_a_document_to_embed():
    from dataclasses import replace

    problem = get_task("curation/dedup").load(PHRASES, "xs", 0)
    short = replace(problem, texts=tuple("a b" for _ in problem.texts))
    for name in ("semantic", "semantic-quantum"):
        chosen = get_method("curation/dedup", name)
        context = Unmetered(get_backend("engine"), 10, 0)
        found = chosen.run(short, chosen.defaults(), context).answer
        assert len(found.keep) == 1
        assert not chosen.plan(short, chosen.defaults(), 10).run.demand.circuits
