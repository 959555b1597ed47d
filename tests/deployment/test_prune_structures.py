"""Masked and physically pruned decoders compute the same, also when loaded by transformers alone."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import transformers

from qwatt.core.errors import QwattError
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.deployment.prune.anatomy import anatomy
from qwatt.stages.deployment.prune.export import write_pruned
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import Cut, PruneAnswer
from qwatt.stages.deployment.prune.result import storage_type
from qwatt.stages.deployment.prune.slim import needs_own_code, slim
from qwatt.stages.deployment.prune.units import grouped_units, single_units

SIZES = {
    "vocab_size": 384,
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 3,
    "max_position_embeddings": 32,
}
FAMILIES = {
    "llama": transformers.LlamaConfig(**SIZES, tie_word_embeddings=True),
    "llama-with-biases": transformers.LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True),
    "qwen2": transformers.Qwen2Config(**SIZES),
    "qwen3": transformers.Qwen3Config(**SIZES, head_dim=16),
    "mistral": transformers.MistralConfig(**SIZES),
}
ENCODERS = {
    "bert": transformers.BertConfig(**SIZES),
    "roberta": transformers.RobertaConfig(**(SIZES | {"max_position_embeddings": 40})),
    "xlm-roberta": transformers.XLMRobertaConfig(**(SIZES | {"max_position_embeddings": 40})),
}
CUTS = {
    "heads": Cut("heads", 0.67, 8),
    "ffn": Cut("ffn", 0.75, 8),
    "blocks": Cut("blocks", 0.67, 8),
    "mixed": Cut("mixed", 0.34, 8),
    "free": Cut("mixed", 0.5, 8, "free"),
}
IDS = torch.arange(40).reshape(2, 20) * 7 % 384


def random_model(family: str) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        if family in ENCODERS:
            model = transformers.AutoModel.from_config(ENCODERS[family])
        else:
            model = transformers.AutoModelForCausalLM.from_config(FAMILIES[family])
        for name, weights in model.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(weights)
    return model.eval()


def answered(model: torch.nn.Module) -> torch.Tensor:
    return model(IDS)[0]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("family", [*FAMILIES, *ENCODERS])
def test_masked_and_pruned_agree_and_the_folder_loads(family, cut, tmp_path):
    model = random_model(family)
    units = single_units(anatomy(model), CUTS[cut])
    mask = units.random(np.random.default_rng(2))
    gate = Gate(model, units)
    gate.values = torch.from_numpy(mask.astype(np.float32))
    with torch.no_grad():
        with gate.closed():
            masked = answered(model)
        whole = answered(model)
        small = slim(model, units.kept(mask))
        pruned = answered(small)
    assert (masked - whole).abs().max() > 1e-3, "the mask does something"
    torch.testing.assert_close(pruned, masked, rtol=0, atol=1e-4)
    assert sum(w.numel() for w in small.parameters()) < sum(w.numel() for w in model.parameters())
    plain = cut in ("ffn", "blocks") or (cut != "free" and family in FAMILIES)
    assert needs_own_code(small) != plain
    if plain:
        small.save_pretrained(tmp_path)
        loaded = type(model).from_pretrained(tmp_path)
        with torch.no_grad():
            torch.testing.assert_close(answered(loaded), pruned, rtol=0, atol=1e-5)


def test_a_gate_of_a_mask_a_window_is_that_of_each_alone():
    model = random_model("llama")
    units = single_units(anatomy(model), CUTS["mixed"])
    masks = torch.rand(2, len(units))
    gate = Gate(model, units)
    with torch.no_grad(), gate.closed():
        gate.values = masks
        both = model(IDS).logits
        for number in range(2):
            gate.values = masks[number]
            torch.testing.assert_close(model(IDS).logits[number], both[number], rtol=0, atol=1e-5)


def test_a_block_that_loses_everything_is_silent_and_still_loads():
    model = random_model("llama")
    units = single_units(anatomy(model), Cut("heads", 0.34, 8, "free"))
    mask = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0], dtype=np.int8)
    gate = Gate(model, units)
    gate.values = torch.from_numpy(mask.astype(np.float32))
    with torch.no_grad(), gate.closed():
        masked = model(IDS).logits
    small = slim(model, units.kept(mask))
    with torch.no_grad():
        torch.testing.assert_close(small(IDS).logits, masked, rtol=0, atol=1e-4)
        written = small.generate(IDS[:1, :4], max_new_tokens=6, do_sample=False)
    assert written.shape == (1, 10), "it generates with a cache of other sizes in each block"


ALONE = """
import sys, torch, transformers
trusted = sys.argv[2] == "trusted"
model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], trust_remote_code=trusted)
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
ids = tokenizer("the weather is", return_tensors="pt")
with torch.no_grad():
    print(float(model(ids.input_ids).logits.double().sum()), type(model).__name__, "qwatt" in sys.modules)
