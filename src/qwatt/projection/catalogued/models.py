"""Language models of the catalogue, and a user's own by its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.projection import check
from qwatt.projection.catalogued.find import constant, find, tables
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class LanguageModel:
    """A decoder's shape.

    Args:
        id: catalogue id or the user's name.
        name: name to print.
        params: all parameters.
        active: parameters that a token touches; equals `params` when dense.
        kv_values: cached numbers per token over all layers.
        layers, width: blocks and hidden size; 0 when unknown.
        context: context length of training; 0 when unknown.
        expert_share: routed experts that a token uses over all of a layer (k/E); 1 when dense.
        expert_params: parameters of all routed experts together; 0 when dense.
        tokens, gpu_hours, trained_on: the published pre-training run, None where unpublished.
        record: the published run in `llm_records.toml`, None where there is none.
        sources, notes: where the shape is from, and what was assumed.
    """

    id: str
    name: str
    params: float
    active: float
    kv_values: Span
    layers: int = 0
    width: int = 0
    context: int = 0
    expert_share: float = 1.0
    expert_params: float = 0.0
    tokens: float | None = None
    gpu_hours: float | None = None
    trained_on: str | None = None
    record: str | None = None
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def mixture(self) -> bool:
        """Whether it is a mixture of experts."""
        return self.expert_params > 0

    def read_params(self, batch: float) -> float:
        """Return how many parameters one decoding iteration reads: all, or those of the experts touched.

        A token picks k of E experts, so a batch of B leaves one untouched with probability (1 - k/E)^B.
        """
        untouched = float((1.0 - self.expert_share) ** batch)
        return self.params - self.expert_params * untouched

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form for `list models`."""
        plain = ("id", "name", "params", "active", "layers", "width", "context", "expert_share")
        published = ("tokens", "gpu_hours", "trained_on")
        return {key: getattr(self, key) for key in (*plain, *published)} | {
            "kv_values": self.kv_values.value,
            "sources": list(self.sources),
        }


def language_model(name: str) -> LanguageModel:
    """Return a catalogued model; a hub's prefix and an "-instruct" at the end are ignored.

    Raises:
        QwattError: no such model; names the nearest ones.
    """
    plain = str(name).rsplit("/", maxsplit=1)[-1].lower().removesuffix("-instruct")
    key, table = find("model", plain, "models")

    def count(field: str, unit: str = "1") -> float | None:
        return Span.of(table[field], unit).value if field in table else None

    params = Span.of(table["params"], "1").value
    return LanguageModel(
        id=key,
        name=table["name"],
        params=params,
        active=count("active") or params,
        kv_values=Span.given(table["kv_values"]),
        layers=table["layers"],
        width=table["width"],
        context=table["context"],
        expert_share=table["experts_used"] / table["experts"] if "experts" in table else 1.0,
        expert_params=count("expert_params") or 0.0,
        tokens=count("tokens"),
        gpu_hours=count("gpu_hours", "GPU-h"),
        trained_on=table.get("trained_on"),
        record=table.get("record"),
        sources=(table["params"]["source"],),
    )


def own_model(
    params: float, active: float | None = None, *, name: str = "my model", kv_values: float | None = None
) -> LanguageModel:
    """Return a user's model from its number of parameters, with the rest assumed and noted.

    Args:
        params: all parameters.
        active: parameters that a token touches, for a mixture of experts.
        name: name to print.
        kv_values: cached numbers per token (2 * layers * key-value heads * head size).

    Raises:
        QwattError: a number is out of range, or more active than all parameters.
    """
    params = check.params("params", params)
    active = check.params("active", params if active is None else active)
    if active > params:
        raise QwattError(
            f"active is {active:g}, more than all {params:g} parameters",
            where="active",
            mend=f"give a number more than 0 to {params:g}",
        )
    guess = Span.of(constant("inference", "kv_per_sqrt_param"), "1") * math.sqrt(params)
    cached = guess if kv_values is None else Span.given(check.number("kv_values", kv_values, 0, 1e9))
    notes = (
        () if kv_values is not None else ("the size of the key-value cache is assumed from the parameters",)
    )
    share, expert_params = 1.0, 0.0
    if active < params:
        always = active * Span.of(constant("inference", "dense_share"), "1").value
        expert_params = params - always
        share = (active - always) / expert_params
        notes = (*notes, "the split into shared and expert parameters is assumed")
    return LanguageModel(
        "own", name, params, active, cached, expert_share=share, expert_params=expert_params, notes=notes
    )


def all_models() -> dict[str, LanguageModel]:
    """Return every model of the catalogue by id."""
    return {key: language_model(key) for key in tables("models")}
