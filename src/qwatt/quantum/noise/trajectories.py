"""Noisy simulation of wider circuits: the error-free state exactly, Pauli errors by sampled trajectories.

The circuit without an error has a known weight, often most of it, so only the rest is sampled (stratified
Monte Carlo): every trajectory carries at least one error. Relaxation is Pauli-twirled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.noise.native import Matrix, NativeCircuit
from qwatt.quantum.noise.rates import ErrorRates
from qwatt.quantum.noise.schedule import schedule
from qwatt.quantum.noise.states import run_layers

if TYPE_CHECKING:
    import torch

_PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True)
class Place:
    """Where a Pauli error can strike.

    Args:
        layer: the layer after which it strikes.
        after_cz: False when it strikes between the layer's one-qubit gates and its CZ.
        wires: one wire or two.
        chances: probability of each non-identity Pauli string, shape (4**len(wires) - 1,).
    """

    layer: int
    after_cz: bool
    wires: tuple[int, ...]
    chances: NDArray[np.float64]


def error_places(circuit: NativeCircuit, rates: ErrorRates) -> list[Place]:
    """Return every place where a Pauli error can strike."""
    places = []
    for index, (layer, errors) in enumerate(zip(circuit.layers, schedule(circuit, rates), strict=True)):
        for wire, count in errors.pulsed.items():
            struck = 0.75 * (1.0 - (1.0 - 4.0 / 3.0 * rates.pauli_1q) ** count)
            places.append(Place(index, False, (wire,), np.full(3, struck / 3.0)))
        places += [Place(index, True, pair, np.full(15, rates.pauli_2q / 15.0)) for pair in layer.pairs]
        for wire, seconds in errors.waits.items():
            flat, kept, _ = rates.waiting(seconds)
            flip = (1.0 - kept) / 4.0
            places.append(Place(index, True, (wire,), np.array([flip, flip, (1 - flat) / 2 - flip])))
    return [place for place in places if place.chances.sum() > 0]


def error_free(places: Sequence[Place]) -> float:
    """Return the probability that no Pauli error strikes anywhere."""
    return float(np.exp(np.log1p([-place.chances.sum() for place in places]).sum()))


def trajectory_probs(
    circuit: NativeCircuit, rates: ErrorRates, trajectories: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return probabilities of measured bit strings of one sample, read-out errors included: (2**wires,).

    Args:
        circuit: native circuit of batch 1.
        rates: the QPU's errors.
        trajectories: sampled runs with at least one error; their spread is the result's only random error.
        rng: where errors strike.
    """
    places = error_places(circuit, rates)
    clean = error_free(places)
    probs = clean * _squared(circuit, [{}])[0]
    if clean < 1.0:
        room = max(1, 2**25 // 2**circuit.wires)
        struck = [_strike(places, rng) for _ in range(trajectories)]
        for start in range(0, trajectories, room):
            part = _squared(circuit, struck[start : start + room])
            probs += (1.0 - clean) / trajectories * part.sum(axis=0)
    return readout_flips(probs, circuit.wires, rates.readout)


def readout_flips(probs: NDArray[np.float64], wires: int, flip: float) -> NDArray[np.float64]:
    """Return probabilities after every measured bit flips with probability `flip`, shape (2**wires,)."""
    cube = probs.reshape([2] * wires)
    for axis in range(wires):
        cube = (1.0 - flip) * cube + flip * np.flip(cube, axis)
    return cube.reshape(-1)


Strikes = dict[tuple[int, bool, int], Matrix]
"""Pauli matrices of one trajectory by layer, whether after CZ, and wire."""


def _strike(places: Sequence[Place], rng: np.random.Generator) -> Strikes:
    """Draw where errors strike, given that at least one does."""
    totals = np.array([place.chances.sum() for place in places])
    first_here = totals * np.concatenate([[1.0], np.cumprod(1.0 - totals)[:-1]])
    first = int(rng.choice(len(places), p=first_here / first_here.sum()))
    hit = np.flatnonzero(rng.random(len(places)) < totals)
    struck: Strikes = {}
    for index in [first, *hit[hit > first]]:
        place = places[index]
        string = 1 + int(rng.choice(len(place.chances), p=place.chances / place.chances.sum()))
        for position, wire in enumerate(place.wires):
            pauli = _PAULIS[string >> 2 * (len(place.wires) - 1 - position) & 3]
            key = (place.layer, place.after_cz, wire)
            struck[key] = pauli @ struck[key] if key in struck else pauli
    return struck


def _squared(circuit: NativeCircuit, struck: Sequence[Strikes]) -> NDArray[np.float64]:
    """Return the probabilities of each trajectory, shape (len(struck), 2**wires)."""
    carried: dict[int, Matrix] = {}
    gates_of_layer, signs = [], []
    one = np.eye(2, dtype=np.complex128)
    for index, layer in enumerate(circuit.layers):
        now = _paulis(struck, index, after_cz=False)
        wires = {*carried, *layer.gates, *now}
        gates_of_layer.append(
            {w: now.get(w, one) @ layer.gates.get(w, one) @ carried.get(w, one) for w in wires}
        )
        signs.append(layer.pairs)
        carried = _paulis(struck, index, after_cz=True)
    state: torch.Tensor = run_layers(circuit.wires, len(struck), gates_of_layer, signs)
    return np.asarray(state.abs().square().double().numpy())


def _paulis(struck: Sequence[Strikes], layer: int, after_cz: bool) -> dict[int, Matrix]:
    """Return the Paulis of all trajectories at one place by wire, shape (len(struck), 2, 2)."""
    wires = {key[2] for hits in struck for key in hits if key[:2] == (layer, after_cz)}
    one = np.eye(2, dtype=np.complex128)
    return {w: np.stack([hits.get((layer, after_cz, w), one) for hits in struck]) for w in wires}
