"""How a text's states become one vector, as a sentence-transformers folder says; else by their mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError

if TYPE_CHECKING:
    import torch

MEAN, FIRST, LARGEST, LAST = "mean", "cls", "max", "lasttoken"
_WAYS = {"mean": MEAN, "mean_sqrt_len": MEAN, "cls": FIRST, "max": LARGEST, "lasttoken": LAST}
"""What sentence-transformers calls them; two means differ in length alone, which is then made 1."""
_MODULES = ("Transformer", "Pooling", "Normalize", "Dropout")
"""Modules that are read, or that change no vector of length 1 in service."""
_MEND = "give a model of Transformer, Pooling and Normalize, or delete modules.json to take the mean"


def pooling_of(folder: Path) -> str:
    """Return "mean", "cls", "max" or "lasttoken"; "mean" where the folder does not say.

    Raises:
        QwattError: other modules follow the network, or its states are pooled in another way.
    """
    file = folder / "modules.json"
    if not file.is_file():
        return MEAN
    modules = _read(file, list)
    try:
        paths = {str(module["type"]).rpartition(".")[2]: str(module["path"]) for module in modules}
    except (KeyError, TypeError) as error:
        what = "it lists no modules of sentence-transformers"
        raise QwattError(what, where=str(file), mend="save the model again") from error
    if others := [name for name in paths if name not in _MODULES]:
        what = f"the vectors pass {', '.join(others)}, which is not read here"
        raise QwattError(what, where=str(file), mend=_MEND)
    described = folder / paths.get("Pooling", "1_Pooling") / "config.json"
    return _way(_read(described, dict), described) if described.is_file() else MEAN


def pool(states: torch.Tensor, mask: torch.Tensor, way: str) -> torch.Tensor:
    """Return one vector a text, shape (texts, dimensions).

    Args:
        states: shape (texts, tokens, dimensions).
        mask: 1 for a token and 0 for padding, which follows them; shape (texts, tokens).
        way: one of those of `pooling_of`.
    """
    if way == FIRST:
        return states[:, 0]
    if way == LAST:
        return states[range(len(states)), mask.sum(1) - 1]
    if way == LARGEST:
        return states.masked_fill(mask[..., None] == 0, float("-inf")).amax(1)
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def _way(config: dict[str, Any], file: Path) -> str:
    """Return the way that a description of a Pooling module says, by truth values or in a word."""
    chosen = [name.removeprefix("pooling_mode_") for name, said in config.items() if said is True]
    names = [name.removesuffix("_tokens").removesuffix("_token") for name in chosen if name not in config]
    names = names or [str(config.get("pooling_mode", MEAN))]
    ways = {_WAYS.get(name) for name in names}
    way = ways.pop()
    if ways or way is None:
        what = f"states are pooled by {' and '.join(names)}, which is not read here"
        raise QwattError(what, where=str(file), mend=_MEND)
    return way


def _read(file: Path, kind: type) -> Any:
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise QwattError(f"not JSON that describes a model: {error}", where=str(file)) from error
    if not isinstance(found, kind):
        raise QwattError("not JSON that describes a model", where=str(file), mend="save the model again")
    return found
