"""Cross-entropy of a vocabulary's logits in blocks of rows that stay in the processor's cache.

Logits of a whole step take several megabytes, a few times over, which are asked from the system and given
back at every step. Here a block's gradient is made with its loss, and its logits are gone.
"""

from __future__ import annotations

from typing import Any

import torch

_ROWS = 256


class LinearCrossEntropy(torch.autograd.Function):
    """Mean of -log softmax(hidden @ weight.T)[target], with the gradients to both; by `apply`."""

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, target: torch.Tensor, dtype: torch.dtype
    ) -> torch.Tensor:
        """Return the loss.

        Args:
            ctx: keeps the gradients.
            hidden: states, shape (tokens, width).
            weight: the head's, shape (vocabulary, width).
            target: ids, shape (tokens,).
            dtype: what products are computed in; softmax and sums are in fp32.
        """
        narrow, head = hidden.to(dtype), weight.to(dtype)
        to_hidden, to_weight = torch.empty_like(narrow), torch.zeros_like(weight)
        total = torch.zeros(())
        for first in range(0, len(hidden), _ROWS):
            rows = slice(first, first + _ROWS)
            right = target[rows, None]
            logits = (narrow[rows] @ head.T).float()
            norms = logits.logsumexp(1, keepdim=True)
            total += (norms - logits.gather(1, right)).sum()
            shares = logits.sub_(norms).exp_()
            shares.scatter_add_(1, right, shares.new_full(right.shape, -1.0))
            slope = shares.mul_(1 / len(hidden)).to(dtype)
            torch.mm(slope, head, out=to_hidden[rows])
            to_weight += slope.T @ narrow[rows]
        ctx.save_for_backward(to_hidden.to(hidden.dtype), to_weight)
        return total / len(hidden)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Return the gradients to states and head."""
        to_hidden, to_weight = ctx.saved_tensors
        return to_hidden * gradients[0], to_weight * gradients[0], None, None
