"""An adapter that computes each matrix from the frozen one by a formula of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.pretrained import Pretrained

if TYPE_CHECKING:
    import torch

    from qwatt.torch import computed
else:
    torch, computed = lazy("torch"), lazy("qwatt.torch.computed")


class ComputedAdapter(Adapter):
    """Formulas in all matrices of a decoder.

    Args:
        subject: the decoder.
        formulas: one for each matrix, in the decoder's order: from the frozen weight to the one that is used.
        trained: what is trained.
        prepare: is called before each forward pass.
        finish: is called before merging, to read what is used from then on.
        facts: what is worth telling of it; `finish` may add to it.
    """

    def __init__(
        self,
        subject: Pretrained,
        formulas: Sequence[Callable[[torch.Tensor], torch.Tensor]],
        trained: Sequence[torch.nn.Parameter],
        *,
        prepare: Callable[[], object] | None = None,
        finish: Callable[[], object] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._trained, self._finish = list(trained), finish
        self._facts = {} if facts is None else facts
        self._hook = None
        if prepare is not None:
            self._hook = subject.model.register_forward_pre_hook(lambda *_: prepare() and None)
        self._parts = [subject.model.get_submodule(matrix.name) for matrix in subject.matrices]
        for part, formula, matrix in zip(self._parts, formulas, subject.matrices, strict=True):
            computed.compute_weight(part, formula, matrix.flipped)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what the formulas use that is trained."""
        return self._trained

    def merge(self) -> None:
        """Compute every matrix once more, and keep it."""
        if self._hook is not None:
            self._hook.remove()
        if self._finish is not None:
            with torch.no_grad():
                self._finish()
        for part in self._parts:
            computed.keep_weight(part)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was told of it."""
        return self._facts
