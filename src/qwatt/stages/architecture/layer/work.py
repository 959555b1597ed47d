"""The host's work of passing tokens through the frozen decoder: below the layer's block, and from it on."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.stages.architecture.layer.frozen import Frozen

_BLOCK_VALUES = 32.0
"""Values that a block computes one by one for each token and unit of its width: norms, gate, sums."""


def lower_passes(frozen: Frozen, tokens: float) -> Effort:
    """Return the work of forward passes of so many tokens through what comes before the block."""
    return _passes(frozen, tokens, frozen.weights()[0], frozen.block)


def upper_passes(frozen: Frozen, tokens: float) -> Effort:
    """Return the work of forward passes of so many tokens from the block on, to the nats."""
    blocks = len(frozen.blocks) - frozen.block
    exponentials = Effort(work={"elementwise": float(frozen.model.config.vocab_size) * tokens})
    return _passes(frozen, tokens, frozen.weights()[1], blocks) + exponentials


def training_passes(frozen: Frozen, tokens: float) -> Effort:
    """Return the work of training on so many tokens, forward and backward.

    Backwards the frozen weights are multiplied once more, as their own gradients are not computed; what is
    done value by value takes twice as long.
    """
    forward = upper_passes(frozen, tokens).work or {}
    times = {"gemm_flop": 2.0, "elementwise": 3.0}
    return Effort(work={kind: times[kind] * units for kind, units in forward.items()})


def _passes(frozen: Frozen, tokens: float, weights: int, blocks: int) -> Effort:
    values = _BLOCK_VALUES * blocks * frozen.hidden_size
    return Effort(work={"gemm_flop": 2.0 * weights * tokens, "elementwise": values * tokens})
