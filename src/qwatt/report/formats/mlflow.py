"""A run as a folder in the layout of MLflow's file store: one MLflow run a trial and a recorded stretch.

MLflow itself is not needed. Its newer versions read such a folder with MLFLOW_ALLOW_FILE_STORE=true, and
`mlflow migrate-filestore` moves it into a database.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from qwatt.core.durable import replaced_folder
from qwatt.core.energy_log import read_energy
from qwatt.core.printable import printable
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.secrets import scrubbed
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
        _write_store(folder, target.resolve(), unfinished)
    return target


def _write_store(folder: RunFolder, place: Path, store: Path) -> None:
    """Write a store into a folder that will get another place."""
    number = str(int(sha256(os.fsencode(folder.path.resolve())).hexdigest()[:14], 16) + 10**17)
    experiment = store / number
    when = int(folder.path.stat().st_mtime * 1000)
    facts = {
        "artifact_location": (place / number).as_uri(), "creation_time": when, "experiment_id": number,
        "last_update_time": when, "lifecycle_stage": "active", "name": printable(folder.path.name),
    }  # fmt: skip
    _meta(experiment, facts)
    file = folder.trials_file
    written_ms = int(file.stat().st_mtime * 1000) if file.is_file() else when
    entries = [_trial(trial, written_ms) for trial in folder.trials()]
    entries += [_stretch(row) for row in read_energy(folder.path).rows]
    for entry in entries:
        _write(experiment, place, entry)


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


def _write(experiment: Path, place: Path, entry: _Entry) -> None:
    number, identifier = experiment.name, _run_id(entry.identifier)
    run = experiment / identifier
    name = printable(entry.name)
    facts = {
        "artifact_uri": (place / number / identifier / "artifacts").as_uri(), "end_time": entry.end_ms,
        "entry_point_name": "",
        "experiment_id": number, "lifecycle_stage": "active", "run_id": identifier, "run_uuid": identifier,
        "run_name": name, "source_name": "", "source_type": LOCAL, "source_version": "",
        "start_time": entry.begin_ms, "status": STATUS[entry.status], "tags": [], "user_id": "",
    }  # fmt: skip
    if entry.status == "open":
        facts["end_time"] = None
    _meta(run, facts)
    for kind in ("metrics", "params", "tags", "artifacts"):
        (run / kind).mkdir()
    for key, value in entry.metrics.items():
        _put(run / "metrics", key, f"{entry.end_ms} {value!r} 0\n")
    for key, param in entry.params.items():
        _put(run / "params", key, str(param)[:_LONGEST])
    for key, tag in {"mlflow.runName": name, **entry.tags}.items():
        _put(run / "tags", key, tag)


def _put(folder: Path, key: str, text: str) -> None:
    """Write a value under a name that MLflow takes and that leads nowhere else."""
    name = _NAME.sub("_", key).strip(". ")[:100] or "_"
    (folder / name).write_text(scrubbed(text), encoding="utf-8", errors="backslashreplace")


def _meta(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write meta.yaml; JSON's values are YAML's."""
    folder.mkdir(parents=True)
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items()]
    text = scrubbed("".join(lines))
    (folder / "meta.yaml").write_text(text, encoding="utf-8", errors="backslashreplace")


def _run_id(identifier: str) -> str:
    return sha256(identifier.encode(errors="backslashreplace")).hexdigest()[:32]
