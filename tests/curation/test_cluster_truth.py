"""Clustering against independent truth: scikit-learn, exhaustive search, binomial error, closed forms."""

from itertools import permutations, product

import numpy as np
import pytest
from sklearn.cluster import KMeans as Lloyd

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.algorithms import lloyd
from qwatt.stages.curation.cluster.agreement import cosine_variance, expected_agreement
from qwatt.stages.curation.cluster.blobs import blobs
from qwatt.stages.curation.cluster.coreset import best_cut, coreset, cut_model
from qwatt.stages.curation.cluster.delta import noisy_nearest, shaken
from qwatt.stages.curation.cluster.dequantised import sampled_means
from qwatt.stages.curation.cluster.hdbscan import complete
from qwatt.stages.curation.cluster.parallel import ParallelQuantumKMeans
from qwatt.stages.curation.cluster.quantum import QuantumKMeans
from qwatt.stages.curation.cluster.score import accuracy, balanced_accuracy
from qwatt.testing.trials import run_small, small_spec

EXACT = "engine:cpu?dtype=complex128"


def quantum_lloyd(points, centroids, settings, iterations, shots=None, method=None, seed=0):
    """The quantum iteration from given starts, without a problem around it."""
    method = method or QuantumKMeans()
    context = Unmetered(get_backend(EXACT), shots, seed)
    settings = method.defaults() | settings
    test, together = method.test(points.shape[1], settings), np.vstack([points, centroids])
    encoded, starts = np.split(method.encode(together, settings), [len(points)])
    return lloyd.iterate(encoded, starts, method.assignment(test, settings, context, {}), iterations)[0]


@pytest.mark.parametrize("test", ["inversion", "swap", "interference"])
@pytest.mark.parametrize("seed", range(3))
def test_exact_quantum_k_means_is_lloyd_from_the_same_starts(test, seed):
    points, _ = blobs("builtin:blobs:3", 120, seed)
    starts = points[np.random.default_rng(seed).choice(120, 4, replace=False)]
    for iterations in (1, 4, 12):
        found = quantum_lloyd(points, starts, {"test": test}, iterations)
        assert np.array_equal(found, lloyd.nearest(points, centres(points, starts, iterations - 1)))
    converged = Lloyd(4, init=starts, n_init=1, max_iter=300, tol=0.0, algorithm="lloyd").fit(points)
    assert np.array_equal(quantum_lloyd(points, starts, {"test": test}, 40), converged.labels_)


def centres(points, starts, iterations):
    """Lloyd in the plainest words."""
    found = starts.copy()
    for _ in range(iterations):
        labels = [int(np.argmin([np.sum((x - c) ** 2) for c in found])) for x in points]
        for j in range(len(found)):
            members = [x for x, label in zip(points, labels, strict=True) if label == j]
            found[j] = np.mean(members, axis=0) if members else found[j]
    return found


def test_without_the_lift_inversion_takes_a_point_for_its_opposite():
    """Two clusters that differ in sign alone: why the constant is there."""
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(3.0, 0.3, (40, 4)), rng.normal(-3.0, 0.3, (40, 4))])
    starts = points[[0, 40]]
    truth = np.repeat([0, 1], 40)
    assert accuracy(quantum_lloyd(points, starts, {"lift": 1.0}, 3), truth) == 1.0
    assert accuracy(quantum_lloyd(points, starts, {"lift": 0.0}, 3), truth) < 0.8
    signed = {"lift": 0.0, "test": "interference"}
    assert accuracy(quantum_lloyd(points, starts, signed, 3), truth) == 1.0


def test_small_angles_order_distances_as_euclid_does():
    points, _ = blobs("builtin:blobs:2", 80, 1)
    points = points[:, :3]
    starts = points[:4]
    found = quantum_lloyd(points, starts, {"range": 0.02}, 1, method=ParallelQuantumKMeans())
    assert np.array_equal(found, lloyd.nearest(points, starts))


