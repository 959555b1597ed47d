"""qulacs: one circuit a sample in a Python loop, gradients by its own backprop."""

from __future__ import annotations

import numpy as np
import qulacs

from engine_peers import work
from engine_peers.work import Size


def _wire(i, n):
    """Qulacs counts wire 0 as the least significant bit."""
    return n - 1 - i


def kernel(size: Size):
    x, n = work.kernel_samples(size), size.n
    gates = work.zz_gates(n)

    def state(sample):
        circuit = qulacs.QuantumCircuit(n)
        for name, *wires in gates:
            if name == "h":
                circuit.add_H_gate(_wire(wires[0], n))
            elif name == "rz":
                circuit.add_RZ_gate(_wire(wires[0], n), -2 * sample[wires[0]])
            else:
                i, j = wires
                angle = 2 * (np.pi - sample[i]) * (np.pi - sample[j])
                circuit.add_multi_Pauli_rotation_gate([_wire(i, n), _wire(j, n)], [3, 3], -angle)
        psi = qulacs.QuantumState(n)
        circuit.update_quantum_state(psi)
        return psi.get_vector()

    def step():
        psi = np.stack([state(sample) for sample in x]).astype(np.complex64)
        return work.shown_kernel(np.abs(psi @ psi.conj().T) ** 2)

    return step


def qaoa(size: Size):
    n = size.n
    fields, edges, couplings = work.ising(size)
    gammas, betas = work.qaoa_angles(size)
    observable = qulacs.Observable(n)
    circuit, slopes = qulacs.ParametricQuantumCircuit(n), []
    for i, h in enumerate(fields):
        if h:
            observable.add_operator(h, f"Z {_wire(i, n)}")
    for (i, j), c in zip(edges, couplings, strict=True):
        observable.add_operator(c, f"Z {_wire(i, n)} Z {_wire(j, n)}")
    for i in range(n):
        circuit.add_H_gate(i)
    for layer in range(size.layers):
        for i in np.flatnonzero(fields):
            circuit.add_parametric_RZ_gate(_wire(int(i), n), -2 * gammas[layer] * fields[i])
            slopes.append((layer, -2 * fields[i]))
        for (i, j), c in zip(edges, couplings, strict=True):
            angle = -2 * gammas[layer] * c
            circuit.add_parametric_multi_Pauli_rotation_gate([_wire(i, n), _wire(j, n)], [3, 3], angle)
            slopes.append((layer, -2 * c))
        for i in range(n):
            circuit.add_parametric_RX_gate(i, -2 * betas[layer])
            slopes.append((size.layers + layer, -2.0))

    def step():
        psi = qulacs.QuantumState(n)
        circuit.update_quantum_state(psi)
        energy = observable.get_expectation_value(psi)
        gradient = np.zeros(2 * size.layers)
        for (place, slope), value in zip(slopes, circuit.backprop(observable), strict=True):
            gradient[place] += slope * value
        return [float(np.real(energy)), *gradient.tolist()]

    return step
