"""A decoder on the calibration text: windows of as many tokens each, the loss in nats a token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.language.decoder import Decoder, decoder_tokens
from qwatt.language.decoder.precision import choose_precision, computing_in
from qwatt.stages.deployment.prune.calibration import Calibration
from qwatt.stages.deployment.prune.problem import PruneProblem

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_BATCH_TOKENS = 1024
_WIDE_PARAMETERS = 10_000_000
"""Smaller decoders compute in fp32: casting takes longer than it saves."""
_CHARS_PER_TOKEN = 16
"""Text that is written in tokens to have enough of them: generous, as any tokenizer has fewer."""


class DecoderCalibration(Calibration):
    """Windows of text.

    Losses and first derivatives of larger decoders are taken in bf16 where the processor has units for it.

    Args:
        model: a causal language model that is built like Llama.
        rows: ids, shape (windows, context + 1).
    """

    def __init__(self, model: Any, rows: NDArray[np.int64]) -> None:
        wide = sum(w.numel() for w in model.parameters()) >= _WIDE_PARAMETERS
        super().__init__(model, choose_precision("auto") if wide else "fp32")
        self.rows = torch.from_numpy(rows)
        self.windows, self.context = len(rows), rows.shape[1] - 1
        self.tokens = self.windows * self.context
        self.calls = -(-self.windows // self._batch)

    @property
    def _batch(self) -> int:
        return max(1, _BATCH_TOKENS // self.context)

    def batches(self) -> Iterator[torch.Tensor]:
        """Yield ids, shape (windows of the batch, context + 1)."""
        yield from torch.split(self.rows, self._batch)

    def loss(self, batch: torch.Tensor, precision: str | None = None) -> torch.Tensor:
        """Return the mean nats per token of each window."""
        with computing_in(precision or self.precision):
            logits = self.model(input_ids=batch[:, :-1], use_cache=False).logits
        losses = torch.nn.functional.cross_entropy(logits.mT.float(), batch[:, 1:], reduction="none")
        return losses.mean(1)

    def probes(self, batch: torch.Tensor) -> list[torch.Tensor]:
        """Return the loss itself."""
        return [self.loss(batch)]

    def outer_scale(self) -> float:
        """Return the tokens of a window: the mean over tokens of outer products, if tokens are independent.

        That is the empirical Fisher information of arXiv:2204.09656.
        """
        return float(self.context)


def decoder_windows(decoder: Decoder, texts: Sequence[str], problem: PruneProblem) -> NDArray[np.int64]:
    """Return windows of texts in a row, as many as the budget holds, shape (windows, context + 1).

    Raises:
        QwattError: there is not one.
    """
    budget = problem.budget
    context = min(decoder.context, budget.window)
    ids = enough_tokens(decoder, texts, budget.calibration)
    count = min(max(1, budget.calibration // context), (len(ids) - 1) // context)
    if count < 1:
        what = f"{len(ids)} tokens to calibrate are fewer than one window of {context}"
        raise QwattError(what, where=problem.source, mend="give more text")
    return np.asarray(ids[np.arange(count)[:, None] * context + np.arange(context + 1)])


def enough_tokens(decoder: Decoder, texts: Sequence[str], tokens: int) -> NDArray[np.int64]:
    """Return the ids of the first texts, at most so many and one more, shape (tokens,)."""
    room, some = (tokens + 1) * _CHARS_PER_TOKEN, []
    for text in texts:
        some.append(text)
        room -= len(text)
        if room < 0:
            break
    return decoder_tokens(decoder, some)[: tokens + 1]
