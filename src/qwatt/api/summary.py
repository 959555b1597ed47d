"""What `qwatt run --json` says of each task: its best method, how that was judged, and what it made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt.api.run import Run
    from qwatt.core.comparison import Comparison
    from qwatt.core.run_folder import RunFolder
    from qwatt.core.trial import Trial


def run_record(run: Run) -> dict[str, Any]:
    """Return what `qwatt run --json` prints; what only its own call can know is left out of an opened run."""
    from qwatt.core.run_folder import RunFolder

    summary = run.summary
    tasks = summarise(RunFolder(run.path))
    if summary is None:
        done = [trial for trial in run.trials if trial.done]
        numbers = {"trials": len(run.trials), "done": len(done), "failed": len(run.failed)}
        return {"run": str(run.path)} | numbers | {"errors": _errors(run.failed), "summary": tasks}
    return {
        "run": str(summary.folder),
        "trials": summary.trials + len(summary.failed),
        "done": summary.trials,
        "failed": len(summary.failed),
        "seconds": round(summary.seconds, 3),
        "skipped": summary.skipped,
        "repaired": summary.repaired,
        "remarks": summary.remarks,
        "notes": summary.notes,
        "artifacts": {task: str(file) for task, file in summary.artifacts.items()},
        "errors": _errors(summary.failed),
        "summary": tasks,
    }


def _errors(failed: Sequence[Trial]) -> list[dict[str, Any]]:
    return [
        {"task": t.spec.task, "method": t.spec.method, "seed": t.spec.seed, "error": t.error} for t in failed
    ]


def _of_an_earlier_version(trial: Trial, missing: str) -> dict[str, Any]:
    return {"not_recorded": missing.strip("'")}


def summarise(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """Return by task the best method's facts; a task that appears again also names its source and size."""
    from qwatt.report import comparisons_of

    found: dict[str, dict[str, Any]] = {}
    for comparison in comparisons_of(folder):
        again = f"{comparison.task} on {comparison.source}, size {comparison.size}"
        found[again if comparison.task in found else comparison.task] = _facts(comparison)
    return found


def _facts(comparison: Comparison) -> dict[str, Any]:
    from dataclasses import asdict

    from qwatt.core.registry import get_task
    from qwatt.core.telling import told
    from qwatt.report.result import best_of

    facts: dict[str, Any] = {"source": comparison.source, "size": comparison.size, "method": None}
    best = best_of(comparison)
    if best is None:
        return facts
    row = next(row for row in comparison.rows if any(t is best for t in row.trials))
    facts |= {"method": row.method, "kind": row.kind, "metric": comparison.metric}
    facts |= {"quality": row.quality[1] if row.quality else None} | asdict(row.judgement)
    facts["artifact"] = best.artifacts[0] if best.artifacts else None
    return facts | dict(told(get_task(comparison.task).summary, best, _of_an_earlier_version))
