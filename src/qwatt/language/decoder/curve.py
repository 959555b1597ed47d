"""Loss against joules along training, from which the energy to any target can be read off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from qwatt.core.quantity import Quantity


class CurvePoint(NamedTuple):
    """Where training stood after so many tokens.

    Args:
        tokens: tokens trained on.
        joules: energy of training up to here, evaluations left out.
        loss: held-back nats per token.
    """

    tokens: int
    joules: Quantity
    loss: float


@dataclass(frozen=True)
class Curve:
    """The points of one training, in order."""

    points: tuple[CurvePoint, ...] = ()

    def energy_to(self, loss: float) -> Quantity:
        """Return the joules at the first point that reaches a held-back loss; unknown where none does.

        The rate of training falls to 0 at the end of its own budget: a target that an early point misses may
        be cheaper to reach by a shorter training than this curve says, never dearer.
        """
        for point in self.points:
            if point.loss <= loss:
                return point.joules
        best = min((point.loss for point in self.points), default=None)
        reached = "nothing was trained" if best is None else f"the best loss was {best:.4f} nats per token"
        return Quantity.unknown(f"{loss:.4f} nats per token was not reached: {reached}")

    def to_record(self) -> list[dict[str, Any]]:
        """Return the JSON form."""
        return [{"tokens": p.tokens, "joules": p.joules.to_record(), "loss": p.loss} for p in self.points]

    @classmethod
    def from_record(cls, record: list[Mapping[str, Any]]) -> Curve:
        """Rebuild a curve from `to_record`'s form."""
        return cls(
            tuple(CurvePoint(p["tokens"], Quantity.from_record(p["joules"]), p["loss"]) for p in record)
        )
