"""PennyLane under jax.jit with backprop, and plain JAX on a cost vector."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pennylane as qml

from engine_peers import work
from engine_peers.pennylane_native import apply_network, apply_qaoa, apply_zz, hamiltonian
from engine_peers.work import Size


def _device(n):
    return qml.device("default.qubit", wires=n)


def kernel(size: Size):
    x = jnp.asarray(work.kernel_samples(size), jnp.float32)

    @qml.qnode(_device(size.n), interface="jax", diff_method="backprop")
    def states(samples):
        apply_zz(samples, size.n)
        return qml.state()

    @jax.jit
    def matrix(samples):
        psi = states(samples)
        return jnp.abs(psi @ psi.conj().T) ** 2

    return lambda: work.shown_kernel(np.asarray(matrix(x)))


def network(size: Size):
    x, w, target = (jnp.asarray(a, jnp.float32) for a in work.network_data(size))

    @qml.qnode(_device(size.n), interface="jax", diff_method="backprop")
    def node(x, w):
        apply_network(x, w, size.n)
        return [qml.expval(qml.Z(i)) for i in range(size.n)]

    def loss(x, w):
        return jnp.mean((jnp.stack(node(x, w), axis=-1) - target) ** 2)

    both = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))

    def step():
        value, (d_inputs, d_weights) = both(x, w)
        return work.shown_network(value, d_inputs, d_weights)

    return step


def _numbers(function, size):
    gammas, betas = (jnp.asarray(a, jnp.float32) for a in work.qaoa_angles(size))
    both = jax.jit(jax.value_and_grad(function, argnums=(0, 1)))

    def step():
        energy, (d_gammas, d_betas) = both(gammas, betas)
        return [float(energy), *np.asarray(d_gammas).tolist(), *np.asarray(d_betas).tolist()]

    return step


def qaoa(size: Size):
    cost = hamiltonian(size)

    @qml.qnode(_device(size.n), interface="jax", diff_method="backprop")
    def node(gammas, betas):
        apply_qaoa(gammas, betas, size)
        return qml.expval(cost)

    return _numbers(node, size)


def qaoa_vector(size: Size):
    """No PennyLane: cost vector and wire-by-wire mixers, what a JAX user would write by hand."""
    cost = jnp.asarray(work.cost_values(size), jnp.float32)

    def energy(gammas, betas):
        psi = jnp.full(2**size.n, 2 ** (-size.n / 2), jnp.complex64)
        for layer in range(size.layers):
            psi = psi * jnp.exp(-1j * gammas[layer] * cost)
            c, s = jnp.cos(betas[layer]), -1j * jnp.sin(betas[layer])
            gate = jnp.array([[c, s], [s, c]])
            for wire in range(size.n):
                psi = jnp.einsum("ab,xbz->xaz", gate, psi.reshape(2**wire, 2, -1)).reshape(-1)
        return jnp.sum((psi.real**2 + psi.imag**2) * cost)

    return _numbers(energy, size)


def metric(size: Size):
    weights = jnp.asarray(work.metric_weights(size), jnp.float32)

    @qml.qnode(_device(size.n), interface="jax", diff_method="backprop")
    def state(w):
        for layer in range(work.METRIC_LAYERS):
            for i in range(size.n):
                qml.RY(w[layer, i, 0], wires=i)
                qml.RZ(w[layer, i, 1], wires=i)
            for i in range(size.n):
                qml.CNOT([i, (i + 1) % size.n])
        return qml.state()

    @jax.jit
    def fubini_study(w):
        psi, tangents = state(w), jax.jacfwd(state)(w).reshape(2**size.n, -1)
        along = tangents.conj().T @ psi
        return (tangents.conj().T @ tangents - jnp.outer(along, along.conj())).real

    return lambda: np.asarray(fubini_study(weights)).ravel().tolist()
