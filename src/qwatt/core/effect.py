"""What a solution changes downstream, in terms of a model's life: measured, or unknown with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Self

from qwatt.core.errors import QwattError
from qwatt.core.statistics import bootstrap_interval
from qwatt.core.trial import Trial


class EffectKind(StrEnum):
    """What a solution takes less of."""

    TRAINING_TOKENS = "training_tokens"
    TOKENS_TO_TARGET = "tokens_to_target"
    SEARCH_TRAININGS = "search_trainings"
    TOKENS_OF_A_TEXT = "tokens_of_a_text"
    WEIGHTS = "weights"
    WEIGHT_BITS = "weight_bits"
    TUNING_ENERGY = "tuning_energy"
    RETRAININGS = "retrainings"
    STORED_BYTES = "stored_bytes"

    @property
    def meaning(self) -> str:
        """What is counted, at which equality."""
        return _MEANINGS[self]


_MEANINGS = {
    EffectKind.TRAINING_TOKENS: "training tokens, at equal downstream loss",
    EffectKind.TOKENS_TO_TARGET: "training tokens to a target loss",
    EffectKind.SEARCH_TRAININGS: "trainings of a search, at equal loss of what it finds",
    EffectKind.TOKENS_OF_A_TEXT: "tokens that the same text takes, at equal bits per character",
    EffectKind.WEIGHTS: "weights of the served model, at equal loss",
    EffectKind.WEIGHT_BITS: "bits of a served weight, at equal loss",
    EffectKind.TUNING_ENERGY: "joules of a fine-tune to the same loss",
    EffectKind.RETRAININGS: "planned retrainings, at equal quality in service",
    EffectKind.STORED_BYTES: "stored bytes, at equal recall",
}

Ratio = tuple[float, float, float]
"""Low, value, high."""


@dataclass(frozen=True)
class Effect:
    """How much of something is left after a solution, over what there was without it.

    Args:
        kind: what is counted; None where the task changes nothing that the life counts.
        remaining: (low, value, high) of what is left over what there was; above 1 where the solution takes
            more. None when unknown.
        seeds: how many seeds it was measured on.
        reason: why it is unknown, or against what it was measured.
        found: the share of what could have been left out that was; it tells methods apart where how much
            there is depends on the data. None where it was not measured.

    Raises:
        QwattError: unknown without a reason, or a ratio that is not positive or not in order.
    """

    kind: EffectKind | None
    remaining: Ratio | None = None
    seeds: int = 0
    reason: str = ""
    found: float | None = None

    def __post_init__(self) -> None:
        if self.remaining is None:
            if not self.reason:
                raise QwattError("an unknown effect needs a reason", where="effect")
        elif not 0 < self.remaining[0] <= self.remaining[1] <= self.remaining[2]:
            raise QwattError(f"an effect leaves {self.remaining}: not positive, or not in order")

    @classmethod
    def unknown(cls, reason: str, kind: EffectKind | None = None) -> Self:
        """Return an effect that was not measured, or that does not exist."""
        return cls(kind, None, 0, reason)

    @classmethod
    def of_ratios(cls, kind: EffectKind, ratios: Sequence[float], against: str) -> Self:
        """Return the median of ratios by seed, what is left over what there was, with its interval.

        Args:
            kind: what is counted.
            ratios: one a seed, each above 0.
            against: the reference, in words.
        """
        if not ratios:
            return cls.unknown(f"no seed finished beside {against}", kind)
        low, value, high = bootstrap_interval(ratios)
        return cls(kind, (low, value, high), len(ratios), f"against {against}")

    @classmethod
    def where_kept(
        cls,
        kind: EffectKind,
        losses: Sequence[float],
        allowed: tuple[float, str],
        ratios: Sequence[float],
        against: str,
    ) -> Self:
        """Return the median of ratios if the median loss of quality is allowed, else that it is not.

        Args:
            kind: what is counted.
            losses: by seed how much quality is lost, negative where some is gained.
            allowed: the most that may be lost, and its unit in words.
            ratios: one a seed.
            against: the reference, in words.
        """
        most, unit = allowed
        if not losses or median(losses) > most:
            lost = f"{median(losses):.2g} {unit} are lost" if losses else "no seed finished"
            return cls.unknown(f"{lost}; {most:g} are allowed", kind)
        return cls.of_ratios(kind, ratios, against)

    @property
    def known(self) -> bool:
        """Whether it was measured."""
        return self.remaining is not None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Rebuild an effect from its JSON form."""
        kind, left = record["kind"], record["remaining"]
        return cls(
            None if kind is None else EffectKind(kind),
            None if left is None else (left[0], left[1], left[2]),
            int(record["seeds"]),
            str(record["reason"]),
            record.get("found"),
        )


def paired_ratios(
    trials: Sequence[Trial], reference: Sequence[Trial], amount: Callable[[Trial], float | None]
) -> list[float]:
    """Return a trial's amount over the reference's of the same seed, where both are known and positive."""
    known = {t.spec.seed: amount(t) for t in reference if t.done}
    pairs = [(amount(t), known.get(t.spec.seed)) for t in trials if t.done]
    return [mine / theirs for mine, theirs in pairs if mine and theirs and mine > 0 and theirs > 0]
