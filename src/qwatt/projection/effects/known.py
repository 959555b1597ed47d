"""The effect of a method: by a run's trials, else by the shipped reference trials, else by the catalogue."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.effect import Effect, EffectKind
from qwatt.core.registry import all_tasks
from qwatt.core.trial import Trial
from qwatt.projection.catalogued.find import tables
from qwatt.projection.spread import Span

REFERENCE_FILE = catalogue.FOLDER / "effects_reference.json"
"""Effects measured by `make reference-effects`, with machine and date."""


class EffectBasis(StrEnum):
    """Where an effect is from, strongest first."""

    MEASURED = "measured"
    REFERENCE = "reference"
    PUBLISHED = "published"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class LeverEffect:
    """What a method takes less of.

    Args:
        kind: what is counted.
        remaining: what is left over what there was.
        factor: a further share that the effect holds for, which no trial measures; 1 where there is none.
        of_raw_corpus: whether it is what brings the scenario's raw tokens down to those of the training.
        scale: what the method finds over what the task's best does, as reference trials measured it.
        basis: where `remaining` is from.
        source: who says so, and how far it reaches.
    """

    kind: EffectKind
    remaining: Span
    factor: Span
    basis: EffectBasis
    source: str
    scale: float = 1.0
    of_raw_corpus: bool = False

    @property
    def assumed_share(self) -> float:
        """The part of the saving that rests on assumptions: what is gone where these take their low ends.

        1 where what is left is itself assumed.
        """
        if self.basis is EffectBasis.ASSUMED:
            return 1.0
        return 1.0 - self.factor.low / self.factor.value if self.factor.value > 0 else 0.0


Measurements = Mapping[tuple[str, str], Effect]
"""Effects by task and method."""


@dataclass(frozen=True)
class MeasuredEffect:
    """The effect of a method as the trials of one source and size measured it."""

    task: str
    method: str
    source: str
    size: str
    trials: int
    effect: Effect

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain = {name: getattr(self, name) for name in ("task", "method", "source", "size", "trials")}
        return plain | {"effect": self.effect.to_record()}


def effects_of_trials(trials: Sequence[Trial]) -> list[MeasuredEffect]:
    """Return the effects that trials measured, by task, source, size and method in order of appearance."""
    if not trials:
        return []  # tasks need not be loaded
    tasks = {name: cls() for name, cls in all_tasks().items()}
    groups: dict[tuple[str, ...], dict[str, list[Trial]]] = {}
    for trial in trials:
        spec, exact = trial.spec, trial.kind == "quantum" and trial.spec.shots is None
        if trial.done and spec.task in tasks and not exact:
            group = groups.setdefault((spec.task, spec.source, spec.size, spec.backend), defaultdict(list))
            group[spec.method].append(trial)
    return [
        MeasuredEffect(key[0], method, key[1], key[2], len(own), tasks[key[0]].effect(own, methods))
        for key, methods in groups.items()
        for method, own in methods.items()
    ]


def measured_effects(trials: Sequence[Trial]) -> dict[tuple[str, str], Effect]:
    """Return the effects of a run's methods, of the last size and source that were run of each task."""
    return {(found.task, found.method): found.effect for found in effects_of_trials(trials)}


def effect_of(task: str, method: str, run: Measurements) -> LeverEffect | str:
    """Return a method's effect, or why it has none.

    A run's own word counts, also where it is that the effect is unknown. Reference trials count where they
    measured an effect that carries to other data and larger models; else the catalogue's value for the task
    does, scaled by what reference trials say of the method beside the task's best.
    """
    prior = _priors().get(task)
    if (own := run.get((task, method))) is not None:
        return _of_trials(own, prior, EffectBasis.MEASURED, f"{own.seeds} seeds of the run, {own.reason}")
    shipped = reference().get((task, method))
    if shipped is not None and shipped.known and (prior is None or prior["carries"]):
        return _of_trials(shipped, prior, EffectBasis.REFERENCE, f"{shipped.seeds} seeds, {shipped.reason}")
    if prior is None:
        return "no effect on the life is known of this task" if shipped is None else shipped.reason
    if method not in prior["methods"]:
        return "no trial has measured its effect" if shipped is None else shipped.reason
    doubt = "" if shipped is None else f"; reference trials: {_said(shipped)}"
    return LeverEffect(
        EffectKind(prior["kind"]),
        Span.of(prior["remaining"], "1"),
        _factor(prior),
        EffectBasis(prior["basis"]),
        prior["remaining"]["source"] + doubt,
        _beside_best(task, method),
        bool(prior.get("of_raw_corpus", False)),
    )


def contained(task: str) -> bool:
    """Return whether a task's own work is what its stage's energy consists of."""
    return bool(_priors().get(task, {}).get("contained", False))


def apply_work(task: str) -> tuple[float, Span] | None:
    """Return (FLOP per parameter and token, tokens) of carrying out a task's solution; None for nothing."""
    work = _priors().get(task, {}).get("apply")
    return None if work is None else (float(work["flop"]), Span.of(work["tokens"], "1"))


def _of_trials(
    effect: Effect, prior: Mapping[str, Any] | None, basis: EffectBasis, source: str
) -> LeverEffect | str:
    if effect.remaining is None or effect.kind is None:
        return effect.reason
    low, value, high = effect.remaining
    table: Mapping[str, Any] = prior if prior is not None and prior["kind"] == effect.kind else {}
    raw = bool(table.get("of_raw_corpus", False))
    return LeverEffect(effect.kind, Span(value, low, high), _factor(table), basis, source, of_raw_corpus=raw)


def _beside_best(task: str, method: str) -> float:
    """Return what a method finds over what the task's best finds, in reference trials; else 1."""
    found = {name: e.found for (of, name), e in reference().items() if of == task and e.found is not None}
    best = max(found.values(), default=0.0)
    return found[method] / best if best > 0 and method in found else 1.0


def _said(effect: Effect) -> str:
    """Return what small trials measured of an effect that does not carry to the user's model, or why not."""
    if effect.remaining is None:
        return effect.reason
    return f"{effect.remaining[1]:.0%} left on small data and a small model, {effect.reason}"


def _factor(prior: Mapping[str, Any]) -> Span:
    return Span.of(prior["factor"], "1") if "factor" in prior else Span.given(1.0)


@cache
def _priors() -> Mapping[str, Mapping[str, Any]]:
    return {name: table for name, table in tables("effects").items() if "/" in name}


@cache
def reference() -> Measurements:
    """Return the shipped effects; none where the file was never made."""
    entries: Iterable[Mapping[str, Any]] = reference_record().get("effects", ())
    return {(e["task"], e["method"]): Effect.from_record(e["effect"]) for e in entries}


@cache
def reference_record() -> Mapping[str, Any]:
    """Return the shipped file: machine, date, and the effects; empty where it was never made."""
    if not REFERENCE_FILE.is_file():
        return {}
    found: dict[str, Any] = json.loads(REFERENCE_FILE.read_text(encoding="utf-8"))
    return found
