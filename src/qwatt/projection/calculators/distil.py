"""Distillation: from the teacher's logits, or from text that the teacher writes."""

from __future__ import annotations

from qwatt.core.errors import unknown_name
from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.serving import serving
from qwatt.projection.calculators.training import active_params, training_flop
from qwatt.projection.calculators.work import requests, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.models import LanguageModel, own_model

MODES = ("logits", "synthetic")
FORMULA = (
    "logits: C = 6 * N_S * D + 2 * N_T * D; synthetic: C = 6 * N_S * D and D / out requests to the teacher; "
    "hours = C / (peak * MFU * small_job); " + chain.FORMULA
)


def estimate_distil(
    student_params: float,
    teacher: float | LanguageModel,
    tokens: float,
    accelerator_name: str = "h100",
    *,
    mode: str = "logits",
    prompt_tokens: float = 250.0,
    output_tokens: float = 500.0,
    teacher_batch: float | None = None,
    place: Site | None = None,
) -> Estimate:
    """Estimate a distillation.

    Args:
        student_params: N_S.
        teacher: the teacher's shape, or its parameters N_T.
        tokens: D, tokens that the student sees.
        accelerator_name: catalogue id or alias.
        mode: "logits" (the teacher runs forward) or "synthetic" (the teacher decodes the data).
        prompt_tokens, output_tokens, teacher_batch: shape of the teacher's requests, for "synthetic" only.
        place: PUE, grid and prices.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`.

    Raises:
        QwattError: an unknown mode or accelerator, or a number out of range.
    """
    if mode not in MODES:
        raise unknown_name("mode of distillation", mode, MODES, where="mode")
    chip, place = accelerator(accelerator_name), place or chain.site()
    student = active_params(student_params, None)
    model = teacher if isinstance(teacher, LanguageModel) else own_model(teacher, name="teacher")
    seen = check.tokens("tokens", tokens)
    parts: list[Quantities] = [small_job(training_flop(student, seen), student, chip, place)]
    if mode == "logits":
        forward = training_flop(model.active, seen, factor="flop_forward")
        parts.append(small_job(forward, model.active, chip, place))
    else:
        setup = serving(
            model,
            accelerator_name,
            input_tokens=prompt_tokens,
            output_tokens=output_tokens,
            batch=teacher_batch,
        )
        parts.append(requests(setup, seen / setup.output_tokens, place))
    return Estimate(
        name="distil",
        quantities=summed(parts),
        formula=FORMULA,
        symbols={
            "N_S": f"parameters of the student: {student:.4g}",
            "N_T": f"active parameters of the teacher: {model.active:.4g}",
            "D": f"tokens that the student sees: {seen:.4g}",
            "small_job": "utilisation relative to tuned pre-training",
            **chain.symbols(place, place.k_node or chip.k_node),
        },
        sources=unique("arXiv:1503.02531", "arXiv:2001.08361", *chip.sources, *place.grid.sources),
        notes=(f"mode {mode}", "one teacher pass; reuse of its data by several students is not credited"),
    )
