"""A run as one CSV file, and as one JSON file."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from qwatt.core.comparison import to_record
from qwatt.core.energy_log import read_energy
from qwatt.core.json_text import indented
from qwatt.core.quantity import Quantity
from qwatt.core.recorded import RecordedTrial
from qwatt.core.run_folder import RunFolder
from qwatt.core.secrets import scrubber
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.tidied import tidied
from qwatt.core.trial import Trial
from qwatt.core.trial_lines import record_text, settings_text
from qwatt.data.cells import to_csv
from qwatt.report import comparisons_of
from qwatt.report.recorded import recorded_record


def run_csv(folder: RunFolder) -> str:
    """Return a line a trial and a recorded stretch; what is unknown is empty, with the reason beside it."""
    rows = [
        _trial(trial) if isinstance(trial, RecordedTrial) else tidied(_trial(trial))
        for trial in folder.trials()
    ]
    rows += [tidied(_stretch(row)) for row in read_energy(folder.path).rows]
    return to_csv(list(dict.fromkeys(chain.from_iterable(rows))), rows)


def run_json(folder: RunFolder) -> str:
    """Return everything that the folder holds, without secrets; no NaN, as no record has one."""
    record = {
        "run": folder.path.name,
        "comparisons": [to_record(comparison) for comparison in comparisons_of(folder)],
        "recorded": recorded_record(read_energy(folder.path)),
        "environments": folder.environments(),
    }
    scrub = scrubber()
    trials = ", ".join(
        record_text(trial) if isinstance(trial, RecordedTrial) else scrub(record_text(trial))
        for trial in folder.trials()
    )
    return indented(f'{scrub(json.dumps(record, allow_nan=False))[:-1]}, "trials": [{trials}]}}')


def _trial(trial: Trial) -> dict[str, Any]:
    spec = trial.spec
    return {
        "record": "trial", "id": spec.id, "stage": spec.task.split("/")[0], "task": spec.task,
        "method": spec.method, "kind": trial.kind, "source": spec.source, "size": spec.size,
        "seed": spec.seed, "backend": spec.backend, "shots": spec.shots, "status": trial.status,
        "metric": trial.metric,
        "quality": trial.quality, "seconds": trial.seconds, **energy_cells("energy", trial.host_energy),
        **energy_cells("simulation", trial.simulation_energy), "settings": settings_text(trial),
        "environment": trial.environment, "error": trial.error,
    }  # fmt: skip


def _stretch(row: StageEnergy) -> dict[str, Any]:
    return {
        "record": "recorded", "id": row.id, "part_of": row.part_of, "stage": row.stage, "label": row.label,
        "status": row.status, "started": row.started, "seconds": row.seconds,
        **energy_cells("energy", row.energy), "cpu_seconds": row.cpu_seconds,
        "counts": json.dumps(dict(row.counts)), "environment": row.environment, "error": row.error,
    }  # fmt: skip


def energy_cells(name: str, energy: Quantity | None) -> dict[str, Any]:
    """Return an energy as cells: joules, interval, basis, boundary, and why it is unknown."""
    if energy is None:
        return {}
    joules = energy.to("J")
    return {
        f"{name}_j": joules.value,
        f"{name}_low_j": joules.low,
        f"{name}_high_j": joules.high,
        f"{name}_basis": joules.basis.value,
        f"{name}_boundary": joules.boundary.value if joules.boundary else None,
        f"{name}_unknown": None if joules.known else joules.reason,
    }
