"""What serves: a model on accelerators with one kind of request, and its joules per output token."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.decode import Coefficients, DecodeModel
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    ActiveParams,
    Batch,
    CachedValues,
    Copies,
    GpusOfACopy,
    InputTokens,
    Model,
    OutputTokens,
    Params,
    Precision,
    RequestsPerDay,
    Utilisation,
)
from qwatt.projection.calculators.memory import fewest_gpus, largest_batch, require_fit
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import constant, tables
from qwatt.projection.catalogued.models import LanguageModel, own_model
from qwatt.projection.spread import Span

H_PER_DAY = 24.0


@dataclass(frozen=True, kw_only=True)
class InferenceInput(SiteInput):
    """A served model, catalogued or one's own, and a mean request."""

    accelerator: AcceleratorName
    input_tokens: InputTokens
    output_tokens: OutputTokens
    model: Annotated[Model | None, "One of `qwatt list models`."] = None
    params: Params | None = None
    active: ActiveParams | None = None
    kv_values: Annotated[CachedValues | None, "Cached numbers per token of your own model."] = None
    gpus: GpusOfACopy | None = None
    """Accelerators that hold one copy; the fewest that fit when None."""
    batch: Batch | None = None
    precision: Precision = "bfloat16"
    cache_precision: Precision = "bfloat16"
    utilisation: Annotated[Utilisation | None, "Busy share of provisioned time; else the catalogue's."] = None
    requests_per_day: Annotated[RequestsPerDay | None, "Load of a service that is always on."] = None
    always_on: Copies = 1

    def check_together(self) -> None:
        """Refuse both or neither of a catalogued model and one's own."""
        own = [n for n in ("params", "active", "kv_values") if getattr(self, n) is not None]
        if self.model is not None and own:
            given = f"--{own[0].replace('_', '-')}"
            raise QwattError(f"--model and {given} are both given", where="model", mend="give one of the two")
        if self.model is None and self.params is None:
            raise QwattError(
                "neither model nor params is given", where="model", mend="give --model or --params"
            )
        self.shape()

    def shape(self) -> LanguageModel:
        """Return the model's shape."""
        if isinstance(self.model, LanguageModel):
            return self.model
        assert self.params is not None
        return own_model(self.params, self.active, kv_values=self.kv_values)


@dataclass(frozen=True)
class Serving:
    """A model on accelerators with one kind of request.

    Args:
        model, chip, gpus: what serves.
        batch: requests decoded together; None when unknown.
        input_tokens, output_tokens: of a mean request.
        weight_bytes, cache_bytes: bytes of a weight and of a cached number.
        utilisation: busy share of the accelerators that are provisioned for a load above the least.
        reserved_h: accelerator hours per request of the copies that are on whatever the load.
    """

    model: LanguageModel
    chip: Accelerator
    gpus: int
    batch: float | None
    input_tokens: float
    output_tokens: float
    weight_bytes: Span
    cache_bytes: Span
    utilisation: Span
    reserved_h: float

    @property
    def context(self) -> float:
        """Mean cached tokens of a request while it is decoded."""
        return self.input_tokens + self.output_tokens / 2.0

    @property
    def largest_batch(self) -> float:
        """Requests that fit into memory."""
        cached = self.cache_bytes.value * self.context * self.model.kv_values.value
        return largest_batch(self.model, self.chip, self.gpus, self.weight_bytes.value, cached)


def serving(given: InferenceInput) -> Serving:
    """Return the set-up that serves; `gpus` None takes the fewest that hold the model.

    Raises:
        QwattError: the accelerators cannot hold the weights.
    """
    shape, chip = given.shape(), accelerator(given.accelerator)
    weights, cache = _bytes(given.precision), _bytes(given.cache_precision)
    gpus = fewest_gpus(shape, chip, weights.value) if given.gpus is None else given.gpus
    require_fit(shape, chip, gpus, weights.value)
    usual, stated = constant("inference", "utilisation"), given.utilisation
    return Serving(
        model=shape,
        chip=chip,
        gpus=gpus,
        batch=given.batch,
        input_tokens=given.input_tokens,
        output_tokens=given.output_tokens,
        weight_bytes=weights,
        cache_bytes=cache,
        utilisation=Span.of(usual, "1") if stated is None else Span.given(stated),
        reserved_h=_reserved_h(given, gpus),
    )


def idle_hours(setup: Serving, busy: Span) -> Span:
    """Return idle accelerator hours per request: what the utilisation implies, at least what is always on."""
    used = setup.utilisation
    waits = Span(1 / used.value - 1, 1 / used.high - 1, 1 / used.low - 1) * busy
    spare = [max(setup.reserved_h - end, 0.0) for end in (busy.value, busy.high, busy.low)]
    pairs = zip((waits.value, waits.low, waits.high), spare, strict=True)
    return Span(*(max(pair) for pair in pairs))


def provisioned_hours(setup: Serving, busy: Span) -> Span:
    """Return accelerator hours per request that are paid for, idle ones contained."""
    used, least = setup.utilisation, setup.reserved_h
    ends = (busy.value / used.value, busy.low / used.high, busy.high / used.low)
    return Span(*(max(end, least) for end in ends))


def _reserved_h(given: InferenceInput, gpus: int) -> float:
    return given.always_on * gpus * H_PER_DAY / given.requests_per_day if given.requests_per_day else 0.0


def joules_per_token(setup: Serving, decoding: DecodeModel, batch: float) -> Span:
    """Return accelerator joules per output token of a server at one batch size."""
    error = decoding.error_mixture if setup.model.mixture else decoding.served.error
    return _sum(setup, decoding.served, batch) * error


def with_or_without_server(setup: Serving, decoding: DecodeModel, batch: float) -> Span:
    """Return the same with an interval that reaches to a bare loop, where one was measured (dense models)."""
    served = joules_per_token(setup, decoding, batch)
    if decoding.loop is None or setup.model.mixture:
        return served
    bare = _sum(setup, decoding.loop, batch) * decoding.loop.error
    return served.hull(bare.low, bare.high)


def launched_from_python(setup: Serving, decoding: DecodeModel, batch: float) -> Span | None:
    """Return joules per output token of transformers' `generate`, or None where none was measured."""
    if decoding.generate is None:
        return None
    rest = _sum(setup, replace(decoding.served, iteration=0.0), batch)
    return rest + decoding.generate * (setup.gpus / batch)


def _sum(setup: Serving, coefficients: Coefficients, batch: float) -> Span:
    model = setup.model
    iteration = Span.given(coefficients.iteration * setup.gpus / batch)
    weights = setup.weight_bytes * (coefficients.weights * model.read_params(batch) / batch)
    cache = setup.cache_bytes * model.kv_values * (coefficients.cache * setup.context)
    prefill = 1.0 + setup.input_tokens / setup.output_tokens
    flop = Span.given(coefficients.flop * 2.0 * model.active * prefill)
    return iteration + weights + cache + flop


def _bytes(precision: str) -> Span:
    return Span.of(tables("llm")["precision_bytes"][precision], "byte")
