"""The network: transformers' own Llama, of a given size, with weights drawn from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.language.decoder.size import DecoderSize

if TYPE_CHECKING:
    import torch
    import transformers
else:
    torch, transformers = lazy("torch"), lazy("transformers")
    _llama = lazy("transformers.models.llama.modeling_llama")  # imported before anything is measured


def new_decoder(size: DecoderSize, seed: int, separator: int | None = None) -> Any:
    """Return an untrained `LlamaForCausalLM`; torch's own generator is left as it was.

    Args:
        size: its sizes.
        seed: seed of its weights.
        separator: id of the entry that parts texts.
    """
    config = transformers.LlamaConfig(
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        max_position_embeddings=size.context,
        tie_word_embeddings=True,
        bos_token_id=separator,
        eos_token_id=separator,
        pad_token_id=separator,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return transformers.LlamaForCausalLM(config)
