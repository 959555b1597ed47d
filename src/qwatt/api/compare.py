"""Judge one run against another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.api.figure import Figure, first_of
from qwatt.api.result import Result, Row
from qwatt.api.run import Run
from qwatt.core.headline import counted
from qwatt.core.run_folder import RunFolder

if TYPE_CHECKING:
    from qwatt.core.quantity import Quantity
    from qwatt.report.two_runs.compared import TwoRuns
    from qwatt.report.two_runs.methods import MethodPair


@dataclass(frozen=True, repr=False)
class RunComparison(Result):
    """Two runs, the second judged against the first.

    Args:
        found: what changed, every method, recorded energy, what one has alone.
    """

    found: TwoRuns

    @property
    def title(self) -> str:
        """Return the folders, how much changed, and how many methods are worse."""
        outcomes = [pair.judgement.outcome.value for pair in self.found.methods]
        words = ", ".join(f"{outcomes.count(word)} {word}" for word in dict.fromkeys(outcomes))
        changed = counted(len(self.found.changes), "change")
        return f"{self.found.second} against {self.found.first}: {changed}; {words or 'no method in common'}"

    def rows(self) -> Sequence[Row]:
        """Return a row a method: quality and joules before and after, and the paired test of both."""
        return [_row(pair) for pair in self.found.methods]

    def changes(self) -> Sequence[Row]:
        """Return a row a change: what, name, before, after."""
        return [change.to_record() for change in self.found.changes]

    def figure(self) -> Figure | None:
        """Return the picture of the ratios of joules."""
        from qwatt.report.gallery.figure import Figure as Drawn
        from qwatt.report.two_runs.figure import ratios_picture

        picture = ratios_picture(self.found.methods)
        names = f"{self.found.first.name} and {self.found.second.name}"
        title = "Joules of the second run over the first's, seed by seed"
        known = {q.basis.value for pair in self.found.methods for q in pair.energy if q is not None}
        basis = f"measured here: {', '.join(sorted(known))}; bars of 95 % over seeds"
        drawn = Drawn("joules-of-two-runs", title, basis, f"runs {names}", picture)
        return first_of([drawn], drawn.name) if picture else None

    def to_dict(self) -> dict[str, Any]:
        """Return what `qwatt compare --json` prints."""
        return self.found.to_record()


def compare(first: str | PathLike[str] | Run, second: str | PathLike[str] | Run) -> RunComparison:
    """Say what changed between two runs, and whether the second is worse, as `qwatt compare` does.

    Qualities and joules are paired by seed and judged by the protocol's exact test; where data or size
    differ, nothing is paired, and it is said.

    Args:
        first, second: run folders; the second is judged against the first.

    Raises:
        QwattError: a folder holds no run, or a damaged one.
    """
    from qwatt.report.two_runs.compared import compare_runs

    return RunComparison(compare_runs(_folder(first), _folder(second)))


def _folder(run: str | PathLike[str] | Run) -> RunFolder:
    return RunFolder.open(run.path if isinstance(run, Run) else Path(run))


def _row(pair: MethodPair) -> dict[str, Any]:
    low, middle, high = pair.judgement.difference or (None, None, None)
    ratio = pair.ratio or (None, None, None)
    record = pair.to_record()
    return {
        "task": pair.task, "method": pair.method, "kind": pair.kind, "seeds": len(pair.seeds),
        "metric": pair.metric, "quality_before": pair.quality[0], "quality_after": pair.quality[1],
        "difference": middle, "difference_low": low, "difference_high": high,
        "outcome": record["outcome"], "more_seeds": pair.judgement.more_seeds,
        "joules_before": _joules(pair.energy[0]), "joules_after": _joules(pair.energy[1]),
        "ratio": ratio[1], "ratio_low": ratio[0], "ratio_high": ratio[2], "joules": record["joules"],
        "remarks": "; ".join(filter(None, [pair.judgement.reason, *pair.remarks])),
    }  # fmt: skip


def _joules(energy: Quantity | None) -> float | None:
    return None if energy is None or not energy.known else energy.to("J").value
