"""Random circuits over every supported gate, as circuits whose angles are affine in inputs and weights."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import torch

from qwatt.quantum.circuit import Circuit

N_INPUTS = 3
N_WEIGHTS = 4

FIXED = {
    1: [qml.X, qml.Y, qml.Z, qml.S, qml.T, qml.SX, qml.Hadamard, qml.Identity],
    2: [qml.CNOT, qml.CZ, qml.CY, qml.CH, qml.SWAP, qml.ISWAP, qml.SISWAP, qml.ECR],
    3: [qml.Toffoli, qml.CSWAP, qml.CCZ],
}
ANGLED = {
    1: [
        (qml.RX, 1), (qml.RY, 1), (qml.RZ, 1), (qml.PhaseShift, 1), (qml.Rot, 3), (qml.U1, 1), (qml.U2, 2),
        (qml.U3, 3),
    ],
    2: [
        (qml.CRX, 1), (qml.CRY, 1), (qml.CRZ, 1), (qml.CRot, 3), (qml.ControlledPhaseShift, 1),
        (qml.IsingXX, 1),
        (qml.IsingYY, 1), (qml.IsingZZ, 1), (qml.IsingXY, 1), (qml.PSWAP, 1), (qml.SingleExcitation, 1),
        (qml.SingleExcitationPlus, 1), (qml.SingleExcitationMinus, 1), (qml.FermionicSWAP, 1),
        (qml.CPhaseShift00, 1),
        (qml.CPhaseShift01, 1), (qml.CPhaseShift10, 1), (qml.MultiRZ, 1),
    ],
    3: [(qml.MultiRZ, 1)],
    4: [(qml.DoubleExcitation, 1), (qml.OrbitalRotation, 1), (qml.MultiRZ, 1), (qml.DoubleExcitationPlus, 1)],
}  # fmt: skip


class Recipe:
    """A seeded list of gates; each angle is coefficient . (inputs, weights, 1)."""

    def __init__(self, seed: int, wires: int, gates: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.wires = wires
        self.gates = [self._draw() for _ in range(gates)]
        self.start = self._draw_start()

    def circuit(self) -> Circuit:
        return Circuit(self, self.wires, N_INPUTS, (N_WEIGHTS,), name="random")

    def __call__(self, inputs: torch.Tensor, weights: torch.Tensor) -> None:
        self.start()
        for gate in self.gates:
            gate(inputs, weights)

    def _draw_start(self):
        kind = self.rng.integers(4)
        if kind == 0:
            state = self._amplitudes(2**self.wires)
            return lambda: qml.StatePrep(state, wires=range(self.wires))
        if kind == 1:
            bits = self.rng.integers(2, size=self.wires)
            return lambda: qml.BasisState(bits, wires=range(self.wires))
        return lambda: None

    def _amplitudes(self, size: int) -> np.ndarray:
        state = self.rng.normal(size=size) + 1j * self.rng.normal(size=size)
        return state / np.linalg.norm(state)

    def _some_wires(self, count: int) -> list[int]:
        return [int(w) for w in self.rng.permutation(self.wires)[:count]]

    def _draw(self):
        kind = self.rng.integers(10)
        if kind < 3:
            return self._fixed()
        if kind < 7:
            return self._angled()
        return [self._controlled, self._matrix, self._special][kind - 7]()

    def _fixed(self):
        size = int(self.rng.choice([s for s in FIXED if s <= self.wires]))
        gate = FIXED[size][self.rng.integers(len(FIXED[size]))]
        wires = self._some_wires(size)
        adjoint = size < 3 and self.rng.integers(4) == 0
        return lambda x, w: qml.adjoint(gate)(wires=wires) if adjoint else gate(wires=wires)

    def _angled(self):
        size = int(self.rng.choice([s for s in ANGLED if s <= self.wires], p=self._weights_of_sizes()))
        gate, count = ANGLED[size][self.rng.integers(len(ANGLED[size]))]
        wires, angles = self._some_wires(size), self._angles(count)
        adjoint = self.rng.integers(4) == 0
        return lambda x, w: (qml.adjoint(gate) if adjoint else gate)(*angles(x, w), wires=wires)

    def _weights_of_sizes(self) -> np.ndarray:
        sizes = np.array([1 / s for s in ANGLED if s <= self.wires])
        return sizes / sizes.sum()

    def _angles(self, count: int):
        from_x = self.rng.normal(size=(count, N_INPUTS)) * (self.rng.random((count, N_INPUTS)) < 0.4)
        from_w = self.rng.normal(size=(count, N_WEIGHTS)) * (self.rng.random((count, N_WEIGHTS)) < 0.4)
        shift = self.rng.normal(size=count)

        zero = torch.tensor(0.0, dtype=torch.float64)

        def angles(x: torch.Tensor, w: torch.Tensor) -> list[torch.Tensor]:
            x_part = [sum((a * x[..., i] for i, a in enumerate(row) if a), zero) for row in from_x]
            w_part = [sum((a * w[i] for i, a in enumerate(row) if a), zero) for row in from_w]
            return [a + b + c for a, b, c in zip(x_part, w_part, shift, strict=True)]

        return angles

    def _controlled(self):
        count = int(self.rng.integers(0, min(3, self.wires - 1) + 1))
        target, *controls = self._some_wires(count + 1)
        values = self.rng.integers(2, size=count).astype(bool).tolist()
        gates = [
            (qml.RX, 1),
            (qml.Rot, 3),
            (qml.PhaseShift, 1),
            (qml.U3, 3),
            (qml.X, 0),
            (qml.Hadamard, 0),
            (qml.S, 0),
        ]
        gate, size = gates[self.rng.integers(len(gates))]
        angles = self._angles(size)
        if not controls:
            return lambda x, w: gate(*angles(x, w), wires=target)
        return lambda x, w: qml.ctrl(gate, control=controls, control_values=values)(
            *angles(x, w), wires=target
        )

    def _matrix(self):
        wires = self._some_wires(int(self.rng.integers(1, min(3, self.wires) + 1)))
        size = 2 ** len(wires)
        unitary, _ = np.linalg.qr(self._amplitudes(size * size).reshape(size, size))
        phases = np.exp(1j * self.rng.normal(size=size))
        kinds = [
            lambda x, w: qml.QubitUnitary(unitary, wires=wires),
            lambda x, w: qml.adjoint(qml.QubitUnitary)(unitary, wires=wires),
            lambda x, w: qml.DiagonalQubitUnitary(phases, wires=wires),
        ]
        if len(wires) < self.wires:
            control = next(w for w in range(self.wires) if w not in wires)
            kinds.append(lambda x, w: qml.ControlledQubitUnitary(unitary, wires=[control, *wires]))
        return kinds[self.rng.integers(len(kinds))]

    def _special(self):
        wires = self._some_wires(int(self.rng.integers(1, self.wires + 1)))
        angles = self._angles(1)
        word = "".join(self.rng.choice(list("XYZ"), size=len(wires)))
        values = self.rng.integers(2, size=len(wires) - 1).astype(bool).tolist()
        kinds = [
            lambda x, w: qml.PauliRot(*angles(x, w), word, wires=wires),
            lambda x, w: qml.GlobalPhase(*angles(x, w)),
            lambda x, w: qml.QFT(wires=wires[:4]),
        ]
        if len(wires) > 1:
            kinds.append(lambda x, w: qml.MultiControlledX(wires=wires, control_values=values))
        return kinds[self.rng.integers(len(kinds))]
