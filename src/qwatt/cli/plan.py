"""`qwatt plan`: what a study would execute and cost on every QPU; executes nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from qwatt.cli import completion
from qwatt.cli.options import (
    BackendSpec,
    Data,
    Json,
    Methods,
    Model,
    Seeds,
    Set,
    Shots,
    Size,
    Target,
    Train,
    Tuning,
)

QPU_HELP = "Only this QPU (repeatable)."
Qpus = Annotated[
    list[str] | None,
    typer.Option("--qpu", metavar="ID", help=QPU_HELP, autocompletion=completion.qpus),
]


def plan(
    target: Target = None,
    data: Data = None,
    train: Train = None,
    model: Model = None,
    method: Methods = None,
    seeds: Seeds = None,
    size: Size = None,
    backend: BackendSpec = None,
    shots: Shots = None,
    tuning_trials: Tuning = None,
    fixed: Set = None,
    qpu: Qpus = None,
    every: Annotated[bool, typer.Option("--all", help="Show every QPU, not the three cheapest.")] = False,
    sort: Annotated[
        str, typer.Option("--sort", metavar="energy|usd|time", help="Order of the QPUs.")
    ] = "energy",
    as_json: Json = False,
) -> None:
    """Print circuits, shots, QPU seconds, joules and money per catalogued QPU before anything runs."""
    from qwatt.cli.named import named
    from qwatt.cli.output import print_json
    from qwatt.cli.waiting import waiting
    from qwatt.report.qpu_choice import chosen

    target, choice = named(target), chosen(qpu, every, sort)
    with waiting(f"planning {target}"):
        from qwatt.api.plan import plan as compute

        found = compute(
            target, data=data, train=train, model=model, methods=method, seeds=seeds, size=size,
            backend=backend, shots=shots, tuning_trials=tuning_trials, settings=fixed, qpus=qpu, sort=sort,
        )  # fmt: skip
    if as_json:
        print_json(found.to_dict())
    else:
        from qwatt.report.terminal import print_plan

        print_plan(list(found.methods), choice)
