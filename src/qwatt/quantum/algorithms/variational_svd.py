"""Variational singular value decomposition: two circuits that make a loaded matrix diagonal.

The matrix is loaded as the amplitudes of a row and a column register, one circuit acts on each; the two are
trained until the registers agree (1905.01353), or until the first diagonal entries are largest (2006.02336).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
import torch
from numpy.typing import NDArray
from torch import Tensor

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.approximate import brick_layers
from qwatt.quantum.primitives import gradient

OBJECTIVES = ("coincidence", "ranked")


@dataclass(frozen=True)
class SingularFactors:
    """W ~ left @ diag(values) @ right.T.

    Args:
        left: shape (rows, rank).
        values: shape (rank,), descending, never negative.
        right: shape (columns, rank).
        loss: objective of every step: mean disagreeing bits, or minus the ranked sum.
        circuit: what was trained.
        angles: of both brickworks, shape (2, layers + 1, wires).
        entangle: whether the brickworks have their CZs.
    """

    left: NDArray[np.float64]
    values: NDArray[np.float64]
    right: NDArray[np.float64]
    loss: list[float]
    circuit: Circuit
    angles: NDArray[np.float64]
    entangle: bool = True

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The low-rank matrix, shape (rows, columns)."""
        return (self.left * self.values) @ self.right.T


@cache
def svd_circuit(wires: int, layers: int, entangle: bool = True) -> Circuit:
    """Load a 2**wires square matrix and apply brickworks U to its rows and V to its columns.

    Args:
        wires: of each register.
        layers: bricks.
        entangle: False leaves their CZs out.

    Returns:
        Circuit with n_inputs = 4**wires (the matrix, row by row), weights (2, layers + 1, wires) and
        2 * wires qubits, the row register first.
    """

    def function(inputs: Any, weights: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(2 * wires), normalize=True)
        brick_layers(weights[0], range(wires), entangle)
        brick_layers(weights[1], range(wires, 2 * wires), entangle)

    name = "variational_svd" if entangle else "variational_svd_separable"
    return Circuit(function, 2 * wires, 4**wires, (2, layers + 1, wires), name=name)


def variational_svd(
    matrix: Any,
    rank: int,
    layers: int,
    *,
    objective: str = "coincidence",
    steps: int = 400,
    learning_rate: float = 0.03,
    seed: int = 0,
    entangle: bool = True,
) -> SingularFactors:
    """Find the largest singular values and vectors of a real matrix by training two brickworks.

    Runs on the engine, whose states also give the vectors; `variational_svd_reading` reads them as a QPU
    would, with finite shots. The bill of the training is `svd_demand`, of the reading `reading_demand` there.

    Args:
        matrix: shape (rows, columns); padded with zeros to a power of two.
        rank: number of factors.
        layers: bricks of U and of V; a general n-qubit rotation needs about 2**n / n.
        objective: "coincidence" (mean number of bits in which the registers differ) or "ranked" (minus the
            sum of rank..1 times the first diagonal entries, which a QPU reads by Hadamard tests).
        steps: Adam steps; with none the start is kept.
        learning_rate: Adam's.
        seed: of the start.
        entangle: False leaves the CZs of both brickworks out.

    Raises:
        QwattError: unknown objective, a rank out of range, or a matrix of zeros.
    """
    return variational_svds(
        [matrix],
        rank,
        layers,
        objective=objective,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        entangle=entangle,
    )[0]


def variational_svds(
    matrices: Sequence[Any],
    rank: int,
    layers: int,
    *,
    objective: str = "coincidence",
    steps: int = 400,
    learning_rate: float = 0.03,
    seed: int = 0,
    entangle: bool = True,
) -> list[SingularFactors]:
    """Find those of several matrices side by side, each as `variational_svd` would alone, from one start.

    All are padded to the power of two that the widest needs.

    Raises:
        QwattError: as `variational_svd`.
    """
    from qwatt.quantum.engine import compile_circuit

    targets = [_checked(matrix, rank, objective) for matrix in matrices]
    wires = max(1, (max(max(target.shape) for target in targets) - 1).bit_length())
    circuit = svd_circuit(wires, layers, entangle)
    plan = compile_circuit(circuit, dtype=torch.complex128)
    loaded = torch.as_tensor(np.stack([padded(target, 2**wires) for target in targets]))
    score = _coincidence(wires) if objective == "coincidence" else _ranked(rank)
    start = np.random.default_rng(seed).normal(0, 0.5, circuit.weight_shape)
    weights, losses = _train(
        lambda w: score(plan.states(loaded.flatten(1), w).real.reshape(loaded.shape)),
        torch.as_tensor(np.broadcast_to(start, (len(targets), *start.shape)).copy()),
        steps,
        learning_rate,
    )
    found = []
    for target, angles, history in zip(targets, weights, losses.T, strict=True):
        left, right = (_orthogonal(wires, layers, part, entangle) for part in angles)
        leading = _leading(target, left[: len(target)], right[: target.shape[1]], rank)
        found.append(SingularFactors(*leading, history.tolist(), circuit, angles.numpy(), entangle))
    return found


