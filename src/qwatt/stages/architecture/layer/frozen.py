"""A frozen decoder cut before one block: what enters that block is computed once, for every method alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.language.decoder import load_decoder
from qwatt.language.decoder.text_windows import Windows, spelled_characters, text_windows
from qwatt.stages.architecture.layer.problem import LayerProblem

if TYPE_CHECKING:
    import torch

    from qwatt import torch as layers
else:
    torch, layers = lazy("torch"), lazy("qwatt.torch")

Predict = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""From ids (windows, context) and what enters the block (windows, context, width) to logits."""

_CONTEXT = 128
"""Longest window."""
_BATCH_TOKENS = 4096


class Frozen:
    """A decoder, its weights frozen, and the text of a problem in its tokens.

    Args:
        name: the decoder's name or folder.
        problem: the text and the budgets.
        block: number of the block, -1 for the last.

    Raises:
        QwattError: no such decoder or block, or a part has not one window of text.
    """

    def __init__(self, name: str, problem: LayerProblem, block: int) -> None:
        self.decoder = load_decoder(name)
        self.model: Any = self.decoder.model.requires_grad_(False)
        layers.find_block(self.model, block)
        self.blocks = layers.blocks_of(self.model)
        self.block = block % len(self.blocks)
        self.context = min(self.decoder.context, _CONTEXT)
        budget = problem.budget
        self.train, self.validation, self.test = (
            text_windows(self.decoder, texts, tokens, self.context, part)
            for texts, tokens, part in (
                (problem.train, budget.train, "train"),
                (problem.validation, budget.validation, "validate"),
                (problem.test, budget.test, "test"),
            )
        )

    @cached_property
    def hidden_size(self) -> int:
        """Width of the residual stream."""
        return int(self.model.get_input_embeddings().weight.shape[1])

    @cached_property
    def stream_size(self) -> float:
        """Root mean square of what enters the block, over the training part."""
        return float(self.states().value[0].square().mean().sqrt())

    def characters(self, windows: Windows) -> int:
        """Return how many characters the predicted tokens spell."""
        return spelled_characters(self.decoder, windows)

    def states(self) -> Shared[list[torch.Tensor]]:
        """Return what enters the block of all three parts, each (windows, context, width), and its cost."""
        return self._states

    @cached_property
    def _states(self) -> Shared[list[torch.Tensor]]:
        from qwatt.energy.meter import Meter

        with one_thread(), Meter().window("hidden states") as window:
            found = [self._entering(part) for part in (self.train, self.validation, self.test)]
        return Shared(found, window.energy, window.seconds, "hidden states, measured in this run")

    @contextmanager
    def upper(self) -> Iterator[Predict]:
        """Take the blocks below out for as long as the context lasts; the block is number 0 meanwhile."""
        lower = [self.blocks.pop(0) for _ in range(self.block)]
        entering: list[torch.Tensor] = []

        def enter(_: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
            if args:
                return (entering[0], *args[1:]), options
            return args, options | {"hidden_states": entering[0]}

        def predict(ids: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
            entering[:] = [states]
            logits: torch.Tensor = self.model(input_ids=ids, use_cache=False).logits
            return logits

        hook = self.blocks[0].register_forward_pre_hook(enter, with_kwargs=True)
        try:
            yield predict
        finally:
            hook.remove()
            for below in reversed(lower):
                self.blocks.insert(0, below)

    def weights(self) -> tuple[int, int]:
        """Return how many weights are multiplied with each token below the block, and from it on."""
        below = sum(w.numel() for block in self.blocks[: self.block] for w in block.parameters())
        inside = sum(w.numel() for block in self.blocks[self.block :] for w in block.parameters())
        return below, inside + self.model.get_output_embeddings().weight.numel()

    def _entering(self, windows: Windows) -> torch.Tensor:
        found: list[torch.Tensor] = []

        def leave(_: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
            found.append(args[0] if args else options["hidden_states"])
            raise _LeftError

        hook = self.blocks[self.block].register_forward_pre_hook(leave, with_kwargs=True)
        size = max(1, _BATCH_TOKENS // self.context)
        try:
            with torch.no_grad():
                for start in range(0, len(windows), size):
                    ids = torch.from_numpy(windows[start : start + size, :-1])
                    try:
                        self.model(input_ids=ids, use_cache=False)
                    except _LeftError:
                        continue
        finally:
            hook.remove()
        return torch.cat(found)


class _LeftError(Exception):
    """The forward pass has reached the block."""


@lru_cache(maxsize=2)
def frozen(name: str, problem: LayerProblem, block: int) -> Frozen:
    """Return the frozen decoder of a problem; the methods of one problem share it."""
    return Frozen(name, problem, block)
