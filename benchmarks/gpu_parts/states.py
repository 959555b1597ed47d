"""Joules of simulating the quantum head's circuit on a GPU, from 12 qubits to what its memory holds.

The circuit of `head_crossover.py` (ring ansatz, 2 re-uploads, 3 layers; 14 n RY and 9 n CNOT), complex64, one
expectation value of one sentence (the pass that reads it out is left out). Gate by gate, every gate reads and
writes the state; tiled, operations on 12 qubits are done while 2^12 amplitudes are in shared memory.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from gpu_parts.measured import measure

BITS = 12
"""Qubits of a tile, of which the lowest four make reads coalesced."""
LOWEST = 4
THREADS = 256
WIDTHS = (12, 16, 20, 22, 24, 26, 28, 30, 31, 32, 33)
SOURCE = Path(__file__).with_name("states.cu")


def head_operations(qubits, seed=0):
    """Return (control or None, target, angle) of the head's circuit on bits 0 to n - 1."""
    rng = np.random.default_rng(seed)
    angles = iter(rng.uniform(-math.pi, math.pi, 14 * qubits))
    rotations = lambda: [(None, i, next(angles)) for i in range(qubits)]  # noqa: E731
    ring = lambda: [(i, (i + 1) % qubits, next(angles)) for i in range(qubits)]  # noqa: E731
    operations = []
    for upload in (True, True, False):
        operations += rotations() if upload else []
        operations += ring() + rotations() + ring() + ring()
    return operations


def gates(operations):
    """Return the number of gates: an RY each, and a CNOT where there is a control."""
    return len(operations) + sum(control is not None for control, _, _ in operations)


def tiles(operations, qubits, bits=BITS):
    """Return [(sorted qubits of the tile, operations on places within it)], in order and greedily."""
    groups = []
    for operation in operations:
        touched = {bit for bit in operation[:2] if bit is not None}
        used = groups[-1][0] | touched if groups else set()
        if groups and len(used | set(range(LOWEST))) <= bits:
            groups[-1] = (used, [*groups[-1][1], operation])
        else:
            groups.append((touched, [operation]))
    found = []
    for used, members in groups:
        chosen = used | set(range(LOWEST))
        chosen |= set([bit for bit in range(qubits) if bit not in chosen][: bits - len(chosen)])
        place = {bit: i for i, bit in enumerate(sorted(chosen))}
        local = [(-1 if c is None else place[c], place[t], a) for c, t, a in members]
        found.append((sorted(chosen), local))
    return found


def packed(local):
    """Return operations as the kernel reads them: control, target, cosine, sine."""
    kinds = np.dtype([("control", "<i4"), ("target", "<i4"), ("c", "<f4"), ("s", "<f4")])
    rows = [(c, t, math.cos(a / 2), math.sin(a / 2)) for c, t, a in local]
    return np.array(rows, kinds)


def reference(operations, qubits):
    """Return the state in double precision by numpy; bit i of the index is qubit i."""
    state = np.zeros(2**qubits)
    state[0] = 1.0
    index = np.arange(2**qubits)
    for control, target, angle in operations:
        if control is not None:
            state = state[np.where((index >> control) & 1, index ^ (1 << target), index)]
        pair = state.reshape(-1, 2, 2**target)
        c, s = math.cos(angle / 2), math.sin(angle / 2)
        state = np.stack([c * pair[:, 0] - s * pair[:, 1], s * pair[:, 0] + c * pair[:, 1]], 1).ravel()
    return state


