"""A decoder before adaptation: its matrices, its text in tokens, and its weights as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.language.decoder import load_decoder
from qwatt.language.decoder.text_windows import Judged, Windows, spelled_characters, text_windows
from qwatt.stages.tuning.adapt.problem import AdaptProblem, Weights

if TYPE_CHECKING:
    import torch
    from transformers import pytorch_utils
else:
    torch, pytorch_utils = lazy("torch"), lazy("transformers.pytorch_utils")


_RATE_WIDTH = 128
"""Width up to which learning rates are taken as they are said."""


@dataclass(frozen=True)
class Matrix:
    """A weight matrix that adapters change.

    Args:
        name: of the module in the decoder, such as "model.layers.0.mlp.up_proj".
        rows: outputs.
        columns: inputs.
        flipped: whether the module keeps it with inputs first, as GPT-2 does.
    """

    name: str
    rows: int
    columns: int
    flipped: bool = False


class Pretrained:
    """A decoder and the text of a problem in its tokens.

    Args:
        name: the decoder's name or folder.
        problem: the text and the budgets.

    Raises:
        QwattError: no such decoder, none of its parts is a matrix, or a part has not one window of text.
    """

    def __init__(self, name: str, problem: AdaptProblem) -> None:
        self.decoder = load_decoder(name)
        self.model: Any = self.decoder.model.requires_grad_(False)
        self._kept: dict[str, torch.Tensor] = {
            name: weights.detach().clone() for name, weights in self.model.named_parameters()
        }
        self.matrices = _matrices(self.model)
        if not self.matrices:
            raise QwattError("the decoder has no weight matrices that could be adapted", where=name)
        budget = problem.budget
        self.context = min(self.decoder.context, budget.context)
        self.train, self.validation, self.test = (
            text_windows(self.decoder, texts, tokens, self.context, part)
            for texts, tokens, part in (
                (problem.train, budget.train, "train"),
                (problem.validation, budget.validation, "validate"),
                (problem.test, budget.test, "test"),
            )
        )

    @contextmanager
    def borrowed(self) -> Iterator[Any]:
        """Lend the model to be adapted; afterwards its weights are as they were.

        What fails on the way may leave adapters inside it: then the decoder is loaded anew for the next.
        """
        try:
            yield self.model
        except BaseException:
            pretrained.cache_clear()
            raise
        self.model.requires_grad_(False).eval()
        self.put(self._kept)

    def put(self, weights: Mapping[str, Any]) -> None:
        """Copy weights into the model."""
        put_weights(self.model, weights)

    def changed(self) -> Weights:
        """Return the weights that differ from those before."""
        return {
            name: weights.detach().numpy().copy()
            for name, weights in self.model.named_parameters()
            if not torch.equal(weights, self._kept[name])
        }

    def weight(self, matrix: Matrix) -> torch.Tensor:
        """Return a matrix as it was before, outputs first, shape (rows, columns)."""
        found = self._kept[f"{matrix.name}.weight"]
        return found.T if matrix.flipped else found

    def checked_rank(self, rank: int) -> int:
        """Return a rank that fits all matrices.

        Raises:
            QwattError: it is above the side of one.
        """
        most = min(min(matrix.rows, matrix.columns) for matrix in self.matrices)
        if rank > most:
            what = f"a rank of {rank} is more than the smallest matrix of {self.decoder.name} has"
            raise QwattError(what, where="rank", mend=f"give at most {most}")
        return rank

    @cached_property
    def multiplied(self) -> int:
        """Weights that each token is multiplied with."""
        head: int = self.model.get_output_embeddings().weight.numel()
        return head + sum(matrix.rows * matrix.columns for matrix in self.matrices)

    @cached_property
    def blocks(self) -> int:
        """Blocks of the decoder."""
        return int(self.model.config.get_text_config().num_hidden_layers)

    @property
    def vocabulary(self) -> int:
        """Entries of the decoder's vocabulary."""
        size: int = self.model.get_input_embeddings().weight.shape[0]
        return size

    @property
    def rate_factor(self) -> float:
        """Share of a learning rate that a wider decoder takes: one over its width (arXiv:2203.03466)."""
        width: int = self.model.get_input_embeddings().weight.shape[1]
        return min(1.0, _RATE_WIDTH / width)

    def judged(self, windows: Windows, nats: Any) -> Judged:
        """Return what the tokens of a part took."""
        characters = spelled_characters(self.decoder, windows)
        return Judged(np.asarray(nats), windows.shape[0] * self.context, characters)


def put_weights(model: Any, weights: Mapping[str, Any]) -> None:
    """Copy weights, arrays or tensors by their names, into a decoder's model; others stay."""
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, values in weights.items():
            own[name].copy_(torch.as_tensor(values))


@lru_cache(maxsize=1)
def pretrained(name: str, problem: AdaptProblem) -> Pretrained:
    """Return the decoder of a problem; the methods of one problem share it."""
    return Pretrained(name, problem)


def _matrices(model: Any) -> list[Matrix]:
    """Return the linear maps of a decoder but for its head, in its order."""
    head, found = model.get_output_embeddings(), []
    for name, part in model.named_modules():
        if part is head:
            continue
        if isinstance(part, torch.nn.Linear):
            found.append(Matrix(name, part.out_features, part.in_features))
        elif isinstance(part, pytorch_utils.Conv1D):
            columns, rows = part.weight.shape
            found.append(Matrix(name, rows, columns, flipped=True))
    return found