@pytest.mark.parametrize("kind", ["inversion", "swap", "interference"])
@pytest.mark.parametrize("shots", [300, 1000, 10_000])
def test_agreement_against_shots_follows_the_binomial_error(kind, shots):
    """Positive overlaps of .5 and above; the code's forecast within four standard errors of what is drawn."""
    rng = np.random.default_rng(5)
    points = np.abs(rng.normal(1.0, 0.4, (500, 8)))
    centroids = np.abs(rng.normal(1.0, 0.15, (4, 8)))
    exact = lloyd.squared_distances(points, centroids)
    lengths = np.outer(np.linalg.norm(points, axis=1), np.linalg.norm(centroids, axis=1))
    variances = 4.0 * lengths**2 * cosine_variance(kind, points @ centroids.T / lengths, shots)
    forecast = expected_agreement(exact, variances)
    method, settings = QuantumKMeans(), QuantumKMeans.defaults() | {"test": kind, "lift": 0.0}
    test = method.test(8, settings)
    drawn = []
    for seed in range(8):
        context = Unmetered(get_backend(EXACT), shots, seed)
        labels = method.assignment(test, settings, context, {})(points, centroids)
        drawn.append(float((labels == exact.argmin(axis=1)).mean()))
    error = np.sqrt(forecast * (1 - forecast) / (500 * 8))
    assert np.mean(drawn) == pytest.approx(forecast, abs=4 * error + 0.004)
    assert 0.3 < forecast < 0.999


def test_two_centroids_are_told_apart_by_the_normal_law():
    from scipy.stats import norm

    distances, variances = np.array([[1.0, 1.5]]), np.array([[0.2, 0.3]])
    expected = norm.cdf(0.5 / np.sqrt(0.5))
    assert expected_agreement(distances, variances) == pytest.approx(expected, abs=1e-6)
    three = np.array([[1.0, 1.5, 1e6]])
    assert expected_agreement(three, np.array([[0.2, 0.3, 0.1]])) == pytest.approx(expected, abs=1e-6)


def test_clusters_are_matched_as_exhaustive_search_would():
    rng = np.random.default_rng(3)
    for _ in range(10):
        truth, labels = rng.integers(4, size=60), rng.integers(4, size=60)
        best = max(
            np.mean([(np.array(order)[labels] == truth)[truth == c].mean() for c in range(4)])
            for order in permutations(range(4))
        )
        assert balanced_accuracy(labels, truth) == pytest.approx(best)
        most = max((np.array(order)[labels] == truth).mean() for order in permutations(range(4)))
        assert accuracy(labels, truth) == pytest.approx(most)


def test_a_class_without_a_cluster_counts_as_lost():
    truth = np.array([0, 0, 1, 1, 2, 2])
    assert balanced_accuracy(np.zeros(6, dtype=int), truth) == pytest.approx(1 / 3)
    assert balanced_accuracy(truth[::-1].copy(), truth) == 1.0
    assert balanced_accuracy(np.array([0, 1, 2, 2, 3, 3]), truth) == pytest.approx((0.5 + 1 + 1) / 3)


def test_sampled_means_are_the_means_on_average():
    points, labels = blobs("builtin:blobs:0.5", 400, 2)
    centroids = lloyd.means(points, labels, np.zeros((4, 8)))
    squares, rng = (points**2).sum(axis=1), np.random.default_rng(0)
    found = np.mean([sampled_means(points, squares, centroids, 2_000, rng) for _ in range(400)], axis=0)
    assert np.abs(found - centroids).max() < 0.05
    coarse = np.std([sampled_means(points, squares, centroids, 50, rng) for _ in range(60)], axis=0).mean()
    fine = np.std([sampled_means(points, squares, centroids, 5_000, rng) for _ in range(60)], axis=0).mean()
    assert 6 < coarse / fine < 16  # the square root of 100


def test_delta_of_nothing_is_lloyd_and_a_large_one_is_chance():
    points, _ = blobs("builtin:blobs", 100, 4)
    centroids, rng = points[:4], np.random.default_rng(0)
    assert np.array_equal(noisy_nearest(points, centroids, 0.0, rng), lloyd.nearest(points, centroids))
    far = noisy_nearest(points, centroids, 1e9, rng)
    assert 0.1 < (far == lloyd.nearest(points, centroids)).mean() < 0.45
    moved = np.linalg.norm(shaken(centroids, 4.0, rng) - centroids, axis=1)
    assert moved == pytest.approx(np.ones(4))


def test_noise_joins_the_nearest_of_the_largest_clusters():
    points = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [9.0], [1.0], [8.0]])
    raw = np.array([4, 4, 4, 2, 2, 7, -1, -1])
    assert complete(points, raw, 2).tolist() == [1, 1, 1, 0, 0, 0, 1, 0]
    assert complete(points, np.full(8, -1), 2).tolist() == [0] * 8


