"""Blocks: the one-qubit gates of many wires as few matrices, all built at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.kronecker import kron
from qwatt.quantum.engine.circuit.levels import Levels
from qwatt.quantum.engine.circuit.windows import Part, WindowGroup
from qwatt.quantum.engine.lowering.gate_chains import GateChain
from qwatt.quantum.engine.lowering.primitives import FixedMatrix, MatrixSource, Rotation, TensorMatrix
from qwatt.quantum.engine.lowering.steps import Window

IDENTITY = FixedMatrix(((1.0, 0.0), (0.0, 1.0)))


def rotations(angles: Tensor) -> Tensor:
    """Return RZ(omega) RY(theta) RZ(phi), (..., 2, 2) complex, for angles (..., 3) = phi, theta, omega."""
    phi, theta, omega = (angles * 0.5).unbind(-1)
    cosine, sine = theta.cos(), theta.sin()
    total, difference = phi + omega, phi - omega
    a, b = cosine * total.cos(), cosine * total.sin()
    c, d = sine * difference.cos(), sine * difference.sin()
    parts = torch.stack([a, -b, -c, -d, c, -d, a, b], -1)
    return torch.view_as_complex(parts.reshape(*a.shape, 2, 2, 2))


def turns(theta: Tensor) -> Tensor:
    """Return RY(theta), (..., 2, 2) real, for theta (...)."""
    cosine, sine = (theta * 0.5).cos(), (theta * 0.5).sin()
    return torch.stack([cosine, -sine, sine, cosine], -1).reshape(*theta.shape, 2, 2)


class ChainBank:
    """Multiplies out many chains of one-qubit gates in a handful of tensor operations.

    Args:
        chains: the chains; the result keeps their order.
        dtype: dtype of the result; a real one takes chains of RY and real constants only.
        device: where constants live.
    """

    def __init__(self, chains: Sequence[GateChain], dtype: torch.dtype, device: torch.device) -> None:
        sources: dict[MatrixSource, int] = {}
        numbers = [[sources.setdefault(source, len(sources)) for source in chain] for chain in chains]
        order = sorted(sources, key=_place_in_bank)
        place = {sources[source]: position for position, source in enumerate(order)}
        fixed = [source.rows for source in order if isinstance(source, FixedMatrix)]
        constants = torch.tensor(fixed, dtype=torch.complex128, device=device).reshape(-1, 2, 2)
        self.fixed = (constants if dtype.is_complex else constants.real).to(dtype)
        self.angles = _rotation_index([s for s in order if isinstance(s, Rotation)], dtype, device)
        self.tensors = [source for source in order if isinstance(source, TensorMatrix)]
        self.levels = Levels([[place[source] for source in chain] for chain in numbers], device)

    def matrices(self, scalars: Tensor, tensor: Callable[[int], Tensor]) -> Tensor:
        """Return the products, shape (*batch, chains, 2, 2), where batch is () or (batch,).

        Args:
            scalars: (*batch, scalars).
            tensor: gives the data tensor of a number, (2, 2) or (batch, 2, 2).
        """
        batch = scalars.shape[:-1]
        parts = [self.fixed.expand(*batch, *self.fixed.shape)] if len(self.fixed) else []
        if self.angles is not None:
            which, scale = self.angles
            padded = torch.nn.functional.pad(scalars, (1, 0))
            angles = padded.index_select(-1, which).reshape(*batch, -1, 3) * scale
            parts.append(rotations(angles) if self.fixed.is_complex() else turns(angles[..., 1]))
        for source in self.tensors:
            matrix = tensor(source.index)
            matrix = matrix.mH if source.adjoint else matrix
            parts.append(matrix.expand(*batch, 2, 2).unsqueeze(-3))
        return self.levels.products(parts[0] if len(parts) == 1 else torch.cat(parts, -3))


def _place_in_bank(source: MatrixSource) -> int:
    return [FixedMatrix, Rotation, TensorMatrix].index(type(source))


def _rotation_index(
    found: list[Rotation], dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor] | None:
    if not found:
        return None
    which = [0 if a is None else a + 1 for turn in found for a in (turn.phi, turn.theta, turn.omega)]
    real = dtype.to_real() if dtype.is_complex else dtype
    scale = torch.tensor([[turn.scale] for turn in found], dtype=real, device=device)
    return torch.tensor(which, device=device), scale


class BlockBuilder:
    """Collects chains, spans of chains and windows of a program, and builds all their matrices in a call.

    Args:
        dtype: dtype of the matrices.
        device: where to build.
    """

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device
        self._chains: list[GateChain] = []
        self._spans: dict[int, list[int]] = {}
        self._windows: dict[int, dict[int, list[Part]]] = {}
        self._bank: ChainBank | None = None
        self._groups: list[tuple[Tensor, int, list[int]]] = []
        self._window_groups: list[tuple[WindowGroup, list[int]]] = []
        self._blocks = 0

    def enter(self, chain: GateChain) -> int:
        """Enter a chain and return its number among the matrices."""
        self._chains.append(chain)
        return len(self._chains) - 1

    def enter_span(self, chains: Sequence[GateChain]) -> int:
        """Enter neighbouring wires' chains and return the number of their block."""
        self._spans[self._blocks] = [self.enter(chain) for chain in chains]
        self._blocks += 1
        return self._blocks - 1

    def enter_window(self, window: Window) -> int:
        """Enter a window and return the number of its block."""
        parts: list[Part] = []
        for part in window.parts:
            if isinstance(part, tuple):
                parts.append(part)
            else:
                parts.append([self.enter(part.get(wire, (IDENTITY,))) for wire in window.wires])
        self._windows.setdefault(len(window.wires), {})[self._blocks] = parts
        self._blocks += 1
        return self._blocks - 1

    def finish(self) -> None:
        """Prepare the index tensors; nothing may be entered afterwards."""
        self._bank = ChainBank(self._chains, self.dtype, self.device) if self._chains else None
        for width in sorted({len(span) for span in self._spans.values()}):
            numbers = [i for i, span in self._spans.items() if len(span) == width]
            flat = [chain for i in numbers for chain in self._spans[i]]
            self._groups.append((torch.tensor(flat, device=self.device), width, numbers))
        for width, windows in self._windows.items():
            group = WindowGroup(width, list(windows.values()), self.dtype, self.device)
            self._window_groups.append((group, list(windows)))

    def build(self, scalars: Tensor, tensor: Callable[[int], Tensor]) -> tuple[Tensor | None, list[Tensor]]:
        """Return all chain products (*batch, chains, 2, 2) and all blocks, each (*batch, 2^k, 2^k)."""
        if self._bank is None:
            return None, []
        matrices = self._bank.matrices(scalars, tensor)
        blocks: dict[int, Tensor] = {}
        for flat, width, numbers in self._groups:
            gathered = matrices.index_select(-3, flat)
            shape = (*gathered.shape[:-3], len(numbers), width, 2, 2)
            blocks.update(zip(numbers, kron(gathered.reshape(shape).unbind(-3)).unbind(-3), strict=True))
        for group, numbers in self._window_groups:
            blocks.update(zip(numbers, group.matrices(matrices).unbind(0), strict=True))
        return matrices, [blocks[number] for number in range(len(blocks))]
