"""Adapters that turn the outputs of each matrix: orthogonal matrices on blocks of rows, and trained gains.

W is used as O0.T (1 + g) O W, with O an orthogonal matrix that begins as O0, and one gain g an output, which
begins at 0. The same O acts on all blocks of a matrix' rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.computed_adapter import ComputedAdapter
from qwatt.stages.tuning.adapt.method import AdaptMethod
from qwatt.stages.tuning.adapt.pretrained import Matrix
from qwatt.stages.tuning.adapt.settings import Setup, rates

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_MOST_WIRES = 5
"""A block has up to 2^5 rows: what a circuit of today could be read for."""


def block_wires(matrix: Matrix) -> int:
    """Return the qubits of a block: the largest power of two that divides a matrix' rows, up to a bound."""
    return min(_MOST_WIRES, (matrix.rows & -matrix.rows).bit_length() - 1)


class Turns(ABC):
    """Orthogonal matrices, one for each weight matrix."""

    @abstractmethod
    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what is trained of them."""

    @abstractmethod
    def orthogonals(self) -> Sequence[torch.Tensor]:
        """Return them all, each of a block's side, for training."""

    def read(self) -> Sequence[torch.Tensor]:
        """Return those that are merged, such as what finite shots tell of them."""
        return self.orthogonals()


class RotatedMethod(AdaptMethod):
    """Base of these adapters; one gives `turns`."""

    space = rates(1e-1, 3e-2, 3e-1, 1.0)

    @abstractmethod
    def turns(self, setup: Setup, context: Context) -> Turns:
        """Return the orthogonal matrices, at their start."""

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Turn every matrix."""
        turns = self.turns(setup, context)
        with torch.no_grad():
            start = [one.clone() for one in turns.orthogonals()]
        gains = [torch.nn.Parameter(torch.zeros(m.rows)) for m in setup.pretrained.matrices]
        now: list[torch.Tensor] = []

        facts: dict[str, float] = {}

        def prepare() -> None:
            now[:] = turns.orthogonals()

        def finish() -> None:
            now[:] = turns.read()
            pairs = zip(now, turns.orthogonals(), strict=True)
            errors = [float((read - exact).norm()) / len(exact) ** 0.5 for read, exact in pairs]
            facts["read_error"] = sum(errors) / len(errors)

        def formula(number: int) -> Callable[[torch.Tensor], torch.Tensor]:
            def turned(weight: torch.Tensor) -> torch.Tensor:
                side = len(start[number])
                scaled = now[number] @ weight.reshape(-1, side, weight.shape[1])
                scaled = scaled * (1 + gains[number]).view(-1, side, 1)
                return (start[number].T @ scaled).reshape(weight.shape)

            return turned

        return ComputedAdapter(
            setup.pretrained,
            [formula(number) for number in range(len(start))],
            [*turns.parameters(), *gains],
            prepare=prepare,
            finish=finish,
            facts=facts,
        )

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Count turning there and back, forward and backward, at every step."""
        flops = sum(m.rows * m.columns * 2.0 ** block_wires(m) for m in setup.pretrained.matrices)
        return Effort(work={"gemm_flop": 12.0 * flops * setup.steps})
