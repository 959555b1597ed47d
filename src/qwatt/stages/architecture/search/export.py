"""What a user takes away: the best settings as TOML, and every training that was made."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import ArtifactCard
from qwatt.data.cells import to_csv
from qwatt.stages.architecture.search.problem import TASK, SearchAnswer, SearchProblem

FOUND = ("share", "loss", "energy_j", "error")


def write_settings(problem: SearchProblem, answer: SearchAnswer, folder: Path) -> list[Path]:
    """Write `best.toml`, `trainings.csv` and the artifact's card."""
    import tomli_w

    folder.mkdir(parents=True, exist_ok=True)
    best, trainings = folder / "best.toml", folder / "trainings.csv"
    found = {"loss": answer.loss} | ({} if answer.held_back is None else {"held_back": answer.held_back})
    best.write_text(tomli_w.dumps({"settings": _plain(answer.settings), "found": found}), "utf-8")
    names = problem.space.names
    columns = [*names, *(_free(name, names) for name in FOUND)]
    rows = [
        problem.space.settings(one.point)
        | {
            _free("share", names): problem.objective.rungs[one.rung],
            _free("loss", names): one.loss,
            _free("energy_j", names): one.energy_j,
            _free("error", names): one.error,
        }
        for one in answer.tried
    ]
    trainings.write_text(to_csv(columns, rows), "utf-8", errors="backslashreplace")
    return [best, trainings, ArtifactCard(TASK, folder.name).write(folder)]


def _free(name: str, taken: tuple[str, ...]) -> str:
    """Return a column's name that is no choice's."""
    while name in taken:
        name += "_found"
    return name


def _plain(settings: dict[str, object]) -> dict[str, object]:
    """Return values that TOML has; what it has not is written as text."""
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in settings.items()
    }
