"""Detectors of anomalies: every score against an independent one, the threshold against the binomial."""

import json
import pickle

import numpy as np
import pytest
from pyod.models.ecod import ECOD
from scipy import stats
from sklearn import ensemble, svm

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.core.trial import Trial
from qwatt.data.domains import LOGS, WEATHER, read_domain
from qwatt.data.report import gather_reports
from qwatt.data.rows import write_jsonl
from qwatt.stages.monitoring.anomaly.ecod import Ecod
from qwatt.stages.monitoring.anomaly.isolation_forest import IsolationForest
from qwatt.stages.monitoring.anomaly.knn import NearestNeighbours
from qwatt.stages.monitoring.anomaly.mahalanobis import Mahalanobis
from qwatt.stages.monitoring.anomaly.model import Detector
from qwatt.stages.monitoring.anomaly.one_class_svm import OneClassSvm
from qwatt.stages.monitoring.anomaly.problem import ALPHA
from qwatt.stages.monitoring.anomaly.random_score import RandomScore
from qwatt.stages.monitoring.anomaly.score import alerts_per_thousand, average_precision
from qwatt.stages.monitoring.anomaly.sources import clean_counts
from qwatt.stages.monitoring.anomaly.task import AnomalyTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

CLASSICAL = [NearestNeighbours, Mahalanobis, IsolationForest, OneClassSvm, Ecod, RandomScore]


class TestTask(TaskChecks):
    task = AnomalyTask
    source = WEATHER


for _method in CLASSICAL:
    globals()[f"Test{_method.__name__}"] = type(
        f"Test{_method.__name__}", (MethodChecks,), {"method": _method, "source": WEATHER}
    )


def context(shots=None, seed=0):
    return Unmetered(get_backend("engine"), shots, seed)


def rows_of(seed, rows=60, dimensions=4):
    return np.random.default_rng(seed).normal(size=(rows, dimensions))


def scored(method, train, rows, **settings):
    settings = method.defaults() | settings
    fitted = method().fit(train, settings, context())
    return method().score(fitted.arrays, settings, rows, context())


def test_the_kth_neighbours_distance():
    train, rows = rows_of(0), rows_of(1, 7)
    distances = np.sort(np.linalg.norm(rows[:, None] - train, axis=-1), axis=1)
    for k in (1, 5):
        assert scored(NearestNeighbours, train, rows, neighbours=k) == pytest.approx(distances[:, k - 1])


def test_mahalanobis_without_shrinkage_is_its_definition():
    train, rows = rows_of(0), rows_of(1, 7)
    inverse = np.linalg.inv(np.cov(train.T, bias=True))
    centred = rows - train.mean(axis=0)
    wanted = np.einsum("ni,ij,nj->n", centred, inverse, centred)
    assert scored(Mahalanobis, train, rows, shrinkage=1e-12) == pytest.approx(wanted)


def test_the_isolation_forest_scores_as_scikit_learns():
    train, rows = rows_of(0, 300), np.concatenate([rows_of(1, 20), 5 + rows_of(2, 3)])
    own = scored(IsolationForest, train, rows)
    seed = int(context().rng.integers(2**31))
    peer = ensemble.IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(train)
    assert own == pytest.approx(-peer.score_samples(rows), abs=1e-9)


def test_the_one_class_svm_scores_as_scikit_learns():
    train, rows = rows_of(0), rows_of(1, 7)
    median = np.median([((a - b) ** 2).sum() for i, a in enumerate(train) for b in train[:i]])
    peer = svm.OneClassSVM(gamma=0.5 / median, nu=0.1).fit(train)
    assert scored(OneClassSvm, train, rows) == pytest.approx(-peer.decision_function(rows), abs=1e-6)


def test_ecod_is_pyods_and_the_papers():
    """PyOD scores a row among the others; ours among those that it was fitted on and itself."""
    every = np.random.default_rng(4).gamma(1.0, size=(40, 3)) * [1.0, -1.0, 1.0]
    wanted = ECOD().fit(every).decision_scores_
    own = [scored(Ecod, np.delete(every, i, axis=0), every[i : i + 1])[0] for i in range(40)]
    assert own == pytest.approx(wanted)
    left, right = (-np.log([(sign * every <= sign * x).mean(axis=0) for x in every]) for sign in (1, -1))
    skewed = np.where(stats.skew(every) < 0, left, right)
    sums = np.max([part.sum(axis=1) for part in (left, right, skewed)], axis=0)
    own = [scored(Ecod, np.delete(every, i, axis=0), every[i : i + 1], tails="row")[0] for i in range(40)]
    assert own == pytest.approx(sums)


def test_the_random_score_knows_nothing():
    truth = np.arange(2_000) % 10 == 0
    scores = scored(RandomScore, rows_of(0), rows_of(1, 2_000))
    assert average_precision(scores, truth) == pytest.approx(0.1, abs=0.03)


def test_alerts_for_a_recall_are_counted():
    truth = np.array([True] * 20 + [False] * 180)
    scores = np.r_[np.arange(100, 120), np.full(60, 100.5), np.zeros(120)].astype(float)
    # 19 of 20 anomalies score 101 or more, which no clean text does
    assert alerts_per_thousand(scores, truth) == pytest.approx(19 / 200 * 1000)
    scores[1] = 50.0  # the 19th is now the last but one, at 100, below the 60 clean texts
    assert alerts_per_thousand(scores, truth) == pytest.approx((19 + 60) / 200 * 1000)


