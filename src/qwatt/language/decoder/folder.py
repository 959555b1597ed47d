"""A decoder out of a folder in Hugging Face form."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.data.manifest import found_digest
from qwatt.language.decoder.decoder import Decoder
from qwatt.language.network import load_network, read_description

if TYPE_CHECKING:
    import torch
    import transformers
else:
    torch, transformers = lazy("torch"), lazy("transformers")
    _llama = lazy("transformers.models.llama.modeling_llama")  # imported before anything is measured

LONGEST_CONTEXT = 512
"""Windows of models that could take longer ones are cut here: what two cores evaluate in reasonable time."""
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_LOOKED_AT = 4
"""Tokens of which the last is exchanged to see whether the ones before it know."""
_NOISE = 1e-4
"""Share of the largest logit by which equal rows of a batch may differ."""
_TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json")


def read_folder(folder: Path, name: str) -> Decoder:
    """Return the decoder of a folder, its weights in fp32.

    Raises:
        QwattError: the folder has no configuration, weights or tokenizer, holds no decoder that transformers
            knows, one that is not whole, or one that sees the tokens it is to predict.
    """
    config = decoder_config(folder)
    if not any(file for pattern in _WEIGHTS for file in folder.glob(pattern)):
        raise QwattError(
            "no weights", where=str(folder), mend="add model.safetensors, as save_pretrained does"
        )
    if not any((folder / file).is_file() for file in _TOKENIZERS):
        mend = "add tokenizer.json, as the tokenizer's save_pretrained does"
        raise QwattError("no tokenizer", where=str(folder), mend=mend)
    model = load_network(transformers.AutoModelForCausalLM, folder)
    digest = folder_digest(folder)
    if digest not in _causal:
        _refuse_looking_ahead(model, folder)
        _causal.add(digest)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        what = f"transformers cannot load its tokenizer: {first}"
        raise QwattError(what, where=str(folder), mend="save it again with transformers") from error
    longest = int(config.get("max_position_embeddings") or config.get("n_positions") or LONGEST_CONTEXT)
    return Decoder(model, tokenizer, name, digest, min(longest, LONGEST_CONTEXT))


_causal: set[str] = set()
"""Digests of the folders that this process has seen to look back alone."""


def _refuse_looking_ahead(model: Any, folder: Path) -> None:
    """Refuse a model whose logits depend on later tokens, as BERT's and XLNet's: its loss predicts nothing.

    Raises:
        QwattError: an exchanged last token changes the logits before it.
    """
    entries = model.get_input_embeddings().weight.shape[0]
    ids = torch.arange(_LOOKED_AT).repeat(2, 1) % entries
    ids[1, -1] = _LOOKED_AT % entries
    with torch.inference_mode():
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    if (logits[0] - logits[1]).abs().max() > _NOISE * logits.abs().max():
        what = f"{type(model).__name__} sees the tokens that follow, so that its loss predicts nothing"
        mend = "give a decoder that looks back alone, such as Llama's or GPT-2's"
        raise QwattError(what, where=str(folder), mend=mend)


def folder_digest(folder: Path) -> str:
    """Return one SHA-256 over the files that change what a model computes."""
    names = sorted(
        file for pattern in ("*.json", "*.safetensors", "*.bin", "*.model") for file in folder.glob(pattern)
    )
    parts = [f"{file.name} {found_digest(file)}" for file in names if file.name != "training.json"]
    return sha256("\n".join(parts).encode()).hexdigest()


def decoder_config(folder: Path) -> dict[str, Any]:
    """Return what the folder's config.json says, without reading weights.

    Raises:
        QwattError: there is none, or it describes no causal language model.
    """
    file = folder / "config.json"
    if not file.is_file():
        mend = "give a folder that transformers' save_pretrained wrote"
        raise QwattError("not a model folder: it has no config.json", where=str(folder), mend=mend)
    config = read_description(file)
    kinds = config.get("architectures") or []
    if kinds and not any(str(kind).endswith(("ForCausalLM", "LMHeadModel")) for kind in kinds):
        what = f"{', '.join(map(str, kinds))} is not a causal language model"
        mend = "give a decoder, whose architecture ends in ForCausalLM"
        raise QwattError(what, where=f"{file}: architectures", mend=mend)
    return config
