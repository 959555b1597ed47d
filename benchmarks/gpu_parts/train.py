"""Training joules a token of two shapes on one GPU, beside what `estimate training` says of them."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from gpu_parts.decoder import SHAPES, build, waiter
from gpu_parts.measured import measure
from qwatt.core.quantity import J_PER_KWH
from qwatt.energy.meter import Meter
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.catalogued.accelerators import accelerator

CASES = [("smollm2-135m", 8, 2048), ("llama-1b", 4, 2048)]
"""Shape, sequences of a step, tokens of a sequence."""
TOY = [("toy", 2, 16)]


def training_step(model, batch, context, device):
    """Return one step: fp32 parameters, bf16 products, fused AdamW."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=device == "cuda")
    tokens = torch.randint(model.shape.vocabulary, (batch, context + 1), device=device)

    def step() -> None:
        with torch.autocast(device, torch.bfloat16):
            logits = model(tokens[:, :-1])
        F.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten()).backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return step


def estimated(shape, tokens, chip):
    """Return joules a token by hours and power, and by the second route of joules a FLOP."""
    found = estimate_training(TrainingInput(params=float(shape.params), tokens=tokens, accelerator=chip))
    routes = {"estimate": "energy_kwh.device", "second_route": "device_kwh_by_flop"}
    known = {name: found[key].interval for name, key in routes.items() if key in dict(found.flat())}
    return {name: [kwh * J_PER_KWH / tokens for kwh in interval] for name, interval in known.items()}


def row(meter, shape, model, batch, context, device, seconds, chip):
    """Measure a step and set it beside the estimate, joules a token."""
    step = measure(meter, training_step(model, batch, context, device), seconds, waiter(device))
    tokens = batch * context
    joules, flop = step["j"] / tokens, 6.0 * shape.params
    found = estimated(shape, 1e9, chip)
    low, value, high = found["estimate"]
    mfu = flop * tokens / step["s"] / accelerator(chip).peak.value
    return {
        "j_per_token": joules,
        **found,
        "estimate_over_measured": value / joules,
        "inside": low <= joules <= high,
        "j_per_flop": joules / flop,
        "mfu": mfu,
        "w": step["w"],
        "step_s": step["s"],
        "flags": step["flags"],
    }


def run(part, device, smoke, chip):
    meter, seconds = Meter(), 1.0 if smoke else 4.0
    part.note(what="one GPU; the estimate is of whole runs, with checkpoints, restarts and communication")
    for compiled in (False,) if smoke else (False, True):
        for name, batch, context in TOY if smoke else CASES:
            labels = {"shape": name, "batch": batch, "context": context, "compiled": compiled}
            shape = SHAPES[name]
            model = part.attempt(build, shape, context, device, torch.float32, **labels)
            if model is None:
                continue
            if compiled:
                for block in model.blocks:
                    block.compile()
            found = part.attempt(row, meter, shape, model, batch, context, device, seconds, chip, **labels)
            if found:
                part.add(**labels, **found)
            del model
            if device == "cuda":
                torch.cuda.empty_cache()