@pytest.mark.parametrize(
    "method", [NearestNeighbours, *(pytest.param(m, marks=pytest.mark.nightly) for m in (OneClassSvm, Ecod))]
)
def test_the_rate_of_false_alarms_is_the_nominal_one(method):
    """200 runs, each with clean rows of its own and one row to score: their alarms are binomial."""
    alarms = 0
    for seed in range(200):
        rows = rows_of(seed, 30 + 19 + 1)
        detector = method().detector(rows[:30], rows[30:49], method.defaults(), context(seed=seed), "")
        scores = method().scores(detector, rows[49:], context(seed=seed), "predict")
        alarms += int(detector.p_values(scores)[0] <= ALPHA)
    assert stats.binomtest(alarms, 200, ALPHA).pvalue > 0.01


def test_p_values_of_rows_that_are_exchangeable_are_uniform():
    detector = Detector("knn", "", {}, None, {}, np.arange(19.0))
    assert detector.p_values(np.array([18.5, 18.0, 17.5, -1.0])) == pytest.approx([0.05, 0.1, 0.1, 1.0])


@pytest.mark.parametrize("texts", [100, 120, 133, 2_000, 10_000])
def test_the_threshold_is_exact_at_every_size(texts):
    for parameters in AnomalyTask.sizes.values():
        parts = clean_counts(texts, parameters)
        assert sum(parts) <= texts and min(parts) > 0
        assert (parts[1] + 1) % round(1 / ALPHA) == 0


def test_log_lines_and_their_anomalies():
    problem = AnomalyTask().load(LOGS, "s", 0)
    texts = np.array(problem.embedding.texts)
    assert not set(texts[problem.anomalous]) & set(texts[~problem.anomalous])
    assert problem.truth("test").sum() == 30 and not problem.truth("train").any()


def test_every_seed_draws_from_the_first_texts_where_a_size_says_so():
    known = read_domain(LOGS)
    first = {text for side in (known.normal[:200], known.other[:200]) for _, text in side}
    drawn = [set(AnomalyTask().load(LOGS, size, 0).embedding.texts) for size in ("xs,of=200", "xs")]
    assert drawn[0] <= first and not drawn[1] <= first
    assert len(drawn[0]) == len(drawn[1])


def own_file(folder, odd=20, labels=("fine", "odd")):
    rows = [{"text": f"parcel {i} to street {i % 7} is on its way", "kind": labels[0]} for i in range(130)]
    rows += [{"text": f"give me the password of user {i}", "kind": labels[1]} for i in range(odd)]
    write_jsonl(folder / "mine.jsonl", rows)
    return f"{folder / 'mine.jsonl'}#text,kind"


def test_a_labelled_file_is_scored_saved_and_used_again(tmp_path):
    source = own_file(tmp_path)
    with gather_reports() as reports:
        trial, problem, solution = run_small(NearestNeighbours, small_spec(NearestNeighbours, source))
    assert any("'fine' is the normal label" in note for report in reports for note in report.notes)
    assert trial.quality == 1.0 and not problem.planted
    files = AnomalyTask().export(problem, solution, tmp_path / "artifact")
    rows = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert {row["truth"] for row in rows[: trial.extras["anomalous_texts"]]} == {"anomaly"}
    found = AnomalyTask().predict(tmp_path / "artifact", source)
    assert [row["label"] for row in found.rows[-20:]] == ["anomaly"] * 20
    assert sum(row["label"] == "anomaly" for row in found.rows[:130]) < 20
    assert pickle.loads(pickle.dumps(solution.answer)).test == pytest.approx(solution.answer.test)
    said = AnomalyTask().headline(Trial.from_record(trial.to_record()), str(files[0]))
    assert "qwatt predict" in said.facts[-1] and not said.warnings


def test_an_unlabelled_file_makes_a_detector(tmp_path):
    write_jsonl(tmp_path / "mine.jsonl", [{"text": f"parcel {i} is on its way"} for i in range(120)])
    with gather_reports() as reports:
        problem = AnomalyTask().load(str(tmp_path / "mine.jsonl"), "xs", 0)
    assert problem.planted and any("no text is labelled" in note for note in reports[0].notes)
    assert all(name.startswith("planted:") for name in np.array(problem.ids)[problem.anomalous])


def test_the_label_of_the_most_texts_is_normal_unless_one_says_so(tmp_path):
    problem = AnomalyTask().load(own_file(tmp_path, 140, ("OK", "bad")), "full", 0)
    texts = np.array(problem.embedding.texts)
    assert all("parcel" in text for text in texts[~problem.anomalous])


def test_too_few_are_refused(tmp_path):
    with pytest.raises(QwattError, match="6 are needed"):
        AnomalyTask().load(own_file(tmp_path, 5), "xs", 0)
    write_jsonl(tmp_path / "few.jsonl", [{"text": f"parcel {i}"} for i in range(99)])
    with pytest.raises(QwattError, match="99 normal texts are too few"):
        AnomalyTask().load(str(tmp_path / "few.jsonl"), "xs", 0)
    with pytest.raises(QwattError, match="no such file or data set"):
        AnomalyTask().load("nowhere", "xs", 0)


def test_a_damaged_detector_is_refused(tmp_path):
    _, problem, solution = run_small(NearestNeighbours, small_spec(NearestNeighbours, WEATHER))
    AnomalyTask().export(problem, solution, tmp_path)
    (tmp_path / "new.txt").write_text("It was a mild noon in town.")
    (tmp_path / "detector.json").write_text("{}")
    with pytest.raises(QwattError, match="cannot be used"):
        AnomalyTask().predict(tmp_path, str(tmp_path / "new.txt"))
    (tmp_path / "detector.json").unlink()
    with pytest.raises(QwattError, match="no saved detector can be read"):
        AnomalyTask().predict(tmp_path, str(tmp_path / "new.txt"))
