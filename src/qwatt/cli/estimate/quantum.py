"""`qwatt estimate circuit` and `fault-tolerant`: today's QPUs, and error-corrected machines."""

from typing import Annotated

import typer

from qwatt.cli.estimate.asking import Json

Qpu = Annotated[str, typer.Option("--qpu", metavar="ID", help="One of `qwatt list qpus`.")]
Qubits = Annotated[str, typer.Option("--qubits", metavar="N", help="Wires of a circuit; all are measured.")]
Gates1q = Annotated[str, typer.Option("--gates-1q", metavar="N", help="One-qubit gates of a circuit.")]
Gates2q = Annotated[str, typer.Option("--gates-2q", metavar="N", help="Two-qubit gates of a circuit.")]
Depth = Annotated[str, typer.Option("--depth", metavar="N", help="Layers; at least what the gates need.")]
Circuits = Annotated[str, typer.Option("--circuits", metavar="N", help="How many circuits.")]
Shots = Annotated[str, typer.Option("--shots", metavar="N", help="Shots of each circuit.")]
Mitigation = Annotated[str, typer.Option("--mitigation", metavar="NAME", help="none, zne or pec.")]
Utilisation = Annotated[
    str | None, typer.Option("--utilisation", metavar="N", help="Busy share of the machine's time, 0 to 1.")
]
Pue = Annotated[str | None, typer.Option("--pue", metavar="N", help="Facility over node energy, 1 or more.")]
Logical = Annotated[str, typer.Option("--logical-qubits", metavar="N", help="Qubits of the algorithm.")]
Gates = Annotated[str, typer.Option(metavar="N", help="How many the program has.")]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="gate_ns_e3 (if left out), gate_ns_e4, gate_us_e3, gate_us_e4, neutral_atom, maj_ns_e4 or _e6.",
    ),
]
Error = Annotated[str | None, typer.Option("--p", metavar="P", help="Physical error, not the preset's.")]
Cycle = Annotated[
    str | None, typer.Option("--cycle-ns", metavar="NS", help="Code cycle in ns, not the preset's.")
]
Budget = Annotated[str, typer.Option("--budget", metavar="P", help="Allowed failure of the whole program.")]


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


def fault_tolerant(
    logical_qubits: Logical,
    t: Gates = "0",
    ccz: Gates = "0",
    rotations: Gates = "0",
    measurements: Gates = "0",
    preset: Preset = None,
    p: Error = None,
    cycle_ns: Cycle = None,
    budget: Budget = "1e-3",
    pue: Pue = None,
    as_json: Json = False,
) -> None:
    """Estimate a program on an error-corrected machine: physical qubits, seconds, joules, by every route."""
    from qwatt.cli.estimate.numbers import maybe, number, whole
    from qwatt.cli.estimate.output import show_fault_tolerant
    from qwatt.projection.fault_tolerance.estimate import estimate_fault_tolerant
    from qwatt.projection.fault_tolerance.surface_code import LogicalCounts

    counts = LogicalCounts(
        logical_qubits=whole("logical_qubits", logical_qubits),
        t=whole("t", t),
        ccz=whole("ccz", ccz),
        rotations=whole("rotations", rotations),
        measurements=whole("measurements", measurements),
    )
    record = estimate_fault_tolerant(
        counts,
        preset or "gate_ns_e3",
        number("budget", budget),
        p=maybe("p", p),
        cycle_ns=maybe("cycle_ns", cycle_ns),
        pue=1.0 if pue is None else number("pue", pue),
    )
    show_fault_tolerant(record, as_json, preset or "gate_ns_e3")
