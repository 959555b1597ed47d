"""A sentence encoder on the calibration text: how far its vectors turn from those of the whole encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.language.encoder import Encoder, in_batches, pooled
from qwatt.stages.deployment.prune.calibration import Calibration, Values
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import PruneProblem
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

DIRECTIONS = 8
"""Of each text: the gradients of few are noisy, and the pass forward is shared."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """Texts that are read at once.

    Args:
        ids: of each text.
        whole: vectors of the whole encoder, shape (texts, dimensions).
        directions: random ones, shape (DIRECTIONS, texts, dimensions).
    """

    ids: list[list[int]]
    whole: torch.Tensor
    directions: torch.Tensor

    def __len__(self) -> int:
        return len(self.ids)


class EncoderCalibration(Calibration):
    """Texts, each cut to the window. The loss of one is 1 less the cosine of its vectors now and before.

    At the whole encoder that has no gradient, so units are judged by the vectors' own: the gradient of a
    vector's product with a random direction z, z standard normal. Its mean square is the diagonal of J'J, J
    the Jacobian of the vector to the mask, and J'J is the Hessian of the loss at the whole encoder: the
    Fisher matrix of vectors that are told with unit noise.

    Args:
        encoder: built like BERT.
        texts: in an order of the seed's.
        problem: budget and seed.

    Raises:
        QwattError: there is no text.
    """

    gradient_backwards: ClassVar[int] = DIRECTIONS
    slope_passes: ClassVar[int] = 1

    def __init__(self, encoder: Encoder, texts: Sequence[str], problem: PruneProblem) -> None:
        super().__init__(encoder.network, "fp32")
        self.seed, self.pooling = problem.seed, encoder.pooling
        self.ids = enough_texts(encoder, texts, problem.budget.calibration, problem.budget.window)
        if not self.ids:
            raise QwattError("there is no text to calibrate on", where=problem.source, mend="give more text")
        self.windows, self.tokens = len(self.ids), sum(map(len, self.ids))
        self.context = max(map(len, self.ids))
        self._order = in_batches(sorted(range(len(self.ids)), key=lambda i: len(self.ids[i])), self.ids)
        self.calls = len(self._order)

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Embed all texts by the whole encoder, once."""
        with super().ready():
            self._sentences  # noqa: B018
            yield

    @cached_property
    def _sentences(self) -> list[Sentences]:
        found, rng = [], np.random.default_rng([self.seed, 22])
        with torch.no_grad():
            for numbers in self._order:
                ids = [self.ids[i] for i in numbers]
                whole = pooled(self.model, ids, self.pooling)
                drawn = rng.standard_normal((DIRECTIONS, *whole.shape)).astype(np.float32)
                found.append(Sentences(ids, whole, torch.from_numpy(drawn)))
        return found

    def batches(self) -> Iterator[Sentences]:
        """Yield texts of similar length."""
        yield from self._sentences

    def loss(self, batch: Sentences, precision: str | None = None) -> torch.Tensor:
        """Return 1 less the cosine of each text."""
        return 1.0 - (pooled(self.model, batch.ids, self.pooling) * batch.whole).sum(1)

    def probes(self, batch: Sentences) -> list[torch.Tensor]:
        """Return the products of vectors and directions."""
        vectors = pooled(self.model, batch.ids, self.pooling)
        return [(vectors * direction).sum(1) for direction in batch.directions]

    def outer_scale(self) -> float:
        """Return 1: a text has one vector."""
        return 1.0

    def slope(self, units: Units, values: Values, rows: Values) -> Values:
        """Return the gradient of the loss, which no random direction has a part in."""
        gate, found = Gate(self.model, units), np.zeros(len(units))
        with self.ready(), gate.closed():
            for batch in self.batches():
                gate.values = mask = torch.from_numpy(values.astype(np.float32)).requires_grad_()
                found += torch.autograd.grad(self.loss(batch).sum(), mask)[0].numpy()
        return found / self.windows


def enough_texts(encoder: Encoder, texts: Sequence[str], tokens: int, window: int) -> list[list[int]]:
    """Return the ids of the first texts, each cut to a window, as long as there are not so many tokens."""
    found: list[list[int]] = []
    for start in range(0, len(texts), _AT_ONCE):
        for ids in encoder.tokens(texts[start : start + _AT_ONCE]):
            if found and tokens <= 0:
                return found
            found.append(_cut(ids, window))
            tokens -= len(found[-1])
    return found


_AT_ONCE = 64


def _cut(ids: list[int], window: int) -> list[int]:
    """Keep the token that ends a text."""
    return ids if len(ids) <= window else [*ids[: window - 1], ids[-1]]
