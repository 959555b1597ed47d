"""LoRA that begins with given factors of each matrix, as PiSSA does with the principal ones."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.lora import LoraFamily
from qwatt.stages.tuning.adapt.peft_adapter import PeftAdapter
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_NAME = "default"
"""What peft calls an adapter that was given no name."""


@dataclass(frozen=True)
class Factors:
    """A matrix is about left @ right.T.

    Args:
        left: shape (rows, rank).
        right: shape (columns, rank).
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]


class BegunWith(PeftAdapter):
    """LoRA whose A and B are given, and taken out of the frozen matrices: the decoder begins unchanged.

    Args:
        setup: the decoder and its sizes.
        config: of LoRA, with alpha = rank.
        factors: one for each matrix, in the order of the decoder's.
        facts: what is worth telling of them.
    """

    def __init__(self, setup: Setup, config: Any, factors: list[Factors], facts: dict[str, Any]) -> None:
        super().__init__(setup.pretrained, config)
        self._facts = facts
        with torch.no_grad():
            for matrix, own in zip(setup.pretrained.matrices, factors, strict=True):
                part = self._model.get_submodule(matrix.name)
                up, down = torch.from_numpy(own.left).float(), torch.from_numpy(own.right.T).float()
                part.lora_B[_NAME].weight.copy_(up)
                part.lora_A[_NAME].weight.copy_(down)
                taken = up @ down
                part.get_base_layer().weight -= taken.T if matrix.flipped else taken

    @property
    def facts(self) -> dict[str, Any]:
        """What was told of the factors."""
        return self._facts


class PrincipalMethod(LoraFamily):
    """Base of the methods that find factors of their own; one gives `factors`."""

    scale = 1.0

    @abstractmethod
    def factors(self, setup: Setup, context: Context) -> tuple[list[Factors], dict[str, Any]]:
        """Return factors of every matrix, and what is worth telling of them."""

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Put LoRA with these factors into the decoder."""
        found, facts = self.factors(setup, context)
        options = {"target_modules": [matrix.name for matrix in setup.pretrained.matrices]}
        return BegunWith(setup, self.config(options, setup), found, facts)


def balanced(left: Any, values: Any, right: Any) -> Factors:
    """Return factors that share the singular values evenly."""
    roots = np.sqrt(np.asarray(values, dtype=np.float64))
    return Factors(np.asarray(left) * roots, np.asarray(right) * roots)
