"""Estimators in pipelines, cloned, pickled, kept by joblib, read from earlier pickles; names of features."""

import io
import pickle
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from qwatt.sklearn import (
    FidelityKernel,
    FidelityKernelClassifier,
    MmdDriftDetector,
    ProjectedFeatureMap,
    QuantumKMeans,
    QuantumOneClass,
    ReuploadClassifier,
)

ESTIMATORS = [
    FidelityKernel(wires=3, random_state=1),
    ProjectedFeatureMap(wires=3, random_state=1),
    FidelityKernelClassifier(wires=3, random_state=1),
    ReuploadClassifier(amplitudes=4, wires=2, layers=1, steps=3, random_state=1),
    QuantumKMeans(n_clusters=2, max_iter=3, random_state=1),
    QuantumOneClass(wires=3, random_state=1),
    MmdDriftDetector(wires=3, random_state=1),
]
KEPT = Path(__file__).parent / "pickled"
"""One pickle of each, as they were; what cannot be read any more is refused by name, or kept readable."""

every = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def samples():
    rng = np.random.default_rng(0)
    return rng.normal(size=(24, 4)) + 2.0 * (np.arange(24) % 2)[:, None], np.arange(24) % 2


def answer(estimator, rows):
    """Return what an estimator says of rows, as an array."""
    if isinstance(estimator, MmdDriftDetector):
        found = estimator.test(rows[:6])
        return np.array([found.statistic, found.p_value])
    said = estimator.transform if hasattr(estimator, "transform") else estimator.predict
    return np.asarray(said(rows))


@every
def test_what_is_kept_answers_as_before(estimator):
    rows, labels = samples()
    fitted = clone(estimator).fit(rows, labels)
    buffer = io.BytesIO()
    joblib.dump(fitted, buffer)
    buffer.seek(0)
    for kept in (pickle.loads(pickle.dumps(fitted)), joblib.load(buffer)):
        assert answer(kept, rows) == pytest.approx(answer(fitted, rows), abs=1e-12)
        assert kept.get_params() == estimator.get_params()
    fresh = clone(fitted)
    assert not [name for name in vars(fresh) if name.endswith("_")]


@every
def test_a_pickle_of_another_version_is_said(estimator):
    state = estimator.__getstate__()
    other = clone(estimator)
    with pytest.warns(UserWarning, match=r"was pickled by qwatt 0\.0\.1, and this is .* fit it again"):
        other.__setstate__({**state, "_qwatt_version": "0.0.1"})
    with pytest.warns(UserWarning, match="of an unknown version"):
        other.__setstate__(estimator.__dict__)
    assert other.get_params() == estimator.get_params()


@every
def test_an_earlier_pickle_is_read(estimator):
    rows, labels = samples()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*was pickled by qwatt")
        kept = pickle.loads((KEPT / f"{type(estimator).__name__}.pkl").read_bytes())
    assert answer(kept, rows) == pytest.approx(answer(clone(estimator).fit(rows, labels), rows), abs=1e-4)


@every
def test_names_of_features_are_kept_and_wrong_ones_refused(estimator):
    rows, labels = samples()
    frame = pd.DataFrame(rows, columns=["age", "load", "flow", "volt"])
    fitted = clone(estimator).fit(frame, labels)
    assert fitted.feature_names_in_.tolist() == list(frame.columns)
    assert answer(fitted, frame) == pytest.approx(answer(clone(estimator).fit(rows, labels), rows), abs=1e-9)
    with pytest.raises(ValueError, match="feature names"):
        answer(fitted, frame.rename(columns={"age": "years"}))


@pytest.mark.parametrize("transformer", ESTIMATORS[:2], ids=lambda e: type(e).__name__)
def test_new_features_have_names_too(transformer):
    rows, _ = samples()
    found = clone(transformer).set_output(transform="pandas").fit_transform(rows)
    assert isinstance(found, pd.DataFrame) and found.columns[0] == f"{type(transformer).__name__.lower()}0"
    assert list(found.columns) == list(clone(transformer).fit(rows).get_feature_names_out())


@pytest.mark.nightly
@pytest.mark.parametrize("jobs", [1, 2])
def test_pipelines_are_validated_by_joblib(jobs):
    rows, labels = samples()
    for last in (
        (FidelityKernel(wires=3), SVC(kernel="precomputed")),
        (ProjectedFeatureMap(wires=3), LogisticRegression()),
        (FidelityKernelClassifier(wires=3),),
    ):
        found = cross_val_score(make_pipeline(StandardScaler(), *last), rows, labels, cv=3, n_jobs=jobs)
        assert found.mean() > 0.8


def keep():
    """Write the pickles anew: only where an earlier one is given up on purpose."""
    rows, labels = samples()
    for estimator in ESTIMATORS:
        fitted = clone(estimator).fit(rows, labels)
        (KEPT / f"{type(estimator).__name__}.pkl").write_bytes(pickle.dumps(fitted, protocol=4))


if __name__ == "__main__":
    keep()
