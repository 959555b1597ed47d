"""QAOA of a quadratic model (arXiv:1411.4028) on all-to-all qubits; X or XY-ring mixer (arXiv:1709.03489).

The bill is exact in gates where every variable has a field; a field that vanishes is billed all the same.
Its depth is the least that any order of the couplings can have: a round holds n / 2 of them, rounded down.
The circuit sorts its couplings by a first-fit edge colouring, whose rounds are fewer than twice the largest
number of couplings of a variable, and exactly as billed on complete graphs.
"""

from __future__ import annotations

import numpy as np

from qwatt.core.demand import Demand
from qwatt.quantum.primitives.bill import LAYERS_PER_ROTATION, CircuitBill, LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE
from qwatt.quantum.primitives.size import CircuitSize, Number

_ROUNDING = 1e-9


@named("qaoa", "gate")
def bill(
    variables: Number, couplings: Number, layers: Number, circuits: Number = 1, shots: Number = None
) -> CircuitBill:
    """n H, and in each of p layers CNOT RZ CNOT a coupling (m), RZ and RX a variable (n).

    One-qubit gates n + p (m + 2 n), two-qubit gates 2 p m, depth 1 + p (3 r + 2) with r =
    ceil(m / floor(n / 2)): couplings spread evenly over all-to-all connected qubits (arXiv:1411.4028).

    Args:
        variables: n, one qubit each.
        couplings: m, quadratic terms.
        layers: p.
        circuits: of this size, the schedule's optimisation included.
        shots: of each circuit.
    """
    one = variables + layers * (couplings + 2 * variables)
    depth = 1 + layers * (3 * _rounds(variables, couplings) + 2)
    return CircuitBill(circuits, shots, CircuitSize(variables, one, 2 * layers * couplings, depth))


@named("qaoa_fixed_weight", "gate")
def fixed_weight_bill(
    variables: Number,
    couplings: Number,
    layers: Number,
    ones: Number,
    circuits: Number = 1,
    shots: Number = None,
) -> CircuitBill:
    """A Dicke start (arXiv:1904.07358), and in each layer the cost as in `qaoa` and an XY ring.

    The ring takes 8 one-qubit gates and 2 CNOT a pair of neighbours, in 14 layers of gates, 21 where n is odd
    (arXiv:1709.03489); the start's gates are `dicke_size`.

    Args:
        variables: n, one qubit each.
        couplings: m, quadratic terms.
        layers: p.
        ones: number of ones that every sample has.
        circuits: of this size.
        shots: of each circuit.
    """
    layer = cost_size(variables, couplings).then(xy_ring_size(variables))
    return CircuitBill(circuits, shots, dicke_size(variables, ones).then(layer.times(layers)))


@named("qaoa_one_hot", "gate")
def one_hot_bill(
    choices: Number,
    options: Number,
    couplings: Number,
    layers: Number,
    circuits: Number = 1,
    shots: Number = None,
) -> CircuitBill:
    """One of a few options for each choice: a W start and an XY ring on every choice's own qubits.

    `qaoa_fixed_weight` with one 1 a choice, choices side by side (arXiv:1709.03489).

    Args:
        choices: one-hot groups.
        options: qubits of each, at least 2.
        couplings: m, quadratic terms between options.
        layers: p.
        circuits: of this size.
        shots: of each circuit.
    """
    n = choices * options
    start, ring = (
        CircuitSize(n, choices * part.gates_1q, choices * part.gates_2q, part.depth)
        for part in (dicke_size(options, 1), xy_ring_size(options))
    )
    layer = cost_size(n, couplings).then(ring)
    return CircuitBill(circuits, shots, start.then(layer.times(layers)))


