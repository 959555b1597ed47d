"""A circuit's expectation values, and its gradients by one adjoint pass, each as one compiled call.

Importing this imports numba; what no cache on the disk holds is compiled at the first call. All loops are in
one file: the cache asks only whether the file of the function that was called has changed.

A state is two real arrays (2^wires * samples,), samples of a basis state next to each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

FLIP, TURN, PHASE = 0, 1, 2  # as in `table`; numba takes them as constants
place: Any = np.uint64  # without a sign, no element's index is asked whether it counts from the end

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call, or read what an earlier process left on the disk."""
    options = {"cache": True, "nogil": True, "error_model": "numpy"}
    found: F = numba.njit(fastmath={"reassoc", "contract", "nsz"}, **options)(function)
    return found


@compiled
def odd(number: int) -> bool:
    """Return whether a number has an odd number of ones."""
    number ^= number >> 16
    number ^= number >> 8
    number ^= number >> 4
    number ^= number >> 2
    return ((number ^ (number >> 1)) & 1) == 1


@compiled
def flip(re: Any, im: Any, samples: int, mask: int, where: int, value: int) -> None:
    """X where the controls match, in place."""
    run = 1 if where else mask
    for low in range(0, len(re) // samples, run):
        if low & mask or (low & where) != value:
            continue
        for i in range(place(low * samples), place((low + run) * samples)):
            j = i + place(mask * samples)
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]


