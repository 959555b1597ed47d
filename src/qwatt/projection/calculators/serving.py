"""What serves: a model on accelerators with one kind of request, and its joules per output token."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.errors import QwattError, unknown_name
from qwatt.projection.calculators import check
from qwatt.projection.calculators.decode import DecodeModel
from qwatt.projection.calculators.memory import fewest_gpus, largest_batch, require_fit
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.catalogued.models import LanguageModel, language_model, own_model
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Serving:
    """A model on accelerators with one kind of request.

    Args:
        model, chip, gpus: what serves.
        batch: requests decoded together; None when unknown.
        input_tokens, output_tokens: of a mean request.
        weight_bytes, cache_bytes: bytes of a weight and of a cached number.
    """

    model: LanguageModel
    chip: Accelerator
    gpus: int
    batch: float | None
    input_tokens: float
    output_tokens: float
    weight_bytes: Span
    cache_bytes: Span

    @property
    def context(self) -> float:
        """Mean cached tokens of a request while it is decoded."""
        return self.input_tokens + self.output_tokens / 2.0

    @property
    def largest_batch(self) -> float:
        """Requests that fit into memory."""
        cached = self.cache_bytes.value * self.context * self.model.kv_values.value
        return largest_batch(self.model, self.chip, self.gpus, self.weight_bytes.value, cached)


def serving(
    model: str | LanguageModel | None = None,
    accelerator_name: str = "h100",
    *,
    input_tokens: float,
    output_tokens: float,
    params: float | None = None,
    active: float | None = None,
    gpus: int | None = None,
    batch: float | None = None,
    precision: str = "bfloat16",
    cache_precision: str = "bfloat16",
) -> Serving:
    """Return a checked serving set-up; `gpus` None takes the fewest that hold the model.

    Raises:
        QwattError: unknown model, accelerator or precision, a number out of range, or too little memory.
    """
    shape = _shape(model, params, active)
    chip = accelerator(accelerator_name)
    weights, cache = _bytes("precision", precision), _bytes("cache_precision", cache_precision)
    count = fewest_gpus(shape, chip, weights.value) if gpus is None else check.whole("gpus", gpus, 1, 100_000)
    require_fit(shape, chip, count, weights.value)
    return Serving(
        shape,
        chip,
        count,
        None if batch is None else check.number("batch", batch, 1, 65_536),
        check.number("input_tokens", input_tokens, 0, 1e8),
        check.number("output_tokens", output_tokens, 1, 1e8),
        weights,
        cache,
    )


def joules_per_token(setup: Serving, coefficients: DecodeModel, batch: float) -> Span:
    """Return accelerator joules per output token at one batch size."""
    model = setup.model
    iteration = Span.given(coefficients.iteration * setup.gpus / batch)
    weights = setup.weight_bytes * (coefficients.weights * model.read_params(batch) / batch)
    cache = setup.cache_bytes * model.kv_values * (coefficients.cache * setup.context)
    prefill = 1.0 + setup.input_tokens / setup.output_tokens
    flop = Span.given(coefficients.flop * 2.0 * model.active * prefill)
    error = coefficients.error_mixture if model.mixture else coefficients.error
    return (iteration + weights + cache + flop) * error


def _bytes(field: str, precision: str) -> Span:
    known = tables("llm")["precision_bytes"]
    if precision not in known or not isinstance(known[precision], dict):
        names = [name for name, entry in known.items() if isinstance(entry, dict)]
        raise unknown_name("precision", precision, names, where=field)
    return Span.of(known[precision], "byte")


def _shape(model: str | LanguageModel | None, params: float | None, active: float | None) -> LanguageModel:
    if isinstance(model, LanguageModel):
        return model
    if model is not None:
        if params is not None or active is not None:
            raise QwattError("model and params are both given", where="model", mend="give one of the two")
        return language_model(model)
    if params is None:
        raise QwattError("neither model nor params is given", where="model", mend="give --model or --params")
    return own_model(params, active)
