"""Checked field types that calculators, scenarios and the command line share: every valid range, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from qwatt.core.errors import QwattError, unknown_name
from qwatt.projection import check
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.catalogued.grids import grid
from qwatt.projection.catalogued.models import LanguageModel, language_model, own_model
from qwatt.projection.check import Given

Written = Literal["number", "whole", "interval", "name", "model", "flag"]
"""How a value is written as text: `15T`, `128`, `1.08,1.2,1.6`, an id, an id or a number, nothing."""


class Refused(ValueError):
    """Carries a refusal through pydantic."""

    def __init__(self, error: QwattError) -> None:
        super().__init__(error.what)
        self.error = error


@dataclass(frozen=True)
class Checked:
    """What a field accepts; works in an `Input` and as an annotation of a pydantic model.

    Args:
        test: takes field and value, and returns the value in its checked form or refuses it.
        written: how the value is written as text.
    """

    test: Callable[[str, Any], Any]
    written: Written = "number"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def run(value: Any, info: core_schema.ValidationInfo) -> Any:
            try:
                return self.test(info.field_name or "value", value)
            except QwattError as error:
                raise Refused(error) from error

        return core_schema.with_info_plain_validator_function(run)


def a_number(low: float, high: float, *, above: bool = False, hint: str = "") -> Checked:
    """Accept one number inside a range."""
    return Checked(lambda field, value: check.number(field, value, low, high, above=above, hint=hint))


def a_whole(low: int, high: int) -> Checked:
    """Accept a whole number inside a range."""
    return Checked(lambda field, value: check.whole(field, value, low, high), "whole")


def a_span(low: float, high: float, *, above: bool = False, hint: str = "") -> Checked:
    """Accept one number, or three in the order low, value, high; the checked form is a `Span`."""
    return Checked(
        lambda field, value: check.span(field, value, low, high, above=above, hint=hint), "interval"
    )


def one_of(kind: str, known: Callable[[], Iterable[str]]) -> Checked:
    """Accept one of the known names."""

    def test(field: str, value: Any) -> str:
        names = list(known())
        if value not in names:
            raise unknown_name(kind, str(value), names, where=field)
        return str(value)

    return Checked(test, "name")


def tokenizers() -> list[str]:
    """Return the tokenisers with a catalogued throughput."""
    return [name for name, entry in tables("llm")["tokenise"].items() if isinstance(entry, dict)]


def precisions() -> list[str]:
    """Return the number formats with catalogued bytes."""
    return [name for name, entry in tables("llm")["precision_bytes"].items() if isinstance(entry, dict)]


def _model(field: str, value: Any) -> LanguageModel:
    return value if isinstance(value, LanguageModel) else language_model(value)


def _model_or_params(field: str, value: Any) -> LanguageModel:
    if isinstance(value, str):
        try:
            return language_model(value)
        except QwattError as error:
            mend = f"{error.mend}; or give a number of parameters such as 8e9 or 8B"
            raise QwattError(error.what, where=field, mend=mend) from error
    return value if isinstance(value, LanguageModel) else own_model(check.params(field, value), name=field)


TUNING_METHODS = ("full", "lora", "reinforce")
DISTIL_MODES = ("logits", "synthetic")

# What a field means, where inputs share it, stands at its type; an input may say it in its own words.

Tokens = Annotated[float, a_number(0, 1e18), "Tokens, as in 15e12 or 15T."]
Params = Annotated[float, Checked(check.params), "Parameters, as in 8e9 or 8B."]
ActiveParams = Annotated[float, Checked(check.params), "Parameters a token touches (mixture of experts)."]
FilterParams = Annotated[float, a_number(0, 1e13)]
CachedValues = Annotated[float, a_number(0, 1e9)]
RequestsPerDay = Annotated[float, a_number(0, 1e14)]
InputTokens = Annotated[float, a_number(0, 1e8), "Input tokens of a mean request."]
OutputTokens = Annotated[float, a_number(1, 1e8), "Output tokens of a mean request."]
Batch = Annotated[float, a_number(1, 65_536), "Requests decoded together; a range if left out."]
Share = Annotated[float, a_number(0, 1, hint="a share, not a percentage")]
Times = Annotated[float, a_number(0, 1000)]
Years = Annotated[float, a_number(0, 100), "Years in service; years a log is kept."]
Gpus = Annotated[int, a_whole(1, 10_000_000), "Number of accelerators."]
GpusOfACopy = Annotated[int, a_whole(1, 100_000), "Number of accelerators."]
Hashes = Annotated[int, a_whole(1, 100_000)]
Extent = Annotated[
    int, a_whole(0, 1_000_000_000), "Shape of the model; needed for training contexts beyond 4096 only."
]
Utilisation = Annotated[Given, a_span(0, 1, above=True, hint="a share, not a percentage")]
Hours = Annotated[Given, a_span(0, 1e12)]
Multiple = Annotated[Given, a_span(0, 1000)]
BytesPerToken = Annotated[Given, a_span(0, 1000)]
Pue = Annotated[Given, a_span(1, 3, hint="PUE is facility energy over IT energy")]
NodeFactor = Annotated[Given, a_span(1, 5)]
CarbonIntensity = Annotated[Given, a_span(0, 2, hint="kilograms per kWh, not grams")]
ElectricityPrice = Annotated[Given, a_span(0, 10)]
Rent = Annotated[Given, a_span(0, 1e4)]
WaterUse = Annotated[Given, a_span(0, 100)]
Copies = Annotated[int, a_whole(0, 1_000_000), "Copies that are on whatever the load; 0 shares them."]
Flag = Annotated[bool, Checked(lambda field, value: bool(value), "flag")]
AcceleratorName = Annotated[
    str,
    Checked(lambda field, value: accelerator(str(value)).id, "name"),
    "One of `qwatt list accelerators`.",
]
GridName = Annotated[str, Checked(lambda field, value: grid(str(value)).id, "name")]
Model = Annotated[LanguageModel | str, Checked(_model, "name")]
ModelOrParams = Annotated[LanguageModel | str | float, Checked(_model_or_params, "model")]
Tokenizer = Annotated[str, one_of("tokenizer", tokenizers)]
TuningMethod = Annotated[str, one_of("method of tuning", lambda: TUNING_METHODS)]
DistilMode = Annotated[str, one_of("mode of distillation", lambda: DISTIL_MODES)]
Precision = Annotated[str, one_of("precision", precisions), "bfloat16, fp8, int8, int4 ...; changes bytes."]
