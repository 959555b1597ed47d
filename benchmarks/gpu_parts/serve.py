"""Prefill and decode joules a token of three shapes, beside what `estimate inference` says of them."""

from __future__ import annotations

import torch

from gpu_parts.decoder import SHAPES, build, caches_of, decode_step, prefill_step, waiter
from gpu_parts.measured import measure
from qwatt.energy.meter import Meter
from qwatt.projection.calculators.decode import decode_model
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.catalogued.accelerators import accelerator

CASES = [
    (name, batch, *request)
    for request in ((512, 128), (4096, 256))
    for name in ("smollm2-135m", "llama-1b", "llama-8b")
    for batch in (1, 8, 64)
    if request == (512, 128) or (name != "smollm2-135m" and batch > 1)
]
"""Shape, batch, input and output tokens."""
TOY = [("toy", 2, 16, 4)]
PREFILL_TOKENS = 8192
"""Prompts are read so many tokens at a time, as servers do."""


def estimated(shape, batch, n_in, n_out, precision="bfloat16", chip="h100"):
    """Return the calculator's joules per output token, and the share of it that prefill is."""
    given = InferenceInput(
        params=float(shape.params),
        kv_values=float(shape.kv_values),
        accelerator=chip,
        batch=batch,
        gpus=1,
        input_tokens=n_in,
        output_tokens=n_out,
        precision=precision,
    )
    per_token = estimate_inference(given)["j_per_output_token"]
    flop = decode_model(accelerator(chip)).served.flop
    return per_token.interval, flop * 2.0 * shape.params * n_in / n_out


def row(meter, shape, model, batch, n_in, n_out, device, seconds, chip):
    """Measure prefill and decoding and set them beside the estimate, joules per output token."""
    wait, dtype = waiter(device), model.head.weight.dtype
    together = max(1, min(batch, PREFILL_TOKENS // n_in))
    prefill = measure(meter, prefill_step(model, together, n_in, device), seconds, wait)
    caches = caches_of(shape, batch, n_in + n_out // 2, device, dtype)
    decode = measure(meter, decode_step(model, caches, batch, device), seconds, wait)
    of_prefill = prefill["j"] / together / n_out
    measured = of_prefill + decode["j"] / batch
    (low, value, high), share = estimated(shape, batch, n_in, n_out, chip=chip)
    return {
        "prefill_j_per_input_token": prefill["j"] / together / n_in,
        "decode_j_per_output_token": decode["j"] / batch,
        "j_per_output_token": measured,
        "estimate": [low, value, high],
        "estimate_of_prefill": share,
        "estimate_over_measured": value / measured,
        "inside": low <= measured <= high,
        "decode_ms": 1e3 * decode["s"],
        "decode_w": decode["w"],
        "prefill_w": prefill["w"],
        "flags": decode["flags"] + prefill["flags"],
    }


def check(device, tokens=12):
    """Return the largest difference of logits between a token decoded after a prompt, and read with it."""
    shape = SHAPES["toy"]
    model = build(shape, tokens, device, torch.float32)
    text = torch.randint(shape.vocabulary, (2, tokens), device=device)
    caches = caches_of(shape, 2, tokens, device, torch.float32)
    with torch.no_grad():
        whole = model(text)[:, -1:]
        model(text[:, :-1], caches)
        difference = float((model(text[:, -1:], caches) - whole).abs().max() / whole.abs().max())
    if not difference < 1e-3:
        raise ValueError(f"decoding differs from reading by {difference:.2g}")
    return difference


def run(part, device, smoke, chip):
    meter, seconds = Meter(), 1.0 if smoke else 2.0
    dtype = torch.float32 if smoke else torch.bfloat16
    part.note(
        what="bf16, random weights, static cache, every decoding step at the mean context, "
        "a CUDA graph a step; one window of each"
    )
    part.note(decoded_over_read=check(device))
    cases, models = (TOY if smoke else CASES), {}
    for name, batch, n_in, n_out in cases:
        shape, labels = SHAPES[name], {"shape": name, "batch": batch, "in": n_in, "out": n_out}
        if (name, n_in) not in models:
            models = {(name, n_in): build(shape, n_in + n_out, device, dtype)}
        if device == "cuda":
            torch.cuda.empty_cache()
        given = (meter, shape, models[name, n_in], batch, n_in, n_out, device, seconds, chip)
        found = part.attempt(row, *given, **labels)
        if found:
            part.add(**labels, **found)
