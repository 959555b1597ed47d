"""Every clustering method on blobs: it runs, repeats, is planned as it is charged, and never sees a label."""

from dataclasses import replace

import numpy as np
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.method import Kind
from qwatt.core.registry import all_methods, get_backend
from qwatt.stages.curation.cluster.coreset_annealing import CoresetAnnealing
from qwatt.stages.curation.cluster.coreset_qaoa import CoresetQaoa
from qwatt.stages.curation.cluster.coreset_random import CoresetRandom
from qwatt.stages.curation.cluster.delta import DeltaKMeans
from qwatt.stages.curation.cluster.dequantised import DequantisedKMeans
from qwatt.stages.curation.cluster.hdbscan import Hdbscan
from qwatt.stages.curation.cluster.kmeans import KMeans
from qwatt.stages.curation.cluster.minibatch import MiniBatchKMeans
from qwatt.stages.curation.cluster.minimum import MinimumFindingKMeans
from qwatt.stages.curation.cluster.parallel import ParallelQuantumKMeans
from qwatt.stages.curation.cluster.quantum import QuantumKMeans
from qwatt.stages.curation.cluster.random_assignment import RandomAssignment
from qwatt.stages.curation.cluster.random_embedding import RandomEmbedding
from qwatt.stages.curation.cluster.separable import SeparableQuantumKMeans
from qwatt.stages.curation.cluster.sources import load_problem
from qwatt.stages.curation.cluster.task import ClusterTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

BLOBS = "builtin:blobs:1.5"
METHODS = [m for m in all_methods("curation/cluster") if m.extra is None]
EVERY = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)


class TestClusterTask(TaskChecks):
    task = ClusterTask
    source = BLOBS


class ClusterChecks(MethodChecks):
    source = BLOBS
    tuning_trials = 1  # k-means has two


class TestKMeans(ClusterChecks):
    method = KMeans
    tuning_trials = 2


class TestMiniBatchKMeans(ClusterChecks):
    method = MiniBatchKMeans


class TestHdbscan(ClusterChecks):
    method = Hdbscan


class TestDequantisedKMeans(ClusterChecks):
    method = DequantisedKMeans


class TestDeltaKMeans(ClusterChecks):
    method = DeltaKMeans


class TestQuantumKMeans(ClusterChecks):
    method = QuantumKMeans


class TestParallelQuantumKMeans(ClusterChecks):
    method = ParallelQuantumKMeans


class TestSeparableQuantumKMeans(ClusterChecks):
    method = SeparableQuantumKMeans


class TestMinimumFindingKMeans(ClusterChecks):
    method = MinimumFindingKMeans


class TestCoresetQaoa(ClusterChecks):
    method = CoresetQaoa


class TestCoresetAnnealing(ClusterChecks):
    method = CoresetAnnealing


class TestCoresetRandom(ClusterChecks):
    method = CoresetRandom


class TestRandomAssignment(ClusterChecks):
    method = RandomAssignment


class TestRandomEmbedding(ClusterChecks):
    method = RandomEmbedding


def answer_of(method, problem, shots=500, seed=0):
    context = Unmetered(get_backend("engine"), shots, seed)
    return method().run(problem, method.defaults(), context).answer


@EVERY
def test_no_method_sees_the_labels(method):
    problem = load_problem(BLOBS, "xs", 48, "hashed:16", 1)
    blind = replace(problem, truth=None, classes=())
    first, second = answer_of(method, problem), answer_of(method, blind)
    assert first.clusters == second.clusters == 4
    assert np.array_equal(first.labels, second.labels)


@EVERY
def test_the_user_chooses_the_number_of_clusters(method):
    trial, _, solution = run_small(method, small_spec(method, BLOBS, fixed=(("clusters", 3),)))
    assert solution.answer.clusters == 3 and solution.answer.labels.max() < 3
    assert len(trial.extras["cluster_sizes"]) == 3


@EVERY
def test_texts_are_embedded_and_charged(method):
    trial, _, _ = run_small(method, small_spec(method, "tests/curation/cluster.jsonl"))
    assert trial.shared_energy is not None
    assert trial.extras["truth"] == "best k-means"


def test_every_method_that_is_tuned_tries_as_many_settings():
    """Twelve combinations each, so that a search of twelve tries all of every method."""
    sizes = {m.name: int(np.prod([len(values) for values in m.space.values()])) for m in METHODS}
    assert {n for name, n in sizes.items() if not name.endswith(("-assignment", "-random"))} == {12}


@pytest.mark.parametrize("trials", [1, pytest.param(3, marks=pytest.mark.nightly)])
def test_looking_beats_chance_and_the_control_does_not(trials):
    quality = {
        m.name: run_small(m, small_spec(m, "builtin:blobs", tuning_trials=trials))[0].quality for m in METHODS
    }
    for method in METHODS:
        if method.kind is not Kind.CONTROL:
            assert quality[method.name] > 0.7, method.name
    assert quality["random-assignment"] < 0.5
