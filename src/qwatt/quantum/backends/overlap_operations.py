"""Operations on pairs of encoded samples: fidelity kernels, and swap, inversion and interference tests."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.backends.ising import IsingOperations
from qwatt.quantum.backends.overlap import over_pairs, slices
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import kernel, overlaps

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Array, Given
    from qwatt.quantum.circuits.overlap import OverlapTest


class OverlapOperations(IsingOperations):
    """What a backend does with pairs, charged; read from circuits unless a backend knows better."""

    bill_shots: int

    def kernel(
        self,
        circuit: Circuit,
        x: Array,
        y: Array | None = None,
        shots: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> torch.Tensor:
        """Return the fidelity kernel |<x_i|y_j>|^2, shape (N, M); symmetric with diagonal 1 without `y`.

        Args:
            circuit: feature map without weights.
            x: shape (N, n_inputs).
            y: shape (M, n_inputs), or None for the matrix of `x` with itself.
            shots: shots of each compute-uncompute circuit, or None for exact values.
            rng: generator of the shots; the default is the backend's own.
        """
        import torch

        self.recorder.add(kernel.demand(circuit, len(x), None if y is None else len(y), self._billed(shots)))
        with torch.no_grad():
            values = self._overlaps(circuit, x, y, shots, rng or self.rng)
        if y is None:
            upper = torch.triu(values, diagonal=1)
            values = upper + upper.T + torch.eye(len(values), dtype=values.dtype, device=values.device)
        return values

    def overlaps(
        self,
        test: OverlapTest,
        x: Array,
        y: Array,
        shots: int | None = None,
        rng: np.random.Generator | None = None,
        *,
        copies: int = 1,
    ) -> torch.Tensor:
        """Return what a test of every pair of x and y estimates, shape (N, M): fidelities, or inner products.

        Tests that share a circuit share no gate, and no noise model here couples them: each is simulated
        alone, and the bill holds the wide circuits.

        Args:
            test: how overlaps are read, and of which encoding.
            x: shape (N, n_inputs).
            y: shape (M, n_inputs).
            shots: shots of each circuit, or None for exact values.
            rng: generator of the shots; the default is the backend's own.
            copies: tests side by side in one circuit.
        """
        import torch

        pairs = len(x) * len(y)
        self.recorder.add(overlaps.tests_demand(test.kind, test.encoding, pairs, self._billed(shots), copies))
        with torch.no_grad():
            if test.kind == "inversion":
                return self._overlaps(test.encoding, x, y, shots, rng or self.rng)
            return self._ancilla_overlaps(test, x, y, shots, rng or self.rng)

    def pair_overlaps(
        self,
        test: OverlapTest,
        x: Array,
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        shots: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> torch.Tensor:
        """Return what inversion or swap tests of listed pairs estimate of their fidelities, shape (pairs,).

        A pair that is listed twice is measured twice.

        Args:
            test: "inversion" or "swap", and of which encoding.
            x: shape (N, n_inputs).
            left: index of the one sample of each pair, shape (pairs,).
            right: index of the other, shape (pairs,).
            shots: shots of each circuit, or None for exact values.
            rng: generator of the shots; the default is the backend's own.
        """
        import torch

        self.recorder.add(
            overlaps.tests_demand(test.kind, test.encoding, len(left), self._billed(shots), copies=1)
        )
        with torch.no_grad():
            return self._pair_overlaps(test, np.asarray(x), left, right, shots, rng or self.rng)

    @abstractmethod
    def _probs(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        """Return exact probabilities, shape (batch, 2**wires)."""

    @abstractmethod
    def _expval(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        """Return exact Z of every readout wire, shape (batch, len(circuit.readout))."""

    @abstractmethod
    def _drawn_z(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Return the mean Z over the shots of every readout wire, shape (batch, len(circuit.readout))."""

    def _overlaps(
        self, circuit: Circuit, x: Array, y: Array | None, shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        """Return (N, M) overlaps by compute-uncompute; without `y` only the upper triangle is read."""
        from qwatt.quantum.circuits.overlap import OverlapTest

        test = OverlapTest("inversion", circuit)
        return over_pairs(x, y, circuit.wires, lambda stacked: self._seen(test, stacked, shots, rng))

    def _seen(
        self, test: OverlapTest, stacked: NDArray[np.float64], shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        """Run a test's circuit on pairs, shape (pairs, 2 n_inputs): read all zeros, or Z of one wire."""
        import torch

        if test.kind == "inversion":
            if shots is None:
                return self._probs(test.circuit, stacked, None)[:, 0]
            zeros = (self._draw(test.circuit, stacked, None, shots, rng) == 0).mean(axis=1)
            return torch.as_tensor(zeros)
        if shots is None:
            return self._expval(test.circuit, stacked, None)[:, 0]
        return torch.as_tensor(self._drawn_z(test.circuit, stacked, None, shots, rng)[:, 0])

    def _pair_overlaps(
        self,
        test: OverlapTest,
        x: NDArray[np.float64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        shots: int | None,
        rng: np.random.Generator,
    ) -> torch.Tensor:
        """Run the test's circuit on each pair, as many at a time as memory holds."""
        import torch

        wires = test.circuit.wires
        parts = slices(len(left), wires)
        stacked = (np.concatenate([x[left[part]], x[right[part]]], axis=1) for part in parts)
        return torch.cat([self._seen(test, rows, shots, rng) for rows in stacked])

    def _ancilla_overlaps(
        self, test: OverlapTest, x: Array, y: Array, shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        """Return (N, M) overlaps as Z of the one wire that a swap or interference test reads."""
        first, second = _unit(test, x), _unit(test, y)
        return over_pairs(
            first, second, test.circuit.wires, lambda stacked: self._seen(test, stacked, shots, rng)
        )

    def _billed(self, shots: int | None) -> int:
        return self.bill_shots if shots is None else shots


def _unit(test: OverlapTest, vectors: Array) -> NDArray[np.float64]:
    """Return vectors as a test takes them: those that interfere need one length."""
    plain = np.asarray(vectors, dtype=np.float64)
    return plain / np.linalg.norm(plain, axis=1, keepdims=True) if test.kind == "interference" else plain
