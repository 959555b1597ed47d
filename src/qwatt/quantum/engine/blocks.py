"""Blocks: the one-qubit gates of many wires as few matrices, all built at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from qwatt.quantum.engine.plan import Chain
from qwatt.quantum.engine.primitives import FixedMatrix, MatrixSource, Rotation, TensorMatrix


def rotations(angles: torch.Tensor) -> torch.Tensor:
    """Return RZ(omega) RY(theta) RZ(phi) for angles (..., 3) = phi, theta, omega; shape (..., 2, 2), complex."""
    phi, theta, omega = (angles * 0.5).unbind(-1)
    cosine, sine = theta.cos(), theta.sin()
    total, difference = phi + omega, phi - omega
    a, b = cosine * total.cos(), cosine * total.sin()
    c, d = sine * difference.cos(), sine * difference.sin()
    parts = torch.stack([a, -b, -c, -d, c, -d, a, b], -1)
    return torch.view_as_complex(parts.unflatten(-1, (4, 2))).unflatten(-1, (2, 2))


def kron(matrices: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the Kronecker product over the last two axes; leading axes are batch axes."""
    product = matrices[0]
    for factor in matrices[1:]:
        rows, columns = product.shape[-2] * factor.shape[-2], product.shape[-1] * factor.shape[-1]
        spread = product[..., :, None, :, None] * factor[..., None, :, None, :]
        product = spread.reshape(*spread.shape[:-4], rows, columns)
    return product


class ChainBank:
    """Multiplies out many chains of one-qubit gates in a handful of tensor operations.

    Args:
        chains: the chains; the result keeps their order.
        dtype: complex dtype of the result.
        device: where constants live.
    """

    def __init__(self, chains: Sequence[Chain], dtype: torch.dtype, device: torch.device) -> None:
        sources: dict[MatrixSource, int] = {}
        numbers = [[sources.setdefault(source, len(sources)) for source in chain] for chain in chains]
        order = sorted(sources, key=_kind)
        place = {sources[source]: position for position, source in enumerate(order)}
        fixed = [source.rows for source in order if isinstance(source, FixedMatrix)]
        self.fixed = torch.tensor(fixed, dtype=dtype, device=device).reshape(-1, 2, 2)
        self.turns = _rotation_index([s for s in order if isinstance(s, Rotation)], dtype, device)
        self.tensors = [source for source in order if isinstance(source, TensorMatrix)]
        depth = max((len(chain) for chain in numbers), default=0)
        self.levels = [_level(numbers, place, level, device) for level in range(depth)]

    def matrices(
        self, scalars: torch.Tensor, tensor: Callable[[int], torch.Tensor], batch: tuple[int, ...]
    ) -> torch.Tensor:
        """Return the products, shape (*batch, chains, 2, 2).

        Args:
            scalars: (*batch, scalars).
            tensor: gives the data tensor of a number, (2, 2) or (batch, 2, 2).
            batch: () or (batch,).
        """
        parts = [self.fixed.expand(*batch, *self.fixed.shape)] if len(self.fixed) else []
        if self.turns is not None:
            which, scale = self.turns
            padded = torch.nn.functional.pad(scalars, (0, 1))
            parts.append(rotations(padded[..., which] * scale))
        for source in self.tensors:
            matrix = tensor(source.index)
            matrix = matrix.mH if source.adjoint else matrix
            parts.append(matrix.expand(*batch, 2, 2).unsqueeze(-3))
        bank = parts[0] if len(parts) == 1 else torch.cat(parts, -3)
        return self._products(bank)

    def _products(self, bank: torch.Tensor) -> torch.Tensor:
        (_, first), *later = self.levels
        product = bank.index_select(-3, first)
        for chains, sources in later:
            longer = bank.index_select(-3, sources) @ product.index_select(-3, chains)
            product = longer if len(chains) == len(first) else product.index_copy(-3, chains, longer)
        return product


def _kind(source: MatrixSource) -> int:
    return [FixedMatrix, Rotation, TensorMatrix].index(type(source))


def _rotation_index(
    turns: list[Rotation], dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor] | None:
    if not turns:
        return None
    which = [[-1 if a is None else a for a in (turn.phi, turn.theta, turn.omega)] for turn in turns]
    scale = torch.tensor([[turn.scale] for turn in turns], dtype=dtype.to_real(), device=device)
    return torch.tensor(which, device=device), scale


def _level(
    numbers: list[list[int]], place: dict[int, int], level: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    chains = [chain for chain, sources in enumerate(numbers) if len(sources) > level]
    sources = [place[numbers[chain][level]] for chain in chains]
    return torch.tensor(chains, device=device), torch.tensor(sources, device=device)
