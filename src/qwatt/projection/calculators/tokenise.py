"""Tokenisation: bytes over the throughput of a core; small beside training, and reported all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.core.quantity import S_PER_H
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.fields import BytesPerToken, Tokenizer, Tokens
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.work import on_cpu
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = (
    "core_hours = D * bytes_per_token / throughput / 3600; E_node = core_hours * W_core; " + facility.FORMULA
)


@dataclass(frozen=True, kw_only=True)
class TokeniseInput(SiteInput):
    """A corpus and what tokenises it."""

    tokens: Tokens
    tokenizer: Annotated[Tokenizer, "hf-rust, hf-python, tiktoken, bpe."] = "hf-rust"
    bytes_per_token: Annotated[BytesPerToken | None, "Text bytes of a token."] = None


def estimate_tokenise(corpus: TokeniseInput) -> Estimate:
    """Estimate turning a corpus into tokens.

    Returns:
        core_hours and the costs of `qwatt.projection.calculators.work.COSTS`; the device energy is unknown
        (CPU).
    """
    place, entry = corpus.place(), constant("tokenise", corpus.tokenizer)
    size, given = constant("curation", "bytes_per_token"), corpus.bytes_per_token
    each = Span.of(size, "byte/token") if given is None else Span.given(given)
    core_hours = each * corpus.tokens / Span.of(entry, "byte/s") / S_PER_H
    return Estimate(
        name="tokenise",
        quantities={"core_hours": core_hours.quantity("h"), **on_cpu(core_hours, place)},
        formula=FORMULA,
        symbols={
            "D": f"tokens: {corpus.tokens:.4g}",
            "bytes_per_token": f"text bytes of a token: {each.value:g}",
            "throughput": f"byte/s of a core with {corpus.tokenizer}: {entry['value']:.3g}",
            "W_core": "W of a busy core, its share of the node contained",
            **place.symbols(),
        },
        sources=unique(entry["source"], size["source"], constant("curation", "core_w")["source"]),
    )
