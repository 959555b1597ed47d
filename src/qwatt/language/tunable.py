"""A sentence encoder whose weights are trained, unlike the frozen ones of `encoder`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.language import get_encoder
from qwatt.language.encoder import Encoder, Vectors, in_batches, pooled

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _bert = lazy("transformers.models.bert.modeling_bert")  # what a MiniLM is, imported before it is measured

_NOT_TRAINED = {
    "embed_in",
    "embed_positions",
    "embed_tokens",
    "embeddings",
    "pooler",
    "word_embeddings",
    "wpe",
    "wte",
}
"""Word vectors and positions, and what nothing reads: parts of the names of weights."""


class TunableEncoder:
    """A copy of an encoder to train: all layers of a network above its word vectors, which stay as they are.

    Of "hashed", which has no network, a linear layer on its counts is trained, at first the identity.

    Args:
        name: as in `get_encoder`.
        state: weights to start from, as `state` returned them.

    Raises:
        QwattError: no such model, or it cannot be fetched.
    """

    def __init__(self, name: str, state: Mapping[str, NDArray[Any]] | None = None) -> None:
        self._base = get_encoder(name)
        self.module: torch.nn.Module
        if isinstance(self._base, Encoder):
            self.module = self._base.network
            for name_, weights in self.module.named_parameters():
                weights.requires_grad_(_NOT_TRAINED.isdisjoint(name_.split(".")))
        else:
            self.module = torch.nn.Linear(self._base.dimensions, self._base.dimensions, bias=False)
            torch.nn.init.eye_(self.module.weight)
        if state is not None:
            tensors = {name_: torch.from_numpy(np.array(array)) for name_, array in state.items()}
            self.module.load_state_dict(tensors, strict=False)

    def trained(self) -> list[tuple[str, torch.Tensor]]:
        """Return the weights that are trained, by name."""
        return [(name, weights) for name, weights in self.module.named_parameters() if weights.requires_grad]

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Return the trained weights as arrays."""
        return {name: weights.detach().numpy().copy() for name, weights in self.trained()}

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Return vectors of length 1, shape (texts, dimensions), that carry a gradient to the weights."""
        if isinstance(self._base, Encoder):
            return pooled(self.module, self._base.tokens(texts), self._base.pooling)
        counts = torch.from_numpy(self._base.encode(texts))
        return torch.nn.functional.normalize(self.module(counts), dim=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return vectors, shape (texts, dimensions), without a gradient."""
        found = np.zeros((len(texts), self._base.dimensions), dtype=np.float32)
        with torch.inference_mode():
            for rows in self._batches(texts):
                found[rows] = self.vectors([texts[i] for i in rows]).numpy()
        return found

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield texts of similar length together."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        if isinstance(self._base, Encoder):
            yield from in_batches(order, self._base.tokens(texts))
        elif order:
            yield order
