"""A decoder on the calibration text under masks: losses, gradients of every window, the exact Hessian."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.progress import tell
from qwatt.core.threads import one_thread
from qwatt.language.decoder import Decoder, decoder_tokens
from qwatt.language.decoder.precision import choose_precision, computing_in, wide_attention
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import Mask, PruneProblem
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    import torch
    from torch.nn import attention
else:
    torch, attention = lazy("torch"), lazy("torch.nn.attention")

Values = NDArray[np.float64]
"""Real numbers for every unit, shape (units,)."""

_BATCH_TOKENS = 1024
_WIDE_PARAMETERS = 10_000_000
"""Smaller decoders compute in fp32: casting takes longer than it saves."""
_CHARS_PER_TOKEN = 16
"""Text that is written in tokens to have enough of them: generous, as any tokenizer has fewer."""


class Calibration:
    """Windows of text that a decoder is asked about.

    Losses and first derivatives of larger decoders are taken in bf16 where the processor has units for it.

    Args:
        decoder: built like Llama; its weights are frozen.
        problem: text and budget.

    Raises:
        QwattError: there is not one window of text.
    """

    def __init__(self, decoder: Decoder, problem: PruneProblem) -> None:
        self.model = decoder.model.requires_grad_(False)
        self.precision = choose_precision("auto") if decoder.parameters >= _WIDE_PARAMETERS else "fp32"
        self.context = min(decoder.context, problem.budget.window)
        ids = enough_tokens(decoder, problem.train, problem.budget.calibration)
        count = min(max(1, problem.budget.calibration // self.context), (len(ids) - 1) // self.context)
        if count < 1:
            what = f"{len(ids)} tokens to calibrate are fewer than one window of {self.context}"
            raise QwattError(what, where=problem.source, mend="give more text")
        starts = np.arange(count) * self.context
        self.windows = torch.from_numpy(ids[starts[:, None] + np.arange(self.context + 1)])

    @property
    def tokens(self) -> int:
        """Tokens that are predicted."""
        return len(self.windows) * self.context

    @property
    def batch(self) -> int:
        """Windows of a forward pass."""
        return max(1, _BATCH_TOKENS // self.context)

    def read(self) -> None:
        """Let the decoder read all of it, for whoever watches."""
        with self._ready(), torch.no_grad(), computing_in(self.precision):
            for rows in self._batches():
                self.model(input_ids=rows[:, :-1], use_cache=False)

    def losses(self, units: Units, masks: Sequence[Mask | Values], unit: str = "masks") -> Values:
        """Return the mean nats per token under each mask, shape (masks,)."""
        gate, found = Gate(self.model, units), np.zeros(len(masks))
        with self._ready(), torch.no_grad(), gate.closed():
            for number, mask in enumerate(masks):
                gate.values = torch.from_numpy(np.asarray(mask, dtype=np.float32))
                total = sum(float(self._nats(rows).sum()) for rows in self._batches())
                found[number] = total / len(self.windows)
                tell(number + 1, len(masks), unit)
        return found

    def window_gradients(self, units: Units, values: Values) -> NDArray[np.float32]:
        """Return the gradient of every window's mean loss to the mask, shape (windows, units)."""
        gate, found = Gate(self.model, units), []
        with self._ready(), gate.closed():
            for rows in self._batches():
                mask = torch.from_numpy(np.tile(values.astype(np.float32), (len(rows), 1))).requires_grad_()
                gate.values = mask
                found.append(torch.autograd.grad(self._nats(rows).sum(), mask)[0].numpy())
        return np.concatenate(found)

    def curvature(self, units: Units, values: Values) -> tuple[Values, NDArray[np.float64]]:
        """Return gradient (units,) and Hessian (units, units) of the mean loss at a mask, both exact.

        The Hessian is made of one Hessian-vector product a unit. Attention takes the plain kernel, as the
        fused one has no second derivative on a CPU.
        """
        n, gate = len(units), Gate(self.model, units)
        gradient, hessian, done = np.zeros(n), np.zeros((n, n)), 0
        with one_thread(), gate.closed(), attention.sdpa_kernel(attention.SDPBackend.MATH):
            for rows in self._batches():
                gate.values = mask = torch.from_numpy(values.astype(np.float32)).requires_grad_()
                (slope,) = torch.autograd.grad(self._nats(rows, "fp32").sum(), mask, create_graph=True)
                gradient += slope.detach().numpy()
                for i in range(n):
                    hessian[i] += torch.autograd.grad(slope[i], mask, retain_graph=i < n - 1)[0].numpy()
                tell(done := done + len(rows), len(self.windows), "windows")
        count = len(self.windows)
        return gradient / count, (hessian + hessian.T) / (2 * count)

    @contextmanager
    def _ready(self) -> Iterator[None]:
        with one_thread(), wide_attention(self.model, self.precision):
            yield

    def _nats(self, rows: torch.Tensor, precision: str | None = None) -> torch.Tensor:
        """Return the mean nats per token of each window, shape (windows,)."""
        with computing_in(precision or self.precision):
            logits = self.model(input_ids=rows[:, :-1], use_cache=False).logits
        losses = torch.nn.functional.cross_entropy(logits.mT.float(), rows[:, 1:], reduction="none")
        return losses.mean(1)

    def _batches(self) -> Iterator[torch.Tensor]:
        yield from torch.split(self.windows, self.batch)


def enough_tokens(decoder: Decoder, texts: Sequence[str], tokens: int) -> NDArray[np.int64]:
    """Return the ids of the first texts, at most so many and one more, shape (tokens,)."""
    room, some = (tokens + 1) * _CHARS_PER_TOKEN, []
    for text in texts:
        some.append(text)
        room -= len(text)
        if room < 0:
            break
    return decoder_tokens(decoder, some)[: tokens + 1]
