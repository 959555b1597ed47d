"""`qwatt estimate training` and `development`: a pre-training run, and the effort before it."""

from typing import Annotated, Any

import typer

from qwatt.cli.estimate.options import Accelerator, Active, GpuHours, Gpus, Json, Mfu, Params
from qwatt.cli.estimate.site import sited

MaybeTokens = Annotated[
    str | None, typer.Option("--tokens", metavar="D", help="Training tokens, as in 15e12 or 15T.")
]
Shape = Annotated[
    str, typer.Option(metavar="N", help="Shape of the model; needed for training contexts beyond 4096 only.")
]
Trials = Annotated[
    list[str] | None,
    typer.Option("--trial", metavar="N,D[,COUNT]", help="Parameters and tokens of proxy runs (repeatable)."),
]
Multiple = Annotated[
    str | None,
    typer.Option("--multiple", metavar="N|L,V,H", help="Development over final run; else the catalogue's."),
]


@sited
def training(
    accelerator: Accelerator,
    params: Params = None,
    tokens: MaybeTokens = None,
    active: Active = None,
    gpu_hours: GpuHours = None,
    mfu: Mfu = None,
    gpus: Gpus = None,
    context: Shape = "0",
    layers: Shape = "0",
    width: Shape = "0",
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate a pre-training run: GPU-hours, energy at three boundaries, CO2e, money."""
    from qwatt.cli.estimate.numbers import whole
    from qwatt.cli.estimate.output import show_estimate

    shape = {
        name: whole(name, text) for name, text in (("context", context), ("layers", layers), ("width", width))
    }
    show_estimate(_run(accelerator, params, tokens, active, gpu_hours, mfu, gpus, place, **shape), as_json)


@sited
def development(
    accelerator: Accelerator,
    params: Params = None,
    tokens: MaybeTokens = None,
    active: Active = None,
    gpu_hours: GpuHours = None,
    mfu: Mfu = None,
    multiple: Multiple = None,
    trial: Trials = None,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate the runs before the final one: a multiple of the final run, or proxy runs one by one."""
    from qwatt.cli.estimate.numbers import interval
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.core.errors import QwattError
    from qwatt.projection.calculators.development import estimate_development

    if not trial:
        final = _run(accelerator, params, tokens, active, gpu_hours, mfu, None, place)
        show_estimate(estimate_development(final, multiple=interval("multiple", multiple)), as_json)
        return
    given = {"params": params, "tokens": tokens, "gpu_hours": gpu_hours, "multiple": multiple, "mfu": mfu}
    both = [f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None]
    if both:
        mend = "give the proxy runs by --trial, or the final run by the other options"
        raise QwattError(f"--trial and {both[0]} are both given", where="trial", mend=mend)
    trials = [_trial(text) for text in trial]
    show_estimate(estimate_development(trials=trials, accelerator_name=accelerator, place=place), as_json)


def _run(
    accelerator: str,
    params: str | None,
    tokens: str | None,
    active: str | None,
    gpu_hours: str | None,
    mfu: str | None,
    gpus: str | None,
    place: Any,
    **shape: int,
) -> Any:
    from qwatt.cli.estimate.numbers import interval, maybe, maybe_whole
    from qwatt.core.errors import QwattError
    from qwatt.projection.calculators.training import estimate_training

    given = {"params": params, "tokens": tokens, "active": active, "mfu": mfu}
    useless = [name for name, value in given.items() if value is not None]
    if gpu_hours is not None and useless:
        mend = "known GPU-hours need no params, tokens, active or mfu; leave one side out"
        raise QwattError(f"--gpu-hours and --{useless[0]} are both given", where=useless[0], mend=mend)
    return estimate_training(
        maybe("params", params),
        maybe("tokens", tokens),
        accelerator,
        active=maybe("active", active),
        gpu_hours=interval("gpu_hours", gpu_hours),
        mfu=interval("mfu", mfu),
        gpus=maybe_whole("gpus", gpus),
        place=place,
        **shape,
    )


def _trial(text: str) -> tuple[float, float, int]:
    from qwatt.cli.estimate.numbers import number, whole
    from qwatt.core.errors import QwattError

    parts = text.split(",")
    if len(parts) not in {2, 3}:
        mend = "give parameters, tokens and how many, as in 150M,3B,20"
        raise QwattError(f"trial is {text!r}", where="trial", mend=mend)
    count = whole("trial.count", parts[2]) if len(parts) == 3 else 1
    return number("trial.params", parts[0]), number("trial.tokens", parts[1]), count
