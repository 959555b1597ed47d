"""PennyLane's own best paths: broadcasting on default.qubit, and lightning.qubit with adjoint gradients."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import torch

from engine_peers import work
from engine_peers.work import Size

CHUNK = 125


def apply_zz(x, n):
    for name, *wires in work.zz_gates(n):
        if name == "h":
            qml.Hadamard(wires[0])
        elif name == "rz":
            qml.RZ(2 * x[..., wires[0]], wires=wires)
        else:
            i, j = wires
            qml.IsingZZ(2 * (np.pi - x[..., i]) * (np.pi - x[..., j]), wires=wires)


def kernel(size: Size):
    """Broadcast states in chunks that stay in the cache, then one GEMM."""
    x = work.kernel_samples(size)

    @qml.qnode(qml.device("default.qubit", wires=size.n), diff_method=None)
    def states(samples):
        apply_zz(samples, size.n)
        return qml.state()

    def step():
        parts = [np.asarray(states(x[i : i + CHUNK])) for i in range(0, len(x), CHUNK)]
        psi = np.concatenate([p.reshape(-1, 2**size.n) for p in parts])
        return work.shown_kernel(np.abs(psi @ psi.conj().T) ** 2)

    return step


def kernel_whole(size: Size):
    """Broadcast all samples at once, complex64 GEMM."""
    x = work.kernel_samples(size)

    @qml.qnode(qml.device("default.qubit", wires=size.n), diff_method=None)
    def states(samples):
        apply_zz(samples, size.n)
        return qml.state()

    def step():
        psi = np.asarray(states(x)).astype(np.complex64)
        return work.shown_kernel(np.abs(psi @ psi.conj().T) ** 2)

    return step


def apply_network(x, w, n):
    for i in range(n):
        qml.RY(x[..., i], wires=i)
    for layer in range(work.LAYERS):
        for i in range(n):
            qml.Rot(w[layer, i, 0], w[layer, i, 1], w[layer, i, 2], wires=i)
        for i in range(n):
            qml.CNOT([i, (i + 1) % n])


def network(size: Size):
    """default.qubit, torch, broadcast, backprop."""
    x, w, target = (torch.tensor(a) for a in work.network_data(size))
    x.requires_grad_()
    w.requires_grad_()

    @qml.qnode(qml.device("default.qubit", wires=size.n), interface="torch", diff_method="backprop")
    def node(x, w):
        apply_network(x, w, size.n)
        return [qml.expval(qml.Z(i)) for i in range(size.n)]

    def step():
        x.grad = w.grad = None
        loss = (torch.stack(node(x, w), dim=-1) - target).square().mean()
        loss.backward()
        return work.shown_network(loss.item(), x.grad.numpy(), w.grad.numpy())

    return step


def apply_qaoa(gammas, betas, size):
    fields, edges, couplings = work.ising(size)
    for i in range(size.n):
        qml.Hadamard(i)
    for layer in range(size.layers):
        for i in np.flatnonzero(fields):
            qml.RZ(2 * gammas[layer] * fields[i], wires=int(i))
        for (i, j), c in zip(edges, couplings, strict=True):
            qml.IsingZZ(2 * gammas[layer] * c, wires=[i, j])
        for i in range(size.n):
            qml.RX(2 * betas[layer], wires=i)


def hamiltonian(size):
    fields, edges, couplings = work.ising(size)
    terms = [(h, qml.Z(i)) for i, h in enumerate(fields) if h]
    terms += [(c, qml.Z(i) @ qml.Z(j)) for (i, j), c in zip(edges, couplings, strict=True)]
    return qml.Hamiltonian(*zip(*terms, strict=True))


def _qaoa(size: Size, device, method):
    gammas, betas = (torch.tensor(a, requires_grad=True) for a in work.qaoa_angles(size))
    cost = hamiltonian(size)

    @qml.qnode(device, interface="torch", diff_method=method)
    def node(gammas, betas):
        apply_qaoa(gammas, betas, size)
        return qml.expval(cost)

    def step():
        gammas.grad = betas.grad = None
        energy = node(gammas, betas)
        energy.backward()
        return [energy.item(), *gammas.grad.tolist(), *betas.grad.tolist()]

    return step


def qaoa(size: Size):
    """lightning.qubit, complex64, adjoint."""
    return _qaoa(size, qml.device("lightning.qubit", wires=size.n, c_dtype=np.complex64), "adjoint")


def qaoa_default(size: Size):
    """default.qubit, torch backprop."""
    return _qaoa(size, qml.device("default.qubit", wires=size.n), "backprop")
