"""The decoder without the layer, for comparison: charged to no method."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.threads import one_thread
from qwatt.stages.architecture.layer.frozen import Frozen
from qwatt.stages.architecture.layer.train import window_nats

if TYPE_CHECKING:
    from qwatt import torch as layers
else:
    layers = lazy("qwatt.torch")


@lru_cache(maxsize=4)
def without_layer(frozen: Frozen, place: str) -> NDArray[np.float64]:
    """Return the held-back windows' nats, shape (windows,), of the decoder as it is.

    For the place "ffn" it is the decoder without the block's feed-forward part.
    """
    states = frozen.states().value[2]
    block = frozen.blocks[frozen.block]
    own = block.mlp
    if place == "ffn":
        block.mlp = layers.Nothing()
    try:
        with one_thread(), frozen.upper() as predict:
            return window_nats(predict, frozen.test, states)
    finally:
        block.mlp = own
