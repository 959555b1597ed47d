"""What each operation of a backend costs on a QPU; methods plan with these and backends charge by them."""

from __future__ import annotations

from math import ceil

from qwatt.core.demand import CircuitLine, Demand
from qwatt.quantum.circuit import Circuit

BILL_SHOTS = 1000
"""Shots per circuit that exact expectation values are billed at, unless the backend says otherwise."""


def plan_circuits(circuit: Circuit, batch: int, shots: int | None = None, note: str = "expval") -> Demand:
    """Return the bill of one circuit a sample.

    Args:
        circuit: what runs.
        batch: samples; 1 for a circuit without inputs.
        shots: shots of each circuit; None is billed as `BILL_SHOTS`.
        note: the operation: "expval", "probs" or "sample".
    """
    from qwatt.quantum.demand import circuit_line

    return Demand.of(circuit_line(circuit, batch, _billed(shots), note))


def plan_gradient(
    circuit: Circuit, batch: int, shots: int | None = None, *, weights: bool = True, inputs: bool = False
) -> Demand:
    """Return the bill of one backward pass by parameter shift, 2 circuits a shifted gate and sample.

    A parameter of its own gate is one shifted gate; one that several gates share is shifted in each.

    All Z readouts commute, so they are read from the same shots (one observable group).

    Args:
        circuit: what is differentiated.
        batch: samples.
        shots: shots of each circuit; None is billed as `BILL_SHOTS`.
        weights: whether the weights need a gradient.
        inputs: whether the inputs need a gradient.
    """
    from qwatt.quantum.demand import gradient_demand, shifted_gates

    shifted = shifted_gates(circuit, weights=weights, inputs=inputs)
    return gradient_demand(circuit, batch, shifted, shots=_billed(shots))


def plan_kernel(
    circuit: Circuit, samples: int, others: int | None = None, shots: int | None = None
) -> Demand:
    """Return the bill of a fidelity kernel: compute-uncompute circuits, one a pair.

    Args:
        circuit: the feature map.
        samples: N.
        others: M; None for the symmetric matrix, whose diagonal is known: N(N-1)/2 circuits, else N*M.
        shots: shots of each circuit; None is billed as `BILL_SHOTS`.
    """
    from qwatt.quantum.demand import kernel_demand

    return kernel_demand(circuit, samples, others, shots=_billed(shots))


def plan_qaoa(
    variables: int,
    couplings: int,
    depth: int,
    shots: int | None = None,
    *,
    circuits: int = 1,
    ones: int | None = None,
) -> Demand:
    """Return the bill of QAOA circuits: 2 CNOT and 1 RZ a coupling, 1 RZ a variable, and the mixer, a layer.

    The depth assumes couplings spread evenly over all-to-all connected qubits: three gate layers for each
    of ceil(2 couplings / variables) rounds.

    Args:
        variables: binary variables, one qubit each.
        couplings: quadratic terms.
        depth: QAOA layers p.
        shots: shots of each circuit; None is billed as `BILL_SHOTS`.
        circuits: circuits of this shape, the schedule's optimisation included.
        ones: number of ones that a Dicke start and an XY-ring mixer keep; None for the X mixer.
    """
    if not variables:
        return Demand()
    start, mixer = _qaoa_parts(variables, ones)
    rounds = ceil(2 * couplings / variables)
    line = CircuitLine(
        circuits=circuits,
        shots=_billed(shots),
        qubits=variables,
        gates_1q=start[0] + depth * (couplings + variables + mixer[0]),
        gates_2q=start[1] + depth * (2 * couplings + mixer[1]),
        depth=start[2] + depth * (3 * rounds + 1 + mixer[2]),
        measurements=variables,
        note="qaoa",
    )
    return Demand.of(line)


def _qaoa_parts(variables: int, ones: int | None) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return one-qubit gates, two-qubit gates and depth of the start and of one mixer."""
    if ones is None:
        return (variables, 0, 1), (variables, 0, 1)
    from qwatt.quantum.demand import circuit_counts
    from qwatt.quantum.qubo.fixed_weight import dicke_circuit, ring_mixer_circuit

    start, mixer = (
        circuit_counts(dicke_circuit(variables, ones)),
        circuit_counts(ring_mixer_circuit(variables)),
    )
    return (start.gates_1q, start.gates_2q, start.depth), (mixer.gates_1q, mixer.gates_2q, mixer.depth)


def _billed(shots: int | None) -> int:
    return BILL_SHOTS if shots is None else shots
