"""Muon for the matrices of the layers with AdamW for the rest, AdamW alone, or the caller's own optimiser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import unknown_name
from qwatt.core.lazy import lazy
from qwatt.language.decoder.precision import choose_precision
from qwatt.language.decoder.size import Rates

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

Named = list[tuple[str, Any]]
"""Parameters with their names in the network."""

Optimiser = str | Callable[[Named], Any]
"""A name of `OPTIMISERS`, or what makes one torch optimiser, or several, of named parameters.

Those of torch take the pairs as they are; for others, `[p for _, p in named]`. `matrices` tells which are
matrices of layers. Their own learning rates are the peak of the schedule.
"""


def make_optimisers(optimiser: Optimiser, model: Any, rates: Rates) -> list[Any]:
    """Return the optimisers of a network, each group with its peak rate as `initial_lr`.

    Raises:
        QwattError: no optimiser of that name.
    """
    if isinstance(optimiser, str) and optimiser not in OPTIMISERS:
        raise unknown_name("optimiser", optimiser, OPTIMISERS, where="optimiser")
    named = [(name, weights) for name, weights in model.named_parameters() if weights.requires_grad]
    made = OPTIMISERS[optimiser](named, rates) if isinstance(optimiser, str) else optimiser(named)
    found = list(made) if isinstance(made, Sequence) else [made]
    for one in found:
        for group in one.param_groups:
            group.setdefault("initial_lr", group["lr"])
    return found


def matrices(named: Named) -> tuple[Named, Named]:
    """Part the matrices of the layers from embeddings, norms and the head."""
    inside = [(n, p) for n, p in named if p.ndim == 2 and "embed" not in n and not n.startswith("lm_head")]
    names = {name for name, _ in inside}
    return inside, [(name, weights) for name, weights in named if name not in names]


def _muon(named: Named, rates: Rates) -> list[Any]:
    from qwatt.language.decoder.muon import BatchedMuon

    inside, rest = matrices(named)
    dtype = torch.bfloat16 if choose_precision("auto") == "bf16" else torch.float32
    muon = BatchedMuon(
        inside, dtype, lr=rates.muon_rate, momentum=rates.muon_momentum, weight_decay=rates.muon_weight_decay
    )
    return [muon, _adamw(rest, rates)]


def _adamw(named: Named, rates: Rates) -> Any:
    return torch.optim.AdamW(
        named, lr=rates.adamw_rate, betas=rates.adamw_betas, weight_decay=rates.adamw_weight_decay, fused=True
    )


OPTIMISERS: dict[str, Callable[[Named, Rates], Any]] = {"muon": _muon, "adamw": _adamw}
"""What can be asked for by name."""


def set_rate(optimisers: list[Any], factor: float) -> None:
    """Set every group's rate to its peak times a factor."""
    for one in optimisers:
        for group in one.param_groups:
            group["lr"] = group["initial_lr"] * factor


def rate_factor(step: int, steps: int, rates: Rates) -> float:
    """Return the share of the peak rate at a step, by the shares that warm-up and decay have."""
    return trapezoid(step, steps, rates.warm_up_share * steps, rates.decay_share * steps)


def trapezoid(step: int, steps: int, warm_up: float, decay: float) -> float:
    """Return a share of 1 that rises linearly, stays, and falls linearly to 0; all in steps, from 0."""
    return min(1.0, (step + 1) / max(warm_up, 1.0), (steps - step) / max(decay, 1.0))