def _checked(matrix: Any, rank: int, objective: str) -> NDArray[np.float64]:
    target = np.asarray(matrix, dtype=float)
    if objective not in OBJECTIVES:
        raise unknown_name("objective", objective, OBJECTIVES)
    if target.ndim != 2 or not 1 <= rank <= min(target.shape) or not target.any():
        raise QwattError(f"cannot find {rank} singular values of a matrix of shape {target.shape}")
    return target


def svd_demand(wires: int, layers: int, steps: int, *, shots: int | None, entangle: bool = True) -> Demand:
    """Return the bill of training by parameter shift: 2 x angles circuits a step, each loading the matrix."""
    return gradient.demand(svd_circuit(wires, layers, entangle), steps, shots)


def padded(matrix: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return a matrix of norm 1 in the corner of a square of zeros, shape (size, size)."""
    square = np.zeros((size, size))
    square[: matrix.shape[0], : matrix.shape[1]] = matrix / np.linalg.norm(matrix)
    return square


def _coincidence(wires: int) -> Any:
    index = torch.arange(2**wires)
    different = index[:, None] ^ index[None, :]
    bits = sum((different >> bit) & 1 for bit in range(wires))
    return lambda turned: (turned**2 * bits).sum((1, 2))


def _ranked(rank: int) -> Any:
    importance = torch.arange(rank, 0, -1, dtype=torch.float64)
    return lambda turned: -(importance * turned.diagonal(dim1=1, dim2=2)[:, :rank]).sum(1)


def _train(
    loss_of: Any, start: Tensor, steps: int, learning_rate: float
) -> tuple[Tensor, NDArray[np.float64]]:
    """Minimise each row's loss by Adam; return the best weights of each and the losses, (steps, rows)."""
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([weights], lr=learning_rate)
    losses = np.zeros((steps, len(start)))
    best, least = start.clone(), torch.full((len(start),), torch.inf, dtype=start.dtype)
    for step in range(steps):
        loss = loss_of(weights)
        now = loss.detach()
        better = now <= least
        best[better], least[better] = weights.detach()[better], now[better]
        losses[step] = now.numpy()
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
    return best, losses


def _orthogonal(wires: int, layers: int, weights: Tensor, entangle: bool) -> NDArray[np.float64]:
    """Return the transpose of a brickwork's matrix: its columns are the vectors that it maps to |j>."""
    from qwatt.quantum.engine import compile_circuit

    columns = torch.eye(2**wires, dtype=torch.float64)
    with torch.no_grad():
        circuit = _on_basis(wires, layers, entangle)
        states = compile_circuit(circuit, dtype=torch.complex128).states(columns, weights)
    found: NDArray[np.float64] = states.real.numpy()
    return found


@cache
def _on_basis(wires: int, layers: int, entangle: bool) -> Circuit:
    def function(inputs: Any, weights: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires))
        brick_layers(weights, range(wires), entangle)

    return Circuit(function, wires, 2**wires, (layers + 1, wires), name="brickwork_matrix")


def _leading(
    target: NDArray[np.float64], left: NDArray[np.float64], right: NDArray[np.float64], rank: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors and values of the largest diagonal entries, signs moved into the left vectors."""
    diagonal = np.einsum("ij,ik,kj->j", left, target, right)
    order = np.argsort(-np.abs(diagonal), kind="stable")[:rank]
    return left[:, order] * np.sign(diagonal[order]), np.abs(diagonal[order]), right[:, order]
