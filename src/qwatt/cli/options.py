"""Options that several verbs share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from qwatt.cli import completion
from qwatt.core.limits import MOST_SHOTS, MOST_TUNING_TRIALS

STUDY = "[STUDY|STAGE|STAGE/TASK]"
TARGET_HELP = "A study file, a stage such as curation, or a task such as curation/dedup."

Target = Annotated[
    str | None, typer.Argument(metavar=STUDY, help=TARGET_HELP, autocompletion=completion.targets)
]
Data = Annotated[str | None, typer.Option("--data", help="Your own file or folder, or a built-in data set.")]
TRAIN_HELP = "Your own training, as module:function or file.py:function, for architecture/search."
Train = Annotated[str | None, typer.Option("--train", help=TRAIN_HELP)]
MODEL_HELP = (
    "The model to work on: a name such as small, smollm2 or (to prune) minilm, or your Hugging Face folder."
)
Model = Annotated[str | None, typer.Option("--model", help=MODEL_HELP)]
Methods = Annotated[
    list[str] | None,
    typer.Option("--method", help="Only this method (repeatable).", autocompletion=completion.methods),
]
Seeds = Annotated[int | None, typer.Option("--seeds", min=1, help="Number of seeds.")]
SIZE_HELP = "xs, s, m or full; s,NAME=VALUE changes a parameter of it, as in s,per_class=16."
Size = Annotated[
    str | None,
    typer.Option("--size", help=SIZE_HELP),
]
BackendSpec = Annotated[str | None, typer.Option("--backend", help="engine, noisy:QPU, pennylane:DEVICE.")]
Shots = Annotated[int | None, typer.Option("--shots", min=1, max=MOST_SHOTS, help="Shots per circuit.")]
TUNING_HELP = "Settings each method may try (12 where no study says); a smaller space is searched whole."
Tuning = Annotated[
    int | None, typer.Option("--tuning-trials", min=1, max=MOST_TUNING_TRIALS, help=TUNING_HELP)
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Fix a setting: method.setting=value, or setting=value for all (repeatable)."),
]
OUT_HELP = "Run folder, else runs/NAME-DATA-MODEL-SIZE of what is given; an existing one is resumed."
Out = Annotated[Path | None, typer.Option("--out", help=OUT_HELP)]
EXECUTOR_HELP = "Where trials run: serial, processes[:COUNT] or ray[:ADDRESS]; measured ones alone on a node."
ExecutorSpec = Annotated[str, typer.Option("--executor", metavar="WHERE", help=EXECUTOR_HELP)]
BUDGET_HELP = "Stop before jobs at a remote provider cost more, such as 50usd, with those of earlier calls."
Budget = Annotated[str | None, typer.Option("--budget", metavar="USD", help=BUDGET_HELP)]
PARTIAL_HELP = "Begin although the plan costs more than the budget; stop where it is spent."
Partial = Annotated[bool, typer.Option("--partial", help=PARTIAL_HELP)]
DRY_HELP = "Say what jobs at a remote provider would cost by the plan; run and submit nothing."
DryRun = Annotated[bool, typer.Option("--dry-run", help=DRY_HELP)]
Force = Annotated[
    bool, typer.Option("--force", help="Append to a folder that holds another study or other files.")
]
CATALOGUE_HELP = "Your own QPUs, accelerators, grids or prices, laid over the catalogue (TOML)."


@cache
def own_catalogue() -> Any:
    """Return the option of every verb that lays a user's own file over the catalogue."""
    lender = typer.Typer()
    lender.command()(_with_catalogue)
    return next(option for option in typer.main.get_command(lender).params if option.name == "own")


def _add_catalogue(context: typer.Context, file: Path | None) -> None:
    if file is not None:
        from qwatt import catalogue

        before = catalogue.own_tables()
        catalogue.add(file)
        context.call_on_close(lambda: catalogue.lay(before))  # the next verb of this process does without


def _with_catalogue(
    own: Annotated[
        Path | None,
        typer.Option(
            "--catalogue",
            metavar="FILE",
            help=CATALOGUE_HELP,
            callback=_add_catalogue,
            is_eager=True,
            expose_value=False,
        ),
    ] = None,
) -> None:
    """Lend the option."""


Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, alone on stdout.")]
