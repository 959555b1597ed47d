"""What an encoder's folder has to hold, and what its description says by any of its names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.language.network import read_description

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""In the order in which transformers looks for them; in shards, an index beside them says which."""
OTHER_FILES = ("tokenizer.json", "config.json")
"""What else changes a vector."""
_ALSO = {
    "hidden_size": ("n_embd", "dim", "d_model"),
    "num_hidden_layers": ("n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("n_head", "n_heads", "num_heads"),
    "intermediate_size": ("n_inner", "hidden_dim", "ffn_dim", "d_inner", "d_ff"),
    "max_position_embeddings": ("n_positions", "max_seq_len"),
}
"""What GPT-2, DistilBERT, GPT-Neo, OPT, MPT, XLNet and T5 call what BERT and Llama call by the first name."""
_AFTER_PADDING = {
    "camembert",
    "data2vec-text",
    "ibert",
    "longformer",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
}
"""Networks whose first position follows that of padding: so many positions are for no token."""


def check_folder(folder: Path) -> None:
    """Check that a folder holds an encoder.

    Raises:
        QwattError: a file is missing, or it is an encoder with a decoder.
    """
    missing = [name for name in (*weight_files(folder), *OTHER_FILES) if not (folder / name).is_file()]
    if missing:
        mend = "give a folder that save_pretrained wrote, of the model and of its fast tokenizer"
        raise QwattError(f"not a model folder: it has no {', '.join(missing)}", where=str(folder), mend=mend)
    if (described := read_description(folder / "config.json")).get("is_encoder_decoder"):
        kind = described.get("model_type", "it")
        what = f"{kind} is an encoder with a decoder, whose states are no vectors of a text"
        mend = "give an encoder such as BERT's or a decoder such as Llama's"
        raise QwattError(what, where=str(folder / "config.json"), mend=mend)


def weight_files(folder: Path) -> list[str]:
    """Return the file of the weights, or their shards after the index that names them.

    Raises:
        QwattError: the index maps no weights to files.
    """
    for whole in _WEIGHTS:
        index = folder / f"{whole}.index.json"
        if (folder / whole).is_file():
            return [whole]
        if index.is_file():
            shards = read_description(index).get("weight_map")
            if not isinstance(shards, dict):
                raise QwattError("it maps no weights to files", where=str(index), mend="save the model again")
            return [index.name, *sorted(set(map(str, shards.values())))]
    return [_WEIGHTS[0]]


def said(config: Mapping[str, Any], name: str) -> Any:
    """Return what a model's description says by a name or its other names; None where it does not."""
    return next((config[key] for key in (name, *_ALSO[name]) if config.get(key) is not None), None)


def max_tokens(folder: Path) -> int:
    """Longest input: the sentence encoder's own limit, else the network's.

    Raises:
        QwattError: neither is said.
    """
    own, config = folder / "sentence_bert_config.json", read_description(folder / "config.json")
    limit: Any = read_description(own).get("max_seq_length") if own.is_file() else None
    before = 0
    if limit is None:
        limit = said(config, "max_position_embeddings")
        before = int(config.get("pad_token_id", 1)) + 1 if config.get("model_type") in _AFTER_PADDING else 0
    if not isinstance(limit, int | float) or limit - before < 1:
        what = "neither config.json nor sentence_bert_config.json says how many tokens a text may have"
        mend = 'write {"max_seq_length": 256}, or what it is, into sentence_bert_config.json'
        raise QwattError(what, where=str(folder), mend=mend)
    return int(limit) - before
