"""`qwatt estimate`: the calculators, one verb each."""

from __future__ import annotations

import typer

from qwatt.cli.estimate.corpus import curation, tokenise
from qwatt.cli.estimate.inference import inference, monitoring
from qwatt.cli.estimate.quantum import circuit, fault_tolerant
from qwatt.cli.estimate.training import development, training
from qwatt.cli.estimate.tuning import distil, tuning

estimate_app = typer.Typer(
    help="Calculate energy, time, CO2e and money, with formula, intervals and sources.", no_args_is_help=True
)
for _verb in (training, inference, curation, tokenise, development, tuning, distil, monitoring, circuit):
    estimate_app.command()(_verb)
estimate_app.command("fault-tolerant")(fault_tolerant)
