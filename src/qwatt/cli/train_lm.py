"""`qwatt train-lm`: train a small language model on a corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, print_table, say
from qwatt.core.errors import QwattError, unknown_name

if TYPE_CHECKING:
    from qwatt.language.decoder import Trained

CORPUS_HELP = "Your own file or folder, or shakespeare."
OUT_HELP = "Where the model goes, in Hugging Face form; the same command again goes on where it stopped."
HELD_HELP = "Text to judge by; without it 5 % of the corpus is held back."
SET_HELP = (
    "Another size: vocabulary, hidden, intermediate, layers, heads, context or batch=NUMBER (repeatable)."
)
_MOST_SEED = 2**32 - 1

_WORSE = 1.02
"""A held-back loss so many times the least one is told to the user: the text was learned by heart."""

Model = Annotated[str, typer.Option("--model", help="Whose sizes and optimiser: small or tiny.")]
Tokens = Annotated[int | None, typer.Option("--tokens", min=1, help="Budget; the model's own by default.")]


def train_lm(
    corpus: Annotated[str, typer.Argument(help=CORPUS_HELP)],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help=OUT_HELP)],
    model: Model = "small",
    tokens: Tokens = None,
    held: Annotated[str | None, typer.Option("--held", metavar="DATA", help=HELD_HELP)] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=_MOST_SEED, help="Seed of weights and order.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Train a small language model on your text; prints bits per character, joules, and the folder."""
    from qwatt.cli.loop_progress import LoopProgress
    from qwatt.core.progress import listening
    from qwatt.language.decoder import train_decoder
    from qwatt.language.decoder.size import get_recipe

    recipe = get_recipe(model)
    size = replace(recipe.size, **_sizes(fixed or []))
    _refuse_foreign(out)
    try:
        with LoopProgress() as progress, listening(progress):
            trained = train_decoder(
                _texts(corpus),
                size,
                tokens or recipe.tokens,
                seed,
                held=None if held is None else _texts(held),
                optimiser=recipe.optimiser,
                precision=recipe.precision,
                folder=out,
            )
    except KeyboardInterrupt:
        say("\ninterrupted; run the same command again to go on where it stopped", to_stderr=True)
        raise typer.Exit(130) from None
    _print(trained, out, as_json)


def _sizes(fixed: list[str]) -> dict[str, int]:
    """Return what `--set` says of the sizes."""
    from qwatt.language.decoder import DecoderSize

    found: dict[str, int] = {}
    for assignment in fixed:
        name, _, value = assignment.partition("=")
        if name not in DecoderSize.__dataclass_fields__:
            raise unknown_name("size", name, DecoderSize.__dataclass_fields__, where=f"--set {assignment}")
        if not value.isdecimal():
            mend = f"write {name}=NUMBER"
            raise QwattError("not a whole number", where=f"--set {assignment}", mend=mend)
        found[name] = int(value)
    return found


def _texts(source: str) -> list[str]:
    from qwatt.data import read_documents
    from qwatt.language.decoder.load import recipe_texts

    return recipe_texts(source) if source == "shakespeare" else read_documents(source).texts


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything but a training."""
    from qwatt.language.decoder import checkpoint, trained

    if out.is_file():
        raise QwattError("it is a file", where=str(out), mend="give a folder by --out")
    ours = (checkpoint.FILE, trained.FILE)
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in ours):
        raise QwattError("the folder holds other files", where=str(out), mend="give a new one by --out")


def _print(trained: Trained, out: Path, as_json: bool) -> None:
    from qwatt.core.headline import counted
    from qwatt.report.marks import energy_in_words

    if as_json:
        print_json(trained.to_record() | {"folder": str(out)})
        return
    rows = [
        (f"{point.tokens:,}", f"{point.loss:.3f}", _joules(point.joules)) for point in trained.curve.points
    ]
    print_table("along the training", ("tokens", "held-back nats per token", "joules"), rows)
    bits = f"{trained.bits_per_character:.3f} bits per character" if trained.bits_per_character else ""
    joules = energy_in_words(trained.energy)
    say(f"{bits} of held-back text; {joules}; {trained.tokens:,} tokens in {trained.seconds:,.0f} s")
    _say_if_too_long(trained)
    if trained.resumed:
        say(f"interrupted {counted(trained.resumed, 'time')}; what was lost then is not in the joules")
    say(f"model: {out}")


def _say_if_too_long(trained: Trained) -> None:
    """Say where the held-back loss was least, if the model is worse than it was there."""
    points = trained.curve.points
    least = min(points, key=lambda point: point.loss, default=None)
    if least is not None and points[-1].loss > _WORSE * least.loss:
        say(
            f"the held-back loss rose from {least.loss:.3f} at {least.tokens:,} tokens "
            f"to {points[-1].loss:.3f}: more text or fewer --tokens would give a better model"
        )


def _joules(quantity: Any) -> str:
    return f"{quantity.value:,.3g}" if quantity.known else f"unknown ({quantity.reason})"
