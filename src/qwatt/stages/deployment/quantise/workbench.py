"""A decoder on the bench: its linear layers, what enters them, and its loss with other weights in them.

Layers that read the same input, such as queries, keys and values, are rounded together: their rows are
independent of each other, and what matters about the input is its matrix of second moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.language.decoder import decoder_tokens, load_decoder, validation_loss
from qwatt.language.decoder.own_text import parts_of
from qwatt.stages.deployment.quantise.grid import Weights
from qwatt.stages.deployment.quantise.problem import QuantiseProblem

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

Moment = NDArray[np.float64]
"""Mean of x x^T over the tokens' inputs x of a layer, shape (columns, columns)."""

_BATCH_TOKENS = 4096
_CHARS_PER_TOKEN = 12
"""Text that is written in tokens to have enough of them: generous, as any tokenizer has fewer."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of all layers that read one input.

    Args:
        names: of the layers.
        weights: theirs, one layer below the other; shape (rows, columns).
        spans: which rows a layer has.
        moment: of the calibration text.
    """

    names: tuple[str, ...]
    weights: Weights = field(repr=False)
    spans: tuple[slice, ...]
    moment: Moment = field(repr=False)


class Workbench:
    """A decoder, the layers that are rounded, and the text of a problem in its tokens.

    Args:
        name: the decoder's name or folder.
        pattern: of the names of layers.
        problem: text and budgets.

    Raises:
        QwattError: no such decoder or layer, or a part has not two tokens.
    """

    def __init__(self, name: str, pattern: str, problem: QuantiseProblem) -> None:
        self.decoder = load_decoder(name)
        self.model: Any = self.decoder.model.requires_grad_(False)
        self.pattern = pattern
        self.layers = _linear_layers(self.model, pattern)
        parts = parts_of(problem.parts, name, problem.seed)
        budget = problem.budget
        self.calibration, self.validation, self.test = (
            self._tokens(part, tokens, what)
            for part, tokens, what in (
                (parts[0], budget.calibration, "calibrate"),
                (parts[1], budget.validation, "validate"),
                (parts[2], budget.test, "test"),
            )
        )

    @property
    def context(self) -> int:
        """Tokens in a window."""
        return self.decoder.context

    def calibrated(self) -> Shared[list[Rows]]:
        """Return the rows with the moments of the calibration text, and what finding these cost."""
        return self._calibrated

    @cached_property
    def _calibrated(self) -> Shared[list[Rows]]:
        from qwatt.energy.meter import Meter

        with one_thread(), Meter().window("second moments") as window:
            moments = second_moments(self.model, self.layers, self.calibration, self.context)
        rows = self._stacked(moments)
        note = "second moments of the inputs, measured in this run"
        return Shared(rows, window.energy, window.seconds, note)

    @cached_property
    def test_moments(self) -> Mapping[str, Moment]:
        """Second moments of the held-back text, by layer."""
        with one_thread():
            return second_moments(self.model, self.layers, self.test, self.context)

    @cached_property
    def float_loss(self) -> float:
        """Nats per token of the held-back text before anything is rounded."""
        with one_thread():
            return validation_loss(self.model, self.test, self.context)

    def loss(self, weights: Mapping[str, Weights], tokens: NDArray[np.int64]) -> float:
        """Return the nats per token of a text with other weights in the layers."""
        with self.with_weights(weights):
            return validation_loss(self.model, tokens, self.context)

    @contextmanager
    def with_weights(self, weights: Mapping[str, Weights]) -> Iterator[None]:
        """Put other weights into the layers for as long as the context lasts."""
        own = {name: self.layers[name].weight.data for name in weights}
        try:
            for name, values in weights.items():
                self.layers[name].weight.data = torch.from_numpy(np.ascontiguousarray(values))
            yield
        finally:
            for name, values in own.items():
                self.layers[name].weight.data = values

    def _stacked(self, moments: Mapping[str, Moment]) -> list[Rows]:
        together: dict[int, list[str]] = {}
        for name, moment in moments.items():
            together.setdefault(id(moment), []).append(name)
        found = []
        for names in together.values():
            parts = [self.layers[name].weight.data.numpy() for name in names]
            ends = np.cumsum([len(part) for part in parts]).tolist()
            spans = tuple(slice(end - len(part), end) for end, part in zip(ends, parts, strict=True))
            found.append(Rows(tuple(names), np.concatenate(parts), spans, moments[names[0]]))
        return found

    def _tokens(self, texts: tuple[str, ...], tokens: int, what: str) -> NDArray[np.int64]:
        room, some = tokens * _CHARS_PER_TOKEN, []
        for text in texts:
            some.append(text)
            room -= len(text)
            if room < 0:
                break
        ids = decoder_tokens(self.decoder, some)[: tokens + 1]
        if len(ids) < 2:
            raise QwattError(f"{len(ids)} tokens to {what} on are too few", mend="give more text")
        return ids


def second_moments(
    model: Any, layers: Mapping[str, Any], tokens: NDArray[np.int64], context: int
) -> dict[str, Moment]:
    """Return the second moments of what enters each layer; layers with one input share one array.

    Args:
        model: a causal language model of transformers.
        layers: those of it that are asked for, by name.
        tokens: ids in a row, of which whole windows are read; all of them where there is no whole one.
        context: tokens in a window.
    """
    sums: dict[str, torch.Tensor] = {}
    first: dict[str, str] = {}
    last: list[Any] = [None, ""]

    def see(name: str) -> Any:
        def hook(module: Any, args: tuple[torch.Tensor, ...]) -> None:
            if last[0] is args[0]:
                first.setdefault(name, last[1])
                return
            last[:] = [args[0], name]
            x = args[0].flatten(0, -2)
            sums[name] = sums.get(name, 0) + (x.T @ x).double()

        return hook

    hooks = [layer.register_forward_pre_hook(see(name)) for name, layer in layers.items()]
    width = min(context, len(tokens))
    windows = tokens[: len(tokens) // width * width].reshape(-1, width)
    size = max(1, _BATCH_TOKENS // width)
    try:
        with torch.no_grad():
            for start in range(0, len(windows), size):
                model(input_ids=torch.from_numpy(windows[start : start + size]), use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    found = {name: total.numpy() / windows.size for name, total in sums.items()}
    reached = {name: first.get(name, name) for name in layers}
    return {name: found[home] for name, home in reached.items() if home in found}


def _linear_layers(model: Any, pattern: str) -> dict[str, Any]:
    """Return the linear layers whose names fit, the output head left out, in the model's order."""
    head = model.get_output_embeddings()
    linear = {
        name: part
        for name, part in model.named_modules()
        if isinstance(part, torch.nn.Linear) and part is not head
    }
    found = {name: part for name, part in linear.items() if fnmatchcase(name, pattern)}
    if not found:
        some = ", ".join(list(linear)[:3]) or "none at all"
        what = f"no linear layer of {type(model).__name__} is named like {pattern!r}"
        raise QwattError(what, where="layers", mend=f"give a pattern of names; it has {some} ...")
    return found


@lru_cache(maxsize=2)
def workbench(name: str, pattern: str, problem: QuantiseProblem) -> Workbench:
    """Return the workbench of a problem; the methods of one problem share it."""
    return Workbench(name, pattern, problem)
