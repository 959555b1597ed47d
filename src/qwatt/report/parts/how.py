"""How it was done: bases, colours, futures, machine, what was left out, and how to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qwatt.core.run_folder import RunFolder
from qwatt.projection.scenario.file import all_scenarios
from qwatt.projection.scenario.model import Scenario
from qwatt.report.marks import BASES
from qwatt.report.part import Part, fill
from qwatt.report.projection.details import details, how
from qwatt.report.projection.stages import recorded_stages
from qwatt.report.subject import Subject

KINDS = {
    "classical": "runs on ordinary processors",
    "quantum": "needs a quantum computer",
    "inspired": "classical, after a quantum idea",
    "control": "checks that a gain has the stated cause",
}


def part(subject: Subject) -> Part:
    """Return the method behind the page."""
    return Part(
        "how", "Method", fill("how", bases=BASES, kinds=KINDS, **_run(subject), **_projection(subject))
    )


def _run(subject: Subject) -> dict[str, Any]:
    folder = subject.folder
    if folder is None:
        return {"study": "", "machines": [], "left_out": []}
    study = folder.path / "study.toml"  # none where nothing but recorded energy is
    return {
        "study": study.read_text(encoding="utf-8") if study.is_file() else "",
        "machines": [_machine(facts) for facts in folder.environments().values()],
        "left_out": list(dict.fromkeys(text for t in folder.trials() for text in t.data)),
    }


def _machine(facts: Any) -> dict[str, Any]:
    """Return what is known of a machine; a damaged record of it is no reason to have no report."""
    known = facts if isinstance(facts, dict) else {}
    found = {name: known.get(name, "unknown") for name in ("cpu", "cores", "memory_gb", "system", "python")}
    packages = known.get("packages")
    return found | {
        "commit": known.get("commit"),
        "packages": packages if isinstance(packages, dict) else {},
    }


def _projection(subject: Subject) -> dict[str, Any]:
    if subject.projection is None or subject.record is None:
        return {"futures": "", "details": [], "command": ""}
    assumptions = subject.record["assumptions"]
    return {
        "futures": how(assumptions),
        "details": details(subject.projection),
        "command": _command(subject.projection.scenario, subject.record, subject.folder),
    }


def _command(scenario: Scenario, record: Mapping[str, Any], folder: RunFolder | None) -> str:
    """Return what repeats a projection; RUN stands for a run folder that the page does not know."""
    assumptions = record["assumptions"]
    measured = assumptions["anchors"] or recorded_stages(record)
    run = folder.path.name if folder is not None else "RUN" if measured else None
    words = ["qwatt project", scenario.id if _shipped(scenario) else f"{scenario.id}.toml"]
    words += [] if run is None else [f"--run {run}"]
    words += ["--free-qpu"] if assumptions["free_qpu"] else []
    return " ".join([*words, f"--draws {assumptions['draws']} --seed {assumptions['seed']}"])


def _shipped(scenario: Scenario) -> bool:
    """Return whether qwatt has this scenario under its name, which a user's changed copy may have too."""
    shipped, drawn = all_scenarios().get(scenario.id), {"outlook": {"draws", "seed"}}
    return shipped is not None and shipped.model_dump(exclude=drawn) == scenario.model_dump(exclude=drawn)
