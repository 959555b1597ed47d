"""qwatt's own engine."""

from __future__ import annotations

import os

import pennylane as qml
import torch

from engine_peers import work
from engine_peers.work import Size
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.circuit.compile import compile_circuit
from qwatt.quantum.engine.kernel.fidelity import fidelity_kernel
from qwatt.quantum.engine.metric.fubini_study import metric_tensor
from qwatt.quantum.engine.qaoa.cost import Ising, cost_vector
from qwatt.quantum.engine.qaoa.run import qaoa_energy_and_gradient

DEVICE = os.environ.get("QWATT_BENCH_DEVICE", "cpu")


def _on_device(array):
    return torch.tensor(array, dtype=torch.float32, device=DEVICE)


def zz_circuit(n):
    def function(x, _):
        for name, *wires in work.zz_gates(n):
            if name == "h":
                qml.Hadamard(wires[0])
            elif name == "rz":
                qml.RZ(2 * x[..., wires[0]], wires=wires)
            else:
                i, j = wires
                qml.IsingZZ(2 * (torch.pi - x[..., i]) * (torch.pi - x[..., j]), wires=wires)

    return Circuit(function, n, n, name="zz")


def kernel(size: Size):
    circuit, x = zz_circuit(size.n), torch.from_numpy(work.kernel_samples(size))
    return lambda: work.shown_kernel(fidelity_kernel(circuit, x, device=DEVICE).cpu().numpy())


def network_circuit(n):
    def function(x, w):
        for i in range(n):
            qml.RY(x[..., i], wires=i)
        for layer in range(work.LAYERS):
            for i in range(n):
                qml.Rot(w[layer, i, 0], w[layer, i, 1], w[layer, i, 2], wires=i)
            for i in range(n):
                qml.CNOT([i, (i + 1) % n])

    return Circuit(function, n, n, (work.LAYERS, n, 3), name="network")


def network(size: Size):
    circuit = network_circuit(size.n)
    x, w, target = (_on_device(a) for a in work.network_data(size))

    def step():
        compiled = compile_circuit(circuit, device=DEVICE, gates="compiled")
        loss, d_inputs, d_weights = compiled.value_and_gradients(lambda z: (z - target).square().mean(), x, w)
        return work.shown_network(loss.item(), d_inputs.cpu().numpy(), d_weights.cpu().numpy())

    return step


def qaoa(size: Size):
    fields, edges, couplings = work.ising(size)
    matrix = torch.zeros(size.n, size.n, dtype=torch.float64)
    for (i, j), value in zip(edges, couplings, strict=True):
        matrix[i, j] = value
    cost = cost_vector(Ising(-fields, matrix.numpy(), 0.0), device=DEVICE)  # Ising counts bit 1 as +1
    gammas, betas = (torch.from_numpy(a) for a in work.qaoa_angles(size))

    def step():
        energy, d_gammas, d_betas = qaoa_energy_and_gradient(cost, gammas, betas)
        return [energy, *d_gammas, *d_betas]

    return step


def metric(size: Size):
    def function(_, w):
        for layer in range(work.METRIC_LAYERS):
            for i in range(size.n):
                qml.RY(w[layer, i, 0], wires=i)
                qml.RZ(w[layer, i, 1], wires=i)
            for i in range(size.n):
                qml.CNOT([i, (i + 1) % size.n])

    weights = torch.from_numpy(work.metric_weights(size))
    circuit = Circuit(function, size.n, 0, tuple(weights.shape), name="metric")
    return lambda: metric_tensor(circuit, None, weights, device=DEVICE).cpu().numpy().ravel().tolist()
