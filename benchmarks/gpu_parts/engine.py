"""qwatt's own engine on the GPU: joules of the quantum head's circuit, one and a batch (needs PennyLane)."""

from __future__ import annotations

from gpu_parts.measured import measure

CASES = ((8, 1), (8, 1024), (12, 1), (12, 1024), (16, 1), (16, 256), (20, 1), (20, 16), (24, 1), (27, 1))
"""Qubits, and sentences at once."""
TOY = ((4, 2),)


def row(part, meter, qubits, batch, device):
    """Measure an exact expectation value of each sentence."""
    import torch

    from gpu_parts.decoder import waiter
    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.circuits.reupload import reupload

    circuit = reupload(qubits, 2, 3, 1)
    inputs, weights = (
        torch.rand(batch, qubits, device=device),
        torch.rand(circuit.weight_shape, device=device),
    )
    backend, here = EngineBackend(device), EngineBackend()

    def step():
        with torch.no_grad():
            backend.expval(circuit, inputs, weights)

    found = measure(meter, step, 1.5, waiter(device))
    error = None
    if qubits <= 16:
        ours, truth = (
            b.expval(circuit, inputs[:4].to(b.device), weights.to(b.device)).cpu() for b in (backend, here)
        )
        error = float((ours - truth).abs().max())
    part.add(
        qubits=qubits,
        batch=batch,
        j_per_circuit=found["j"] / batch,
        j_per_gate_amplitude=found["j"] / batch / (23 * qubits * 2.0**qubits),
        ms=1e3 * found["s"],
        w=found["w"],
        largest_difference_from_cpu=error,
        flags=found["flags"],
    )


def run(part, device, smoke, chip):
    from qwatt.energy.meter import Meter

    meter = Meter()
    for qubits, batch in TOY if smoke else CASES:
        part.attempt(row, part, meter, qubits, batch, device, qubits=qubits, batch=batch)
