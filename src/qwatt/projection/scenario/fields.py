"""Checked field types of a scenario: each refusal says field, value and valid range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from qwatt.core.errors import QwattError, unknown_name
from qwatt.projection.calculators import check
from qwatt.projection.calculators.distil import MODES
from qwatt.projection.calculators.tokenise import tokenizers
from qwatt.projection.calculators.tuning import METHODS
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.catalogued.grids import grid
from qwatt.projection.catalogued.models import language_model
from qwatt.projection.spread import Span

ROADMAPS = ("mixed", "history", "vendor")


class Block(BaseModel):
    """One table of a scenario; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Refused(ValueError):
    """Carries a calculator's refusal through pydantic."""

    def __init__(self, error: QwattError) -> None:
        super().__init__(error.what)
        self.error = error


def _guarded(test: Callable[[str, Any], Any]) -> BeforeValidator:
    def run(value: Any, info: ValidationInfo) -> Any:
        try:
            return test(info.field_name or "value", value)
        except QwattError as error:
            raise Refused(error) from error

    return BeforeValidator(run)


def _number(low: float, high: float, *, above: bool = False, hint: str = "") -> BeforeValidator:
    return _guarded(lambda field, value: check.number(field, value, low, high, above=above, hint=hint))


def _span(low: float, high: float, *, above: bool = False, hint: str = "") -> BeforeValidator:
    def test(field: str, value: Any) -> Span:
        return check.span(field, _given(field, value, low, high), low, high, above=above, hint=hint)

    return _guarded(test)


def _given(field: str, value: Any, low: float, high: float) -> Any:
    if isinstance(value, str | dict) or value is None:
        mend = f"give one number without a unit, or [low, value, high], from {low:g} to {high:g}"
        raise QwattError(f"{field} is {value!r}", where=field, mend=mend)
    return value


def _whole(low: int, high: int) -> BeforeValidator:
    return _guarded(lambda field, value: check.whole(field, value, low, high))


def _one_of(kind: str, known: Callable[[], Any]) -> BeforeValidator:
    def test(field: str, value: Any) -> str:
        names = list(known())
        if value not in names:
            raise unknown_name(kind, str(value), names, where=field)
        return str(value)

    return _guarded(test)


Tokens = Annotated[float, _guarded(check.tokens)]
Params = Annotated[float, _guarded(check.params)]
Count = Annotated[int, _guarded(check.whole)]
Share = Annotated[float, _guarded(check.share)]
Requests = Annotated[float, _number(0, 1e14)]
RequestTokens = Annotated[float, _number(0, 1e8)]
OutputTokens = Annotated[float, _number(1, 1e8)]
Batch = Annotated[float, _number(1, 65_536)]
Years = Annotated[float, _number(0, 100, above=True)]
Rate = Annotated[float, _number(-1, 10, hint="a yearly rate, 0.2 is 20 %")]
Times = Annotated[float, _number(0, 1000)]
Small = Annotated[float, _number(0, 1e13)]
Pue = Annotated[Span, _guarded(lambda field, value: check.pue(_given(field, value, 1, 3)))]
Utilisation = Annotated[Span, _span(0, 1, above=True, hint="a share, not a percentage")]
Hours = Annotated[Span, _span(0, 1e12)]
Multiple = Annotated[Span, _span(0, 1000)]
NodeFactor = Annotated[Span, _span(1, 5)]
Carbon = Annotated[Span, _span(0, 2, hint="kilograms per kWh, not grams")]
Price = Annotated[Span, _span(0, 1e4)]
Money = Annotated[Span, _span(0, 1e13)]
AcceleratorName = Annotated[str, _guarded(lambda field, value: accelerator(str(value)).id)]
GridName = Annotated[str, _guarded(lambda field, value: grid(str(value)).id)]
ModelName = Annotated[str, _guarded(lambda field, value: language_model(str(value)).id)]
Tokenizer = Annotated[str, _one_of("tokenizer", tokenizers)]
TuningMethod = Annotated[str, _one_of("method of tuning", lambda: METHODS)]
DistilMode = Annotated[str, _one_of("mode of distillation", lambda: MODES)]
FirstYear = Annotated[int, _whole(2024, 2050)]
LastYear = Annotated[int, _whole(2024, 2060)]
Draws = Annotated[int, _whole(100, 1_000_000)]
Seed = Annotated[int, _whole(0, 2**31)]
Roadmap = Annotated[Literal["mixed", "history", "vendor"], _one_of("roadmap", lambda: ROADMAPS)]
Precision = Annotated[
    str,
    _one_of(
        "precision", lambda: [k for k, v in tables("llm")["precision_bytes"].items() if isinstance(v, dict)]
    ),
]
