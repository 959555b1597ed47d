"""Reads a Llama out of a GGUF file, widens its weights, and writes an ordinary Hugging Face folder.

GGUF keeps queries and keys with the halves of each head interleaved, as llama.cpp rotates them; transformers
rotates halves. Their rows are put back.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.language.byte_level import byte_level
from qwatt.language.decoder.trained import save_decoder

if TYPE_CHECKING:
    import gguf
    import tokenizers
    import torch
    import transformers
    from tokenizers import models, pre_tokenizers
else:
    gguf, torch, transformers = lazy("gguf"), lazy("torch"), lazy("transformers")
    tokenizers, models = lazy("tokenizers"), lazy("tokenizers.models")
    pre_tokenizers = lazy("tokenizers.pre_tokenizers")

_LAYER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_SPECIAL = 3
"""The type of a token that is no text."""


def convert(file: Path, folder: Path) -> None:
    """Write the model and the tokenizer of a GGUF file into a folder, weights in bfloat16.

    Raises:
        QwattError: it is no Llama with a byte-level BPE.
    """
    reader = gguf.GGUFReader(file)
    fields = reader.fields
    kinds = (_value(fields, "general.architecture"), _value(fields, "tokenizer.ggml.model"))
    if kinds != ("llama", "gpt2"):
        what = f"only Llamas with byte-level BPE are read, not {kinds[0]} with {kinds[1]}"
        raise QwattError(what, where=str(file), mend="save it as a Hugging Face folder, and give that")
    config = _config(fields, tied=all(tensor.name != "output.weight" for tensor in reader.tensors))
    model = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
    state = dict(_weights(reader, config))
    state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
    model.load_state_dict(state, strict=True)
    save_decoder(model, _tokenizer(fields), folder)


def _config(fields: dict[str, Any], tied: bool) -> Any:
    heads = _value(fields, "llama.attention.head_count")
    return transformers.LlamaConfig(
        vocab_size=_value(fields, "llama.vocab_size"),
        hidden_size=_value(fields, "llama.embedding_length"),
        intermediate_size=_value(fields, "llama.feed_forward_length"),
        num_hidden_layers=_value(fields, "llama.block_count"),
        num_attention_heads=heads,
        num_key_value_heads=_value(fields, "llama.attention.head_count_kv", heads),
        max_position_embeddings=_value(fields, "llama.context_length"),
        rms_norm_eps=_value(fields, "llama.attention.layer_norm_rms_epsilon"),
        rope_parameters={
            "rope_type": "default",
            "rope_theta": _value(fields, "llama.rope.freq_base", 10_000.0),
        },
        tie_word_embeddings=tied,
        bos_token_id=_value(fields, "tokenizer.ggml.bos_token_id"),
        eos_token_id=_value(fields, "tokenizer.ggml.eos_token_id"),
        pad_token_id=_value(fields, "tokenizer.ggml.padding_token_id"),
        dtype="bfloat16",
    )


def _weights(reader: Any, config: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the weights by transformers' names."""
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for tensor in reader.tensors:
        array = gguf.dequantize(tensor.data, tensor.tensor_type)
        first, *rest = tensor.name.split(".")
        if first == "blk":
            name = f"model.layers.{rest[0]}.{_LAYER[rest[1]]}.weight"
            array = halves(array, heads[rest[1]]) if rest[1] in heads else array
        else:
            name = f"{_OUTSIDE[first]}.weight"
        yield name, torch.from_numpy(np.array(array))


def halves(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """Return rows of interleaved halves as halves, one after the other in each head.

    Args:
        rows: a matrix, shape (heads * width, columns); rows 0, 2, 4... of a head are its first half.
        heads: number of heads.
    """
    count, columns = rows.shape
    return rows.reshape(heads, count // heads // 2, 2, columns).swapaxes(1, 2).reshape(count, columns)


def _tokenizer(fields: dict[str, Any]) -> Any:
    """Return the tokenizer; digits are cut one by one, as the model's own does ("smollm")."""
    words = _value(fields, "tokenizer.ggml.tokens")
    merges = [tuple(pair.split(" ")) for pair in _value(fields, "tokenizer.ggml.merges")]
    tokenizer = byte_level(models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    kinds = _value(fields, "tokenizer.ggml.token_type")
    special = [word for word, kind in zip(words, kinds, strict=True) if kind == _SPECIAL]
    tokenizer.add_special_tokens(special)
    found = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=words[_value(fields, "tokenizer.ggml.bos_token_id")],
        eos_token=words[_value(fields, "tokenizer.ggml.eos_token_id")],
        pad_token=words[_value(fields, "tokenizer.ggml.padding_token_id")],
    )
    found.chat_template = _value(fields, "tokenizer.chat_template", None)
    return found


def _value(fields: dict[str, Any], name: str, *default: Any) -> Any:
    if name not in fields:
        if default:
            return default[0]
        raise QwattError(f"the file does not state {name}", where="GGUF", mend="convert the model again")
    return fields[name].contents()