def test_an_empty_cluster_keeps_its_centroid():
    points, before = np.array([[0.0], [2.0]]), np.array([[1.0], [7.0]])
    assert lloyd.means(points, np.array([0, 0]), before).tolist() == [[1.0], [7.0]]
    assert lloyd.inertia(points, np.array([0, 0])) == 2.0


def test_a_coreset_weighs_and_spreads_as_the_points_on_average():
    points, _ = blobs("builtin:blobs", 300, 3)
    rng = np.random.default_rng(1)
    drawn = [coreset(points, 40, rng) for _ in range(400)]
    masses = np.array([weights.sum() for _, weights in drawn])
    sums = np.array([weights @ (sample**2).sum(axis=1) for sample, weights in drawn])
    assert masses.mean() == pytest.approx(300, abs=4 * masses.std() / 20)
    assert sums.mean() == pytest.approx((points**2).sum(), abs=4 * sums.std() / 20)
    same, weights = coreset(np.ones((5, 2)), 4, rng)
    assert same.tolist() == [[1.0, 1.0]] * 4 and weights.sum() == pytest.approx(5)


def test_the_cut_model_is_the_squared_moment_and_the_best_cut_the_best_pair_of_clusters():
    """Exhaustive search over all cuts of eight weighted points, in the plainest words."""
    rng = np.random.default_rng(2)
    points, weights = rng.normal(size=(8, 3)), rng.uniform(0.5, 2.0, 8)
    model, centred = cut_model(points, weights), points - np.average(points, axis=0, weights=weights)
    constant = float(((weights[:, None] * centred) ** 2).sum())
    every = np.array(list(product((1, -1), repeat=8)))
    inertia = {}
    for spins in every.tolist():
        moment = sum(w * z * x for w, z, x in zip(weights, spins, centred, strict=True))
        assert model.energy(dict(enumerate(spins))) == pytest.approx(constant - float(moment @ moment))
        total = 0.0
        for side in (1, -1):
            members = [i for i, z in enumerate(spins) if z == side]
            if members:
                mean = np.average(points[members], axis=0, weights=weights[members])
                total += sum(weights[i] * ((points[i] - mean) ** 2).sum() for i in members)
        inertia[tuple(spins)] = total
    best = min(inertia, key=inertia.get)
    means = best_cut(points, weights, every)
    for mean, side in zip(means, (1, -1), strict=True):
        members = [i for i, z in enumerate(best) if z == side]
        other = [i for i, z in enumerate(best) if z != side]
        own = np.average(points[members], axis=0, weights=weights[members])
        swapped = np.average(points[other], axis=0, weights=weights[other])
        assert np.allclose(mean, own) or np.allclose(mean, swapped)
    assert model.num_interactions == 28


@pytest.mark.parametrize(
    ("name", "fixed", "pinned"),
    [
        ("quantum-kmeans", {"test": "inversion", "lift": 0.0}, {"d": 8}),
        ("quantum-kmeans", {"test": "inversion", "lift": 1.0, "iterations": 3}, {"d": 9}),
        ("coreset-qaoa", {"points": 12, "layers": 10}, {}),
    ],
)
def test_the_card_projects_what_is_planned_and_recorded(name, fixed, pinned):
    from qwatt.core.demand import Demand
    from qwatt.projection.scaling import find_card, scenario_sizes
    from qwatt.projection.scaling.today import bill
    from qwatt.projection.scenario.file import load_scenario

    method = type(get_method("curation/cluster", name))
    spec = small_spec(method, "builtin:blobs", shots=1000, fixed=tuple(sorted(fixed.items())))
    trial, problem, _ = run_small(method, spec)
    planned = method().plan(problem, trial.settings, 1000).demand
    sizes = scenario_sizes(load_scenario("llama-3.1-8b-chat"))
    values = {"docs": 64, "k": 4, "iterations": trial.settings.get("iterations", 1), "shots": 1000}
    card = find_card(f"curation/cluster/{name}").pinned(values | pinned)

    def shapes(demand):
        return {(c.circuits, c.shots, c.qubits, c.gates_1q, c.gates_2q) for c in demand.circuit_lines}

    assert shapes(bill(card, sizes)) == shapes(planned) == shapes(Demand.from_record(trial.demand))


def test_a_run_forecasts_what_its_shots_leave_right():
    found = {}
    for shots in (50, 5_000):
        spec = small_spec(QuantumKMeans, "builtin:blobs:2", shots=shots)
        found[shots] = run_small(QuantumKMeans, spec)[0].notes["labels_right_by_shots"]
    assert found[50] < 0.95 < found[5_000] <= 1.0