@compiled
def turn(re: Any, im: Any, samples: int, mask: int, where: int, value: int, cosine: Any, sine: Any) -> None:
    """RY where the controls match, in place."""
    run, step, c, s = 1 if where else mask, place(mask * samples), cosine[0], sine[0]
    for low in range(0, len(re) // samples, run):
        if low & mask or (low & where) != value:
            continue
        if len(cosine) == 1:
            for i in range(place(low * samples), place((low + run) * samples)):
                x, y, u, v = re[i], im[i], re[i + step], im[i + step]
                re[i], re[i + step] = c * x - s * u, s * x + c * u
                im[i], im[i + step] = c * y - s * v, s * y + c * v
            continue
        for row in range(low, low + run):
            for b in range(place(samples)):
                i = place(row * samples) + b
                x, y, u, v = re[i], im[i], re[i + step], im[i + step]
                re[i], re[i + step] = cosine[b] * x - sine[b] * u, sine[b] * x + cosine[b] * u
                im[i], im[i + step] = cosine[b] * y - sine[b] * v, sine[b] * y + cosine[b] * v


@compiled
def phase(re: Any, im: Any, samples: int, mask: int, where: int, value: int, cosine: Any, sine: Any) -> None:
    """Multiply exp(i angle (-1)^parity) where the controls match, in place."""
    run = 1 if where else mask & -mask
    for low in range(0, len(re) // samples, run):
        if (low & where) != value:
            continue
        sign = re.dtype.type(-1 if odd(low & mask) else 1)
        if len(cosine) == 1:
            c, s = cosine[0], sign * sine[0]
            for i in range(place(low * samples), place((low + run) * samples)):
                x, y = re[i], im[i]
                re[i], im[i] = c * x - s * y, s * x + c * y
            continue
        for row in range(low, low + run):
            for b in range(place(samples)):
                i = place(row * samples) + b
                x, y, s = re[i], im[i], sign * sine[b]
                re[i], im[i] = cosine[b] * x - s * y, s * x + cosine[b] * y


@compiled
def multiply(re: Any, im: Any, samples: int, mask: int, where: int, value: int, real: Any, imag: Any) -> None:
    """Multiply a 2x2 matrix where the controls match, in place."""
    a, b, c, d = real[0, 0], real[0, 1], real[1, 0], real[1, 1]
    e, f, g, h = imag[0, 0], imag[0, 1], imag[1, 0], imag[1, 1]
    run, step = 1 if where else mask, place(mask * samples)
    for low in range(0, len(re) // samples, run):
        if low & mask or (low & where) != value:
            continue
        for i in range(place(low * samples), place((low + run) * samples)):
            j = i + step
            x, y, u, v = re[i], im[i], re[j], im[j]
            re[i], im[i] = a * x - e * y + b * u - f * v, a * y + e * x + b * v + f * u
            re[j], im[j] = c * x - g * y + d * u - h * v, c * y + g * x + d * v + h * u


@compiled
def turn_slope(state: Any, slope: Any, samples: int, mask: int, where: int, value: int, found: Any) -> None:
    """Write the derivative to the half angle of a RY that has been applied, in all or of each sample."""
    run, step = 1 if where else mask, place(mask * samples)
    (re, im), (p, q) = (state[0], state[1]), (slope[0], slope[1])
    found[:] = 0
    for low in range(0, len(re) // samples, run):
        if low & mask or (low & where) != value:
            continue
        if len(found) == 1:
            total = found[0]
            for i in range(place(low * samples), place((low + run) * samples)):
                j = i + step
                total += p[j] * re[i] - p[i] * re[j] + q[j] * im[i] - q[i] * im[j]
            found[0] = total
            continue
        for row in range(low, low + run):
            for b in range(place(samples)):
                i = place(row * samples) + b
                j = i + step
                found[b] += p[j] * re[i] - p[i] * re[j] + q[j] * im[i] - q[i] * im[j]


@compiled
def phase_slope(state: Any, slope: Any, samples: int, mask: int, where: int, value: int, found: Any) -> None:
    """Write the derivative to the angle of a phase that has been applied, in all or of each sample."""
    run = 1 if where else mask & -mask
    (re, im), (p, q) = (state[0], state[1]), (slope[0], slope[1])
    found[:] = 0
    for low in range(0, len(re) // samples, run):
        if (low & where) != value:
            continue
        sign = re.dtype.type(-1 if odd(low & mask) else 1)
        if len(found) == 1:
            total = found[0]
            for i in range(place(low * samples), place((low + run) * samples)):
                total += sign * (q[i] * re[i] - p[i] * im[i])
            found[0] = total
            continue
        for row in range(low, low + run):
            for b in range(place(samples)):
                i = place(row * samples) + b
                found[b] += sign * (q[i] * re[i] - p[i] * im[i])


@compiled
def turn_circles(
    spans: Any, offsets: Any, places: Any, slopes: Any, inputs: Any, weights: Any, circles: Any
) -> None:
    """Write the cosines and sines of all angles, of the first sample alone where all have the same."""
    for angle in range(len(spans)):
        start, middle, stop = spans[angle, 0], spans[angle, 1], spans[angle, 2]
        shared = offsets[angle]
        for entry in range(start, middle):
            shared += slopes[entry] * weights[places[entry]]
        for b in range(1 if middle == stop else circles.shape[2]):
            own = shared
            for entry in range(middle, stop):
                own += slopes[entry] * inputs[b, places[entry]]
            circles[0, angle, b], circles[1, angle, b] = np.cos(own), np.sin(own)


@compiled
def forward(
    gates: Any, spans: Any, offsets: Any, places: Any, slopes: Any, matrices: Any,
    inputs: Any, weights: Any, signs: Any, circles: Any, state: Any, found: Any,
) -> None:  # fmt: skip
    """Write the cosines and sines, the final state and the expectation values.

    Args:
        gates, spans, offsets, places, slopes: of the `GateTable`.
        matrices: real and imaginary parts, (2, matrices, 2, 2).
        inputs: (samples, n_inputs).
        weights: (weights,).
        signs: eigenvalues, (2^wires, observables).
        circles: to be written, (2, angles, samples).
        state: to be written, (2, 2^wires * samples).
        found: to be written, (samples, observables).
    """
    turn_circles(spans, offsets, places, slopes, inputs, weights, circles)
    re, im, samples = state[0], state[1], len(found)
    state[:] = 0
    re[:samples] = 1
    for gate in range(len(gates)):
        kind, mask, where, value = gates[gate, 0], gates[gate, 1], gates[gate, 2], gates[gate, 3]
        own = gates[gate, 4]
        if kind == FLIP:
            flip(re, im, samples, mask, where, value)
        elif kind == TURN or kind == PHASE:  # noqa: PLR1714, SIM109 (numba is slow at tuples)
            count = 1 if spans[own, 1] == spans[own, 2] else samples
            cosine, sine = circles[0, own, :count], circles[1, own, :count]
            if kind == TURN:
                turn(re, im, samples, mask, where, value, cosine, sine)
            else:
                phase(re, im, samples, mask, where, value, cosine, sine)
        else:
            multiply(re, im, samples, mask, where, value, matrices[0, own], matrices[1, own])
    found[:] = 0
    for row in range(len(signs)):
        for b in range(samples):
            x, y = re[row * samples + b], im[row * samples + b]
            for observable in range(signs.shape[1]):
                found[b, observable] += signs[row, observable] * (x * x + y * y)


@compiled
def start_slope(state: Any, signs: Any, gradient: Any, slope: Any) -> None:
    """Write the gradient of the final state from that of the expectation values."""
    samples = len(gradient)
    for row in range(len(signs)):
        for b in range(samples):
            weight = gradient[b, 0] * signs[row, 0]
            for observable in range(1, signs.shape[1]):
                weight += gradient[b, observable] * signs[row, observable]
            i = row * samples + b
            slope[0, i], slope[1, i] = (weight + weight) * state[0, i], (weight + weight) * state[1, i]


@compiled
def collect(span: Any, places: Any, slopes: Any, found: Any, to_inputs: Any, to_weights: Any) -> None:
    """Add an angle's derivative to those of the weights and inputs it depends on."""
    if span[0] < span[1]:
        total = found.sum()
        for entry in range(span[0], span[1]):
            to_weights[places[entry]] += slopes[entry] * total
    for entry in range(span[1], span[2]):
        for b in range(len(found)):
            to_inputs[b, places[entry]] += slopes[entry] * found[b]


@compiled
def backward(
    gates: Any, spans: Any, places: Any, slopes: Any, matrices: Any, signs: Any, circles: Any, kept: Any,
    gradient: Any, to_inputs: Any, to_weights: Any,
) -> None:  # fmt: skip
    """Write the gradients of inputs and weights: the gates are undone from the last to the first.

    Args:
        gates, spans, places, slopes, matrices, signs: as in `forward`.
        circles, kept: what `forward` wrote; the state is left as it is.
        gradient: of the expectation values, (samples, observables).
        to_inputs: to be written, (samples, n_inputs).
        to_weights: to be written, (weights,).
    """
    state, slope, samples = kept.copy(), np.empty_like(kept), len(gradient)
    found = np.empty(samples, kept.dtype)
    start_slope(state, signs, gradient, slope)
    to_inputs[:] = 0
    to_weights[:] = 0
    for gate in range(len(gates) - 1, -1, -1):
        kind, mask, where, value = gates[gate, 0], gates[gate, 1], gates[gate, 2], gates[gate, 3]
        own = gates[gate, 4]
        if kind == TURN or kind == PHASE:  # noqa: PLR1714, SIM109 (numba is slow at tuples)
            count = 1 if spans[own, 1] == spans[own, 2] else samples
            if spans[own, 0] < spans[own, 2]:
                if kind == TURN:
                    turn_slope(state, slope, samples, mask, where, value, found[:count])
                else:
                    phase_slope(state, slope, samples, mask, where, value, found[:count])
                collect(spans[own], places, slopes, found[:count], to_inputs, to_weights)
            cosine, sine = circles[0, own, :count], -circles[1, own, :count]
        for moved in range(2):
            re, im = (state[0], state[1]) if moved else (slope[0], slope[1])
            if kind == FLIP:
                flip(re, im, samples, mask, where, value)
            elif kind == TURN:
                turn(re, im, samples, mask, where, value, cosine, sine)
            elif kind == PHASE:
                phase(re, im, samples, mask, where, value, cosine, sine)
            else:
                real, imag = matrices[0, own].T.copy(), -matrices[1, own].T
                multiply(re, im, samples, mask, where, value, real, imag)
