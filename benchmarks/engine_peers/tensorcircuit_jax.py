"""TensorCircuit-NG on its JAX backend, jit and vmap."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import tensorcircuit as tc

from engine_peers import work
from engine_peers.work import Size

K = tc.set_backend("jax")
tc.set_dtype("complex64")


def kernel(size: Size):
    x = jnp.asarray(work.kernel_samples(size), jnp.float32)

    def state(sample):
        circuit = tc.Circuit(size.n)
        for name, *wires in work.zz_gates(size.n):
            if name == "h":
                circuit.h(wires[0])
            elif name == "rz":
                circuit.rz(wires[0], theta=2 * sample[wires[0]])
            else:
                i, j = wires
                circuit.rzz(i, j, theta=2 * (jnp.pi - sample[i]) * (jnp.pi - sample[j]))
        return circuit.state()

    @jax.jit
    def matrix(samples):
        psi = jax.vmap(state)(samples)
        return jnp.abs(psi @ psi.conj().T) ** 2

    return lambda: work.shown_kernel(np.asarray(matrix(x)))


def network(size: Size):
    x, w, target = (jnp.asarray(a, jnp.float32) for a in work.network_data(size))
    signs = jnp.asarray(work.z_values(size.n), jnp.float32)

    def outputs(sample, w):
        circuit = tc.Circuit(size.n)
        for i in range(size.n):
            circuit.ry(i, theta=sample[i])
        for layer in range(work.LAYERS):
            for i in range(size.n):
                circuit.rz(i, theta=w[layer, i, 0])
                circuit.ry(i, theta=w[layer, i, 1])
                circuit.rz(i, theta=w[layer, i, 2])
            for i in range(size.n):
                circuit.cnot(i, (i + 1) % size.n)
        psi = circuit.state()
        return (psi.real**2 + psi.imag**2) @ signs

    def loss(x, w):
        return jnp.mean((jax.vmap(outputs, in_axes=(0, None))(x, w) - target) ** 2)

    both = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))

    def step():
        value, (d_inputs, d_weights) = both(x, w)
        return work.shown_network(value, d_inputs, d_weights)

    return step


def qaoa(size: Size):
    """Gates for the state, the cost vector for the energy (faster here than one expectation per term)."""
    fields, edges, couplings = work.ising(size)
    cost = jnp.asarray(work.cost_values(size), jnp.float32)
    gammas, betas = (jnp.asarray(a, jnp.float32) for a in work.qaoa_angles(size))

    def energy(gammas, betas):
        circuit = tc.Circuit(size.n)
        for i in range(size.n):
            circuit.h(i)
        for layer in range(size.layers):
            for i in np.flatnonzero(fields):
                circuit.rz(int(i), theta=2 * gammas[layer] * fields[i])
            for (i, j), c in zip(edges, couplings, strict=True):
                circuit.rzz(i, j, theta=2 * gammas[layer] * c)
            for i in range(size.n):
                circuit.rx(i, theta=2 * betas[layer])
        psi = circuit.state()
        return jnp.sum((psi.real**2 + psi.imag**2) * cost)

    both = jax.jit(jax.value_and_grad(energy, argnums=(0, 1)))

    def step():
        value, (d_gammas, d_betas) = both(gammas, betas)
        return [float(value), *np.asarray(d_gammas).tolist(), *np.asarray(d_betas).tolist()]

    return step
