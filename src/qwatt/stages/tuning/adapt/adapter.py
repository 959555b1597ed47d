"""Something trainable that changes a decoder's matrices, and in the end merges into them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Adapter(ABC):
    """What a method puts into a decoder; it is inside when it is made."""

    @abstractmethod
    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what is trained."""

    @abstractmethod
    def merge(self) -> None:
        """Leave a plain decoder whose matrices hold the change."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is worth telling of it; plain values."""
        return {}
