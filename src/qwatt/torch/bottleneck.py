"""What all layers share: down to a few features, a map of these, and up again (arXiv:1902.00751)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Bottleneck(nn.Module):
    """`x + gain * up(map(scale * tanh(down(x / rms(x)))))` along the last axis; at first the identity.

    Without `residual` the sum's first term is left out: a feed-forward block's replacement, whose residual
    stream goes round it. Whatever the input's dtype, `map` works in that of the parameters.

    Args:
        hidden_size: width of the residual stream.
        width: features in the middle.
        map_: from (rows, width) to (rows, width); None is the identity.
        scale: features lie between -scale and scale.
        residual: whether the input is added.
        gain: how large the residual stream is at this place, such as its root mean square: learning rates
            that do in one model then do in another.
        partial: channels of one more feature, which reads the first so many and writes to them: it fits the
            number of parameters to a budget that is no multiple of the width. 0 leaves it out.
    """

    def __init__(
        self,
        hidden_size: int,
        width: int,
        map_: nn.Module | None = None,
        *,
        scale: float = 1.0,
        residual: bool = True,
        gain: float = 1.0,
        partial: int = 0,
    ) -> None:
        super().__init__()
        self.hidden_size, self.scale, self.residual, self.gain = hidden_size, scale, residual, gain
        self.down = nn.Linear(hidden_size, width)
        self.map = nn.Identity() if map_ is None else map_
        self.up = nn.Linear(width, hidden_size)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)
        self.partial = partial
        if partial:
            self.partial_down, self.partial_up = nn.Linear(partial, 1), nn.Linear(1, partial, bias=False)
            nn.init.zeros_(self.partial_up.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output in the shape (..., hidden_size) and the dtype of its input."""
        rows = x.reshape(-1, self.hidden_size).to(self.down.weight.dtype)
        rows = nn.functional.rms_norm(rows, (self.hidden_size,))
        found: Tensor = self.up(self.map(self.scale * torch.tanh(self.down(rows))))
        if self.partial:
            more = self.partial_up(torch.tanh(self.partial_down(rows[:, : self.partial])))
            found = found + nn.functional.pad(more, (0, self.hidden_size - self.partial))
        found = (self.gain * found).reshape(x.shape).to(x.dtype)
        return x + found if self.residual else found

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build it again; where they are others, a subclass adds its own."""
        return {"hidden_size": self.hidden_size, "residual": self.residual, "gain": self.gain}

    @property
    def parameter_count(self) -> int:
        """Number of trainable parameters."""
        return sum(part.numel() for part in self.parameters() if part.requires_grad)
