"""`qwatt estimate circuit`, `anneal` and `fault-tolerant`: today's QPUs, and error-corrected machines."""

from typing import Annotated

import typer

from qwatt.cli import completion
from qwatt.cli.estimate.asking import Json, verb_of
from qwatt.projection.fault_tolerance.estimate import estimate_fault_tolerant
from qwatt.projection.fault_tolerance.program import FaultTolerantInput

Qpu = Annotated[
    str, typer.Option("--qpu", metavar="ID", help="One of `qwatt list qpus`.", autocompletion=completion.qpus)
]
Qubits = Annotated[str, typer.Option("--qubits", metavar="N", help="Wires of a circuit; all are measured.")]
Gates1q = Annotated[str, typer.Option("--gates-1q", metavar="N", help="One-qubit gates of a circuit.")]
Gates2q = Annotated[str, typer.Option("--gates-2q", metavar="N", help="Two-qubit gates of a circuit.")]
Depth = Annotated[str, typer.Option("--depth", metavar="N", help="Layers; at least what the gates need.")]
Circuits = Annotated[str, typer.Option("--circuits", metavar="N", help="How many circuits.")]
Shots = Annotated[str, typer.Option("--shots", metavar="N", help="Shots of each circuit.")]
Mitigation = Annotated[str, typer.Option("--mitigation", metavar="NAME", help="none, zne, pec or sample.")]
Variables = Annotated[str, typer.Option("--variables", metavar="N", help="Variables of a QUBO.")]
Reads = Annotated[str, typer.Option("--reads", metavar="N", help="Reads of each QUBO.")]
Problems = Annotated[str, typer.Option("--problems", metavar="N", help="How many QUBOs.")]
Couplings = Annotated[
    str | None, typer.Option("--couplings", metavar="N", help="Couplings of a QUBO, else all pairs.")
]
Utilisation = Annotated[
    str | None, typer.Option("--utilisation", metavar="N", help="Busy share of the machine's time, 0 to 1.")
]
Pue = Annotated[str | None, typer.Option("--pue", metavar="N", help="Facility over node energy, 1 or more.")]


def circuit(
    qpu: Qpu,
    qubits: Qubits,
    gates_1q: Gates1q,
    gates_2q: Gates2q,
    depth: Depth = "0",
    circuits: Circuits = "1",
    shots: Shots = "1000",
    mitigation: Mitigation = "none",
    utilisation: Utilisation = None,
    pue: Pue = None,
    as_json: Json = False,
) -> None:
    """Estimate circuits on a catalogued QPU: seconds, joules, money, fidelity, executable or why not."""
    from qwatt.cli.estimate.numbers import maybe, whole
    from qwatt.cli.estimate.output import show_circuit
    from qwatt.energy.qpu import estimate_circuit

    record = estimate_circuit(
        qpu,
        whole("qubits", qubits),
        whole("gates_1q", gates_1q),
        whole("gates_2q", gates_2q),
        whole("depth", depth),
        whole("circuits", circuits),
        whole("shots", shots),
        mitigation,
        utilisation=maybe("utilisation", utilisation),
        pue=maybe("pue", pue),
    )
    show_circuit(record, as_json)


def anneal(
    qpu: Qpu,
    variables: Variables,
    reads: Reads,
    problems: Problems = "1",
    couplings: Couplings = None,
    utilisation: Utilisation = None,
    pue: Pue = None,
    as_json: Json = False,
) -> None:
    """Estimate QUBOs on a catalogued annealer: seconds, joules, money, executable or why not."""
    from qwatt.cli.estimate.numbers import maybe, maybe_whole, whole
    from qwatt.cli.estimate.output import show_circuit
    from qwatt.energy.qpu import estimate_anneal

    record = estimate_anneal(
        qpu,
        whole("variables", variables),
        whole("reads", reads),
        whole("problems", problems),
        maybe_whole("couplings", couplings),
        utilisation=maybe("utilisation", utilisation),
        pue=maybe("pue", pue),
    )
    show_circuit(record, as_json)


fault_tolerant = verb_of(FaultTolerantInput, estimate_fault_tolerant, show="show_fault_tolerant")
