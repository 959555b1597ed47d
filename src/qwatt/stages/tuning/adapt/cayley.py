"""Orthogonal fine-tuning by Cayley's transform: the closed form of what a circuit's rotations can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.pretrained import Matrix
from qwatt.stages.tuning.adapt.rotated import RotatedMethod, Turns, block_wires
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class Cayley(RotatedMethod):
    """O = (1 - Q) (1 + Q)^-1 of a trained antisymmetric Q, in blocks with a circuit's parameters or more."""

    name = "cayley"
    kind = Kind.CLASSICAL
    kernels = 2.5
    sources = ("arXiv:2306.07280 (orthogonal fine-tuning)", "arXiv:2605.05914 (its adapters on a QPU)")

    def turns(self, setup: Setup, context: Context) -> Turns:
        """Return Cayley's transforms of zero."""
        return CayleyTurns([side(m, setup.shape.layers) for m in setup.pretrained.matrices])


class CayleyTurns(Turns):
    """Cayley's transforms.

    Args:
        sides: of each.
    """

    def __init__(self, sides: Sequence[int]) -> None:
        self._sides = sides
        self._entries = [torch.nn.Parameter(torch.zeros(n * (n - 1) // 2)) for n in sides]

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the entries above the diagonals."""
        return self._entries

    def orthogonals(self) -> list[torch.Tensor]:
        """Return the transforms."""
        return [cayley(entries, n) for entries, n in zip(self._entries, self._sides, strict=True)]


def cayley(entries: torch.Tensor, n: int) -> torch.Tensor:
    """Return (1 - Q) (1 + Q)^-1, Q antisymmetric with these entries above its diagonal, shape (n, n)."""
    upper = torch.zeros(n, n, dtype=entries.dtype)
    rows, columns = torch.triu_indices(n, n, 1)
    upper = upper.index_put((rows, columns), entries)
    skew, one = upper - upper.T, torch.eye(n, dtype=entries.dtype)
    found: torch.Tensor = torch.linalg.solve(one + skew, one - skew)
    return found


def side(matrix: Matrix, layers: int) -> int:
    """Return the least power of two whose Q has no fewer entries than the circuit has angles."""
    wires = block_wires(matrix)
    angles = wires * (layers + 1)
    sides: list[int] = [2**count for count in range(wires + 1)]
    return next((n for n in sides if n * (n - 1) // 2 >= angles), sides[-1])
