"""Decoding joules of 8 B parameters in fewer bits, by kernels that torch itself has, over those of bf16."""

from __future__ import annotations

import torch
from torch import nn

from gpu_parts.decoder import SHAPES, build, caches_of, decode_step, waiter
from gpu_parts.measured import measure
from gpu_parts.serve import estimated
from qwatt.energy.meter import Meter

GROUP = 128
CONTEXT = 576
FORMATS = {"bfloat16": "bfloat16", "int4": "int4", "fp8": "fp8", "int8": "int8"}
"""Each format of ours by the catalogue's name."""
MOST_ERROR = 5e-3
"""Relative error of a kernel against the product with the same rounded weights; bf16 operands explain it."""


class Int4(nn.Module):
    """Four-bit weights in groups of 128, multiplied by torch's weight-only kernel."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        rows, columns = weight.shape
        groups = weight.float().view(rows, columns // GROUP, GROUP)
        scale = (groups.amax(-1, keepdim=True) - groups.amin(-1, keepdim=True)) / 15
        middle = groups.amin(-1, keepdim=True) + 8 * scale
        scale, middle = scale.bfloat16().float(), middle.bfloat16().float()
        codes = ((groups - middle) / scale + 8).round().clamp(0, 15)
        self.rounded = ((codes - 8) * scale + middle).view(rows, columns).bfloat16()
        codes = codes.to(torch.int32).view(rows, columns)
        pairs = (codes[:, ::2] << 4 | codes[:, 1::2]).to(torch.uint8)
        self.packed = torch.ops.aten._convert_weight_to_int4pack(pairs, 8)
        both = torch.cat([scale, middle], -1).bfloat16()
        self.scales = both.transpose(0, 1).contiguous()

    def forward(self, x):
        """Return the product."""
        flat = x.reshape(-1, x.shape[-1])
        y = torch.ops.aten._weight_int4pack_mm(flat, self.packed, GROUP, self.scales)
        return y.view(*x.shape[:-1], -1)


class Fp8(nn.Module):
    """Eight-bit floating weights and activations, one scale a tensor."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.scale = (weight.abs().max().float() / 448.0).reshape(())
        self.codes = (weight.float() / self.scale).to(torch.float8_e4m3fn)
        self.rounded = (self.codes.float() * self.scale).bfloat16()
        self.one = torch.ones((), device=weight.device)

    def forward(self, x):
        """Return the product."""
        flat = x.reshape(-1, x.shape[-1]).to(torch.float8_e4m3fn)
        y = torch._scaled_mm(
            flat, self.codes.t(), scale_a=self.one, scale_b=self.scale, out_dtype=torch.bfloat16
        )
        return y.view(*x.shape[:-1], -1)


class Int8(nn.Module):
    """Eight-bit weights, one scale a row, multiplied by torch's weight-only kernel."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.scale = (weight.abs().amax(1) / 127.0).bfloat16()
        self.codes = (weight / self.scale[:, None]).round().clamp(-127, 127).to(torch.int8)
        self.rounded = (self.codes.float() * self.scale.float()[:, None]).bfloat16()

    def forward(self, x):
        """Return the product."""
        flat = x.reshape(-1, x.shape[-1])
        y = torch.ops.aten._weight_int8pack_mm(flat, self.codes, self.scale)
        return y.view(*x.shape[:-1], -1)


KINDS = {"int4": Int4, "fp8": Fp8, "int8": Int8}


def lowered(kind, linear: nn.Linear):
    """Return the linear layer in fewer bits, its relative error against the same weights in bf16."""
    made = KINDS[kind](linear.weight.data)
    x = torch.randn(16, linear.in_features, device=linear.weight.device, dtype=torch.bfloat16)
    seen = x.to(torch.float8_e4m3fn).bfloat16() if kind == "fp8" else x
    truth = seen.float() @ made.rounded.float().t()
    error = float((made(x).float() - truth).norm() / truth.norm())
    del made.rounded
    return made, error


def lower(model, kind: str) -> float:
    """Put every block's linear layers into fewer bits; return the largest error (the head stays as it is)."""
    worst = 0.0
    for block in model.blocks:
        for name in ("into", "out", "up", "down"):
            made, error = lowered(kind, getattr(block, name))
            setattr(block, name, made)
            worst = max(worst, error)
    if not worst <= MOST_ERROR:
        raise ValueError(f"the kernel is off by {worst:.2g}")
    return worst


def run(part, device, smoke, chip):
    if device != "cuda":
        part.note(skipped="torch's kernels of few bits are for CUDA")
        return
    meter, shape, bf16 = Meter(), SHAPES["llama-8b"], {}
    part.note(what=f"llama-8b, decoding at a context of {CONTEXT}, blocks in fewer bits, head in bf16")
    for kind, catalogued in FORMATS.items():
        model = build(shape, CONTEXT, device)
        error = part.attempt(lower, model, kind, format=kind) if kind in KINDS else 0.0
        for batch in (1, 8, 64) if error is not None else ():
            labels = {"format": kind, "batch": batch}
            found = part.attempt(one, meter, shape, model, batch, device, **labels)
            if found:
                bf16.setdefault(batch, found["j"] / batch)
                said = [
                    estimated(shape, batch, 1, 2 * CONTEXT, f, chip)[0][1] for f in ("bfloat16", catalogued)
                ]
                part.add(
                    **labels,
                    decode_j_per_output_token=found["j"] / batch,
                    over_bf16=found["j"] / batch / bf16[batch],
                    estimate_over_bf16=said[1] / said[0],
                    error=error,
                    ms=1e3 * found["s"],
                    w=found["w"],
                    flags=found["flags"],
                )
        del model
        torch.cuda.empty_cache()


def one(meter, shape, model, batch, device):
    """Measure decoding at one batch."""
    caches = caches_of(shape, batch, CONTEXT, device)
    return measure(meter, decode_step(model, caches, batch, device), 1.5, waiter(device))
