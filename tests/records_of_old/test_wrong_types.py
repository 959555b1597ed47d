"""Files of a run with well-formed values of the wrong type: an error that names the place, or a report."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.protocol.fingerprint import check_sources
from qwatt.protocol.predictor import predict
from qwatt.report import write_report

HERE = Path(__file__).parent
VALUES = [None, 0, -1, 1.5, 1e308, "x", "", [], {}, True, [1], ["a"], {"a": 1}, [[]], "\x1b\u202e", 10**400]
SEED = 8


def paths_of(value, before=()):
    yield before
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, (*before, key))
    elif isinstance(value, list):
        for index, item in enumerate(value[:2]):
            yield from paths_of(item, (*before, index))


def changed(tree, path, drawn):
    """Return a copy of a tree with the value at a path replaced, or left out."""
    tree, value = copy.deepcopy(tree), drawn.choice(VALUES)
    if not path:
        return value
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    if isinstance(inner, dict) and drawn.random() < 0.15:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return tree


@pytest.fixture
def run(tmp_path):
    shutil.copy(HERE / "labels.jsonl", tmp_path)
    return RunFolder(shutil.copytree(HERE / "format2_digests", tmp_path / "run"))


def check(cases, run):
    """Change one field a case; every kind of field of every method comes up before one comes up again."""
    lines = [json.loads(line) for line in run.trials_file.read_text().splitlines()]
    for line in lines:
        del line["sha256"]
    kinds = defaultdict(list)
    for number, line in enumerate(lines):
        for path in paths_of(line):
            kind = tuple(
                "*" if i == 1 and path[0] in ("qpu", "phases") else key for i, key in enumerate(path)
            )
            kinds[line["method"], kind].append((number, path))
    drawn, faults = random.Random(SEED), []
    order = list(kinds)
    drawn.shuffle(order)
    for case in range(cases):
        number, path = drawn.choice(kinds[order[case % len(order)]])
        damaged = [*lines[:number], changed(lines[number], path, drawn), *lines[number + 1 :]]
        run.trials_file.write_text("".join(json.dumps(line) + "\n" for line in damaged))
        try:
            write_report(RunFolder.open(run.path))
        except QwattError as error:
            if "trials.jsonl" not in str(error):
                faults.append(f"{path}: no place in {error}")
        except Exception as error:
            faults.append(f"{path} of {lines[number]['method']}: {type(error).__name__}: {error}")
    assert not faults, "\n".join(faults)


def test_fields_of_records(run):
    check(60, run)


@pytest.mark.nightly
def test_all_fields_of_records(run):
    check(3000, run)


def test_an_error_names_line_and_field(run):
    lines = [json.loads(line) for line in run.trials_file.read_text().splitlines()]
    lines[2].pop("sha256")
    lines[2]["quality"] = "good"
    run.trials_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(QwattError, match=r"trials\.jsonl, line 3: .*field quality"):
        write_report(run)


HUGE = [
    ("quality",),
    ("extras", "precision"),
    ("tuning", 0, "validation"),
    ("qpu", "ibm_sherbrooke", "energy_j", "high"),
    ("qpu", "ibm_sherbrooke", "seconds"),
    ("qpu", "ibm_sherbrooke", "fidelity"),
    ("demand", "shots"),
    ("counters", "documents"),
]


@pytest.mark.parametrize("value", [1e308, -1e150], ids=str)
@pytest.mark.parametrize("path", HUGE, ids=lambda path: ".".join(map(str, path)))
def test_a_huge_number_is_refused_or_reported_without_a_warning(run, path, value):
    """In all seeds of a method, whose median is half the sum of two."""
    lines = [json.loads(line) for line in run.trials_file.read_text().splitlines()]
    method = "independent-set-qaoa"
    for line in lines:
        line.pop("sha256")
        if line["method"] == method:
            inner = line
            for key in path[:-1]:
                inner = inner.setdefault(key, {}) if isinstance(inner, dict) else inner[key]
            inner[path[-1]] = value
    run.trials_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    try:
        write_report(run)
    except QwattError as error:
        assert f"field {path[0]}" in str(error) and "trials.jsonl, line" in str(error)
        assert abs(value) > 1e150 or path[0] in ("qpu", "demand")


@pytest.mark.parametrize(
    "name", ["environment.json", "sources.json", "artifacts/tuning/head/logistic/artifact.json"]
)
def test_other_files_of_a_run(run, name):
    file, drawn = run.path / name, random.Random(SEED)
    whole = json.loads(file.read_text())
    artifact = run.path / "artifacts/tuning/head/logistic"
    for path in paths_of(whole):
        for _ in range(2):
            file.write_text(json.dumps(changed(whole, path, drawn)))
            for verb in (
                lambda: write_report(run),
                lambda: run.add_environment("e", {}),
                lambda: check_sources(run, ["labels.jsonl"]),
                lambda: predict(artifact, str(run.path.parent / "labels.jsonl")),
            ):
                try:
                    verb()
                except QwattError as error:
                    assert error.where and error.mend
