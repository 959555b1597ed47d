"""Classical layers of as many parameters: a tanh bottleneck, an MLP, and a truncated Fourier series."""

from __future__ import annotations

import itertools
from math import pi
from typing import Any

import torch
from torch import Tensor, nn

from qwatt.core.errors import QwattError
from qwatt.torch.bottleneck import Bottleneck


class LowRankLayer(Bottleneck):
    """A bottleneck of tanh features alone (arXiv:1902.00751).

    Args:
        hidden_size: width of the residual stream.
        width: features.
        partial: channels of one more feature; see `Bottleneck`.
        options: `residual` and `gain`, as `Bottleneck` takes them.
    """

    def __init__(self, hidden_size: int, width: int, *, partial: int = 0, **options: Any) -> None:
        super().__init__(hidden_size, width, partial=partial, **options)

    @classmethod
    def of_size(cls, hidden_size: int, parameters: int, **options: Any) -> LowRankLayer:
        """Return the layer of so many parameters, or of one less.

        Raises:
            QwattError: they are too few for one feature.
        """
        per_feature = 2 * hidden_size + 1
        width, rest = divmod(parameters - hidden_size, per_feature)
        if width < 1:
            raise QwattError(
                f"{parameters} parameters are too few for a bottleneck of width {hidden_size}",
                mend=f"give {hidden_size + per_feature} or more",
            )
        return cls(hidden_size, width, partial=max(0, (rest - 1) // 2), **options)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build it again."""
        return super().config | {
            "width": self.down.out_features,
            "partial": self.partial,
        }


class MlpLayer(Bottleneck):
    """A bottleneck with a small MLP in the place of the circuit: linear, GELU, linear.

    Args:
        hidden_size: width of the residual stream.
        width: features.
        inner: units of the MLP.
        options: `residual` and `gain`, as `Bottleneck` takes them.
    """

    def __init__(self, hidden_size: int, width: int, inner: int, **options: Any) -> None:
        mlp = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        super().__init__(hidden_size, width, mlp, **options)
        self.inner = inner

    @classmethod
    def of_size(cls, hidden_size: int, width: int, parameters: int, **options: Any) -> MlpLayer:
        """Return the layer with about so many parameters: as close as a whole unit more or less comes."""
        outside = 2 * hidden_size * width + 2 * width + hidden_size
        inner = max(1, round((parameters - outside) / (2 * width + 1)))
        return cls(hidden_size, width, inner, **options)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build it again."""
        return super().config | {
            "width": self.down.out_features,
            "inner": self.inner,
        }


class FourierSeries(nn.Module):
    """A truncated Fourier series of several features for each output, with the coefficients of low order.

    Every output of a circuit with R uploads is a series with integer frequencies of at most R in each feature
    (arXiv:2008.08605). Output i has a constant, then cosine and sine of its own feature's frequencies
    1..R, then those of sums and differences with the features next to it, until its coefficients are used up.

    Args:
        width: features, and outputs.
        degree: largest frequency in a feature, R.
        coefficients: of an output, the constant included.
    """

    def __init__(self, width: int, degree: int, coefficients: int) -> None:
        super().__init__()
        self.shape = width, degree, coefficients
        waves = coefficients // 2  # a cosine and a sine each; the last lacks its sine if the number is even
        found = [_frequencies(output, width, degree, waves) for output in range(width)]
        self.register_buffer("frequencies", torch.tensor(found, dtype=torch.float32), persistent=False)
        self.coefficients = nn.Parameter(torch.zeros(width, min(coefficients, 1 + 2 * len(found[0]))))
        with torch.no_grad():
            self.coefficients[:, 1:] = 0.1 * torch.randn(self.coefficients[:, 1:].shape)
            self.coefficients[:, 2:3] = 1.0  # sin z_i, which keeps the feature's sign

    def forward(self, z: Tensor) -> Tensor:
        """Return the series' values, shape (rows, width), at z of that shape."""
        waves = torch.einsum("bf,owf->bow", z, self.frequencies.to(z))
        parts = torch.stack([waves.cos(), waves.sin()], -1).flatten(2)
        ones = torch.ones_like(parts[..., :1])
        used = torch.cat([ones, parts], -1)[..., : self.coefficients.shape[1]]
        return (used * self.coefficients).sum(-1)


class FourierLayer(Bottleneck):
    """A bottleneck with a truncated Fourier series in the place of the circuit: its classical twin.

    Args:
        hidden_size: width of the residual stream.
        width: features.
        degree: largest frequency in a feature: the circuit's re-uploads.
        coefficients: of an output: the circuit's angles over its qubits.
        options: `residual` and `gain`, as `Bottleneck` takes them.
    """

    def __init__(self, hidden_size: int, width: int, degree: int, coefficients: int, **options: Any) -> None:
        series = FourierSeries(width, degree, coefficients)
        super().__init__(hidden_size, width, series, scale=pi / 2, **options)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build it again."""
        assert isinstance(self.map, FourierSeries)
        width, degree, coefficients = self.map.shape
        return super().config | {
            "width": width,
            "degree": degree,
            "coefficients": coefficients,
        }


def _frequencies(output: int, width: int, degree: int, count: int) -> list[list[int]]:
    """Return the first frequencies of an output: its own feature's, then those with one neighbour each."""
    alone = [_wave(width, {output: order}) for order in range(1, degree + 1)]
    orders = sorted(itertools.product(range(1, degree + 1), repeat=2), key=lambda pair: (sum(pair), pair))
    paired = [
        _wave(width, {output: first, (output + reach) % width: sign * second})
        for first, second in orders
        for reach in range(1, width)
        for sign in (1, -1)
    ]
    return (alone + paired)[:count]


def _wave(width: int, orders: dict[int, int]) -> list[int]:
    return [orders.get(feature, 0) for feature in range(width)]
