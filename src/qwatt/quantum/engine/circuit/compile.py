"""Compiling a circuit: trace once, fuse once, then run batches."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from types import ModuleType

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.arrays.functional import transformed
from qwatt.quantum.engine.circuit import autograd
from qwatt.quantum.engine.circuit.autograd import amplitudes, evolve
from qwatt.quantum.engine.circuit.cache import ProgramCache, splits
from qwatt.quantum.engine.circuit.numbers import real_numbers, slope
from qwatt.quantum.engine.circuit.parameters import ParameterValues, find_affine, retrace
from qwatt.quantum.engine.circuit.program import Program
from qwatt.quantum.engine.circuit.readout import probabilities, z_signs
from qwatt.quantum.engine.gates.loading import KERNELS, Gates
from qwatt.quantum.engine.gates.program import (
    MOST_AMPLITUDES,
    MOST_BESIDE_NETWORK,
    GateProgram,
    Loss,
    one_number,
)
from qwatt.quantum.engine.gates.table import gate_table
from qwatt.quantum.engine.network.autograd import NetworkProgram, network_program


class CompiledCircuit:
    """A circuit ready to run on batches of inputs and weights.

    `inputs` is (batch, n_inputs) or (n_inputs,); `weights` is `weight_shape` or (batch, *weight_shape). All
    results have a leading batch axis (1 when nothing is batched) and are differentiable to both.
    """

    def __init__(
        self, circuit: Circuit, dtype: torch.dtype, device: torch.device, gates: Gates = "arrays"
    ) -> None:
        self.circuit, self.dtype, self.device, self.gates = circuit, dtype, device, gates
        self.real = dtype.to_real()
        self._cache = ProgramCache(dtype, device)
        self._programs: dict[tuple[bool, bool, bool], Program] = {}
        found = find_affine(circuit)
        self._affine = found[1].to(self.real, device) if found else None
        self._trace = found[0] if found else None
        self._signs = z_signs(circuit.readout, circuit.wires).to(device, self.real)

    @property
    def is_affine(self) -> bool:
        """Whether every angle is affine in inputs and weights, so that calls need no tracing."""
        return self._affine is not None

    def states(self, inputs: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
        """Return the final states, complex, shape (batch, 2^wires); wire 0 is the most significant bit."""
        return _joined([amplitudes(*ready) for ready in self._prepare(inputs, weights, False)]).mT

    def probs(self, inputs: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
        """Return the probabilities of all basis states, real, shape (batch, 2^wires)."""
        parts = []
        for program, values in self._prepare(inputs, weights, True):
            found = probabilities(evolve(program, values))
            found = program.renaming.probabilities(found) if program.renaming else found
            parts.append(_connected(found, values))
        return _joined(parts).mT

    def expval(self, inputs: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
        """Return <Z> of every readout wire, real, shape (batch, len(circuit.readout))."""
        found = self._gates_expval(inputs, weights)
        found = self._network_expval(inputs, weights) if found is None else found
        return self._general_expval(inputs, weights) if found is None else found

    def value_and_gradients(
        self, loss: Loss, inputs: Tensor | None = None, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return a loss of the expectation values, and its gradients to the inputs and to the weights.

        They are what `loss(expval(inputs, weights)).backward()` gives, which for small circuits costs more in
        nodes of autograd than in arithmetic: here compiled loops stand outside of its graph.

        Args:
            loss: from the expectation values, (batch, len(circuit.readout)), to one number; to other leaves
                that it depends on, gradients are added as by `backward`.
            inputs, weights: as for `expval`; the gradients have their shapes, None where there are none.

        Raises:
            QwattError: the loss is not one real number that can be differentiated, or inputs and weights are
                not what `expval` takes.
        """
        gates = None if transformed() else self._gates
        if gates is not None and gates.ready(inputs, weights):
            kernels = self._kernels(gates, 1 if self._network else 10)
            if kernels is not None:
                return gates.value_and_gradients(kernels, loss, inputs, weights)
        x, w = (self._leaf("inputs", inputs), self._leaf("weights", weights))
        with torch.enable_grad():
            value = one_number(loss(self.expval(x, w)))
        value.backward()  # type: ignore[no-untyped-call]
        return value.detach(), slope(x), slope(w)

    def _general_expval(self, inputs: Tensor | None, weights: Tensor | None) -> Tensor:
        parts = []
        for program, values in self._prepare(inputs, weights, True):
            signs = program.renaming.observables(self._signs) if program.renaming else self._signs
            parts.append(_connected(signs @ probabilities(evolve(program, values)), values))
        return _joined(parts).mT

    def _gates_expval(self, inputs: Tensor | None, weights: Tensor | None) -> Tensor | None:
        """Return the expectation values by compiled loops, or None where array operations are to do it."""
        gates = None if transformed() else self._gates
        if gates is None:
            return None
        if not gates.ready(inputs, weights):
            inputs, weights, _ = self._shaped(inputs, weights)
            inputs = None if inputs is None else inputs.to(self.device, self.real)
            weights = None if weights is None else weights.to(self.device, self.real)
            if not gates.ready(inputs, weights):
                return None
        kernels = self._kernels(gates, self._spent(inputs, weights))
        return None if kernels is None else gates.expval(kernels, inputs, weights)

    def _kernels(self, gates: GateProgram, spent: int) -> ModuleType | None:
        """Return the compiled loops if they are loaded, asked for, or repaid by what has been spent."""
        kernels = KERNELS.loaded.get(gates.real)
        if kernels is None and self.gates == "compiled":
            return KERNELS.load(gates.real)
        return KERNELS.spend(spent, gates.real) if kernels is None else kernels

    def _spent(self, inputs: Tensor | None, weights: Tensor | None) -> int:
        """Return what a call without compiled loops counts: gradients of networks one, of others ten."""
        wanted = any(leaf is not None and leaf.requires_grad for leaf in (inputs, weights))
        return (1 if self._network else 10) if wanted and torch.is_grad_enabled() else 0

    @cached_property
    def _gates(self) -> GateProgram | None:
        if self.gates == "arrays" or self._affine is None or self._trace is None:
            return None
        if self.device.type != "cpu" or not self.circuit.readout:
            return None
        table = gate_table(self._trace.structure, self.circuit.wires, self._affine)
        most = MOST_BESIDE_NETWORK if self._network else MOST_AMPLITUDES
        shapes = self.circuit.n_inputs, self.circuit.weight_shape
        return None if table is None else GateProgram(table, shapes, self._signs, self._general_expval, most)

    def _network_expval(self, inputs: Tensor | None, weights: Tensor | None) -> Tensor | None:
        """Return the expectation values by the network evaluator, or None where the passes are to do it."""
        if transformed() or not self._network:
            return None
        inputs, weights, batch = self._shaped(inputs, weights)
        if weights is not None and weights.dim() > len(self.circuit.weight_shape):
            return None
        if self._network.kept_bytes(batch) > autograd.KEEP_BYTES:
            return None
        x = None if inputs is None else inputs.to(self.device, self.real)
        w = None if weights is None else weights.to(self.device, self.real)
        return self._network.expval(x, w, batch)

    @cached_property
    def _network(self) -> NetworkProgram | None:
        if self._affine is None or self._trace is None or self.device.type != "cpu":
            return None
        if len(self._trace.tensors) > len(self._affine.embeddings):
            return None
        batched = self._affine.batched(weights_batched=False)
        fused = self._cache.fused(self._trace.structure, self.circuit.wires, batched, split=True)
        return network_program(fused, self._affine, batched, self._signs, self._general_expval)

    def _prepare(
        self, inputs: Tensor | None, weights: Tensor | None, measured: bool
    ) -> list[tuple[Program, ParameterValues]]:
        inputs, weights, batch = self._shaped(inputs, weights)
        weights_batched = weights is not None and weights.dim() > len(self.circuit.weight_shape)
        if self._affine is None or self._trace is None:
            x = None if inputs is None else inputs.double().cpu()
            w = None if weights is None else weights.double().cpu()
            return [
                self._cache.ready(found, self.circuit.wires, size, measured)
                for found, size in retrace(self.circuit, x, w, batch)
            ]
        x = None if inputs is None else inputs.to(self.device, self.real)
        w = (
            None
            if weights is None
            else weights.to(self.device, self.real).reshape(*_lead(weights_batched, weights), -1)
        )
        tensors = [tensor.to(self.device, self.dtype) for tensor in self._trace.tensors]
        for number, embedding in self._affine.embeddings.items():
            assert x is not None
            tensors[number] = embedding.amplitudes(x).to(self.dtype)
        values = replace(self._affine.values(x, w, batch), tensors=tuple(tensors))
        return [(self._affine_program(weights_batched, batch, measured), values)]

    def _affine_program(self, weights_batched: bool, batch: int, measured: bool) -> Program:
        """Return the program of an affine circuit, kept by few facts: a structure is long to hash."""
        assert self._affine is not None and self._trace is not None
        wires = self.circuit.wires
        key = (weights_batched, splits(wires, batch), measured)
        if key not in self._programs:
            batched, embedded = self._affine.batched(weights_batched), frozenset(self._affine.embeddings)
            structure = self._trace.structure
            self._programs[key] = self._cache.program(structure, wires, batched, embedded, batch, measured)
        return self._programs[key]

    def _shaped(
        self, inputs: Tensor | None, weights: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, int]:
        circuit = self.circuit
        inputs, weights = self._checked("inputs", inputs), self._checked("weights", weights)
        if inputs is not None and inputs.dim() == 1:
            inputs = inputs.unsqueeze(0)
        sizes = {len(inputs)} if inputs is not None else set()
        if weights is not None and weights.dim() > len(circuit.weight_shape):
            sizes.add(len(weights))
        if len(sizes - {1}) > 1:
            raise QwattError(
                f"inputs and weights have different batch sizes {sorted(sizes)}", where=circuit.name
            )
        return inputs, weights, max(sizes, default=1)

    def _leaf(self, what: str, value: Tensor | None) -> Tensor | None:
        """Return inputs or weights outside of any graph, to be differentiated to."""
        found = self._checked(what, value)
        if found is None:
            return None
        return (found if found.is_floating_point() else found.to(self.real)).detach().requires_grad_()

    def _checked(self, what: str, value: Tensor | None) -> Tensor | None:
        circuit = self.circuit
        shape = circuit.weight_shape if what == "weights" else (circuit.n_inputs,) * bool(circuit.n_inputs)
        if not shape:
            return None
        if value is None:
            raise QwattError(f"circuit {circuit.name!r} needs {what} of shape {shape}")
        value = real_numbers(what, value)
        if value.dim() - len(shape) not in (0, 1) or tuple(value.shape[-len(shape) :]) != shape:
            raise QwattError(
                f"{what} have shape {tuple(value.shape)}; circuit {circuit.name!r} takes {shape}",
                mend=f"pass {shape} or (batch, {', '.join(map(str, shape))})",
            )
        if not value.numel():
            raise QwattError(f"{what} hold no sample", where=circuit.name, mend="pass one row or more")
        return value


