"""The interface of every circuit backend: seven operations, each charged to the QPU's bill."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.backend import DemandRecorder
from qwatt.quantum.backends import sampling
from qwatt.quantum.backends.gradients import batch_of, charged_backward, refuse_gradient
from qwatt.quantum.backends.overlap_operations import OverlapOperations
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import expectation
from qwatt.quantum.primitives.bill import BILL_SHOTS

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Given


class QuantumBackend(OverlapOperations):
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

    def search(
        self,
        marked: NDArray[np.bool_],
        iterations: int,
        oracle: str = "textbook",
        shots: int = BILL_SHOTS,
        rng: np.random.Generator | None = None,
    ) -> NDArray[np.int64]:
        """Return how often a Grover search over a table measures each item, shape (N,).

        It is billed as `tabulated_search`, which is the same circuit whatever is marked.

        Args:
            marked: shape (N,), N a power of two, 4 or more.
            iterations: Grover iterations, at most those that a single marked item needs.
            oracle: "textbook" or "half".
            shots: measurements.
            rng: generator of the shots; the default is the backend's own.

        Raises:
            QwattError: no power of two of items, unknown oracle, or more iterations than the circuit has.
        """
        from qwatt.quantum.circuits.tabulated_search import refuse_search, tabulated_search

        refuse_search(marked, iterations)
        circuit = tabulated_search((marked.size - 1).bit_length(), oracle)
        self.recorder.add(expectation.demand(circuit, 1, shots, "probs"))
        return self._searched(circuit, marked, iterations, oracle, shots, rng or self.rng)

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

    def _searched(
        self,
        circuit: Circuit,
        marked: NDArray[np.bool_],
        iterations: int,
        oracle: str,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Run the circuit; an ancilla, which comes last, is not read."""
        from qwatt.quantum.circuits.tabulated_search import search_inputs

        drawn = self._draw(circuit, search_inputs(marked, iterations, oracle), None, shots, rng)
        items = drawn[0] >> (circuit.wires - len(circuit.readout))
        return np.bincount(items, minlength=marked.size)

    def _refuse_gradient(self, circuit: Circuit, inputs: Given, weights: Given, shots: int | None) -> None:
        if shots is not None:
            refuse_gradient(circuit, inputs, weights, "finite-shot values have")
        elif not self.autograd:
            refuse_gradient(circuit, inputs, weights, f"the backend {self.name} has")
