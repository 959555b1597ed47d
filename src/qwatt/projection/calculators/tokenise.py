"""Tokenisation: bytes over the throughput of a core; small beside training, and reported all the same."""

from __future__ import annotations

from qwatt.core.errors import unknown_name
from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.work import on_cpu
from qwatt.projection.catalogued.find import constant, tables
from qwatt.projection.spread import Span

FORMULA = (
    "core_hours = D * bytes_per_token / throughput / 3600; E_node = core_hours * W_core; " + chain.FORMULA
)


def tokenizers() -> list[str]:
    """Return the tokenisers with a catalogued throughput."""
    return [name for name, entry in tables("llm")["tokenise"].items() if isinstance(entry, dict)]


def estimate_tokenise(
    tokens: float,
    *,
    tokenizer: str = "hf-rust",
    bytes_per_token: check.Given | None = None,
    place: Site | None = None,
) -> Estimate:
    """Estimate the energy of turning a corpus into tokens.

    Args:
        tokens: tokens of the corpus.
        tokenizer: "hf-python", "hf-rust", "tiktoken" or "bpe".
        bytes_per_token: text bytes of a token; the catalogue's when None.
        place: PUE, grid and prices.

    Returns:
        core_hours and the costs of `qwatt.projection.calculators.work.COSTS`; the device energy is unknown
        (CPU).

    Raises:
        QwattError: an unknown tokeniser, or a number out of range.
    """
    if tokenizer not in tokenizers():
        raise unknown_name("tokenizer", tokenizer, tokenizers(), where="tokenizer")
    place, entry = place or chain.site(), constant("tokenise", tokenizer)
    size = constant("curation", "bytes_per_token")
    each = (
        Span.of(size, "byte/token")
        if bytes_per_token is None
        else check.span("bytes_per_token", bytes_per_token, 0, 1000)
    )
    seconds = each * check.tokens("tokens", tokens) / Span.of(entry, "byte/s")
    core_hours = seconds / 3600.0
    return Estimate(
        name="tokenise",
        quantities={"core_hours": core_hours.quantity("h"), **on_cpu(core_hours, place)},
        formula=FORMULA,
        symbols={
            "D": f"tokens: {tokens:.4g}",
            "bytes_per_token": f"text bytes of a token: {each.value:g}",
            "throughput": f"byte/s of a core with {tokenizer}: {entry['value']:.3g}",
            "W_core": "W of a busy core, its share of the node contained",
            **chain.symbols(place),
        },
        sources=unique(entry["source"], size["source"], constant("curation", "core_w")["source"]),
    )
