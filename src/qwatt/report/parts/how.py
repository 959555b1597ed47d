"""How it was done: bases, colours, futures, machine, what was left out, and how to repeat it."""

from __future__ import annotations

from typing import Any

from qwatt.report.marks import BASES
from qwatt.report.part import Part, fill
from qwatt.report.projection.details import details, how
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
    assumptions, name = subject.record["assumptions"], subject.record["scenario"]
    run = "" if subject.folder is None else f" --run {subject.folder.path.name}"
    command = f"qwatt project {name}{run} --draws {assumptions['draws']} --seed {assumptions['seed']}"
    return {"futures": how(assumptions), "details": details(subject.projection), "command": command}
