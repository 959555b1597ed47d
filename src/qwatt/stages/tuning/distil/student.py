"""A student: a small decoder, plain or with a layer in the place of one feed-forward part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.language.decoder import DecoderSize
from qwatt.language.decoder.network import new_decoder
from qwatt.stages.tuning.distil.problem import State

if TYPE_CHECKING:
    import torch

    from qwatt import torch as layers
else:
    torch, layers = lazy("torch"), lazy("qwatt.torch")

BLOCK = -1
"""The block whose feed-forward part a layer replaces."""


@dataclass(frozen=True, eq=False)
class Student:
    """A network to train.

    Args:
        model: a causal language model of transformers.
        layer: stands in for a feed-forward part, or None.
    """

    model: Any
    layer: layers.Bottleneck | None = None

    @property
    def description(self) -> dict[str, Any] | None:
        """How the layer is built; None without one."""
        if self.layer is None:
            return None
        return {"layer": type(self.layer).__name__, "config": self.layer.config}

    @contextmanager
    def assembled(self) -> Iterator[Any]:
        """Yield the model with the layer in its place for as long as the context lasts."""
        if self.layer is None:
            yield self.model
            return
        with layers.attached(self.model, self.layer, BLOCK, "ffn"):
            yield self.model

    def load(self, state: State, layer_state: State) -> None:
        """Take weights that `weights` returned."""
        self.model.load_state_dict(_tensors(state))
        if self.layer is not None:
            self.layer.load_state_dict(_tensors(layer_state))

    def weights(self) -> tuple[State, State]:
        """Return the decoder's and the layer's weights."""
        return _arrays(self.model), {} if self.layer is None else _arrays(self.layer)


def new_student(size: DecoderSize, seed: int, separator: int | None) -> Student:
    """Return an untrained plain student."""
    return Student(new_decoder(size, seed, separator))


def trained(model: Any) -> list[torch.nn.Parameter]:
    """Return what is trained of an assembled model."""
    return [weights for weights in model.parameters() if weights.requires_grad]


def _arrays(module: torch.nn.Module) -> State:
    return {name: tensor.detach().numpy().copy() for name, tensor in module.state_dict().items()}


def _tensors(state: State) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
