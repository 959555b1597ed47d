"""The interface of every circuit backend: seven operations, each charged to the QPU's bill."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.backend import DemandRecorder
from qwatt.quantum.backends import sampling
from qwatt.quantum.backends.gradients import batch_of, charged_backward, refuse_gradient
from qwatt.quantum.backends.ising import IsingOperations
from qwatt.quantum.backends.overlap import over_pairs, slices
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import expectation, kernel, overlaps
from qwatt.quantum.primitives.bill import BILL_SHOTS

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Array, Given
    from qwatt.quantum.circuits.overlap import OverlapTest


class QuantumBackend(IsingOperations):
    """Runs circuits. `shots=None` means exact values, still billed at `bill_shots` a circuit.

    A subclass gives `_probs`; it overrides `_expval`, `_draw`, `_drawn_z`, `_overlaps`, `_draw_qaoa`
    or `_draw_quench` where it knows a better way. None of these charges: the public operations do.

    Args:
        bill_shots: shots per circuit that exact values are billed at.
        recorder: takes the bill, where two backends work on one.
    """

    autograd: ClassVar[bool] = False
    """Whether exact values carry a gradient."""
    batches_weights: ClassVar[bool] = False
    """Whether each sample of a batch may bring weights of its own, (batch, *weight_shape)."""

    def __init__(self, bill_shots: int = BILL_SHOTS, recorder: DemandRecorder | None = None) -> None:
        super().__init__(recorder)
        self.bill_shots = bill_shots
        self.rng = np.random.default_rng(0)

    def seed(self, seed: int) -> None:
        """Restart the generator that finite shots use when a call brings none of its own."""
        self.rng = np.random.default_rng(seed)

    def expval(
        self,
        circuit: Circuit,
        inputs: Given = None,
        weights: Given = None,
        shots: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> torch.Tensor:
        """Return Z on every readout wire, shape (batch, len(circuit.readout)).

        Exact values carry autograd where the backend has it; each backward pass is charged as parameter
        shift, 2 circuits a shifted gate and sample.

        Args:
            circuit: what runs.
            inputs: shape (batch, n_inputs) or (n_inputs,), tensor or array.
            weights: shape `circuit.weight_shape`, tensor or array.
            shots: shots of each circuit, or None for exact values.
            rng: generator of the shots; the default is the backend's own.

        Raises:
            QwattError: a gradient is asked for of finite-shot values or of a backend without autograd.
        """
        import torch

        self._refuse_gradient(circuit, inputs, weights, shots)
        self.recorder.add(expectation.demand(circuit, batch_of(inputs), self._billed(shots), "expval"))
        if shots is None:
            values = self._expval(circuit, inputs, weights)
            return charged_backward(values, circuit, inputs, weights, self.bill_shots, self.recorder.add)
        means = self._drawn_z(circuit, inputs, weights, shots, rng or self.rng)
        return torch.as_tensor(means, dtype=torch.float32)

    def probs(
        self,
        circuit: Circuit,
        inputs: Given = None,
        weights: Given = None,
        shots: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> torch.Tensor:
        """Return the probability, or with `shots` the frequency, of every basis state: (batch, 2**wires)."""
        import torch

        self._refuse_gradient(circuit, inputs, weights, shots)
        self.recorder.add(expectation.demand(circuit, batch_of(inputs), self._billed(shots), "probs"))
        if shots is None:
            values = self._probs(circuit, inputs, weights)
            return charged_backward(values, circuit, inputs, weights, self.bill_shots, self.recorder.add)
        drawn = self._draw(circuit, inputs, weights, shots, rng or self.rng)
        return torch.as_tensor(sampling.frequencies(drawn, circuit.wires), dtype=torch.float32)

    def sample(
        self,
        circuit: Circuit,
        inputs: Given = None,
        weights: Given = None,
        shots: int = BILL_SHOTS,
        rng: np.random.Generator | None = None,
    ) -> NDArray[np.int8]:
        """Return measured bits, shape (batch, shots, wires)."""
        self.recorder.add(expectation.demand(circuit, batch_of(inputs), shots, "sample"))
        drawn = self._draw(circuit, inputs, weights, shots, rng or self.rng)
        return sampling.bits(drawn, circuit.wires)

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

    def _expval(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        import torch

        probs = self._probs(circuit, inputs, weights)
        states = np.arange(2**circuit.wires)
        signs = 1.0 - 2.0 * sampling.bits(states, circuit.wires, circuit.readout)
        return probs @ torch.as_tensor(signs, dtype=probs.dtype, device=probs.device)

    def _draw(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        return sampling.draw(self._probs(circuit, inputs, weights), shots, rng)

    def _drawn_z(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Return the mean Z over the shots of every readout wire, shape (batch, len(circuit.readout))."""
        drawn = self._draw(circuit, inputs, weights, shots, rng)
        return sampling.z_means(drawn, circuit.wires, circuit.readout)

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

    def _refuse_gradient(self, circuit: Circuit, inputs: Given, weights: Given, shots: int | None) -> None:
        if shots is not None:
            refuse_gradient(circuit, inputs, weights, "finite-shot values have")
        elif not self.autograd:
            refuse_gradient(circuit, inputs, weights, f"the backend {self.name} has")


def _unit(test: OverlapTest, vectors: Array) -> NDArray[np.float64]:
    """Return vectors as a test takes them: those that interfere need one length."""
    plain = np.asarray(vectors, dtype=np.float64)
    return plain / np.linalg.norm(plain, axis=1, keepdims=True) if test.kind == "interference" else plain
