"""`qwatt estimate tuning` and `distil`: changing a trained model, and making a smaller one."""

from typing import Annotated, Any

import typer

from qwatt.cli.estimate.options import Accelerator, Active, Json, Tokens
from qwatt.cli.estimate.site import sited

Params = Annotated[str, typer.Option("--params", metavar="N", help="Parameters, as in 8e9 or 8B.")]
Method = Annotated[str, typer.Option("--method", metavar="NAME", help="full, lora or reinforce.")]
Epochs = Annotated[str, typer.Option("--epochs", metavar="N", help="Passes over the data.")]
Rollout = Annotated[
    str, typer.Option(metavar="N", help="Tokens of a rollout's prompt or answer (reinforce).")
]
Student = Annotated[str, typer.Option("--student-params", metavar="N", help="Parameters of the student.")]
Teacher = Annotated[str, typer.Option("--teacher", metavar="ID|N", help="Teacher: an id or its parameters.")]
Mode = Annotated[str, typer.Option("--mode", metavar="NAME", help="logits, or synthetic text.")]
Request = Annotated[str, typer.Option(metavar="N", help="Tokens of a request to the teacher (synthetic).")]
Batch = Annotated[
    str | None, typer.Option("--batch", metavar="B", help="Requests decoded together; a range if left out.")
]


@sited
def tuning(
    params: Params,
    tokens: Tokens,
    accelerator: Accelerator,
    active: Active = None,
    method: Method = "full",
    epochs: Epochs = "1",
    prompt_tokens: Rollout = "250",
    rollout_tokens: Rollout = "1000",
    batch: Batch = None,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate one fine-tuning run: all weights, adapters, or reinforcement with rollouts."""
    from qwatt.cli.estimate.numbers import maybe, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.projection.calculators.tuning import estimate_tuning

    estimate = estimate_tuning(
        number("params", params),
        number("tokens", tokens),
        accelerator,
        active=maybe("active", active),
        method=method,
        epochs=number("epochs", epochs),
        prompt_tokens=number("prompt_tokens", prompt_tokens),
        rollout_tokens=number("rollout_tokens", rollout_tokens),
        rollout_batch=maybe("batch", batch),
        place=place,
    )
    show_estimate(estimate, as_json)


@sited
def distil(
    student_params: Student,
    teacher: Teacher,
    tokens: Tokens,
    accelerator: Accelerator,
    mode: Mode = "logits",
    prompt_tokens: Request = "250",
    output_tokens: Request = "500",
    batch: Batch = None,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate a distillation from the teacher's logits, or from text that the teacher writes."""
    from qwatt.cli.estimate.numbers import maybe, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.cli.estimate.shape import model_or_params
    from qwatt.projection.calculators.distil import estimate_distil

    estimate = estimate_distil(
        number("student_params", student_params),
        model_or_params("teacher", teacher),
        number("tokens", tokens),
        accelerator,
        mode=mode,
        prompt_tokens=number("prompt_tokens", prompt_tokens),
        output_tokens=number("output_tokens", output_tokens),
        teacher_batch=maybe("batch", batch),
        place=place,
    )
    show_estimate(estimate, as_json)
