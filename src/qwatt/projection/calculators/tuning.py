"""Fine-tuning: full (6ND), adapters (about 4ND), or reinforcement with decoded rollouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    ActiveParams,
    Batch,
    InputTokens,
    OutputTokens,
    Params,
    Times,
    Tokens,
    TuningMethod,
)
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import require_part, training_flop
from qwatt.projection.calculators.work import requests, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator

FORMULA = (
    "C = f * N_active * D * epochs; hours = C / (peak * MFU * small_job); E_device = hours * P; "
    + facility.FORMULA
)
ROLLOUT = "Tokens of a rollout's prompt or answer (reinforce)."


@dataclass(frozen=True, kw_only=True)
class TuningInput(SiteInput):
    """One fine-tuning run; the shape of the rollouts is for "reinforce" only."""

    params: Params
    tokens: Tokens
    """Training tokens of one epoch; for "reinforce" the tokens decoded in rollouts."""
    accelerator: AcceleratorName
    active: ActiveParams | None = None
    method: Annotated[TuningMethod, "full, lora or reinforce."] = "full"
    epochs: Annotated[Times, "Passes over the data."] = 1.0
    prompt_tokens: Annotated[InputTokens, ROLLOUT] = 250.0
    rollout_tokens: Annotated[OutputTokens, ROLLOUT] = 1000.0
    batch: Batch | None = None

    def check_together(self) -> None:
        """Refuse more active parameters than all."""
        require_part(self.params, self.active)


def estimate_tuning(run: TuningInput) -> Estimate:
    """Estimate one fine-tuning run: all weights, adapters, or reinforcement with rollouts.

    "full" takes 6 FLOP per parameter and token, "lora" 4, "reinforce" decodes rollouts and then takes 6.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. An adapter saves at most a third of the FLOP
        per token; its parameter count saves memory and nodes, not energy per token.
    """
    chip, place = accelerator(run.accelerator), run.place()
    touched = run.params if run.active is None else run.active
    seen = run.tokens * run.epochs
    factor = "flop_adapter" if run.method == "lora" else "flop_full"
    parts: list[Quantities] = [small_job(training_flop(touched, seen, factor=factor), touched, chip, place)]
    reinforced = run.method == "reinforce"
    if reinforced:
        rollouts = InferenceInput.of(run, input_tokens=run.prompt_tokens, output_tokens=run.rollout_tokens)
        parts.append(requests(rollouts, seen / run.rollout_tokens))
    return Estimate(
        name="tuning",
        quantities=summed(parts),
        formula=FORMULA + ("; rollouts: D / rollout_tokens requests" if reinforced else ""),
        symbols={
            "f": "6 for all weights, 4 for an adapter (gradients of frozen weights are skipped)",
            "D": f"tokens seen: {seen:.4g}",
            "N_active": f"parameters that a token touches: {touched:.4g}",
            "small_job": "utilisation of fine-tuning relative to tuned pre-training",
            **place.symbols(chip),
        },
        sources=unique("arXiv:2001.08361", "arXiv:2106.09685", *chip.sources, *place.grid.sources),
        notes=(f"method {run.method}",),
    )
