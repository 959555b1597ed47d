"""Loss against joules along training, from which the energy to any target can be read off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from qwatt.core.quantity import Quantity


class Judged(Protocol):
    """A point of any curve; its loss is None where it was not looked at."""

    @property
    def loss(self) -> float | None: ...  # noqa: D102


P = TypeVar("P", bound=Judged)


def first_reaching(points: Iterable[P], target: float) -> P | None:
    """Return the first point whose loss is not above a target; None where there is none."""
    return next((point for point in points if point.loss is not None and point.loss <= target), None)


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
        if (point := first_reaching(self.points, loss)) is not None:
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
