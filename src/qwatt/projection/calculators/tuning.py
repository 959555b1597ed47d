"""Fine-tuning: full (6ND), adapters (about 4ND), or reinforcement with decoded rollouts."""

from __future__ import annotations

from typing import Literal

from qwatt.core.errors import unknown_name
from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.serving import serving
from qwatt.projection.calculators.training import active_params, training_flop
from qwatt.projection.calculators.work import requests, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.models import own_model

TuningMethod = Literal["full", "lora", "reinforce"]
METHODS: tuple[TuningMethod, ...] = ("full", "lora", "reinforce")
FORMULA = (
    "C = f * N_active * D * epochs; hours = C / (peak * MFU * small_job); E_device = hours * P; "
    + chain.FORMULA
)


def estimate_tuning(
    params: float,
    tokens: float,
    accelerator_name: str = "h100",
    *,
    active: float | None = None,
    method: str = "full",
    epochs: float = 1.0,
    prompt_tokens: float = 250.0,
    rollout_tokens: float = 1000.0,
    rollout_batch: float | None = None,
    place: Site | None = None,
) -> Estimate:
    """Estimate one fine-tuning run.

    Args:
        params, active: the model.
        tokens: training tokens of one epoch; for "reinforce" the tokens decoded in rollouts.
        accelerator_name: catalogue id or alias.
        method: "full" 6 FLOP per parameter and token, "lora" 4, "reinforce" rollouts decoded and then 6.
        epochs: passes over the data.
        prompt_tokens, rollout_tokens, rollout_batch: shape of the rollouts, for "reinforce" only.
        place: PUE, grid and prices.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. An adapter saves at most a third of the FLOP
        per token; its parameter count saves memory and nodes, not energy per token.

    Raises:
        QwattError: an unknown method or accelerator, or a number out of range.
    """
    if method not in METHODS:
        raise unknown_name("method of tuning", method, METHODS, where="method")
    chip, place = accelerator(accelerator_name), place or chain.site()
    touched = active_params(params, active)
    seen = check.tokens("tokens", tokens) * check.number("epochs", epochs, 0, 1000)
    factor = "flop_adapter" if method == "lora" else "flop_full"
    parts: list[Quantities] = [small_job(training_flop(touched, seen, factor=factor), touched, chip, place)]
    if method == "reinforce":
        setup = serving(
            own_model(params, active),
            accelerator_name,
            input_tokens=prompt_tokens,
            output_tokens=rollout_tokens,
            batch=rollout_batch,
        )
        parts.append(requests(setup, seen / setup.output_tokens, place))
    return Estimate(
        name="tuning",
        quantities=summed(parts),
        formula=FORMULA + ("; rollouts: D / rollout_tokens requests" if method == "reinforce" else ""),
        symbols={
            "f": "6 for all weights, 4 for an adapter (gradients of frozen weights are skipped)",
            "D": f"tokens seen: {seen:.4g}",
            "N_active": f"parameters that a token touches: {touched:.4g}",
            "small_job": "utilisation of fine-tuning relative to tuned pre-training",
            **chain.symbols(place, place.k_node or chip.k_node),
        },
        sources=unique("arXiv:2001.08361", "arXiv:2106.09685", *chip.sources, *place.grid.sources),
        notes=(f"method {method}",),
    )
