"""Joules a token of transformers' own `generate`, as many users run it: no server, no graph."""

from __future__ import annotations

import torch

from gpu_parts.decoder import SHAPES, waiter
from gpu_parts.measured import measure
from gpu_parts.serve import estimated
from qwatt.energy.meter import Meter

CASES = [(name, batch, 512, 64) for name in ("smollm2-135m", "llama-1b") for batch in (1, 64)]
TOY = [("toy", 2, 16, 4)]


def model_of(shape, device, dtype):
    """Return transformers' Llama of this shape."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.ffn,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        tie_word_embeddings=shape.tied,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return LlamaForCausalLM(config).eval()
    finally:
        torch.set_default_dtype(before)


def row(meter, shape, model, batch, n_in, n_out, device, seconds, chip):
    """Measure whole calls, prompts contained."""
    prompts = torch.randint(1, shape.vocabulary, (batch, n_in), device=device)
    mask = torch.ones_like(prompts)

    def step() -> None:
        model.generate(
            prompts, attention_mask=mask, max_new_tokens=n_out, min_new_tokens=n_out, do_sample=False
        )

    found = measure(meter, step, seconds, waiter(device))
    joules = found["j"] / (batch * n_out)
    (low, value, high), _ = estimated(shape, batch, n_in, n_out, chip=chip)
    return {
        "j_per_output_token": joules,
        "estimate": [low, value, high],
        "estimate_over_measured": value / joules,
        "inside": low <= joules <= high,
        "ms_per_step": 1e3 * found["s"] / n_out,
        "w": found["w"],
    }


def run(part, device, smoke, chip):
    meter, dtype = Meter(), torch.float32 if smoke else torch.bfloat16
    built = None
    for name, batch, n_in, n_out in TOY if smoke else CASES:
        labels = {"shape": name, "batch": batch, "in": n_in, "out": n_out}
        if built is None or built[0] != name:
            built = name, part.attempt(model_of, SHAPES[name], device, dtype, **labels)
        if built[1] is None:
            continue
        given = (meter, SHAPES[name], built[1], batch, n_in, n_out, device, 1.5, chip)
        found = part.attempt(row, *given, **labels)
        if found:
            part.add(**labels, **found)
