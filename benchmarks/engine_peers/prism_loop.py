"""prism-q: one circuit a sample, bound to a prepared circuit; gradients by its own adjoint pass."""

from __future__ import annotations

import numpy as np
import prism_q

from engine_peers import work
from engine_peers.work import Size

STATES = prism_q.BackendKind.statevector()


def _wire(i, n):
    """prism-q counts wire 0 as the least significant bit."""
    return n - 1 - i


def kernel(size: Size):
    """All states from one template, then one complex product."""
    x, n = work.kernel_samples(size), size.n
    gates = work.zz_gates(n)
    builder, angles = prism_q.CircuitBuilder(n), []
    for name, *wires in gates:
        if name == "h":
            builder.h(_wire(wires[0], n))
        elif name == "rz":
            builder.rz(0.5, _wire(wires[0], n)).param(len(angles))
            angles.append(2 * x[:, wires[0]])
        else:
            i, j = wires
            builder.rzz(0.5, _wire(i, n), _wire(j, n)).param(len(angles))
            angles.append(2 * (np.pi - x[:, i]) * (np.pi - x[:, j]))
    prepared = prism_q.PreparedCircuit(builder.build(), builder.parameters(), STATES)
    values = np.stack(angles, axis=1)

    def step():
        states = [prism_q.simulate(prepared.bind(row)).backend(STATES).state_vector() for row in values]
        psi = np.stack(states).astype(np.complex64)
        return work.shown_kernel(np.abs(psi @ psi.conj().T) ** 2)

    return step


def network(size: Size):
    """Values of all samples at once; then one adjoint pass a sample, on Z weighted by the loss's slopes."""
    x, w, target = work.network_data(size)
    n, inputs = size.n, x.size // size.batch
    builder = prism_q.CircuitBuilder(n)
    for i in range(n):
        builder.ry(0.5, _wire(i, n)).param(i)
    for layer in range(work.LAYERS):
        for i in range(n):
            slot = inputs + 3 * (layer * n + i)
            builder.rz(0.5, _wire(i, n)).param(slot)
            builder.ry(0.5, _wire(i, n)).param(slot + 1)
            builder.rz(0.5, _wire(i, n)).param(slot + 2)
        for i in range(n):
            builder.cx(_wire(i, n), _wire((i + 1) % n, n))
    links = builder.parameter_links()
    prepared = prism_q.PreparedCircuit(builder.build(), builder.parameters(), STATES)
    readout = [[(_wire(i, n), "Z")] for i in range(n)]

    def step():
        values = np.hstack([x, np.tile(w.ravel(), (size.batch, 1))])
        found = prepared.expectation_values_many(values, readout)
        slopes = 2 * (found - target) / found.size
        gradients = [
            prism_q.simulate(prepared.bind(row))
            .backend(STATES)
            .expectation_gradient(list(zip(slope.tolist(), readout, strict=True)), links)[1]
            for row, slope in zip(values, slopes, strict=True)
        ]
        both = np.stack(gradients)
        loss = float(np.mean((found - target) ** 2))
        return work.shown_network(loss, both[:, :inputs], both[:, inputs:].sum(axis=0))

    return step


def qaoa(size: Size):
    """One adjoint pass; the two slots of a layer hold gamma and beta, the angles' factors are ours."""
    n = size.n
    fields, edges, couplings = work.ising(size)
    gammas, betas = work.qaoa_angles(size)
    builder, slots = prism_q.CircuitBuilder(n), []

    def turned(factor, place):
        builder.param(len(slots))
        slots.append((place, factor))

    for i in range(n):
        builder.h(i)
    for layer in range(size.layers):
        for i in np.flatnonzero(fields):
            builder.rz(0.5, _wire(int(i), n))
            turned(2 * fields[i], layer)
        for (i, j), c in zip(edges, couplings, strict=True):
            builder.rzz(0.5, _wire(i, n), _wire(j, n))
            turned(2 * c, layer)
        for i in range(n):
            builder.rx(0.5, i)
            turned(2.0, size.layers + layer)
    links = builder.parameter_links()
    prepared = prism_q.PreparedCircuit(builder.build(), builder.parameters(), STATES)
    terms = [(float(h), [(_wire(i, n), "Z")]) for i, h in enumerate(fields) if h]
    terms += [
        (float(c), [(_wire(i, n), "Z"), (_wire(j, n), "Z")])
        for (i, j), c in zip(edges, couplings, strict=True)
    ]
    places = np.array([place for place, _ in slots])
    factors = np.array([factor for _, factor in slots])

    def step():
        bound = prepared.bind(factors * np.concatenate([gammas, betas])[places])
        energy, own = prism_q.simulate(bound).backend(STATES).expectation_gradient(terms, links)
        gradient = np.bincount(places, factors * own, 2 * size.layers)
        return [float(energy), *gradient.tolist()]

    return step
