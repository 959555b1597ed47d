"""How something trainable gets into a block: as a layer of its own, or inside the block's matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch

    from qwatt import torch as layers
else:
    torch, layers = lazy("torch"), lazy("qwatt.torch")

State = Mapping[str, NDArray[Any]]


class Graft(Protocol):
    """Something trainable that goes into a block."""

    @property
    def config(self) -> dict[str, Any]:
        """How it is built; plain values."""
        ...

    def inserted(self, model: Any, block: int, place: str) -> AbstractContextManager[None]:
        """Put it into a block for as long as the context lasts."""
        ...

    def trained(self) -> list[torch.nn.Parameter]:
        """Return what is trained; while it is inserted."""
        ...

    def training(self, on: bool) -> None:
        """Go into training or evaluation mode."""
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """Return its numbers by name; while it is inserted."""
        ...

    def load(self, state: State) -> None:
        """Take numbers that `state` returned; while it is inserted."""
        ...


class LayerGraft:
    """A layer of `qwatt.torch` behind a block's feed-forward part, or in its place.

    Args:
        layer: the layer.
    """

    def __init__(self, layer: layers.Bottleneck) -> None:
        self.layer = layer

    @property
    def config(self) -> dict[str, Any]:
        """The layer's class and its arguments."""
        return {"layer": type(self.layer).__name__, "config": self.layer.config}

    @contextmanager
    def inserted(self, model: Any, block: int, place: str) -> Iterator[None]:
        """Put it into a block for as long as the context lasts."""
        with layers.attached(model, self.layer, block, place):
            yield

    def trained(self) -> list[torch.nn.Parameter]:
        """Return the layer's trained parameters."""
        return [weights for weights in self.layer.parameters() if weights.requires_grad]

    def training(self, on: bool) -> None:
        """Switch the layer's mode."""
        self.layer.train(on)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all of the layer's numbers, frozen ones too."""
        return {name: tensor.detach().numpy().copy() for name, tensor in self.layer.state_dict().items()}

    def load(self, state: State) -> None:
        """Take the layer's numbers."""
        self.layer.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
