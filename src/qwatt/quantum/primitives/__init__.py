"""Primitives: each owns its bill, from problem size to demand, and the work of simulating it.

Backends charge by them, methods plan by them and scaling cards call them by name. A file is one primitive:
its `bill` takes numbers or arrays, its `demand` is the bill in whole circuits, its `simulation_flops` is what
the built-in engine computes in place of the QPU.
"""
