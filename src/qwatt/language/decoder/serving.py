"""What a decoder costs in service on this machine: joules and time a token, to read a prompt and to write."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.quantity import Quantity
from qwatt.core.threads import one_thread
from qwatt.language.decoder.vocabulary import Tokens

if TYPE_CHECKING:
    import torch

    from qwatt.energy import meter
else:
    torch, meter = lazy("torch"), lazy("qwatt.energy.meter")


@dataclass(frozen=True)
class Request:
    """A request of the catalogue, by which paybacks are counted.

    Args:
        read_tokens: of the prompt.
        written_tokens: of the answer.
    """

    read_tokens: int
    written_tokens: int


@dataclass(frozen=True)
class ServingCost:
    """Medians over rounds, on one thread.

    Args:
        read_j: joules a token of a prompt; None where no reader of energy is there.
        read_s: wall seconds a token of a prompt.
        written_j: joules a token that is written; None likewise.
        written_s: wall seconds a token that is written.
        basis: how the joules were obtained.
        weights_bytes: of all weights in memory, tied ones counted once.
    """

    read_j: float | None
    read_s: float
    written_j: float | None
    written_s: float
    basis: str
    weights_bytes: int

    def request_j(self, request: Request) -> float | None:
        """Return the joules of a request, None where they are not known."""
        if self.read_j is None or self.written_j is None:
            return None
        return self.read_j * request.read_tokens + self.written_j * request.written_tokens


@cache
def usual_request() -> Request:
    """Return the request of the catalogue."""
    text = files("qwatt.catalogue").joinpath("decoders.toml").read_text("utf-8")
    return Request(**tomllib.loads(text)["request"])


def serving_costs(
    models: Sequence[Any], tokens: Tokens, read: int, written: int, rounds: int
) -> list[ServingCost]:
    """Measure models beside each other: by turns, in another order every round, after one round unmeasured.

    Args:
        models: causal language models of transformers.
        tokens: ids of a prompt, shape (read,) or longer.
        read: tokens of the prompt.
        written: tokens that are written after it, the likeliest each time.
        rounds: measured rounds.
    """
    prompt = torch.from_numpy(np.ascontiguousarray(tokens[:read]))[None]
    found: list[list[tuple[Quantity, float, Quantity, float]]] = [[] for _ in models]
    own = meter.Meter()
    with one_thread(), torch.inference_mode():
        for turn in range(rounds + 1):
            order = range(len(models)) if turn % 2 else reversed(range(len(models)))
            for number in order:
                figures = _once(models[number], prompt, written, own)
                if turn:
                    found[number].append(figures)
    return [
        _medians(rows, model, prompt.shape[1], written) for rows, model in zip(found, models, strict=True)
    ]


def _once(
    model: Any, prompt: torch.Tensor, written: int, own: meter.Meter
) -> tuple[Quantity, float, Quantity, float]:
    with own.window("read") as reading:
        last = model(input_ids=prompt, use_cache=True, logits_to_keep=1)
    with own.window("write") as writing:
        for _ in range(written):
            step = last.logits[:, -1:].argmax(-1)
            last = model(input_ids=step, past_key_values=last.past_key_values, use_cache=True)
    return reading.energy, reading.seconds, writing.energy, writing.seconds


def _medians(
    rows: list[tuple[Quantity, float, Quantity, float]], model: Any, read: int, written: int
) -> ServingCost:
    def joules(place: Callable[[tuple[Any, ...]], Quantity], tokens: int) -> float | None:
        values = [place(row).to("J").value for row in rows]
        known = [value for value in values if value is not None]
        return float(np.median(known)) / tokens if len(known) == len(values) else None

    return ServingCost(
        read_j=joules(lambda row: row[0], read),
        read_s=float(np.median([row[1] for row in rows])) / read,
        written_j=joules(lambda row: row[2], written),
        written_s=float(np.median([row[3] for row in rows])) / written,
        basis=rows[0][0].basis.value,
        weights_bytes=sum(w.numel() * w.element_size() for w in model.parameters()),
    )