def _lead(weights_batched: bool, weights: Tensor) -> tuple[int, ...]:
    return (len(weights),) if weights_batched else ()


def _connected(result: Tensor, values: ParameterValues) -> Tensor:
    """Return a result that depends on no parameter as one with zero gradients instead of none."""
    if result.requires_grad or not values.batched.requires_grad:
        return result
    return result + 0.0 * values.batched.sum()


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


class _Compiled(dict[tuple[torch.dtype, torch.device, Gates], CompiledCircuit]):
    """What a circuit was compiled to; left behind when the circuit is copied or sent to another process."""

    def __reduce__(self) -> tuple[type[_Compiled], tuple[()]]:
        return _Compiled, ()


def compile_circuit(
    circuit: Circuit,
    dtype: torch.dtype = torch.complex64,
    device: torch.device | str = "cpu",
    gates: Gates = "arrays",
) -> CompiledCircuit:
    """Compile a circuit; the result is cached with the circuit object.

    Args:
        circuit: the quantum function and its shape.
        dtype: torch.complex64 or torch.complex128.
        device: where to run.
        gates: whether compiled loops may run small circuits, see `Gates`; results agree to rounding.

    Raises:
        QwattError: another dtype, a gate that is not unitary, or a wire outside the circuit.
    """
    if dtype not in (torch.complex64, torch.complex128):
        raise QwattError(f"the engine computes in complex64 or complex128, not {dtype}")
    device = torch.device(device)
    cache: _Compiled = circuit.__dict__.setdefault("_compiled", _Compiled())
    if (dtype, device, gates) not in cache:
        cache[(dtype, device, gates)] = CompiledCircuit(circuit, dtype, device, gates)
    return cache[(dtype, device, gates)]
