"""Distillation: from the teacher's logits, or from text that the teacher writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    Batch,
    DistilMode,
    InputTokens,
    ModelOrParams,
    OutputTokens,
    Params,
    Tokens,
)
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import training_flop
from qwatt.projection.calculators.work import requests, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.models import LanguageModel

FORMULA = (
    "logits: C = 6 * N_S * D + 2 * N_T * D; synthetic: C = 6 * N_S * D and D / out requests to the teacher; "
    "hours = C / (peak * MFU * small_job); " + facility.FORMULA
)
REQUEST = "Tokens of a request to the teacher (synthetic)."


@dataclass(frozen=True, kw_only=True)
class DistilInput(SiteInput):
    """A student and its teacher; the shape of the teacher's requests is for "synthetic" only."""

    student_params: Annotated[Params, "Parameters of the student."]
    teacher: Annotated[ModelOrParams, "Teacher: an id or its parameters."]
    tokens: Tokens
    """Tokens that the student sees."""
    accelerator: AcceleratorName
    mode: Annotated[DistilMode, "logits, or synthetic text."] = "logits"
    prompt_tokens: Annotated[InputTokens, REQUEST] = 250.0
    output_tokens: Annotated[OutputTokens, REQUEST] = 500.0
    batch: Batch | None = None


def estimate_distil(run: DistilInput) -> Estimate:
    """Estimate a distillation from the teacher's logits, or from text that the teacher writes.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`.
    """
    chip, place, teacher, student = accelerator(run.accelerator), run.place(), run.teacher, run.student_params
    assert isinstance(teacher, LanguageModel)
    parts: list[Quantities] = [small_job(training_flop(student, run.tokens), student, chip, place)]
    if run.mode == "logits":
        forward = training_flop(teacher.active, run.tokens, factor="flop_forward")
        parts.append(small_job(forward, teacher.active, chip, place))
    else:
        asked = InferenceInput.of(run, model=teacher, input_tokens=run.prompt_tokens)
        parts.append(requests(asked, run.tokens / run.output_tokens))
    return Estimate(
        name="distil",
        quantities=summed(parts),
        formula=FORMULA,
        symbols={
            "N_S": f"parameters of the student: {student:.4g}",
            "N_T": f"active parameters of the teacher: {teacher.active:.4g}",
            "D": f"tokens that the student sees: {run.tokens:.4g}",
            "small_job": "utilisation relative to tuned pre-training",
            **place.symbols(chip),
        },
        sources=unique("arXiv:1503.02531", "arXiv:2001.08361", *chip.sources, *place.grid.sources),
        notes=(f"mode {run.mode}", "one teacher pass; reuse of its data by several students is not credited"),
    )
