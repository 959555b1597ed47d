"""`qwatt estimate curation` and `tokenise`: what the corpus costs before training."""

from typing import Annotated, Any

import typer

from qwatt.cli.estimate.options import Accelerator, Json, Tokens
from qwatt.cli.estimate.site import sited

Hashes = Annotated[str | None, typer.Option("--hashes", metavar="N", help="MinHash permutations.")]
Classifier = Annotated[
    str | None,
    typer.Option("--classifier-params", metavar="N", help="Parameters of the quality filter, 0 for none."),
]
Passes = Annotated[str, typer.Option("--passes", metavar="N", help="How often the corpus is processed.")]
OnGpu = Annotated[bool, typer.Option("--on-gpu", help="Deduplicate on accelerators in place of CPUs.")]
Tokenizer = Annotated[
    str, typer.Option("--tokenizer", metavar="NAME", help="hf-rust, hf-python, tiktoken, bpe.")
]
BytesPerToken = Annotated[
    str | None, typer.Option("--bytes-per-token", metavar="N|L,V,H", help="Text bytes of a token.")
]


@sited
def curation(
    tokens: Tokens,
    accelerator: Accelerator,
    hashes: Hashes = None,
    classifier_params: Classifier = None,
    passes: Passes = "1",
    on_gpu: OnGpu = False,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate fuzzy deduplication and model-based filtering of a raw corpus."""
    from qwatt.cli.estimate.numbers import maybe, maybe_whole, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.projection.calculators.curation import estimate_curation

    estimate = estimate_curation(
        number("tokens", tokens),
        accelerator,
        hashes=maybe_whole("hashes", hashes),
        classifier_params=maybe("classifier_params", classifier_params),
        passes=number("passes", passes),
        on_gpu=on_gpu,
        place=place,
    )
    show_estimate(estimate, as_json)


@sited
def tokenise(
    tokens: Tokens,
    tokenizer: Tokenizer = "hf-rust",
    bytes_per_token: BytesPerToken = None,
    as_json: Json = False,
    *,
    place: Any,
) -> None:
    """Estimate turning a corpus into tokens."""
    from qwatt.cli.estimate.numbers import interval, number
    from qwatt.cli.estimate.output import show_estimate
    from qwatt.projection.calculators.tokenise import estimate_tokenise

    size = interval("bytes_per_token", bytes_per_token)
    estimate = estimate_tokenise(
        number("tokens", tokens), tokenizer=tokenizer, bytes_per_token=size, place=place
    )
    show_estimate(estimate, as_json)