"""


@pytest.mark.parametrize("widths", [pytest.param("uniform", marks=pytest.mark.nightly), "free"])
def test_the_exported_folder_is_smaller_and_loads_without_qwatt(widths, tmp_path):
    decoder = load_decoder("tiny")
    cut = Cut("ffn", 0.5, 8, widths)
    units = single_units(anatomy(decoder.model), cut)
    mask = units.random(np.random.default_rng(3))
    answer = PruneAnswer("random", "tiny", decoder.digest, cut, units.kept(mask), 0.0)
    written = write_pruned(answer, tmp_path / "pruned")
    save_decoder(decoder.model, decoder.tokenizer, tmp_path / "whole")
    weights, before = written[0], tmp_path / "whole" / "model.safetensors"
    gone = 4 * 3 * 2 * 48 * 32  # bytes of 3 matrices in 2 blocks, 48 channels of width 32 each
    assert before.stat().st_size - weights.stat().st_size == pytest.approx(gone, abs=600)
    config = json.loads((tmp_path / "pruned/decoder/config.json").read_text())
    assert ("auto_map" in config) == (widths == "free")
    assert ("trust_remote_code" in (tmp_path / "pruned/README.md").read_text()) == (widths == "free")
    how = "trusted" if widths == "free" else "plain"
    script = [sys.executable, "-c", ALONE, str(tmp_path / "pruned/decoder"), how]
    answered = subprocess.run(
        script, capture_output=True, text=True, check=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin"}
    )
    total, name, has_qwatt = answered.stdout.split()
    assert has_qwatt == "False"
    assert name == ("PrunedLlamaForCausalLM" if widths == "free" else "LlamaForCausalLM")
    ids = decoder.tokenizer("the weather is", return_tensors="pt").input_ids
    with torch.no_grad():
        expected = slim(decoder.model, units.kept(mask))(ids).logits.double().sum()
    assert float(total) == pytest.approx(float(expected), rel=1e-5)


def test_weights_that_were_16_bits_are_saved_in_16_bits():
    model = random_model("llama")
    assert storage_type(model) is torch.float32
    assert storage_type(model.to(torch.bfloat16).float()) is torch.bfloat16
    assert storage_type(random_model("llama").to(torch.float16).float()) is torch.float16


@pytest.mark.parametrize("widths", ["uniform", "free"])
def test_groups_hold_every_channel_once_and_keep_as_many(widths):
    a = anatomy(random_model("llama"))
    cut = Cut("mixed", 0.67, 8, widths)
    single = single_units(a, cut)
    grouped = grouped_units(a, cut, np.random.default_rng(0).random(len(single)))
    for block in range(a.blocks):
        parts = [unit.members for unit in grouped.units if unit.kind == "ffn" and unit.block == block]
        assert sorted(np.concatenate(parts)) == list(range(a.channels))
    rng = np.random.default_rng(1)
    fine, coarse = single.kept(single.random(rng)), grouped.kept(grouped.random(rng))
    assert sum(map(len, fine.channels)) == sum(map(len, coarse.channels))
    assert sum(map(len, fine.heads)) == sum(map(len, coarse.heads))
    if widths == "uniform":
        assert {len(c) for c in fine.channels} == {len(c) for c in coarse.channels}


def test_groups_are_of_neighbours_by_worth():
    a = anatomy(random_model("llama"))
    cut = Cut("ffn", 0.5, 4)
    scores = np.random.default_rng(0).random(3 * 64)
    grouped = grouped_units(a, cut, scores)
    highest = [scores[64 * u.block + u.members].max() for u in grouped.units[:4]]
    lowest = [scores[64 * u.block + u.members].min() for u in grouped.units[:4]]
    assert all(h <= low for h, low in zip(highest[:-1], lowest[1:], strict=True))


@pytest.mark.parametrize("keep", [0.01, 0.99])
def test_a_share_that_cuts_nothing_or_everything_is_refused(keep):
    with pytest.raises(QwattError, match="nothing would"):
        single_units(anatomy(random_model("llama")), Cut("heads", keep, 8))


def test_another_architecture_is_refused_by_name():
    config = transformers.GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=50)
    with pytest.raises(QwattError, match="GPT2LMHeadModel has no q_proj"):
        anatomy(transformers.GPT2LMHeadModel(config))


def test_an_encoder_of_another_build_is_refused_by_name():
    config = transformers.DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=32, vocab_size=50)
    with pytest.raises(QwattError, match="DistilBertModel has no q_proj"):
        anatomy(transformers.DistilBertModel(config))
