"""A network out of a folder in Hugging Face form: its description, and its weights, every one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
    import transformers
else:
    torch, transformers = lazy("torch"), lazy("transformers")

_SAVE_AGAIN = "save it again with transformers"


def read_description(file: Path) -> dict[str, Any]:
    """Return what a `config.json` or another file of a model folder says.

    Raises:
        QwattError: it is no JSON object.
    """
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise QwattError(f"not JSON that describes a model: {error}", where=str(file)) from error
    if not isinstance(found, dict):
        raise QwattError("not JSON that describes a model: it is no object", where=str(file))
    return found


def load_network(auto: Any, folder: Path, spare: tuple[str, ...] = ()) -> Any:
    """Return a folder's network in fp32, in evaluation mode.

    transformers draws weights that a folder lacks at random, and says so in its log alone: here they are
    refused, as are those of another shape than the description says, and those that are no number.

    Args:
        auto: class of transformers that loads it, such as `AutoModel`.
        folder: in Hugging Face form.
        spare: beginnings of names that may be missing, as nothing reads them.

    Raises:
        QwattError: transformers cannot load it, or its weights are not whole.
    """
    where = str(folder)
    before = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()  # its report of what is missing: told below
    try:
        network, report = auto.from_pretrained(
            folder,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise QwattError(f"transformers cannot load it: {first}", where=where, mend=_SAVE_AGAIN) from error
    finally:
        transformers.utils.logging.set_verbosity(before)
    if fault := next(_faults(network, report, spare), None):
        raise QwattError(fault, where=where, mend=_SAVE_AGAIN)
    return network.eval()


def check_entries(highest: int, network: Any, where: str) -> None:
    """See that a network has a vector for every entry of the vocabulary that a tokenizer wrote.

    Args:
        highest: of the entries' numbers.
        network: of transformers.
        where: the model's name or folder, for the error.

    Raises:
        QwattError: it has none for the highest.
    """
    entries = network.get_input_embeddings().weight.shape[0]
    if highest >= entries:
        what = f"the tokenizer writes entry {highest:,} of a vocabulary of which the model has {entries:,}"
        mend = "give the tokenizer that the model was trained with, or let the model resize_token_embeddings"
        raise QwattError(what, where=where, mend=mend)


def _faults(network: Any, report: Any, spare: tuple[str, ...]) -> Iterator[str]:
    missing = sorted(name for name in report["missing_keys"] if not name.startswith(spare or ("\0",)))
    if missing:
        yield f"no weights of {_some(missing)}"
    if shapes := sorted(report["mismatched_keys"]):
        name, found, wanted = shapes[0]
        more = f", and {len(shapes) - 1:,} more" if len(shapes) > 1 else ""
        yield f"{name} is of shape {tuple(found)}, and config.json says {tuple(wanted)}{more}"
    for name, weights in network.named_parameters():
        if not torch.isfinite(weights.detach().sum()):  # one pass without a mask
            yield f"{name} holds values that are no numbers"


def _some(names: list[str]) -> str:
    return names[0] + (f", and {len(names) - 1:,} more" if len(names) > 1 else "")
