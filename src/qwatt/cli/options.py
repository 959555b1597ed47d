"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TARGET_HELP = "A study file, a stage such as curation, or a task such as curation/dedup."

Target = Annotated[str, typer.Argument(metavar="[STUDY|STAGE|STAGE/TASK]", help=TARGET_HELP)]
Data = Annotated[str | None, typer.Option("--data", help="Your own file or folder, or a built-in data set.")]
TRAIN_HELP = "Your own training, as module:function or file.py:function, for architecture/search."
Train = Annotated[str | None, typer.Option("--train", help=TRAIN_HELP)]
MODEL_HELP = "The language model to work on: a name such as small or smollm2, or your Hugging Face folder."
Model = Annotated[str | None, typer.Option("--model", help=MODEL_HELP)]
Methods = Annotated[list[str] | None, typer.Option("--method", help="Only this method (repeatable).")]
Seeds = Annotated[int | None, typer.Option("--seeds", min=1, help="Number of seeds.")]
Size = Annotated[str | None, typer.Option("--size", help="xs, s, m or full.")]
BackendSpec = Annotated[str | None, typer.Option("--backend", help="engine, noisy:QPU, pennylane:DEVICE.")]
Shots = Annotated[int | None, typer.Option("--shots", min=1, help="Shots per circuit.")]
TUNING_HELP = "Settings each method may try (12 where no study says); a smaller space is searched whole."
Tuning = Annotated[int | None, typer.Option("--tuning-trials", min=1, help=TUNING_HELP)]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Fix a setting: method.setting=value, or setting=value for all (repeatable)."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Run folder; an existing one is resumed.")]
Force = Annotated[
    bool, typer.Option("--force", help="Append to a folder that holds another study or other files.")
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, alone on stdout.")]
