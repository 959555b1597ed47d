"""Keep vectors in a form from which their inner products with queries can be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.size import rung_of
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.data.rows import write_jsonl
from qwatt.stages.encoding.load.problem import TASK, LoadAnswer, LoadProblem
from qwatt.stages.encoding.load.reuse import energy_by_uses
from qwatt.stages.encoding.load.score import NEIGHBOURS, held_back_quality, validation_quality
from qwatt.stages.encoding.load.sources import load_problem

ASKED = 0.95
"""The quality from which bytes are compared."""


@task
class LoadTask(Task[LoadProblem, LoadAnswer]):
    """Encode vectors for inner products; the default source is embedded film-review snippets.

    Vectors are given: what embedding a text takes is every method's alike, and outside the unit.
    """

    name = TASK
    functional_unit = (
        "Encode unit vectors once and answer queries by their inner products with all of them, with a root "
        "mean squared error of at most 0.02 and a recall@10 of at least 0.95."
    )
    metric = "recall@10 at RMSE 0.02"
    margin = 0.05
    sizes: ClassVar[dict[str, dict[str, int]]] = {
        "xs": {"vectors": 48, "queries": 4, "dimensions": 16},
        "s": {"vectors": 1_000, "queries": 20, "dimensions": 384},
        "m": {"vectors": 4_000, "queries": 50, "dimensions": 384},
        "full": {"vectors": 1_000_000, "queries": 100, "dimensions": 384},
    }
    encoders: ClassVar[dict[str, str]] = {"xs": "hashed:16"}
    default_source = "vader"

    def load(self, source: str, size: str, seed: int) -> LoadProblem:
        """Return the vectors of a rung, or all of a user's; texts are embedded here, outside the unit."""
        return load_problem(source, size, self.rung(size), self.encoders.get(rung_of(size), "minilm"), seed)

    def validate(self, problem: LoadProblem, solution: Solution[LoadAnswer]) -> Quality:
        """Score the validation queries; good enough and little to read is better than better."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: LoadProblem, solution: Solution[LoadAnswer]) -> Quality:
        """Score the held-back queries."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: LoadProblem, solution: Solution[LoadAnswer], folder: Path) -> list[Path]:
        """Write the code, and for every held-back query the nearest vectors that it found."""
        files = solution.answer.code.save(folder)
        found, nearest = solution.answer.test, folder / "nearest.jsonl"
        if found is not None:
            rows = ({"nearest": _nearest(problem, row)} for row in found)
            write_jsonl(nearest, rows)
            files.append(nearest)
        return files

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how well neighbours are found, at what error and in how many bytes a vector."""
        found = trial.extras
        if not {"recall_at_10", "rmse", "bytes_per_vector"} <= found.keys():
            return super().headline(trial, artifact)
        first = f"recall@10 {found['recall_at_10']:.3g} at a root mean squared error of {found['rmse']:.2g}"
        written = () if artifact is None else (f"code: {artifact}",)
        return Headline((first, f"{found['bytes_per_vector']:,.0f} bytes a vector", *written))

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the bytes of a vector over those of its numbers in 32 bits, where the recall is reached."""
        found = [t for t in trials if t.done and t.quality is not None and t.quality >= ASKED]
        if not found:
            why = f"no seed reaches {self.metric} of {ASKED:g}"
            return Effect.unknown(why, EffectKind.STORED_BYTES)
        left = [1.0 / t.extras["compression"] for t in found if "compression" in t.extras]
        return Effect.of_ratios(EffectKind.STORED_BYTES, left, "numbers of 32 bits")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return joules per inner product by uses of an encoded vector, and of look-ups the fidelity."""
        found = {"j_per_similarity_by_uses": energy_by_uses(trial)}
        return found | {name: trial.extras[name] for name in ("noisy_query",) if name in trial.extras}


def _nearest(problem: LoadProblem, row: Any) -> list[dict[str, Any]]:
    best = (-row).argsort(kind="stable")[:NEIGHBOURS]
    return [{"id": problem.ids[i], "similarity": float(row[i])} for i in best]