@named("qaoa_logical", "logical")
def logical_bill(
    variables: Number, couplings: Number, layers: Number, runs: Number = 1, mixer: Number = 1
) -> LogicalBill:
    """QAOA with error correction: p (m + n + mixer n) rotations, a round of couplings at a time.

    20 logical layers for each of the rounds and for the fields and mixers of a layer.

    Args:
        variables: n.
        couplings: m.
        layers: p.
        runs: circuits times shots.
        mixer: rotations a variable in the mixer: 1 for X, 2 for the XY ring.
    """
    rotations = layers * (couplings + variables + mixer * variables)
    depth = LAYERS_PER_ROTATION * layers * (_rounds(variables, couplings) + 1 + mixer)
    return LogicalBill(variables, 0, rotations, depth, runs)


def dicke_size(variables: Number, ones: Number) -> CircuitSize:
    """Return the size of `qubo.fixed_weight.dicke_circuit`: n ones' worth of split-and-shift blocks.

    With k = min(ones, n - ones): n - 1 blocks of 2 RY and 4 CNOT, and k (n - 1) - k (k - 1) / 2 - (n - 1)
    blocks of 4 RY and 6 CNOT; k X to start, n X where most are ones. The depth grows by 6, 16, 24 layers a
    variable for k = 1, 2, 3 and by 28 beyond, where blocks run side by side.
    """
    n, fewer = variables, np.minimum(ones, variables - ones)
    some = fewer > 0
    simple = some * (n - 1)
    double = fewer * (n - 1) - fewer * (fewer - 1) / 2 - simple
    flipped = np.asarray(fewer != ones) * 1
    chain = np.select(
        [np.equal(fewer, 0), fewer <= 1, fewer <= 2, fewer <= 3],
        [0 * n, 6 * n - 5, 16 * n - 25, 24 * n - 49],
        28 * n - 65,
    )
    return CircuitSize(
        n, fewer + 2 * simple + 4 * double + flipped * n, 4 * simple + 6 * double, chain + flipped
    )


def cost_size(variables: Number, couplings: Number) -> CircuitSize:
    """Return the size of one cost layer: RZ a variable, CNOT RZ CNOT a coupling, a round after the other."""
    rounds = _rounds(variables, couplings)
    return CircuitSize(variables, couplings + variables, 2 * couplings, 3 * rounds + 1)


def xy_ring_size(variables: Number) -> CircuitSize:
    """Return the size of `qubo.fixed_weight.ring_mixer_circuit`: 8 and 2 gates a pair of neighbours."""
    pairs = np.where(np.equal(variables, 2), 1, variables)
    odd = np.mod(np.ceil(variables), 2)
    return CircuitSize(variables, 8 * pairs, 2 * pairs, np.where(np.equal(variables, 2), 7, 14 + 7 * odd))


def demand(
    variables: int,
    couplings: int,
    layers: int,
    shots: int | None = None,
    *,
    circuits: int = 1,
    ones: int | None = None,
) -> Demand:
    """Return the bill in whole circuits; nothing for a model without variables.

    Args:
        variables: binary variables, one qubit each.
        couplings: quadratic terms.
        layers: p.
        shots: of each circuit; None is billed as `BILL_SHOTS`.
        circuits: circuits of this size, the schedule's optimisation included.
        ones: number of ones that a Dicke start and an XY-ring mixer keep; None for the X mixer.
    """
    if not variables:
        return Demand()
    if ones is None:
        return bill(variables, couplings, layers, circuits, shots).demand("qaoa")
    return fixed_weight_bill(variables, couplings, layers, ones, circuits, shots).demand("qaoa")


def simulation_flops(variables: int, couplings: int, layers: int, circuits: int = 1) -> float:
    """Return the operations on a cost vector: its energies once, then a phase and n turns a layer.

    The vector takes 2 (n + m) 2^n; a layer multiplies each amplitude by its phase and turns it once a
    variable, however many couplings there are.
    """
    strings = 2.0**variables
    states = FLOPS_PER_AMPLITUDE * layers * (variables + 1) * strings
    return 2.0 * (variables + couplings) * strings + circuits * states


def _rounds(variables: Number, couplings: Number) -> Number:
    """Return the fewest rounds in which no variable has two couplings, for an even spread."""
    return np.ceil(couplings / np.maximum(np.floor(variables / 2), 1) - _ROUNDING)
