"""panta-sim: one circuit a sample, states in batches; gradients by its own adjoint pass."""

from __future__ import annotations

import numpy as np
from panta_sim import Parameter, QuantumCircuit, run_batch
from panta_sim.kernels import fidelity_kernel
from panta_sim.variational import adjoint_gradient

from engine_peers import work
from engine_peers.work import Size


def _wire(i, n):
    """panta-sim counts wire 0 as the least significant bit."""
    return n - 1 - i


def kernel(size: Size):
    """Its own fidelity kernel, in single precision."""
    x, n = work.kernel_samples(size), size.n
    gates = work.zz_gates(n)

    def circuit(sample):
        made = QuantumCircuit(n)
        for name, *wires in gates:
            if name == "h":
                made.h(_wire(wires[0], n))
            elif name == "rz":
                made.rz(2 * sample[wires[0]], _wire(wires[0], n))
            else:
                i, j = wires
                made.rzz(2 * (np.pi - sample[i]) * (np.pi - sample[j]), _wire(i, n), _wire(j, n))
        return made

    def step():
        found = fidelity_kernel([circuit(sample) for sample in x], method="statevector", precision="f32")
        return work.shown_kernel(found)

    return step


def _network(n, values):
    """Build the network from n + LAYERS * n * 3 numbers or parameters."""
    circuit, place = QuantumCircuit(n), n
    for i in range(n):
        circuit.ry(values[i], _wire(i, n))
    for _ in range(work.LAYERS):
        for i in range(n):
            circuit.rz(values[place], _wire(i, n))
            circuit.ry(values[place + 1], _wire(i, n))
            circuit.rz(values[place + 2], _wire(i, n))
            place += 3
        for i in range(n):
            circuit.cx(_wire(i, n), _wire((i + 1) % n, n))
    return circuit


def network(size: Size):
    """States of all samples in one batch; then one adjoint pass a sample, on Z weighted by the slopes."""
    x, w, target = work.network_data(size)
    n, signs = size.n, work.z_values(size.n)
    names = [Parameter(f"p{i:05d}") for i in range(n + w.size)]
    ansatz = _network(n, names)
    labels = ["I" * i + "Z" + "I" * (n - 1 - i) for i in range(n)]

    def step():
        values = np.hstack([x, np.tile(w.ravel(), (size.batch, 1))])
        results = run_batch([_network(n, row) for row in values.tolist()], shots=0)
        states = np.stack([result.statevector() for result in results])
        found = np.abs(states) ** 2 @ signs
        slopes = 2 * (found - target) / found.size
        both = np.stack(
            [
                adjoint_gradient(ansatz, row, dict(zip(labels, slope.tolist(), strict=True)))[1]
                for row, slope in zip(values, slopes, strict=True)
            ]
        )
        loss = float(np.mean((found - target) ** 2))
        return work.shown_network(loss, both[:, :n], both[:, n:].sum(axis=0))

    return step


def qaoa(size: Size):
    """One adjoint pass of a parametric circuit."""
    n = size.n
    fields, edges, couplings = work.ising(size)
    angles = np.concatenate(work.qaoa_angles(size))
    names = [Parameter(f"p{i:05d}") for i in range(2 * size.layers)]
    circuit = QuantumCircuit(n)
    for i in range(n):
        circuit.h(i)
    for layer in range(size.layers):
        for i in np.flatnonzero(fields):
            circuit.rz(2 * fields[i] * names[layer], _wire(int(i), n))
        for (i, j), c in zip(edges, couplings, strict=True):
            circuit.rzz(2 * c * names[layer], _wire(i, n), _wire(j, n))
        for i in range(n):
            circuit.rx(2 * names[size.layers + layer], i)

    def label(*wires):
        return "".join("Z" if i in wires else "I" for i in range(n))

    terms = {label(i): float(h) for i, h in enumerate(fields) if h}
    terms |= {label(i, j): float(c) for (i, j), c in zip(edges, couplings, strict=True)}

    def step():
        energy, gradient = adjoint_gradient(circuit, angles, terms)
        return [energy, *gradient.tolist()]

    return step
