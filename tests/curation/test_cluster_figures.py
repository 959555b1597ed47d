"""Published-like figures on real text: nightly, for it embeds a thousand snippets when first run."""

import numpy as np
import pytest

from qwatt.core.registry import get_backend
from qwatt.quantum.algorithms import lloyd
from qwatt.stages.curation.cluster.quantum import QuantumKMeans
from qwatt.stages.curation.cluster.score import best_kmeans
from qwatt.stages.curation.cluster.sources import load_problem

PROTOTYPE = {
    "inversion": {100: 0.918, 1000: 0.988, 10_000: 0.998},
    "interference": {100: 0.852, 1000: 0.957, 10_000: 0.990},
    "swap": {100: 0.600, 1000: 0.877, 10_000: 0.977},
}


@pytest.fixture(scope="module")
def instances():
    """Points, the four centroids of the best k-means, and the nearest of them, for three samples."""
    found = []
    for seed in range(3):
        problem = load_problem("snippets", "s", 600, "minilm", seed)
        centroids = lloyd.means(problem.points, best_kmeans(problem, 4), np.zeros((4, 384)))
        found.append((problem.points, centroids, lloyd.nearest(problem.points, centroids)))
    return found


def agreement(instances, kind, shots, repaired=None):
    """Mean share of labels that are those of exact distances."""
    method, backend, shares = QuantumKMeans(), get_backend("engine"), []
    test = method.test(384, method.defaults() | {"test": kind, "lift": 0.0})
    for points, centroids, exact in instances:
        for seed in range(3):
            x, y = method.inputs(points, test), method.inputs(centroids, test)
            read = np.asarray(backend.overlaps(test, x, y, shots, np.random.default_rng(seed)), np.float64)
            read = read if repaired is None else repaired(read)
            labels = method.distances(test, read, points, centroids).argmin(axis=1)
            shares.append((labels == exact).mean())
    return float(np.mean(shares))


@pytest.mark.nightly
@pytest.mark.network
@pytest.mark.parametrize(
    ("kind", "shots"), [(k, s) for k in PROTOTYPE for s in PROTOTYPE[k] if (k, s) != ("swap", 100)]
)
def test_agreement_is_within_three_points_of_the_prototype(instances, kind, shots):
    assert agreement(instances, kind, shots) == pytest.approx(PROTOTYPE[kind][shots], abs=0.03)


@pytest.mark.nightly
@pytest.mark.network
def test_at_a_hundred_shots_a_swap_test_depends_on_what_a_negative_fidelity_counts(instances):
    """Ours counts it as 0 and agrees more than the prototype; its absolute value agrees less."""
    clipped, absolute = agreement(instances, "swap", 100), agreement(instances, "swap", 100, np.abs)
    assert absolute < PROTOTYPE["swap"][100] < clipped
    assert clipped == pytest.approx(PROTOTYPE["swap"][100], abs=0.05)


@pytest.mark.nightly
@pytest.mark.network
def test_almost_all_overlaps_with_centroids_are_positive_on_minilm(instances):
    """Why the sign that inversion loses costs little there: of own centroids all, of all but a tenth."""
    for points, centroids, exact in instances:
        overlaps = points @ centroids.T
        assert (overlaps[np.arange(len(points)), exact] > 0).mean() > 0.99
        assert (overlaps > 0).mean() > 0.85
