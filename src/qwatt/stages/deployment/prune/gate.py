"""Multiplies what heads, channels or blocks give by a mask, without changing a weight; differentiable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.anatomy import blocks_of
from qwatt.stages.deployment.prune.units import BLOCKS, FFN, HEADS, Units

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


class Gate:
    """A mask on a decoder.

    Args:
        model: a decoder built like Llama; it stays as it is.
        units: what each number of the mask stands for.

    Attributes:
        values: the mask, shape (units,) or (windows, units), of any real numbers.
    """

    def __init__(self, model: Any, units: Units) -> None:
        self.model, self.units = model, units
        self.values: torch.Tensor = torch.ones(len(units))

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let the mask act on every forward pass for as long as the context lasts."""
        with ExitStack() as hooks:
            for number, block in enumerate(blocks_of(self.model)):
                for kind, matrix in ((HEADS, block.self_attn.o_proj), (FFN, block.mlp.down_proj)):
                    if (owners := self._owners(kind, number)) is not None:
                        hooks.callback(matrix.register_forward_pre_hook(self._enter(owners)).remove)
                    if (owner := self._owner(number)) is not None:
                        hooks.callback(matrix.register_forward_hook(self._leave(owner)).remove)
            yield

    def _owners(self, kind: str, block: int) -> torch.Tensor | None:
        """Return the unit that each input of a block's matrix belongs to, None where none does."""
        a = self.units.anatomy
        width, count = (a.head_width, a.heads) if kind == HEADS else (1, a.channels)
        found = np.full(count, -1)
        for number, unit in enumerate(self.units.units):
            if unit.kind == kind and unit.block == block:
                found[unit.members] = number
        return None if found[0] < 0 else torch.from_numpy(np.repeat(found, width))

    def _owner(self, block: int) -> int | None:
        """Return the unit that is the whole block."""
        numbered = enumerate(self.units.units)
        return next((i for i, unit in numbered if unit.kind == BLOCKS and unit.block == block), None)

    def _enter(self, owners: torch.Tensor) -> Callable[..., Any]:
        def multiply(_: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
            factors = self.values[..., owners]
            return (inputs[0] * (factors if factors.ndim == 1 else factors[:, None]),)

        return multiply

    def _leave(self, owner: int) -> Callable[..., Any]:
        def multiply(_: Any, __: Any, output: torch.Tensor) -> torch.Tensor:
            factors = self.values[..., owner]
            return output * (factors if factors.ndim == 0 else factors[:, None, None])

        return multiply
