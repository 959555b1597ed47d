"""Anomalies among the rows of a user's table: labelled or not, scaled by clean rows, scored again later."""

import csv
import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from qwatt.core.errors import QwattError
from qwatt.core.trial import Trial
from qwatt.data.report import gather_reports
from qwatt.language.table_rows import Scale
from qwatt.stages.monitoring.anomaly.isolation_forest import IsolationForest
from qwatt.stages.monitoring.anomaly.kernel_svm_iqp import IqpKernelMachine
from qwatt.stages.monitoring.anomaly.mahalanobis import Mahalanobis
from qwatt.stages.monitoring.anomaly.model import Detector
from qwatt.stages.monitoring.anomaly.problem import AnomalyProblem
from qwatt.stages.monitoring.anomaly.task import AnomalyTask
from qwatt.testing.trials import run_small, small_spec

COLUMNS = ("temperature", "load", "flow")
UNITS = np.array([1e-3, 1.0, 1e6])


def machine(seed, rows=150, odd=12):
    """Rows whose columns hang together, in units far apart; the last ones do not."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(rows, 1))
    values = hidden + 0.1 * rng.normal(size=(rows, 3))
    values[rows - odd :, 1] += 2.0
    return (values + 5.0) * UNITS, np.arange(rows) >= rows - odd


def written(folder, values, truth=None, name="machine.csv"):
    file = folder / name
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "place", *COLUMNS, *(["state"] if truth is not None else [])])
        for i, row in enumerate(values):
            state = [["fine", "broken"][int(truth[i])]] if truth is not None else []
            rows.writerow([f"r{i}", "hall", *row.tolist(), *state])
    return str(file)


@pytest.mark.parametrize("method", [Mahalanobis, IsolationForest, IqpKernelMachine])
def test_a_labelled_table_is_scored_saved_and_used_again(tmp_path, method):
    values, truth = machine(0)
    source = f"{written(tmp_path, values, truth)}#,state"
    with gather_reports() as reports:
        trial, problem, solution = run_small(method, small_spec(method, source))
    notes = " ".join(note for report in reports for note in report.notes)
    assert "'fine' is the normal label (138 of them)" in notes
    assert "columns of numbers that are read: temperature, load, flow" in notes
    clean = problem.vectors[problem.counts.part("train")]
    assert clean.mean(axis=0) == pytest.approx(0.0, abs=1e-6) and clean.std(axis=0) == pytest.approx(1.0)
    if method is Mahalanobis:
        assert trial.quality == 1.0
    assert trial.shared_energy is None
    files = AnomalyTask().export(problem, solution, tmp_path / "artifact")
    alarms = [json.loads(line) for line in files[0].read_text("utf-8").splitlines()]
    assert alarms and all(row["text"].startswith("temperature 0.00") for row in alarms)
    found = AnomalyTask().predict(tmp_path / "artifact", written(tmp_path, values, name="new.csv"))
    labels = np.array([row["label"] == "anomaly" for row in found.rows])
    assert labels[~truth].mean() < 0.15
    if method is Mahalanobis:
        assert labels[truth].all() and found.rows[3]["id"] == "r3"
    said = AnomalyTask().headline(Trial.from_record(trial.to_record()), str(files[0]))
    assert "clean rows" in said.facts[0] and "1,000 rows" in said.facts[1]


def test_an_unlabelled_parquet_file_makes_a_detector(tmp_path):
    values, _ = machine(1, odd=0)
    parquet.write_table(pa.table(dict(zip(COLUMNS, values.T, strict=True))), tmp_path / "machine.parquet")
    with gather_reports() as reports:
        source = str(tmp_path / "machine.parquet")
        trial, problem, _ = run_small(Mahalanobis, small_spec(Mahalanobis, source))
    assert isinstance(problem, AnomalyProblem) and problem.planted
    assert any("no row is labelled" in note for note in reports[0].notes)
    odd = np.array(problem.ids)[problem.anomalous]
    assert len(odd) and all(name.startswith("planted:") for name in odd)
    assert trial.quality > 0.7, "columns that hang together tell made-up rows apart"


def test_vectors_are_taken_as_they_are(tmp_path):
    rows = np.random.default_rng(2).normal(3.0, size=(120, 6))
    lines = [json.dumps({"embedding": row.tolist()}) for row in rows]
    (tmp_path / "vectors.jsonl").write_text("\n".join(lines), "utf-8")
    problem = AnomalyTask().load(str(tmp_path / "vectors.jsonl"), "xs", 0)
    clean = problem.vectors[problem.counts.part("train")]
    assert all(np.abs(rows - one).max(axis=1).min() < 1e-6 for one in clean)


def test_a_table_without_the_detectors_columns_is_refused(tmp_path):
    values, truth = machine(3)
    source = f"{written(tmp_path, values, truth)}#,state"
    _, problem, solution = run_small(Mahalanobis, small_spec(Mahalanobis, source))
    AnomalyTask().export(problem, solution, tmp_path / "artifact")
    (tmp_path / "other.csv").write_text("load,flow\n1,2\n3,4\n", "utf-8")
    with pytest.raises(QwattError, match="no numeric column 'temperature'"):
        AnomalyTask().predict(tmp_path / "artifact", str(tmp_path / "other.csv"))
    assert Detector.load(tmp_path / "artifact").scale.columns == COLUMNS


def test_too_few_rows_are_refused(tmp_path):
    source = written(tmp_path, machine(4, 60, 0)[0])
    with pytest.raises(QwattError, match="60 normal rows are too few"):
        AnomalyTask().load(source, "xs", 0)


def test_a_column_that_does_not_vary_says_nothing() -> None:
    """Equal tenths have a tiny deviation by rounding; nobody is to be 1e14 of them away."""
    same = np.tile([0.1, 1e6 + 0.1, 2.0], (72, 1))
    assert same.std(axis=0)[:2].all()
    scale = Scale.of(COLUMNS, same)
    assert scale.deviation.tolist() == [1.0, 1.0, 1.0]
    assert scale.apply(same + 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("number", "said"), [(-1e40, "row 4: the number"), (1e150, "row 4: the number")])
def test_numbers_without_end_are_refused_beside_ordinary_ones(number, said) -> None:
    rows = np.random.default_rng(3).normal(size=(9, 3))
    scale = Scale.of(COLUMNS, rows)
    rows[4, 1] = number
    with pytest.raises(QwattError, match=f"{said} of the column 'load' is too far from those"):
        scale.apply(rows)
    with pytest.raises(QwattError, match="the row 'e'"):
        scale.apply(rows, list("abcdefghi"))
    assert np.isfinite(Scale.of(COLUMNS, rows).apply(rows)).all(), "where it is one of those trained on"
