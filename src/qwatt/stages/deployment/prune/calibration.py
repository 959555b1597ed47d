"""A model on the calibration text under masks: losses, gradients of every window, the exact Hessian."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.progress import tell
from qwatt.core.threads import one_thread
from qwatt.language.decoder.precision import wide_attention
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.shrinkage import shrunk_covariance
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    import torch
    from torch.nn import attention
else:
    torch, attention = lazy("torch"), lazy("torch.nn.attention")

Values = NDArray[np.float64]
"""Real numbers for every unit, shape (units,)."""


class Calibration(ABC):
    """Windows of text that a model is asked about; what a loss is depends on the model.

    Args:
        model: built like Llama or BERT; its weights are frozen.
        precision: of losses and first derivatives, "fp32" or "bf16".

    Attributes:
        tokens: of all windows.
        windows: how many.
        context: tokens of a window, of the longest where they differ.
        calls: batches that all windows make.
    """

    gradient_backwards: ClassVar[int] = 1
    """Backward passes that `window_gradients` takes."""
    slope_passes: ClassVar[int] = 0
    """Further passes forward and back that `information` takes."""
    tokens: int
    windows: int
    context: int
    calls: int

    def __init__(self, model: Any, precision: str) -> None:
        self.model, self.precision = model.requires_grad_(False), precision

    @abstractmethod
    def batches(self) -> Iterator[Any]:
        """Yield windows that are read at once; each has a length."""

    @abstractmethod
    def loss(self, batch: Any, precision: str | None = None) -> torch.Tensor:
        """Return each window's loss under the gate that is closed, shape (windows of the batch,)."""

    @abstractmethod
    def probes(self, batch: Any) -> Sequence[torch.Tensor]:
        """Return what each window's gradients are taken of to see what units are worth, each as `loss`."""

    @abstractmethod
    def outer_scale(self) -> float:
        """Return how often the covariance of the windows' gradients is the Fisher matrix of a window."""

    def read(self) -> None:
        """Let the model read all of it, for whoever watches."""
        with self.ready(), torch.no_grad():
            for batch in self.batches():
                self.loss(batch)

    def losses(self, units: Units, masks: Sequence[Mask | Values], unit: str = "masks") -> Values:
        """Return the mean loss under each mask, shape (masks,)."""
        gate, found = Gate(self.model, units), np.zeros(len(masks))
        with self.ready(), torch.no_grad(), gate.closed():
            for number, mask in enumerate(masks):
                gate.values = torch.from_numpy(np.asarray(mask, dtype=np.float32))
                found[number] = sum(float(self.loss(batch).sum()) for batch in self.batches()) / self.windows
                tell(number + 1, len(masks), unit)
        return found

    def window_gradients(self, units: Units, values: Values) -> NDArray[np.float32]:
        """Return the gradients of every window's probes to the mask, shape (windows x probes, units)."""
        gate, found = Gate(self.model, units), []
        with self.ready(), gate.closed():
            for batch in self.batches():
                mask = torch.from_numpy(np.tile(values.astype(np.float32), (len(batch), 1))).requires_grad_()
                gate.values = mask
                probes = self.probes(batch)
                for number, probe in enumerate(probes):
                    more = number < len(probes) - 1
                    (slope,) = torch.autograd.grad(probe.sum(), mask, retain_graph=more)
                    found.append(slope.numpy())
        return np.concatenate(found)

    def information(
        self, units: Units, values: Values, known: NDArray[np.float32] | None = None
    ) -> tuple[Values, NDArray[np.float64]]:
        """Return the gradient of the mean loss (units,) and its Fisher matrix (units, units) at a mask.

        The matrix is the covariance of the windows' gradients, times `outer_scale`. That of few windows is
        noisy, and shrunk.

        Args:
            units: the variables.
            values: the mask.
            known: what `window_gradients` gives there, if it is known.
        """
        slopes = self.window_gradients(units, values) if known is None else known
        rows = slopes.astype(np.float64)
        return self.slope(units, values, rows), self.outer_scale() * shrunk_covariance(rows)

    def slope(self, units: Units, values: Values, rows: Values) -> Values:
        """Return the gradient of the mean loss, shape (units,); `rows` are those of `window_gradients`."""
        return np.asarray(rows.mean(0))

    def curvature(self, units: Units, values: Values) -> tuple[Values, NDArray[np.float64]]:
        """Return gradient (units,) and Hessian (units, units) of the mean loss at a mask, both exact.

        The Hessian is made of one Hessian-vector product a unit. Attention takes the plain kernel, as the
        fused one has no second derivative on a CPU.
        """
        n, gate = len(units), Gate(self.model, units)
        gradient, hessian, done = np.zeros(n), np.zeros((n, n)), 0
        with self.ready(), gate.closed(), attention.sdpa_kernel(attention.SDPBackend.MATH):
            for batch in self.batches():
                gate.values = mask = torch.from_numpy(values.astype(np.float32)).requires_grad_()
                (slope,) = torch.autograd.grad(self.loss(batch, "fp32").sum(), mask, create_graph=True)
                gradient += slope.detach().numpy()
                for i in range(n):
                    hessian[i] += torch.autograd.grad(slope[i], mask, retain_graph=i < n - 1)[0].numpy()
                tell(done := done + len(batch), self.windows, "windows")
        return gradient / self.windows, (hessian + hessian.T) / (2 * self.windows)

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Make what is needed of the whole model before a gate is closed, and compute on one thread."""
        with one_thread(), wide_attention(self.model, self.precision):
            yield
