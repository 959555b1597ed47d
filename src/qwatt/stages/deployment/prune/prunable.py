"""What can be pruned: a decoder or an encoder, behind one face."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from qwatt.language.model_choice import is_encoder
from qwatt.language.serving import Request, ServingCost
from qwatt.stages.deployment.prune.calibration import Calibration
from qwatt.stages.deployment.prune.problem import PruneProblem


@dataclass(frozen=True)
class Judged:
    """A pruned model on text.

    Args:
        loss: its loss.
        before: that of the whole model.
        tokens: that it was judged on.
        extras: further figures, by name.
    """

    loss: float
    before: float
    tokens: int
    extras: Mapping[str, Any] = field(default_factory=dict)


class Prunable(ABC):
    """A model, its tokenizer and what its quality is.

    Attributes:
        name: what it was asked for by.
        model: of transformers, in evaluation mode, fp32.
        digest: SHA-256 over its files.
        note: what a reader of its numbers must know; may be empty.
    """

    kind: ClassVar[str]
    """In a word."""
    loss_name: ClassVar[str]
    """What the loss is, in words."""
    auto_class: ClassVar[str]
    """Of transformers, which loads it."""
    name: str
    model: Any
    digest: str
    note: str = ""

    @property
    def parameters(self) -> int:
        """Number of weights, tied ones counted once."""
        return sum(weights.numel() for weights in self.model.parameters())

    @property
    @abstractmethod
    def multiplied(self) -> int:
        """Weights that a token meets."""

    @property
    @abstractmethod
    def logits(self) -> int:
        """Numbers that it gives of a token, beside its hidden state."""

    @abstractmethod
    def calibration(self, texts: Sequence[str], problem: PruneProblem) -> Calibration:
        """Return it on the calibration text.

        Raises:
            QwattError: too little text.
        """

    @abstractmethod
    def judged(self, model: Any, texts: tuple[str, ...], tokens: int) -> Judged:
        """Return what a pruned model is worth on text.

        Args:
            model: as this one's, smaller.
            texts: of the part.
            tokens: of them, at most.
        """

    @abstractmethod
    def request(self) -> Request:
        """Return the request that paybacks are counted by."""

    @abstractmethod
    def served(self, model: Any, texts: Sequence[str], sizes: tuple[int, int, int]) -> list[ServingCost]:
        """Return what both models take in service, this one first.

        Args:
            model: the pruned one.
            texts: to read.
            sizes: tokens to read, tokens to write, and rounds.
        """

    @abstractmethod
    def save(self, model: Any, folder: Path) -> None:
        """Write a folder that transformers loads."""


@lru_cache(maxsize=2)
def load_prunable(name: str) -> Prunable:
    """Return a decoder or an encoder by its name or folder.

    Raises:
        QwattError: there is none.
    """
    from qwatt.stages.deployment.prune.prunable_decoder import PrunableDecoder
    from qwatt.stages.deployment.prune.prunable_encoder import PrunableEncoder

    return PrunableEncoder(name) if is_encoder(name) else PrunableDecoder(name)
