"""Windows: runs on neighbouring wires as one matrix give the states and gradients of default.qubit."""

from __future__ import annotations

import pennylane as qml
import pytest
import torch

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.reupload import reupload
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.circuit import autograd
from qwatt.quantum.engine.lowering.gate_chains import differs
from qwatt.quantum.engine.lowering.steps import Layer, Window
from qwatt.quantum.engine.lowering.windows import windowed

WIRES, BLOCKS = 6, 3
TURNS = {"real": [[qml.RY]], "complex": [[qml.RX, qml.RY]], "mixed": [[qml.RX, qml.RY], [qml.RY]]}


def chained(kind: str) -> Circuit:
    """Return gates that wait for each other on neighbours, with data between and moves beyond them."""

    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        for block in range(BLOCKS):
            for wire in range(WIRES):
                qml.RY(inputs[..., wire], wires=wire)
            for wire in range(WIRES):
                target = (wire + 1) % WIRES
                qml.CNOT(wires=[wire, target])
                for turn in TURNS[kind][wire // 3 % len(TURNS[kind])]:
                    turn(weights[block, wire], wires=target)
            qml.SWAP(wires=[1, 2])
            qml.Hadamard(2)
            qml.Toffoli(wires=[2, 0, 1])
            qml.RY(weights[block, 0], wires=1)

    return Circuit(function, WIRES, WIRES, (BLOCKS, WIRES), name="chained")


@pytest.fixture(autouse=True)
def _at_any_size(monkeypatch):
    """Otherwise only large states would have windows."""
    monkeypatch.setattr("qwatt.quantum.engine.circuit.cache.SPLIT_AMPLITUDES", 1)


@pytest.mark.parametrize("keep", [2**28, -1])
@pytest.mark.parametrize("kind", TURNS)
def test_states_and_gradients_are_those_of_default_qubit(kind, keep, monkeypatch) -> None:
    monkeypatch.setattr(autograd, "KEEP_BYTES", keep)
    circuit = chained(kind)
    torch.manual_seed(1)
    inputs = torch.randn(3, WIRES, dtype=torch.float64)
    weights, cotangent = (torch.randn(n, WIRES, dtype=torch.float64) for n in (BLOCKS, 3))

    @qml.qnode(qml.device("default.qubit", wires=WIRES), interface="torch", diff_method="backprop")
    def node(x, w):
        circuit.function(x, w)
        return [qml.expval(qml.Z(wire)) for wire in range(WIRES)]

    compiled = compile_circuit(circuit, torch.complex128)
    ((program, _),) = compiled._prepare(inputs, weights, True)
    assert len(program.passes) < len(program.fused.steps)
    found, expected = [], []
    for slopes, run in (
        (found, compiled.expval),
        (expected, lambda x, w: torch.stack([torch.stack(node(row, w)) for row in x])),
    ):
        leaves = inputs.clone().requires_grad_(), weights.clone().requires_grad_()
        values = run(*leaves)
        slopes += [values.detach(), *torch.autograd.grad((values * cotangent).sum(), leaves)]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)


def prepared(circuit: Circuit):
    """Return the fused circuit, and the numbers of its scalars that differ between samples."""
    compiled = compile_circuit(circuit)
    batched = compiled._affine.batched(False)
    return compiled._cache.fused(compiled._trace.structure, circuit.wires, batched, True), batched


def test_a_ring_takes_a_third_of_the_steps() -> None:
    """Three blocks of CNOT and RY to a window of four wires; what closes the ring stays by itself."""
    fused, batched = prepared(reupload(10, 1, 3))
    steps = windowed(fused, batched)
    assert len(steps) < len(fused.steps) / 3
    assert {len(step.wires) for step in steps if isinstance(step, Window)} <= {2, 3, 4}


def test_what_is_wide_or_differs_between_samples_stays_as_it_is() -> None:
    fused, batched = prepared(chained("real"))
    wide = [step for step in fused.steps if isinstance(step, Layer) and len(step.chains) == WIRES]
    assert wide and all(step in windowed(fused, batched) for step in wide)
    steps = windowed(fused, batched | frozenset(range(99)))
    windows = [step for step in steps if isinstance(step, Window)]
    assert not any(differs(chain, frozenset(range(99))) for window in windows for chain in window.chains)
