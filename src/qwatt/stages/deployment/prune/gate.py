"""Multiplies what heads, channels or blocks give by a mask, without changing a weight; differentiable.

What a block gives is its change of what enters it: a block under 0 lets that through as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.anatomy import blocks_of, layout_of, part_of
from qwatt.stages.deployment.prune.problem import BLOCKS, FFN, HEADS, Mask
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


class Gate:
    """A mask on a model.

    Args:
        model: a decoder built like Llama or an encoder built like BERT; it stays as it is.
        units: what each number of the mask stands for.
        mask: the mask, shape (units,); all ones when None.

    Attributes:
        values: the mask, shape (units,) or (windows, units), of any real numbers.
    """

    def __init__(self, model: Any, units: Units, mask: Mask | None = None) -> None:
        self.model, self.units = model, units
        start = np.ones(len(units)) if mask is None else mask
        self.values: torch.Tensor = torch.from_numpy(start.astype(np.float32))

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let the mask act on every forward pass for as long as the context lasts."""
        layout = layout_of(self.model)
        with ExitStack() as hooks:
            for number, block in enumerate(blocks_of(self.model)):
                for kind, name in ((HEADS, layout.attended), (FFN, layout.fed)):
                    if (owners := self._owners(kind, number)) is not None:
                        entering = self._enter(owners)
                        hooks.callback(part_of(block, name).register_forward_pre_hook(entering).remove)
                if (owner := self._owner(number)) is not None:
                    hooks.callback(block.register_forward_hook(self._leave(owner)).remove)
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
        def multiply(_: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
            factors, entered = self.values[..., owner], inputs[0]
            change = output - entered
            return entered + change * (factors if factors.ndim == 0 else factors[:, None, None])

        return multiply
