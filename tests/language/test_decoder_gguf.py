"""GGUF: a small Llama, written as llama.cpp lays it out, and read back; nightly, the real one."""

import math

import numpy as np
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.language.decoder import load_decoder, validation_loss
from qwatt.language.decoder.folder import read_folder
from qwatt.language.decoder.gguf_file import convert
from qwatt.language.symbols import symbols

HEADS, KEY_VALUE_HEADS, HIDDEN = 4, 2, 32
NAMES = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def interleaved(weights, heads):
    """As llama.cpp's own converter permutes queries and keys."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_gguf(model, words, merges, file, architecture="llama"):
    import gguf

    writer = gguf.GGUFWriter(file, architecture)
    config = model.config
    writer.add_vocab_size(config.vocab_size)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(50_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(words)
    writer.add_token_types([3 if word.startswith("<|") else 1 for word in words])
    writer.add_token_merges(merges)
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_pad_token_id):
        add(0)
    for name, weights in model.state_dict().items():
        array = weights.numpy()
        parts = name.removesuffix(".weight").split(".")
        if parts[0] == "lm_head":
            continue  # tied
        if parts[1] == "layers":
            kind = NAMES[".".join(parts[3:])]
            heads = {"attn_q": HEADS, "attn_k": KEY_VALUE_HEADS}.get(kind)
            array = array if heads is None else interleaved(array, heads)
            writer.add_tensor(f"blk.{parts[2]}.{kind}.weight", np.ascontiguousarray(array))
        elif parts[-1] in ("embed_tokens", "norm"):
            writer.add_tensor(
                {"embed_tokens": "token_embd", "norm": "output_norm"}[parts[-1]] + ".weight", array
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture
def llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=260,
        hidden_size=HIDDEN,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_VALUE_HEADS,
        max_position_embeddings=64,
        rope_parameters={"rope_type": "default", "rope_theta": 50_000.0},
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for weights in model.parameters():  # numbers that bfloat16 holds exactly
            weights.copy_((weights + 0.1 * torch.randn_like(weights)).bfloat16().float())
    return model


WORDS = ["<|end|>", *symbols(), "th", "he", "the"]
MERGES = ["t h", "h e", "th e"]


def test_it_computes_what_was_written(llama, tmp_path):
    write_gguf(llama, WORDS, MERGES, tmp_path / "model.gguf")
    convert(tmp_path / "model.gguf", tmp_path / "folder")
    decoder = read_folder(tmp_path / "folder", "copy")
    ids = torch.randint(0, 260, (2, 40))
    with torch.inference_mode():
        torch.testing.assert_close(decoder.model(ids).logits, llama(ids).logits, atol=1e-5, rtol=1e-5)
    assert decoder.tokenizer.tokenize("the 12 he") == ["the", "Ġ", "1", "2", "Ġ", "he"]
    assert decoder.tokenizer.decode(decoder.tokenizer("the 12 häé")["input_ids"]) == "the 12 häé"
    assert decoder.tokenizer("a<|end|>b")["input_ids"][1] == 0
    assert decoder.context == 64


def test_another_architecture_is_refused(llama, tmp_path):
    write_gguf(llama, WORDS, MERGES, tmp_path / "model.gguf", architecture="gpt2")
    with pytest.raises(QwattError, match="only Llamas with byte-level BPE"):
        convert(tmp_path / "model.gguf", tmp_path / "folder")


@pytest.mark.nightly
@pytest.mark.network
def test_smollm2_knows_the_capital_of_france_and_says_that_it_was_4_bit():
    from qwatt.data.fetch import fetch

    decoder = load_decoder("smollm2")
    assert "already 4-bit" in decoder.note
    assert decoder.parameters == 134_515_008
    chat = [{"role": "user", "content": "What is the capital of France?"}]
    ids = decoder.tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    said = decoder.model.generate(**ids, max_new_tokens=10, do_sample=False)
    assert "Paris" in decoder.tokenizer.decode(said[0])
    text = (fetch("shakespeare") / "shksprdata" / "texts" / "hamlet_gut.txt").read_text("utf-8")[:8_000]
    tokens = np.array(decoder.tokenizer(text)["input_ids"])
    assert math.exp(validation_loss(decoder.model, tokens, decoder.context)) < 45
