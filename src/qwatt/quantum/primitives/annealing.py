"""Quantum annealing of QUBOs (arXiv:1302.5843 for the problems that are sent)."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.primitives.bill import AnnealBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.size import Number


@named("annealing", "anneal")
def bill(variables: Number, reads: Number, problems: Number = 1, couplings: Number = None) -> AnnealBill:
    """Problems x reads of a model in logical variables, before it is embedded into the annealer's graph.

    Args:
        variables: binary variables of each problem.
        reads: of each problem.
        problems: how many are programmed.
        couplings: quadratic terms of each; without them all variables (variables - 1) / 2.
    """
    every = variables * (variables - 1) / 2 if couplings is None else couplings
    return AnnealBill(problems, reads, variables, every)


def demand(variables: int, couplings: int, reads: int, problems: int = 1) -> Demand:
    """Return the bill in whole problems; nothing for a model without variables."""
    return bill(variables, reads, problems, couplings).demand("anneal") if variables else Demand()


def simulation_flops(variables: int, couplings: int, reads: int, sweeps: int = 1000) -> float:
    """Return the operations of simulated annealing: a proposal a variable and sweep, an update a coupling.

    A quantum anneal itself is not simulated; simulated annealing is its stand-in (arXiv:1401.2910).
    """
    return float(reads * sweeps * (4.0 * variables + 2.0 * couplings))
