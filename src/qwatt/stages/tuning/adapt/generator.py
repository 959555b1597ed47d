"""Low-rank factors of all matrices out of one small generator, which is used in training only.

One probability a basis state, and the state's bits, go through a small network, which gives a chunk of the
factors' entries: so few trained numbers make many (arXiv:2410.09846).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import ceil, log2
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.computed_adapter import ComputedAdapter
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_CHUNK_SHARE = 1 / 80
"""A chunk is the power of two next to this share of all entries: about 80 chunks, thus 7 qubits."""
_HIDDEN = 8


class Source(ABC):
    """Gives a number to every basis state."""

    features: ClassVar[int] = 1
    """Numbers that it gives beside a state's bits: one, or none."""

    @abstractmethod
    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what is trained of it."""

    @abstractmethod
    def probabilities(self) -> torch.Tensor | None:
        """Return one probability a basis state, shape (2**qubits,), for training; None to give bits alone."""

    def read(self) -> torch.Tensor | None:
        """Return what the factors are made of in the end, such as frequencies of finite shots."""
        return self.probabilities()


class Sizes:
    """How many entries there are to generate, and how they are cut.

    Args:
        setup: the matrices and the rank.
    """

    def __init__(self, setup: Setup) -> None:
        self.entries = setup.rank * sum(m.rows + m.columns for m in setup.pretrained.matrices)
        self.chunk: int = 2 ** max(2, round(log2(self.entries * _CHUNK_SHARE)))
        self.qubits = max(2, ceil(log2(self.entries / self.chunk)))
        self.hidden = _HIDDEN

    def network(self, hidden: int, features: int) -> int:
        """Return the parameters of a network with so many hidden units and features."""
        return features * hidden + hidden + hidden * self.chunk + self.chunk


class Generator:
    """The network behind a source, and the factors that both make.

    A is what it gives beside numbers that were drawn and stay, B what it gives: its last map begins at 0,
    so that the decoder begins unchanged.

    Args:
        setup: the decoder and its sizes.
        source: of probabilities.
        hidden: units of the network.
    """

    def __init__(self, setup: Setup, source: Source, hidden: int) -> None:
        self.source, self._setup, self._sizes = source, setup, Sizes(setup)
        qubits = self._sizes.qubits
        states = torch.arange(2**qubits)[:, None]
        self._bits = ((states >> torch.arange(qubits)) & 1).float() * 2 - 1
        self._inner = torch.nn.Linear(qubits + source.features, hidden)
        self._outer = torch.nn.Linear(hidden, self._sizes.chunk)
        torch.nn.init.zeros_(self._outer.weight)
        torch.nn.init.zeros_(self._outer.bias)
        self._begun = [torch.randn(setup.rank, m.columns) / m.columns**0.5 for m in setup.pretrained.matrices]
        self._factors: list[tuple[torch.Tensor, torch.Tensor]] = []

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the network's weights and what is trained of the source."""
        return [*self._inner.parameters(), *self._outer.parameters(), *self.source.parameters()]

    def adapter(self) -> Adapter:
        """Put the factors into the decoder."""
        subject = self._setup.pretrained
        formulas = [self._formula(number) for number in range(len(subject.matrices))]
        sizes = self._sizes
        facts = {"generated": sizes.entries, "qubits": sizes.qubits, "chunk": sizes.chunk}
        return ComputedAdapter(
            subject,
            formulas,
            self.parameters(),
            prepare=lambda: self._make(self.source.probabilities()),
            finish=lambda: self._make(self.source.read()),
            facts=facts,
        )

    def _make(self, probabilities: torch.Tensor | None) -> None:
        """Generate all factors."""
        features = self._bits
        if probabilities is not None:
            spread = probabilities.float() * len(probabilities) - 1.0
            features = torch.cat([features, spread[:, None]], dim=1)
        entries = self._outer(torch.tanh(self._inner(features))).flatten()
        self._factors, start, rank = [], 0, self._setup.rank
        for matrix, begun in zip(self._setup.pretrained.matrices, self._begun, strict=True):
            down = entries[start : start + rank * matrix.columns].view(rank, matrix.columns) + begun
            start += rank * matrix.columns
            up = entries[start : start + rank * matrix.rows].view(matrix.rows, rank)
            start += rank * matrix.rows
            self._factors.append((up, down))

    def _formula(self, number: int) -> Callable[[torch.Tensor], torch.Tensor]:
        def used(weight: torch.Tensor) -> torch.Tensor:
            up, down = self._factors[number]
            return weight + up @ down

        return used
