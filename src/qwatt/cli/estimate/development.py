"""`qwatt estimate development`: the effort before a final run, as a multiple of it or as proxy runs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qwatt.cli.estimate.asking import asking, read
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.input import stated_fields
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import TrainingInput

if TYPE_CHECKING:
    from qwatt.projection.calculators.estimate import Estimate

FINAL = ("accelerator", "params", "tokens", "active", "gpu_hours", "mfu")
"""What is asked of the final run."""

Trials = Annotated[
    list[str] | None,
    typer.Option("--trial", metavar="N,D[,COUNT]", help="Parameters and tokens of proxy runs (repeatable)."),
]


def _answer(texts: dict[str, Any]) -> Estimate:
    from qwatt.core.errors import QwattError

    site = [stated_fields(SiteInput)[name] for name in stated_fields(SiteInput)]
    trials = texts.pop("trial")
    if not trials:
        final = read([*(stated_fields(TrainingInput)[name] for name in FINAL), *site], texts)
        own = read([stated_fields(DevelopmentInput)["multiple"]], texts)
        return estimate_development(DevelopmentInput(final=TrainingInput(**final), **own))
    both = [n for n in ("params", "tokens", "gpu_hours", "multiple", "mfu") if texts[n] is not None]
    if both:
        mend = "give the proxy runs by --trial, or the final run by the other options"
        named = f"--{both[0].replace('_', '-')}"
        raise QwattError(f"--trial and {named} are both given", where="trial", mend=mend)
    given = read([stated_fields(DevelopmentInput)["accelerator"], *site], texts)
    return estimate_development(DevelopmentInput(trials=[_trial(text) for text in trials], **given))


def _trial(text: str) -> tuple[float, float, int]:
    from qwatt.cli.estimate.numbers import number, whole
    from qwatt.core.errors import QwattError

    parts = text.split(",")
    if len(parts) not in {2, 3}:
        mend = "give parameters, tokens and how many, as in 150M,3B,20"
        raise QwattError(f"trial is {text!r}", where="trial", mend=mend)
    count = whole("trial.count", parts[2]) if len(parts) == 3 else 1
    return number("trial.params", parts[0]), number("trial.tokens", parts[1]), count


_ASKED = {name: stated_fields(TrainingInput)[name] for name in FINAL} | {
    name: field for name, field in stated_fields(DevelopmentInput).items() if name != "accelerator"
}
_TRIAL = inspect.Parameter("trial", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Trials)

development = asking(_answer, _ASKED.values(), estimate_development.__doc__, [_TRIAL])
