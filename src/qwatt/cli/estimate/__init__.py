"""`qwatt estimate`: the calculators, one verb each."""

from __future__ import annotations

import typer

from qwatt.cli.estimate.asking import Verb, verb_of
from qwatt.cli.estimate.development import development
from qwatt.cli.estimate.quantum import anneal, circuit, fault_tolerant
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.distil import DistilInput, estimate_distil
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.monitoring import MonitoringInput, estimate_monitoring
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.tokenise import TokeniseInput, estimate_tokenise
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.tuning import TuningInput, estimate_tuning

estimate_app = typer.Typer(
    help="Calculate energy, time, CO2e and money, with formula, intervals and sources.",
    no_args_is_help=True,
    add_completion=False,
)
_VERBS: dict[str, Verb] = {
    "training": verb_of(TrainingInput, estimate_training),
    "inference": verb_of(InferenceInput, estimate_inference),
    "curation": verb_of(CurationInput, estimate_curation),
    "tokenise": verb_of(TokeniseInput, estimate_tokenise),
    "development": development,
    "tuning": verb_of(TuningInput, estimate_tuning),
    "distil": verb_of(DistilInput, estimate_distil),
    "monitoring": verb_of(MonitoringInput, estimate_monitoring),
    "circuit": circuit,
    "anneal": anneal,
    "fault-tolerant": fault_tolerant,
}
for _name, _verb in _VERBS.items():
    estimate_app.command(_name)(_verb)
