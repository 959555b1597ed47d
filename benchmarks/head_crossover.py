"""From how many qubits the quantum head takes less energy on an ion machine than elsewhere: both break-evens.

Run: python benchmarks/head_crossover.py [--qubits 8 10 ... 22] [--json FILE]

One classification of one sentence by the re-uploading circuit of `tuning/head` (ring ansatz, 2 re-uploads, 3
layers), whose gates run one after another on the catalogue's IonQ Forte. Against simulating the circuit: the
joules of the built-in engine on this machine, the least of several windows a width, fitted as
log2 J = a + b n over the upper half of the widths, each weighted by its interval, and extrapolated; the
interval is that of the meter and of the line together, around the value. Let the machine do nothing else:
neighbours in its caches cost it several times as much, which the least window leaves out only where they
pause. And of one H100, its board alone, as `gpu.py` measured it up to 33 qubits (`results/gpu-h100.json`),
fitted by a plain line: a kernel for every gate, and gates fused in tiles. Against the best classical head: a
logistic regression on the same embedding. Watts and shots go through the catalogue's intervals. Last, which
watts times shots put the break-even where it was published.
Published: about 34 qubits, metered (arXiv:2605.02798); about 46, estimated (on arXiv:2504.08732).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from scipy import stats

from qwatt.energy.host_work import host_energy
from qwatt.energy.meter import Meter
from qwatt.energy.qpu import get_qpu
from qwatt.projection.futures.drawn import value
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuits.reupload import reupload
from qwatt.quantum.primitives.size import size_of

SHOTS = (100, 1_000, 10_000)
WIDTHS = tuple(range(8, 23, 2))
PUBLISHED = 34
GPU_RESULT = Path(__file__).parent / "results" / "gpu-h100.json"
GPU_WAYS = ("gate_by_gate", "tiled")
LARGEST = 80
LEAST_S = 1.0
"""Seconds that a window lasts at least."""
WINDOWS = 5
"""Windows a width: what neighbours on the machine add is never negative, so that the least is nearest."""
FEWEST = 5
"""Widths that a line with an error needs: three in the upper half."""
DIMENSIONS = 384
"""Of the embedding that the classical head multiplies."""


def circuit(qubits):
    return reupload(qubits, 2, 3, 1)


def engine_j(qubits, meter):
    """Joules of one exact expectation value on the engine, of the least window: low, value, high."""
    backend, head = EngineBackend(), circuit(qubits)
    inputs, weights = torch.rand(1, head.n_inputs), torch.rand(head.weight_shape)
    found = []
    with torch.no_grad():
        backend.expval(head, inputs, weights)  # lowered once, as in a service
        for _ in range(WINDOWS):
            calls = 0
            with meter.window("simulate") as window:
                end = time.perf_counter() + LEAST_S
                while calls < 3 or time.perf_counter() < end:
                    backend.expval(head, inputs, weights)
                    calls += 1
            found.append([joules / calls for joules in window.energy.interval])
    return min(found, key=lambda interval: interval[1])


def gpu_j():
    """Return by way of simulating n -> joules of the same circuit on the GPU that was measured."""
    rows = json.loads(GPU_RESULT.read_text())["states"]["rows"]
    found = {}
    for way in GPU_WAYS:
        own = [(row["qubits"], row["j_per_circuit"]) for row in rows if row.get("way") == way]
        found[way] = fitted(*zip(*own, strict=True))[0]
    return found


def gate_amplitudes(qubits):
    """Return how often a gate meets an amplitude: gates x 2^n."""
    size = size_of(circuit(qubits))
    return (size.gates_1q + size.gates_2q) * 2.0**qubits


@cache
def shot_s(qubits):
    """Seconds of a shot on the ion machine: prepare, gates one after another, read."""
    size = size_of(circuit(qubits))
    gates_s = size.gates_1q * value("ion_head", "time_1q") + size.gates_2q * value("ion_head", "time_2q")
    return value("ion_head", "time_prepare") + gates_s + value("ion_head", "time_readout")


def qpu_j(qubits, watts, shots):
    """Joules on the ion machine."""
    return watts * shots * shot_s(qubits)


def first_below(qpu, other):
    """Return the fewest qubits from which the QPU takes less; None up to `LARGEST`."""
    return next((n for n in range(2, LARGEST) if qpu(n) < other(n)), None)


def fitted(widths, joules):
    """Return n -> joules of log2 J = a + b n over the upper half of the widths, and b."""
    half = len(widths) // 2
    slope, offset = np.polyfit(widths[half:], np.log2(joules[half:]), 1)
    return (lambda n: float(2.0 ** (offset + slope * n))), float(slope)


def fitted_interval(widths, intervals):
    """Return n -> (low, value, high) joules by the weighted line over the upper half of the widths, and b.

    A width weighs by how many doublings its interval spans. The bounds are around the value: the meter's
    mean distance, and on top of it Student's 95 % of the line at n, by the residuals.

    Args:
        widths: ascending, `FEWEST` or more.
        intervals: low, value and high joules of each.
    """
    if len(widths) < FEWEST:
        raise SystemExit(f"a line with its error needs {FEWEST} widths or more, not {len(widths)}")
    half = len(widths) // 2
    x = np.stack([np.ones(len(widths) - half), np.array(widths[half:], dtype=float)], axis=1)
    low, middle, high = np.log2(np.array(intervals, dtype=float)[half:]).T
    weights = 1.0 / np.maximum(high - low, 1e-3) ** 2
    spread = np.linalg.inv(x.T @ (weights[:, None] * x))
    line = spread @ x.T @ (weights * middle)
    free = len(x) - 2
    covariance = spread * (weights @ (middle - x @ line) ** 2) / free
    below, above = (np.average(ends - middle, weights=weights) for ends in (low, high))
    quantile = stats.t.ppf(0.975, free)

    def bounds(n):
        at = np.array([1.0, n])
        value, error = at @ line, quantile * np.sqrt(max(0.0, at @ covariance @ at))
        return tuple(float(2.0**v) for v in (value + below - error, value, value + above + error))

    return bounds, float(line[1])


def table(widths):
    meter, power = Meter(), get_qpu("ionq_forte").power.to("W").interval
    measured = [engine_j(n, meter) for n in widths]
    for n, joules in zip(widths, measured, strict=True):
        print(
            f"{n:3d} qubits  {joules[1]:.3g} J simulated here ({joules[0]:.2g} to {joules[2]:.2g})",
            flush=True,
        )
    here, slope = fitted_interval(widths, measured)
    low, engine, high = (lambda n, i=i: here(n)[i] for i in range(3))
    classical = host_energy({"gemm_flop": 2.0 * DIMENSIONS}).value
    gpu = gpu_j()
    rows = []
    for watts in power:
        for shots in SHOTS:
            qpu = lambda n, w=watts, s=shots: qpu_j(n, w, s)  # noqa: E731
            rows.append(
                {
                    "watts": watts,
                    "shots": shots,
                    "against_engine": first_below(qpu, engine),
                    "against_engine_interval": [first_below(qpu, high), first_below(qpu, low)],
                    **{f"against_gpu_{way}": first_below(qpu, gpu[way]) for way in GPU_WAYS},
                    "against_classical_head": first_below(qpu, lambda n: classical),
                    "j_per_gate_amplitude_as_published": qpu(PUBLISHED) / gate_amplitudes(PUBLISHED),
                    "qpu_j_at_14_qubits": qpu(14),
                }
            )
    return {
        "qubits": list(widths),
        "engine_j": measured,
        "slope": slope,
        "classical_head_j": classical,
        "rows": rows,
        "engine_j_per_gate_amplitude": measured[-1][1] / gate_amplitudes(widths[-1]),
        "shot_s": shot_s(PUBLISHED),
        "watt_shots_as_published": {
            name: joules(PUBLISHED) / shot_s(PUBLISHED) for name, joules in {"engine": engine, **gpu}.items()
        },
    }


def main():
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--qubits", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = table(options.qubits)
    print(f"log2 J grows by {found['slope']:.3f} a qubit; a logistic head: {found['classical_head_j']:.2g} J")
    print("  watts   shots  engine here   GPU, gate by gate   GPU, tiled   logistic head   for 34")
    for row in found["rows"]:
        low, high = (end or "never" for end in row["against_engine_interval"])
        print(
            f"{row['watts']:7.0f} {row['shots']:7d}  {row['against_engine'] or 'never'} [{low}, {high}]"
            f"  {row['against_gpu_gate_by_gate']:18d}  {row['against_gpu_tiled']:11d}"
            f"   {row['against_classical_head'] or 'never':13}"
            f"   {row['j_per_gate_amplitude_as_published']:.2g}"
        )
    print("for 34: joules a gate and amplitude of a simulator that breaks even there")
    print(f"the engine here takes {found['engine_j_per_gate_amplitude']:.2g} J a gate and amplitude")
    print(f"a shot at {PUBLISHED} qubits takes {found['shot_s']:.2g} s; watts x shots that break even there:")
    for name, product in found["watt_shots_as_published"].items():
        print(f"  {product:9.3g} against {name}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
