"""Estimators by scikit-learn's own checks, against scikit-learn's twins, and as the guide shows them."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.svm import SVC, OneClassSVM
from sklearn.utils.estimator_checks import parametrize_with_checks

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms.closed_forms import amplitude_kernel, product_kernel, ring_bloch
from qwatt.sklearn import (
    FidelityKernel,
    FidelityKernelClassifier,
    MmdDriftDetector,
    ProjectedFeatureMap,
    QuantumKMeans,
    QuantumOneClass,
    ReuploadClassifier,
)

GUIDE = Path(__file__).parents[2] / "docs" / "scikit-learn.md"
SNIPPETS = re.findall(
    r"^## (.*?)\n.*?```python\n(.*?)```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)


@parametrize_with_checks(
    [
        FidelityKernel(wires=3),
        ProjectedFeatureMap(wires=3),
        FidelityKernelClassifier(wires=3),
        QuantumKMeans(n_clusters=2, max_iter=3),
        QuantumOneClass(wires=3),
        MmdDriftDetector(wires=3),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.nightly
@parametrize_with_checks([ReuploadClassifier(amplitudes=4, wires=2, layers=2, steps=40, learning_rate=0.2)])
def test_scikit_learns_checks_of_a_trained_circuit(estimator, check):
    check(estimator)


def rows_of(seed, rows=40, features=5):
    return np.random.default_rng(seed).normal(size=(rows, features))


def test_kernels_are_the_closed_forms():
    train, rows = rows_of(0), rows_of(1, 6)
    product = FidelityKernel("product", wires=4, bandwidth=1.0).fit(train)
    centred = train - train.mean(axis=0)
    axes = np.linalg.svd(centred)[2][:3]
    leading = [(part - train.mean(axis=0)) @ axes.T for part in (rows, train)]
    left = [
        np.linalg.norm(part - train.mean(axis=0) - own @ axes, axis=1)[:, None]
        for part, own in zip((rows, train), leading, strict=True)
    ]
    values = [
        np.hstack([own / leading[1].std(axis=0, ddof=1), (rest - left[1].mean()) / left[1].std()])
        for own, rest in zip(leading, left, strict=True)
    ]
    assert product.transform(rows) == pytest.approx(product_kernel(*values), abs=1e-9)
    amplitude = FidelityKernel("amplitude").fit(train)
    assert amplitude.transform(rows) == pytest.approx(amplitude_kernel(rows, train), abs=1e-9)


def test_projected_features_are_the_closed_form():
    train, rows = rows_of(0), rows_of(1, 6)
    found = ProjectedFeatureMap(wires=4, bandwidth=0.7).fit(train)
    plain = ProjectedFeatureMap(wires=4, bandwidth=1e-6).fit(train).transform(rows)[:, 4:] * 1e6
    assert found.transform(rows) == pytest.approx(ring_bloch(0.7 * plain), abs=1e-6)


def test_a_one_class_machine_is_scikit_learns_on_its_kernel():
    train, rows = rows_of(0), rows_of(1, 6)
    kernel = FidelityKernel(wires=4).fit(train)
    twin = OneClassSVM(kernel="precomputed", nu=0.2).fit(kernel.transform(train))
    own = QuantumOneClass(wires=4, nu=0.2).fit(train)
    assert own.decision_function(rows) == pytest.approx(
        twin.decision_function(kernel.transform(rows)), abs=1e-3
    )
    assert own.facts_["concentrated"] is False


def test_a_classifier_is_scikit_learns_on_its_kernel():
    x, y = load_iris(return_X_y=True)
    own = FidelityKernelClassifier("angle", wires=4, bandwidth=0.5).fit(x, y)
    angles = own.model_.arrays["train"]
    twin = SVC(kernel="precomputed").fit(product_kernel(angles, angles), y)
    assert (own.predict(x) == twin.predict(product_kernel(angles, angles))).mean() > 0.98
    assert own.score(x, y) > 0.9


def test_k_means_finds_the_partition_of_scikit_learns():
    x, _ = make_blobs(120, random_state=3)
    own = QuantumKMeans(3, n_init=3, random_state=0).fit(x)
    twin = KMeans(3, n_init=10, random_state=0).fit(x)
    assert adjusted_rand_score(own.labels_, twin.labels_) == 1.0
    assert own.inertia_ == pytest.approx(twin.inertia_)
    assert (own.predict(x) == own.labels_).all()


def test_drift_is_noticed_at_the_nominal_rate():
    alarms, noticed = 0, 0
    for seed in range(60):
        detector = MmdDriftDetector(wires=3, random_state=seed).fit(rows_of(seed, 40))
        alarms += detector.test(rows_of(1_000 + seed, 20)).drift
        noticed += detector.test(1.5 + rows_of(2_000 + seed, 20)).drift
    assert stats.binomtest(alarms, 60, 0.05).pvalue > 0.01
    assert noticed > 54


def test_a_window_longer_than_half_of_the_reference_is_refused():
    detector = MmdDriftDetector(wires=3).fit(rows_of(0, 40))
    with pytest.raises(ValueError, match="2 to 20 samples, not 21"):
        detector.test(rows_of(1, 21))


@pytest.mark.parametrize(
    "estimator",
    [QuantumKMeans(n_clusters=2), QuantumOneClass(), FidelityKernel(), FidelityKernelClassifier()],
    ids=lambda one: type(one).__name__,
)
def test_numbers_whose_squares_overflow_are_refused(estimator):
    rows = np.random.default_rng(1).normal(size=(12, 3))
    far = np.where(np.arange(36).reshape(12, 3) == 16, -1e200, rows)
    said = r"row 5, column 1: -1e\+200 is beyond 1e\+150"
    with pytest.raises(ValueError, match=said):
        estimator.fit(far, np.arange(12) % 2)
    fitted = estimator.fit(rows, np.arange(12) % 2)
    with pytest.raises(ValueError, match=said):
        getattr(fitted, "predict" if hasattr(fitted, "predict") else "transform")(far)


def test_an_unknown_map_is_refused():
    with pytest.raises(QwattError, match="unknown feature map 'iqq'"):
        FidelityKernel("iqq").fit(rows_of(0))


def test_shots_are_drawn_by_the_random_state():
    train, rows = rows_of(0), rows_of(1, 6)
    exact = FidelityKernel(wires=4).fit(train).transform(rows)
    drawn = FidelityKernel(wires=4, shots=400, random_state=5).fit(train)
    assert (drawn.transform(rows) == drawn.transform(rows)).all()
    errors = drawn.transform(rows) - exact
    assert 0 < np.abs(errors).max() < 5 * 0.5 / np.sqrt(400)


@pytest.mark.nightly
@pytest.mark.parametrize("snippet", [code for _, code in SNIPPETS], ids=[title for title, _ in SNIPPETS])
def test_the_guides_snippets_run(snippet):
    assert len(SNIPPETS) == 5
    exec(compile(snippet, str(GUIDE), "exec"), {})
