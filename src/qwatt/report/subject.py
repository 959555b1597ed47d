"""What a page is about: a run, a projection, or a run and the projection of what it measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qwatt.core.comparison import Comparison
from qwatt.core.run_folder import RunFolder
from qwatt.report.result import Result, results_of

if TYPE_CHECKING:
    from qwatt.projection.project import Projection
    from qwatt.report.gallery.figure import Figure

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What the parts of a page read; a part that finds nothing of its own in it is left out.

    Args:
        name: of the run or of the scenario.
        folder: the run, None where there is none.
        comparisons: of its study, a task each.
        others: what its folder holds besides.
        projection: None where the study names no scenario.
    """

    name: str
    folder: RunFolder | None = None
    comparisons: Sequence[Comparison] = ()
    others: Sequence[str] = ()
    projection: Projection | None = None

    @property
    def title(self) -> str:
        """What the page's head says it is about."""
        life = "" if self.projection is None else self.projection.scenario.name
        return life if self.folder is None else f"run {self.name}" + (f" · {life}" if life else "")

    @cached_property
    def record(self) -> Record | None:
        """The projection in its JSON form, which projection.json beside the page holds too."""
        return None if self.projection is None else self.projection.to_record()

    @cached_property
    def results(self) -> list[Result]:
        """What the run found, a task each."""
        return results_of(self.comparisons)

    @cached_property
    def figures(self) -> list[Figure]:
        """Every figure of the page that can be had as a file of its own."""
        from qwatt.report.gallery.of_projection import projection_figures
        from qwatt.report.gallery.of_run import run_figures

        of_run = [] if self.folder is None else run_figures(self.folder, self.comparisons)
        return of_run + ([] if self.projection is None else projection_figures(self.projection))

    @cached_property
    def anchors(self) -> dict[int, str]:
        """Anchors of the measured tasks by `id` of their comparison; a task may stand there several times."""
        found: dict[int, str] = {}
        for comparison in self.comparisons:
            plain = "task-" + comparison.task.replace("/", "-")
            again = sum(one == plain or one.startswith(f"{plain}-again") for one in found.values())
            found[id(comparison)] = f"{plain}-again-{again}" if again else plain
        return found

    def anchor(self, task: str) -> str | None:
        """Return the anchor of a task's first measured part, None where the run has no such task."""
        return next((self.anchors[id(c)] for c in self.comparisons if c.task == task), None)
