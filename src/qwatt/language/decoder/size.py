"""How large a small decoder is, and what the catalogue says about training one."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from qwatt.core.errors import QwattError, unknown_name


@dataclass(frozen=True)
class DecoderSize:
    """Sizes of a Llama (arXiv:2302.13971) with tied embeddings, and of the windows that it is trained on.

    Args:
        vocabulary: entries of the tokenizer, its separator of texts included.
        hidden: width of the residual stream.
        intermediate: channels of a feed-forward block.
        layers: blocks.
        heads: attention heads; `hidden` is a multiple of them.
        context: tokens in a window.
        batch: windows in a step.

    Raises:
        QwattError: a size is below 1, or the width is no even multiple of the heads.
    """

    vocabulary: int = 2048
    hidden: int = 128
    intermediate: int = 352
    layers: int = 2
    heads: int = 4
    context: int = 64
    batch: int = 16

    def __post_init__(self) -> None:
        small = [name for name, value in asdict(self).items() if value < 1]
        if small:
            raise QwattError(f"{small[0]} is below 1", where="size of the decoder", mend="give 1 or more")
        if self.hidden % (2 * self.heads):
            what = f"hidden {self.hidden} is not an even multiple of {self.heads} heads"
            raise QwattError(what, where="size of the decoder", mend="give a multiple of twice the heads")

    @property
    def parameters(self) -> int:
        """Number of weights, the embedding counted once."""
        block = 4 * self.hidden**2 + 3 * self.hidden * self.intermediate + 2 * self.hidden
        return self.vocabulary * self.hidden + self.layers * block + self.hidden

    @property
    def step_tokens(self) -> int:
        """Tokens that are predicted in a step."""
        return self.context * self.batch


@dataclass(frozen=True)
class Rates:
    """Learning rates and their schedule; all of it from the catalogue."""

    muon_rate: float
    muon_momentum: float
    muon_weight_decay: float
    adamw_rate: float
    adamw_betas: tuple[float, float]
    adamw_weight_decay: float
    warm_up_share: float
    decay_share: float
    clip_norm: float
    held_share: float


@dataclass(frozen=True)
class Recipe:
    """A decoder that is known by name: the corpus, how it is trained on so many tokens, and its sizes."""

    name: str
    title: str
    corpus: str
    seed: int
    optimiser: str
    precision: str
    tokens: int
    size: DecoderSize


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("qwatt.catalogue").joinpath("decoders.toml").read_text("utf-8"))


def recipes() -> dict[str, Recipe]:
    """Return the decoders of the catalogue by name."""
    return {
        name: Recipe(name=name, **(table | {"size": DecoderSize(**table["size"])}))
        for name, table in _tables()["decoder"].items()
    }


def get_recipe(name: str) -> Recipe:
    """Return a recipe of the catalogue.

    Raises:
        QwattError: no such decoder.
    """
    known = recipes()
    if name not in known:
        raise unknown_name("decoder", name, known)
    return known[name]


def default_rates() -> Rates:
    """Return the rates of the catalogue."""
    table = _tables()["training"]
    return Rates(**(table | {"adamw_betas": tuple(table["adamw_betas"])}))
