"""The GPU's kernels compiled as C++, blocks of one thread one after another, against numpy."""

from __future__ import annotations

import ctypes
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.states import BITS, SOURCE, head_operations, packed, reference, tiles

SHIM = """
#include <cstdint>
struct float2 { float x, y; };
struct Place { unsigned x; };
static Place threadIdx{0}, blockIdx{0}, blockDim{1};
#define __global__
#define __device__
#define __shared__ static
static void __syncthreads() {}
"""
DRIVER = """
extern "C" void sweeps(float2* s, int c, int t, float co, float si, int r, unsigned long long pairs) {
    for (blockIdx.x = 0; blockIdx.x < pairs; blockIdx.x++) sweep(s, c, t, co, si, r, pairs);
}
extern "C" void tiles(float2* s, const int* bits, const Op* ops, int count, unsigned blocks) {
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) tile(s, bits, ops, count);
}
"""


def compare(qubits=14):
    """Return the errors of both ways at a width beyond a tile's."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "states.cpp", Path(folder) / "states.so"
        body = SOURCE.read_text().replace(
            "extern __shared__ float2 shared[];", "static float2 shared[1 << M];"
        )
        source.write_text(SHIM + body + DRIVER)
        subprocess.run(
            ["g++", "-O2", "-shared", "-fPIC", f"-DM={BITS}", "-o", str(library), str(source)], check=True
        )
        kernels = ctypes.CDLL(str(library))
        operations = head_operations(qubits)
        truth, errors = reference(operations, qubits), {}
        for name, way in (("gate_by_gate", _sweeps), ("tiled", _tiles)):
            state = np.zeros(2**qubits, np.complex64)
            state[0] = 1
            way(kernels, state, operations, qubits)
            errors[f"{name}_error_at_{qubits}_qubits"] = float(np.linalg.norm(state - truth))
            assert errors[f"{name}_error_at_{qubits}_qubits"] < 1e-4
    return errors


def _sweeps(kernels, state, operations, qubits):
    pairs, f4 = ctypes.c_ulonglong(2 ** (qubits - 1)), ctypes.c_float
    for control, target, angle in operations:
        if control is not None:
            kernels.sweeps(_at(state), control, target, f4(1), f4(0), 0, pairs)
        kernels.sweeps(_at(state), -1, target, f4(math.cos(angle / 2)), f4(math.sin(angle / 2)), 1, pairs)


def _tiles(kernels, state, operations, qubits):
    for bits, local in tiles(operations, qubits):
        chosen, ops = np.array(bits, np.int32), packed(local)
        kernels.tiles(_at(state), _at(chosen), _at(ops), len(local), 2 ** (qubits - BITS))


def _at(array):
    return array.ctypes.data_as(ctypes.c_void_p)
