"""`qwatt estimate inference` and `monitoring`: serving requests, and watching the service."""

from typing import Annotated, Any

import typer

from qwatt.cli.estimate.options import Accelerator, Active, Gpus, InputTokens, Json, OutputTokens, Params
from qwatt.cli.estimate.site import sited

ModelId = Annotated[str | None, typer.Option("--model", metavar="ID", help="One of `qwatt list models`.")]
Batch = Annotated[
    str | None, typer.Option("--batch", metavar="B", help="Requests decoded together; a range if left out.")
]
Format = Annotated[str, typer.Option(metavar="FORMAT", help="bfloat16, fp8, int8, int4 ...; changes bytes.")]
KeyValues = Annotated[
    str | None, typer.Option("--kv-values", metavar="N", help="Cached numbers per token of your own model.")
]
PerDay = Annotated[str, typer.Option("--requests-per-day", metavar="N", help="Served requests per day.")]
Fraction = Annotated[str, typer.Option("--fraction", metavar="Q", help="Share that is checked, 0 to 1.")]
Guard = Annotated[str, typer.Option("--guard", metavar="ID|N", help="Guard model: an id or its parameters.")]
Years = Annotated[str, typer.Option(metavar="N", help="Years in service; years a log is kept.")]


@sited
def inference(
    accelerator: Accelerator,
    input_tokens: InputTokens,
    output_tokens: OutputTokens,
    model: ModelId = None,
    params: Params = None,
    active: Active = None,
    kv_values: KeyValues = None,
    gpus: Gpus = None,
    batch: Batch = None,
    precision: Format = "bfloat16",
    cache_precision: Format = "bfloat16",
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate serving: joules per output token and per request, CO2e, money."""
    from qwatt.cli.estimate.numbers import maybe, maybe_whole, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.projection.calculators.inference import estimate_inference

    estimate = estimate_inference(
        _shape(model, params, active, kv_values),
        accelerator,
        input_tokens=number("input_tokens", input_tokens),
        output_tokens=number("output_tokens", output_tokens),
        gpus=maybe_whole("gpus", gpus),
        batch=maybe("batch", batch),
        precision=precision,
        cache_precision=cache_precision,
        place=place,
    )
    show_estimate(estimate, as_json)


@sited
def monitoring(
    requests_per_day: PerDay,
    input_tokens: InputTokens,
    output_tokens: OutputTokens,
    fraction: Fraction,
    guard: Guard,
    accelerator: Accelerator,
    years: Years = "1",
    retention_years: Years = "1",
    batch: Batch = None,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate watching a served model: a guard model on a share of the requests, and the logs."""
    from qwatt.cli.estimate.numbers import maybe, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.cli.estimate.shape import model_or_params
    from qwatt.projection.calculators.monitoring import estimate_monitoring

    estimate = estimate_monitoring(
        number("requests_per_day", requests_per_day),
        number("input_tokens", input_tokens),
        number("output_tokens", output_tokens),
        accelerator,
        fraction=number("fraction", fraction),
        guard=model_or_params("guard", guard),
        years=number("years", years),
        retention_years=number("retention_years", retention_years),
        guard_batch=maybe("batch", batch),
        place=place,
    )
    show_estimate(estimate, as_json)


def _shape(model: str | None, params: str | None, active: str | None, kv_values: str | None) -> Any:
    from qwatt.cli.estimate.numbers import maybe, number
    from qwatt.core.errors import QwattError
    from qwatt.projection.catalogued.models import language_model, own_model

    own = {"params": params, "active": active, "kv_values": kv_values}
    given = [f"--{name.replace('_', '-')}" for name, text in own.items() if text is not None]
    if model is not None:
        if given:
            raise QwattError(
                f"--model and {given[0]} are both given", where="model", mend="give one of the two"
            )
        return language_model(model)
    if params is None:
        raise QwattError("neither model nor params is given", where="model", mend="give --model or --params")
    return own_model(
        number("params", params), maybe("active", active), kv_values=maybe("kv_values", kv_values)
    )
