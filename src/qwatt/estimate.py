"""The calculators: energy, time, carbon and money of one piece of a model's life, or of circuits on a QPU.

    qwatt.estimate.training(params=8e9, tokens=15e12, accelerator="h100")["energy_kwh.facility"]

Keywords are the fields of each calculator's input, and the options of `qwatt estimate`; `help()` shows them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from qwatt.api.estimated import Estimated
from qwatt.energy.qpu import estimate_anneal, estimate_circuit
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.distil import DistilInput, estimate_distil
from qwatt.projection.calculators.estimate import Estimate
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.monitoring import MonitoringInput, estimate_monitoring
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.tokenise import TokeniseInput, estimate_tokenise
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.tuning import TuningInput, estimate_tuning
from qwatt.projection.fault_tolerance.estimate import estimate_fault_tolerant
from qwatt.projection.fault_tolerance.program import FaultTolerantInput

P = ParamSpec("P")
Asked = TypeVar("Asked")

__all__ = [
    "DevelopmentInput",
    "TrainingInput",
    "anneal",
    "circuit",
    "curation",
    "development",
    "distil",
    "fault_tolerant",
    "inference",
    "monitoring",
    "tokenise",
    "training",
    "tuning",
]


def _calculator(
    asked: Callable[P, Asked], estimate: Callable[[Asked], Estimate | Mapping[str, Any]]
) -> Callable[P, Estimated]:
    """Return a function that takes the keywords of a calculator's input."""

    def calculate(*args: P.args, **kwargs: P.kwargs) -> Estimated:
        found = estimate(asked(*args, **kwargs))
        return Estimated(found.to_record() if isinstance(found, Estimate) else found)

    calculate.__signature__ = inspect.signature(asked).replace(return_annotation=Estimated)  # type: ignore[attr-defined]
    calculate.__doc__ = estimate.__doc__
    calculate.__name__ = estimate.__name__.removeprefix("estimate_")
    return calculate


training = _calculator(TrainingInput, estimate_training)
inference = _calculator(InferenceInput, estimate_inference)
curation = _calculator(CurationInput, estimate_curation)
tokenise = _calculator(TokeniseInput, estimate_tokenise)
development = _calculator(DevelopmentInput, estimate_development)
tuning = _calculator(TuningInput, estimate_tuning)
distil = _calculator(DistilInput, estimate_distil)
monitoring = _calculator(MonitoringInput, estimate_monitoring)
fault_tolerant = _calculator(FaultTolerantInput, estimate_fault_tolerant)


def circuit(
    qpu: str,
    *,
    qubits: int,
    gates_1q: int,
    gates_2q: int,
    depth: int = 0,
    circuits: int = 1,
    shots: int = 1000,
    mitigation: str = "none",
    utilisation: float | None = None,
    pue: float | None = None,
) -> Estimated:
    """Estimate circuits on a catalogued QPU: seconds, joules, money, fidelity, executable or why not.

    Args:
        qpu: one of `qwatt list qpus`.
        qubits: wires of a circuit; all are measured.
        gates_1q, gates_2q: gates of a circuit.
        depth: layers; at least what the gates need.
        circuits, shots: how many circuits, and shots of each.
        mitigation: "none", "zne", "pec" or "sample".
        utilisation: busy share of the machine's time, 0 to 1.
        pue: facility over node energy, 1 or more.
    """
    return Estimated(
        estimate_circuit(
            qpu,
            qubits,
            gates_1q,
            gates_2q,
            depth,
            circuits,
            shots,
            mitigation,
            utilisation=utilisation,
            pue=pue,
        )
    )


def anneal(
    qpu: str,
    *,
    variables: int,
    reads: int,
    problems: int = 1,
    couplings: int | None = None,
    utilisation: float | None = None,
    pue: float | None = None,
) -> Estimated:
    """Estimate QUBOs on a catalogued annealer: seconds, joules, money, executable or why not.

    Args:
        qpu: one of `qwatt list qpus`.
        variables: of a QUBO.
        reads, problems: reads of each QUBO, and how many QUBOs.
        couplings: of a QUBO; else all pairs.
        utilisation: busy share of the machine's time, 0 to 1.
        pue: facility over node energy, 1 or more.
    """
    return Estimated(
        estimate_anneal(qpu, variables, reads, problems, couplings, utilisation=utilisation, pue=pue)
    )
