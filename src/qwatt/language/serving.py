"""What a model costs in service on this machine: joules and time a token, to read a prompt and to write."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
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


Joules = tuple[float | None, float | None]
"""A token read, and a token written."""


@dataclass(frozen=True)
class ServingCost:
    """Medians over rounds, on one thread.

    Args:
        read_j: joules a token of a prompt; None where no reader of energy is there.
        read_s: wall seconds a token of a prompt.
        read_cpu_s: CPU seconds likewise.
        written_j: joules a token that is written; None likewise, and where nothing was written.
        written_s: wall seconds a token that is written; None where nothing was.
        written_cpu_s: CPU seconds likewise.
        basis: how the joules were obtained; of several, the weakest.
        weights_bytes: of all weights in memory, tied ones counted once.
        pairs: joules a token read and written of the first model, and of this one, round by round.
    """

    read_j: float | None
    read_s: float
    read_cpu_s: float
    written_j: float | None
    written_s: float | None
    written_cpu_s: float | None
    basis: str
    weights_bytes: int
    pairs: tuple[tuple[Joules, Joules], ...] = ()

    @property
    def read_ms(self) -> float:
        """Wall milliseconds a token of a prompt."""
        return 1e3 * self.read_s

    @property
    def written_ms(self) -> float | None:
        """Wall milliseconds a token that is written."""
        return None if self.written_s is None else 1e3 * self.written_s

    def request_j(self, request: Request) -> float | None:
        """Return the joules of a request, None where they are not known."""
        return _request_j((self.read_j, self.written_j), request)

    def request_ratio(self, request: Request) -> float | None:
        """Return the median over rounds of a request's joules over those of the first model in that round.

        Rounds that are slow are so for both, which the ratio of two medians would not know.
        """
        found = [[_request_j(side, request) for side in pair] for pair in self.pairs]
        known = [after / before for before, after in found if before and after is not None]
        return float(np.median(known)) if known and len(known) == len(found) else None


def _request_j(joules: Joules, request: Request) -> float | None:
    sides = zip(joules, (request.read_tokens, request.written_tokens), strict=True)
    needed = [(j, tokens) for j, tokens in sides if tokens]
    known = [j * tokens for j, tokens in needed if j is not None]
    return sum(known) if len(known) == len(needed) else None


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
        models: causal language models of transformers; encoders, where nothing is written.
        tokens: ids of a prompt, shape (read,) or longer.
        read: tokens of the prompt.
        written: tokens that are written after it, the likeliest each time.
        rounds: measured rounds.
    """
    prompt = torch.from_numpy(np.ascontiguousarray(tokens[:read]))[None]
    found: list[list[_Round]] = [[] for _ in models]
    own = meter.Meter()
    with one_thread(), torch.inference_mode():
        for turn in range(rounds + 1):
            order = range(len(models)) if turn % 2 else reversed(range(len(models)))
            for number in order:
                figures = _once(models[number], prompt, written, own)
                if turn:
                    found[number].append(figures)
    sizes = prompt.shape[1], written
    return [_medians(rows, found[0], model, sizes) for rows, model in zip(found, models, strict=True)]


_Round = tuple["meter.Window", "meter.Window | None"]
"""Windows of reading, and of writing."""


def _once(model: Any, prompt: torch.Tensor, written: int, own: meter.Meter) -> _Round:
    if not written:
        with own.window("read") as reading:
            model(input_ids=prompt)
        return reading, None
    with own.window("read") as reading:
        last = model(input_ids=prompt, use_cache=True, logits_to_keep=1)
    with own.window("write") as writing:
        for _ in range(written):
            step = last.logits[:, -1:].argmax(-1)
            last = model(input_ids=step, past_key_values=last.past_key_values, use_cache=True)
    return reading, writing


def _medians(rows: list[_Round], first: list[_Round], model: Any, sizes: tuple[int, int]) -> ServingCost:
    (read_j, read_s, read_cpu_s), (written_j, written_s, written_cpu_s) = (
        _side([row[place] for row in rows], sizes[place]) for place in (0, 1)
    )
    if read_s is None or read_cpu_s is None:
        raise QwattError("nothing was read", mend="measure one round or more")
    return ServingCost(
        read_j=read_j,
        read_s=read_s,
        read_cpu_s=read_cpu_s,
        written_j=written_j,
        written_s=written_s,
        written_cpu_s=written_cpu_s,
        basis=_weakest(rows),
        weights_bytes=sum(w.numel() * w.element_size() for w in model.parameters()),
        pairs=tuple((_joules(a, sizes), _joules(b, sizes)) for a, b in zip(first, rows, strict=True)),
    )


def _weakest(rows: list[_Round]) -> str:
    bases = [window.energy.basis for row in rows for window in row if window is not None]
    return max(bases, key=lambda basis: basis.strength).value


def _side(
    windows: Sequence[meter.Window | None], tokens: int
) -> tuple[float | None, float | None, float | None]:
    """Return the medians of joules, wall and CPU seconds a token; None where there are none."""
    there = [window for window in windows if window is not None]
    if not there:
        return None, None, None
    joules = [window.energy.to("J").value for window in there]
    known = [value for value in joules if value is not None]
    return (
        float(np.median(known)) / tokens if len(known) == len(joules) else None,
        float(np.median([window.seconds for window in there])) / tokens,
        float(np.median([window.cpu_seconds for window in there])) / tokens,
    )


def _joules(windows: _Round, sizes: tuple[int, int]) -> Joules:
    read, written = (_side([window], tokens)[0] for window, tokens in zip(windows, sizes, strict=True))
    return read, written
