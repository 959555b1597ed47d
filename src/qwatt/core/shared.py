"""Work that several methods share, such as embedding the text: done once, charged to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from qwatt.core.quantity import Quantity

T = TypeVar("T")


@dataclass(frozen=True)
class Shared(Generic[T]):
    """A result and what it cost when it was made, now or earlier.

    Args:
        value: the result.
        energy: joules that making it took, or unknown with the reason.
        seconds: wall time of it.
        note: when and how that was measured.
    """

    value: T
    energy: Quantity
    seconds: float
    note: str
