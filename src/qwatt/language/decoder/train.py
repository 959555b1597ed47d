"""Trains a small decoder on a budget of tokens; interrupted at any moment, it goes on bit for bit."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.progress import tell
from qwatt.core.quantity import Quantity, total
from qwatt.core.threads import one_thread
from qwatt.language.decoder.checkpoint import FILE, read_checkpoint, write_checkpoint
from qwatt.language.decoder.corpus import Corpus, Split, corpus_digest, split
from qwatt.language.decoder.curve import Curve, CurvePoint
from qwatt.language.decoder.loss import validation_loss
from qwatt.language.decoder.network import new_decoder
from qwatt.language.decoder.optimiser import Optimiser, make_optimisers, rate_factor, set_rate
from qwatt.language.decoder.precision import choose_precision, computing_in, wide_attention
from qwatt.language.decoder.size import DecoderSize, Rates, default_rates
from qwatt.language.decoder.trained import Trained, read_trained, save_trained
from qwatt.language.decoder.windows import Windows

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

OnStep = Callable[[int, float], None]
"""Called with the tokens trained on so far and the loss of the step, nats per token."""

_CURVE_WINDOWS = 256
"""Held-back windows behind a point of the curve; the loss at the end is of all of them."""
_SAVE_EVERY_S = 15.0
_EARLY, _POINTS = (1 / 64, 1 / 32), 16


def train_decoder(
    corpus: Corpus,
    size: DecoderSize,
    tokens: int,
    seed: int = 0,
    *,
    held: Corpus | None = None,
    tokenizer: Any = None,
    optimiser: Optimiser = "muon",
    rates: Rates | None = None,
    precision: str = "auto",
    folder: Path | None = None,
    on_step: OnStep | None = None,
) -> Trained:
    """Train a decoder from scratch on one thread; joules and held-back loss are recorded along the way.

    Args:
        corpus: texts, or ids of tokens in a row.
        size: its sizes.
        tokens: the budget; so many are trained on at most, in whole steps.
        seed: seed of the weights and of the order of the text.
        held: what it is judged by, in the corpus's form; the default holds back 5 % of the corpus.
        tokenizer: a tokenizer of transformers; the default learns one of `size.vocabulary` entries.
        optimiser: "muon", "adamw", or what makes torch optimisers of named parameters.
        rates: learning rates and schedule; the default is the catalogue's.
        precision: "auto", "bf16" or "fp32".
        folder: where checkpoints, and in the end the model, are written; an interrupted training goes on,
            and a finished one is read. An optimiser of the caller's own is known there by its name alone.
        on_step: called after every step.

    Raises:
        QwattError: too little text or budget, the folder holds another training, or is to hold one by an
            optimiser without a name of its own.
    """
    rates, precision = rates or default_rates(), choose_precision(precision)
    steps = tokens // size.step_tokens
    if steps < 1:
        what = f"a budget of {tokens} tokens is less than one step of {size.step_tokens}"
        raise QwattError(what, where="tokens", mend=f"give {size.step_tokens} tokens or more")
    name = _name(optimiser)
    if folder is not None and not name:
        what = "the optimiser has no name of its own, by which the folder would know its training"
        raise QwattError(
            what, where="optimiser", mend="give it as a function with a name, or leave out folder"
        )
    recipe = _digest(corpus, held, tokenizer, size, steps, seed, name, rates, precision)
    if folder is not None and (finished := read_trained(folder, recipe)) is not None:
        return finished
    with one_thread(), _own_generator(seed):
        run = _Run(size, steps, seed, rates, precision, recipe, folder)
        run.prepare(corpus, held, tokenizer, optimiser)
        run.train(on_step)
        return run.finish()


@dataclass
class _Run:
    """A training: what it was asked for, and how far it is."""

    size: DecoderSize
    steps: int
    seed: int
    rates: Rates
    precision: str
    recipe: str
    folder: Path | None
    step: int = 0
    resumed: int = 0
    seconds: float = 0.0
    points: list[CurvePoint] = field(default_factory=list)

    def prepare(self, corpus: Corpus, held: Corpus | None, tokenizer: Any, optimiser: Optimiser) -> None:
        """Write the text in tokens, make the network, and take up a checkpoint where there is one."""
        from qwatt.energy.meter import Meter
        from qwatt.language.decoder.vocabulary import read_tokenizer

        self.meter = Meter()
        state = read_checkpoint(self.folder, self.recipe) if self.folder else None
        if state is not None and state["tokenizer"]:
            tokenizer = read_tokenizer(state["tokenizer"])
        with self.meter.window("prepare") as window:
            self.text: Split = split(corpus, held, self.size, self.rates.held_share, tokenizer)
        self.preparation, self.seconds = window.energy, window.seconds
        self.windows = Windows(self.text.training, self.size, self.seed)
        separator = None if self.text.tokenizer is None else self.text.tokenizer.eos_token_id
        self.model = new_decoder(self.size, self.seed, separator)
        self.optimisers = make_optimisers(optimiser, self.model, self.rates)
        self.spent = self.preparation.scaled(0.0)
        if state is not None:
            self._take_up(state)

    def train(self, on_step: OnStep | None) -> None:
        """Do the steps that are left, with a point of the curve and a checkpoint now and then."""
        marks = sorted({max(1, round(self.steps * share)) for share in (*_EARLY, *_shares())})
        while self.step < self.steps:
            mark = next(m for m in marks if m > self.step)
            with self.meter.window("train") as window, wide_attention(self.model, self.precision):
                self._steps_until(mark, on_step)
            self.spent, self.seconds = total([self.spent, window.energy]), self.seconds + window.seconds
            if self.step == mark:
                loss = validation_loss(self.model, self.text.held, self.size.context, _CURVE_WINDOWS)
                self.points.append(CurvePoint(self.step * self.size.step_tokens, self.spent, loss))
            if self.folder is not None:
                write_checkpoint(self.folder, self._state())

    def finish(self) -> Trained:
        """Judge the model on all that was held back, and save it."""
        loss = validation_loss(self.model, self.text.held, self.size.context)
        trained = Trained(
            self.model.eval(),
            self.text.tokenizer,
            self.size,
            self.recipe,
            self.seed,
            self.step * self.size.step_tokens,
            self.precision,
            Curve(tuple(self.points)),
            loss,
            self.text.bits_per_character(loss),
            self.spent,
            self.preparation,
            self.seconds,
            self.resumed,
        )
        if self.folder is not None:
            save_trained(trained, self.folder)
            (self.folder / FILE).unlink(missing_ok=True)
        return trained

    def _steps_until(self, mark: int, on_step: OnStep | None) -> None:
        """Train until a step, or until a checkpoint is due; one step at least."""
        end = time.monotonic() + _SAVE_EVERY_S if self.folder else math.inf
        self.model.train()
        first = self.step
        while self.step < mark and (self.step == first or time.monotonic() < end):
            set_rate(self.optimisers, rate_factor(self.step, self.steps, self.rates))
            loss = self._one_step(torch.from_numpy(self.windows.batch(self.step)))
            self.step += 1
            tell(self.step, self.steps, "training steps")
            if on_step is not None:
                on_step(self.step * self.size.step_tokens, float(loss))

    def _one_step(self, rows: torch.Tensor) -> torch.Tensor:
        from qwatt.language.decoder.cross_entropy import LinearCrossEntropy

        with computing_in(self.precision):
            states = self.model.model(input_ids=rows[:, :-1], use_cache=False).last_hidden_state
        dtype = torch.bfloat16 if self.precision == "bf16" else torch.float32
        head, targets = self.model.lm_head.weight, rows[:, 1:].flatten()
        apply: Callable[..., torch.Tensor] = LinearCrossEntropy.apply
        loss = apply(states.flatten(0, 1), head, targets, dtype)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.rates.clip_norm)
        for one in self.optimisers:
            one.step()
            one.zero_grad()
        return loss.detach()

    def _state(self) -> dict[str, Any]:
        own = self.text.tokenizer
        return {
            "recipe": self.recipe,
            "step": self.step,
            "model": self.model.state_dict(),
            "optimisers": [one.state_dict() for one in self.optimisers],
            "rng": torch.get_rng_state(),
            "tokenizer": "" if own is None else own.backend_tokenizer.to_str(),
            "account": json.dumps(
                {
                    "spent": self.spent.to_record(),
                    "preparation": self.preparation.to_record(),
                    "seconds": self.seconds,
                    "resumed": self.resumed,
                    "curve": Curve(tuple(self.points)).to_record(),
                }
            ),
        }

    def _take_up(self, state: dict[str, Any]) -> None:
        account = json.loads(state["account"])
        self.step, self.resumed = state["step"], account["resumed"] + 1
        self.spent = Quantity.from_record(account["spent"])
        self.preparation = Quantity.from_record(account["preparation"])
        self.seconds, self.points = account["seconds"], list(Curve.from_record(account["curve"]).points)
        self.model.load_state_dict(state["model"])
        for one, saved in zip(self.optimisers, state["optimisers"], strict=True):
            one.load_state_dict(saved)
        torch.set_rng_state(state["rng"])


def _shares() -> Iterator[float]:
    return (i / _POINTS for i in range(1, _POINTS + 1))


@contextmanager
def _own_generator(seed: int) -> Iterator[None]:
    """Seed torch's generator for optimisers that draw from it, and put it back afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _name(optimiser: Optimiser) -> str:
    """Return what tells an optimiser from others: nothing of a lambda, a partial or an object."""
    name = optimiser if isinstance(optimiser, str) else str(getattr(optimiser, "__qualname__", ""))
    return "" if "<lambda>" in name else name


def _digest(
    corpus: Corpus,
    held: Corpus | None,
    tokenizer: Any,
    size: DecoderSize,
    steps: int,
    seed: int,
    optimiser: str,
    rates: Rates,
    precision: str,
) -> str:
    parts = {
        "text": corpus_digest(corpus, held),
        "tokenizer": "" if tokenizer is None else tokenizer.backend_tokenizer.to_str(),
        "size": asdict(size),
        "steps": steps,
        "seed": seed,
        "optimiser": optimiser,
        "rates": asdict(rates),
        "precision": precision,
    }
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
