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


def spherical(points, seed, iterations=20):
    """Centroids of spherical k-means, of unit length; points are unit vectors."""
    centroids = lloyd.starts(points, 4, np.random.default_rng(seed))
    for _ in range(iterations):
        centroids = lloyd.means(points, (points @ centroids.T).argmax(axis=1), centroids)
        centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    return centroids


@pytest.mark.nightly
@pytest.mark.network
@pytest.mark.parametrize(("kind", "shots"), [(k, s) for k in ("inversion", "swap") for s in PROTOTYPE[k]])
def test_with_centroids_on_the_sphere_agreement_is_within_three_points_of_the_prototype(
    instances, kind, shots
):
    """The prototype's objective was the cosine. There a swap test at 100 shots has its .600 as well."""
    moved = []
    for points, _, _ in instances:
        for seed in range(3):
            centroids = spherical(points, seed)
            moved.append((points, centroids, (points @ centroids.T).argmax(axis=1)))
    assert agreement(moved, kind, shots) == pytest.approx(PROTOTYPE[kind][shots], abs=0.03)


@pytest.mark.nightly
@pytest.mark.network
@pytest.mark.parametrize(
    ("kind", "shots"), [(k, s) for k in PROTOTYPE for s in PROTOTYPE[k] if (k, s) != ("swap", 100)]
)
def test_with_means_for_centroids_all_but_one_are_too(instances, kind, shots):
    assert agreement(instances, kind, shots) == pytest.approx(PROTOTYPE[kind][shots], abs=0.03)


ESTIMATORS = {
    "clipped at 0": lambda read: np.maximum(read, 0.0),
    "magnitude": np.abs,
    "fidelity for cosine": lambda read: np.maximum(read, 0.0) ** 2,  # whose root is the fidelity itself
}


@pytest.mark.nightly
@pytest.mark.network
def test_of_the_estimators_of_a_swap_test_the_likeliest_agrees_most(instances):
    """The root of a fidelity clipped at 0 is the likeliest cosine; others lose at some number of shots.

    With means for centroids at 100, 1,000, 10,000 shots, three samples: clipped .637, .897, .978; signed
    root .631, .894, .977; magnitude .574, .892, .978; the fidelity for the cosine .670, .786, .785. So no
    estimator gives the prototype's .600, .877, .977; centroids of unit length do.
    """
    found = {
        name: [agreement(instances, "swap", shots, repaired) for shots in (100, 1000, 10_000)]
        for name, repaired in ESTIMATORS.items()
    }
    clipped = found.pop("clipped at 0")
    assert clipped[0] == pytest.approx(PROTOTYPE["swap"][100], abs=0.05)
    assert clipped[0] > found["magnitude"][0] + 0.03
    assert clipped[1] > found["fidelity for cosine"][1] + 0.05
    assert clipped[2] > found["fidelity for cosine"][2] + 0.1


@pytest.mark.nightly
@pytest.mark.network
def test_almost_all_overlaps_with_centroids_are_positive_on_minilm(instances):
    """Why the sign that inversion loses costs little there: of own centroids all, of all but a tenth."""
    for points, centroids, exact in instances:
        overlaps = points @ centroids.T
        assert (overlaps[np.arange(len(points)), exact] > 0).mean() > 0.99
        assert (overlaps > 0).mean() > 0.85
