"""Qiskit Aer: state vectors of a sample of the work, scaled to all of it (`scale` says by how much)."""

from __future__ import annotations

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit_aer import AerSimulator

from engine_peers import work
from engine_peers.work import Size

RUN = 20


def scale(kind: str, size: Size) -> float:
    """How many times the timed work goes into the whole."""
    return size.batch / RUN


def kernel(size: Size):
    """States only; their GEMM is left out, in Aer's favour, and so is the comparison of values."""
    x, n = work.kernel_samples(size), size.n
    simulator = AerSimulator(method="statevector", precision="single", max_parallel_threads=1)

    def circuit(sample):
        made = QuantumCircuit(n)
        for name, *wires in work.zz_gates(n):
            if name == "h":
                made.h(n - 1 - wires[0])
            elif name == "rz":
                made.rz(2 * sample[wires[0]], n - 1 - wires[0])
            else:
                i, j = wires
                made.rzz(2 * (np.pi - sample[i]) * (np.pi - sample[j]), n - 1 - i, n - 1 - j)
        made.save_statevector()
        return made

    def step():
        circuits = transpile([circuit(sample) for sample in x[:RUN]], simulator, optimization_level=0)
        result = simulator.run(circuits).result()
        for i in range(RUN):
            result.get_statevector(i)
        return []

    return step
