"""QAOA of any binary quadratic model (1411.4028): X or XY-ring mixers (1709.03489), angles as weights.

prod_l exp(-i beta_l B) exp(-i gamma_l C) |start>, C the model's energy. Wire i is the i-th of
`bqm.variables`, and bit 1 means x = 1 (s = +1). The constant of C is a global phase and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pennylane as qml

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.circuit import Circuit

if TYPE_CHECKING:
    import dimod

MIXERS = ("x", "xy_ring")


def qaoa(
    bqm: dimod.BinaryQuadraticModel, layers: int, mixer: str = "x", start: Sequence[int] | None = None
) -> Circuit:
    """Return the QAOA circuit with weights (2, layers): gammas, then betas.

    Args:
        bqm: model of any variable type.
        layers: p.
        mixer: "x" from |+...+>, or "xy_ring", which keeps the number of ones, from `start`.
        start: bits to begin the XY mixer from, such as a feasible guess; it fixes the number of ones.

    Raises:
        QwattError: unknown mixer, or an XY mixer without a start of the right length.
    """
    n = bqm.num_variables
    if mixer not in MIXERS:
        raise unknown_name("mixer", mixer, MIXERS)
    if mixer == "xy_ring" and (start is None or len(start) != n or n < 2):
        raise QwattError(f"the XY-ring mixer needs {n} start bits, and at least 2", mend="give start=")
    fields, bonds = ising_terms(bqm)

    def function(_: Any, weights: Any) -> None:
        if mixer == "x":
            for wire in range(n):
                qml.Hadamard(wire)
        else:
            qml.BasisState(list(start or ()), wires=range(n))
        for layer in range(layers):
            cost_layer(fields, bonds, weights[0, layer])
            mix = mix_x if mixer == "x" else mix_xy_ring
            mix(weights[1, layer], n)

    return Circuit(function, n, 0, (2, layers), name=f"qaoa_{mixer}")


def ising_terms(
    bqm: dimod.BinaryQuadraticModel,
) -> tuple[list[tuple[int, float]], list[tuple[int, int, float]]]:
    """Return the non-zero fields (wire, h) and bonds (wire, wire, J) of the model in spins s = 2x - 1."""
    wire = {variable: i for i, variable in enumerate(bqm.variables)}
    spins = bqm.spin
    fields = [(wire[v], float(h)) for v, h in spins.linear.items() if h]
    bonds = [(wire[u], wire[v], float(j)) for (u, v), j in spins.quadratic.items() if j]
    return fields, in_rounds(bonds)


def in_rounds(bonds: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Sort commuting bonds into rounds in which no wire has two, each into the first round that is free.

    First-fit edge colouring: fewer than twice as many rounds as the largest number of bonds of a wire. Bonds
    come in the order of a round-robin tournament, so that a complete graph takes the fewest rounds there are.
    """
    wires = 1 + max((max(bond[:2]) for bond in bonds), default=0)
    taken: dict[int, set[int]] = {}
    rounds: list[list[tuple[int, int, float]]] = []
    for bond in sorted(bonds, key=lambda bond: _tournament(min(bond[:2]), max(bond[:2]), wires)):
        ends = [taken.setdefault(wire, set()) for wire in bond[:2]]
        chosen = next(n for n in range(len(rounds) + 1) if n not in ends[0] | ends[1])
        rounds += [[]] if chosen == len(rounds) else []
        rounds[chosen].append(bond)
        for end in ends:
            end.add(chosen)
    return [bond for one in rounds for bond in one]


def _tournament(first: int, second: int, wires: int) -> tuple[int, int, int]:
    """Return the round in which two of an even number of players meet (circle method), then the pair."""
    players = wires - 1 + wires % 2
    met = 2 * first if second == players else first + second
    return met % players, first, second


def cost_layer(fields: Any, bonds: Any, gamma: Any) -> None:
    """Queue exp(-i gamma C): s = -Z, so a field turns by RZ(-2 gamma h), a bond by IsingZZ(2 gamma J)."""
    for wire, h in fields:
        qml.RZ(-2 * h * gamma, wires=wire)
    for first, second, j in bonds:
        qml.IsingZZ(2 * j * gamma, wires=[first, second])


def mix_x(beta: Any, wires: int) -> None:
    """Queue exp(-i beta sum X)."""
    for wire in range(wires):
        qml.RX(2 * beta, wires=wire)


def mix_xy_ring(beta: Any, wires: int) -> None:
    """Queue exp(-i beta (XX + YY)/2) on the ring's pairs: even ones, odd ones, the one left over."""
    for first, second in ring_pairs(wires):
        qml.IsingXY(-2 * beta, wires=[first, second])


def ring_pairs(wires: int) -> list[tuple[int, int]]:
    """Return the pairs (i, i+1 mod wires) in the order in which they are applied."""
    if wires == 2:
        return [(0, 1)]
    even = [(i, i + 1) for i in range(0, wires - 1, 2)]
    odd = [(i, (i + 1) % wires) for i in range(1, wires - wires % 2, 2)]
    return even + odd + ([(wires - 1, 0)] if wires % 2 else [])
