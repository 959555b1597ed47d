"""A run as a folder in the layout of MLflow's file store: one MLflow run a trial and a recorded stretch.

MLflow itself is not needed. Its newer versions read such a folder with MLFLOW_ALLOW_FILE_STORE=true, and
`mlflow migrate-filestore` moves it into a database.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from qwatt.core.durable import replaced_folder
from qwatt.core.energy_log import read_energy
from qwatt.core.printable import printable
from qwatt.core.quantity import Quantity
from qwatt.core.recorded import RecordedTrial
from qwatt.core.regular import real_path
from qwatt.core.run_folder import RunFolder
from qwatt.core.secrets import scrubber
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.trial import Trial
from qwatt.report.formats.tables import energy_cells

STATUS = {"open": 1, "done": 3, "failed": 4}
"""RUNNING, FINISHED and FAILED of MLflow."""
LOCAL = 4
_NAME = re.compile(r"[^\w.\- :]")
_LONGEST = 500


@dataclass(frozen=True)
class _Entry:
    """One MLflow run."""

    name: str
    identifier: str
    status: str
    begin_ms: int
    end_ms: int
    metrics: Mapping[str, float]
    params: Mapping[str, Any]
    tags: Mapping[str, str]


def write_mlflow(folder: RunFolder, target: Path) -> Path:
    """Write the store anew and return its folder; one experiment, named after the run.

    It takes its place when it is whole, so that several may export at once: the last one's stays.
    """
    with replaced_folder(target) as unfinished:
        _write_store(folder, real_path(target), unfinished)
    return target


def _write_store(folder: RunFolder, place: Path, store: Path) -> None:
    """Write a store into a folder that will get another place."""
    number = str(int(sha256(os.fsencode(folder.path.resolve())).hexdigest()[:14], 16) + 10**17)
    experiment, scrub = store / number, scrubber()
    uri = scrub((place / number).as_uri())
    when = int(folder.path.stat().st_mtime * 1000)
    facts = {
        "artifact_location": uri, "creation_time": when, "experiment_id": number,
        "last_update_time": when, "lifecycle_stage": "active", "name": scrub(printable(folder.path.name)),
    }  # fmt: skip
    experiment.mkdir(parents=True)
    _meta(f"{experiment}", facts)
    file = folder.trials_file
    written_ms = int(file.stat().st_mtime * 1000) if file.is_file() else when
    for trial in folder.trials():
        was_scrubbed = isinstance(trial, RecordedTrial)  # when its line was written
        _write(experiment, uri, _trial(trial, written_ms), str if was_scrubbed else scrub)
    for row in read_energy(folder.path).rows:
        _write(experiment, uri, _stretch(row), scrub)


def _trial(trial: Trial, written_ms: int) -> _Entry:
    spec = trial.spec
    metrics = {trial.metric: trial.quality, "seconds": trial.seconds, **_joules("energy", trial.host_energy)}
    metrics |= _joules("simulation", trial.simulation_energy)
    params = {
        name: getattr(spec, name) for name in ("task", "method", "source", "size", "seed", "backend", "shots")
    }
    params |= {"tuning_trials": spec.tuning_trials, **{f"setting.{k}": v for k, v in trial.settings.items()}}
    tags = {
        "qwatt.kind": trial.kind,
        "qwatt.times": "a trial keeps its length, not its hour: ends as the file",
    }
    tags |= _labels(trial.host_energy) | ({"qwatt.error": trial.error} if trial.error else {})
    name = f"{spec.task} {spec.method} seed {spec.seed}"
    begin = written_ms - int(trial.seconds * 1000)
    return _Entry(name, spec.id, trial.status, begin, written_ms, _known(metrics), params, tags)


def _stretch(row: StageEnergy) -> _Entry:
    metrics = {
        "seconds": row.seconds,
        "cpu_seconds": row.cpu_seconds,
        **_joules("energy", row.energy),
        **row.counts,
    }
    begin = int(datetime.fromisoformat(row.started).timestamp() * 1000)
    tags = {"qwatt.stage": row.stage, "qwatt.status": row.status} | _labels(row.energy)
    if row.part_of is not None:
        tags["mlflow.parentRunId"] = _run_id(row.part_of)
    facts = {name: value for name, value in row.facts.items() if value is not None}
    name = row.label or row.stage
    return _Entry(
        name, row.id, row.status, begin, begin + int(row.seconds * 1000), _known(metrics), facts, tags
    )


def _known(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what is unknown: a metric of MLflow is a number, and 0 would be wrong."""
    return {name: float(value) for name, value in metrics.items() if value is not None}


def _joules(name: str, energy: Quantity | None) -> dict[str, float | None]:
    return {key: value for key, value in energy_cells(name, energy).items() if key.endswith("_j")}


def _labels(energy: Quantity | None) -> dict[str, str]:
    cells = {key: value for key, value in energy_cells("energy", energy).items() if not key.endswith("_j")}
    return {f"qwatt.{key}": str(value) for key, value in cells.items() if value is not None}


def _write(experiment: Path, uri: str, entry: _Entry, scrub: Callable[[str], str]) -> None:
    """Write a run; a run of many trials is millions of files, which text paths take in half the time."""
    number, identifier = experiment.name, _run_id(entry.identifier)
    run = f"{experiment}/{identifier}"
    name = scrub(printable(entry.name))
    facts = {
        "artifact_uri": f"{uri}/{identifier}/artifacts", "end_time": entry.end_ms,
        "entry_point_name": "",
        "experiment_id": number, "lifecycle_stage": "active", "run_id": identifier, "run_uuid": identifier,
        "run_name": name, "source_name": "", "source_type": LOCAL, "source_version": "",
        "start_time": entry.begin_ms, "status": STATUS[entry.status], "tags": [], "user_id": "",
    }  # fmt: skip
    if entry.status == "open":
        facts["end_time"] = None
    for folder in ("", "/metrics", "/params", "/tags", "/artifacts"):
        os.mkdir(run + folder)  # noqa: PTH102
    _meta(run, facts)
    for key, value in entry.metrics.items():
        _put(f"{run}/metrics/{_file_name(key)}", f"{entry.end_ms} {value!r} 0\n")
    for key, param in entry.params.items():
        _put(f"{run}/params/{_file_name(key)}", scrub(str(param)[:_LONGEST]))
    for key, tag in {"mlflow.runName": name, **entry.tags}.items():
        _put(f"{run}/tags/{_file_name(key)}", scrub(tag))


@lru_cache(maxsize=1024)
def _file_name(key: str) -> str:
    """Return a name that MLflow takes and that leads nowhere else."""
    return _NAME.sub("_", key).strip(". ")[:100] or "_"


def _put(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = text.encode("utf-8", "backslashreplace")
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


def _meta(folder: str, facts: Mapping[str, Any]) -> None:
    """Write meta.yaml; JSON's values are YAML's."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items()]
    _put(f"{folder}/meta.yaml", "".join(lines))


def _run_id(identifier: str) -> str:
    return sha256(identifier.encode(errors="backslashreplace")).hexdigest()[:32]