class Gpu:
    """The kernels on a GPU, by CuPy."""

    def __init__(self, qubits):
        import cupy

        self.cupy, self.qubits = cupy, qubits
        module = cupy.RawModule(code=SOURCE.read_text(), options=(f"-DM={BITS}",))
        self.sweep, self.tile = module.get_function("sweep"), module.get_function("tile")
        self.state = cupy.zeros(2**qubits, cupy.complex64)
        self.restart()

    def restart(self):
        """Return to |0...0>."""
        self.state.data.memset(0, self.state.nbytes)
        self.state[0] = 1

    def wait(self):
        """Wait for the kernels."""
        self.cupy.cuda.runtime.deviceSynchronize()

    def gate_by_gate(self, operations):
        """Return what runs every gate as a kernel of its own."""
        pairs = 2 ** (self.qubits - 1)
        blocks, i4, f4 = -(-pairs // THREADS), np.int32, np.float32
        calls = []
        for control, target, angle in operations:
            if control is not None:
                calls.append((i4(control), i4(target), f4(1), f4(0), i4(0)))
            calls.append((i4(-1), i4(target), f4(math.cos(angle / 2)), f4(math.sin(angle / 2)), i4(1)))

        def step():
            for call in calls:
                self.sweep((blocks,), (THREADS,), (self.state, *call, np.uint64(pairs)))

        return step

    def tiled(self, operations):
        """Return what runs every tile as one kernel."""
        calls = [
            (*map(self.cupy.asarray, (np.array(bits, np.int32), packed(local).view(np.uint8))), len(local))
            for bits, local in tiles(operations, self.qubits)
        ]
        blocks, bytes_ = 2 ** (self.qubits - BITS), 8 * 2**BITS

        def step():
            for bits, ops, count in calls:
                self.tile((blocks,), (THREADS,), (self.state, bits, ops, np.int32(count)), shared_mem=bytes_)

        return step

    def expectation(self, bit=0):
        """Return <Z> of one qubit and the norm, a slice at a time."""
        part, z, norm = min(self.state.size, 2**27), 0.0, 0.0
        for begin in range(0, self.state.size, part):
            floats = self.state[begin : begin + part].view(self.cupy.float32)
            pairs = floats.reshape(-1, 2, 2 * 2**bit)
            up, down = (float(self.cupy.linalg.norm(pairs[:, i]) ** 2) for i in (0, 1))
            z, norm = z + up - down, norm + up + down
        return z, norm


def check(part):
    """Compare both ways with numpy at 14 qubits; raises where they differ."""
    operations = head_operations(14)
    truth = reference(operations, 14)
    for name in ("gate_by_gate", "tiled"):
        gpu = Gpu(14)
        getattr(gpu, name)(operations)()
        error = float(np.linalg.norm(gpu.cupy.asnumpy(gpu.state) - truth))
        part.note(**{f"{name}_error_at_14_qubits": error})
        if not error < 1e-4:
            raise ValueError(f"{name} is off by {error:.2g}")


def width(part, meter, qubits):
    """Measure both ways at one width; only a layer (n RY, a ring of n CNOT and RY) of a wide one."""
    operations = head_operations(qubits)
    gpu = Gpu(qubits)
    for name in ("tiled", "gate_by_gate"):
        some = operations[: 2 * qubits] if qubits >= 30 else operations
        gpu.restart()
        found = measure(meter, getattr(gpu, name)(some), 1.5 if qubits < 30 else 1.0, gpu.wait)
        _, norm = gpu.expectation()
        work = gates(some) * 2.0**qubits
        part.add(
            qubits=qubits,
            way=name,
            j_per_gate_amplitude=found["j"] / work,
            j_per_circuit=found["j"] / gates(some) * gates(operations),
            s_per_circuit=found["s"] / gates(some) * gates(operations),
            w=found["w"],
            kernels=len(tiles(some, qubits)) if name == "tiled" else gates(some),
            gates=gates(some),
            norm=norm,
            calls=found["calls"],
            flags=found["flags"],
        )
    del gpu.state
    gpu.cupy.get_default_memory_pool().free_all_blocks()


def run(part, device, smoke, chip):
    if device != "cuda":
        from gpu_parts.states_on_cpu import compare

        part.note(**compare())
        return
    from qwatt.energy.meter import Meter

    part.note(what="complex64, one circuit at a time; windows hold the idle gaps between short kernels")
    check(part)
    meter = Meter()
    for qubits in WIDTHS:
        if part.attempt(width, part, meter, qubits, qubits=qubits) is None and part.left() <= 0:
            break
