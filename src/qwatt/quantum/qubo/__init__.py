"""QUBO samplers behind one interface."""

from __future__ import annotations

from typing import Any

from qwatt.core.backend import Backend
from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.qubo.arrays import (
    bqm_from_arrays,
    complete_bqm,
    energies,
    energy_of,
    energy_spread,
    ordered_reads,
)
from qwatt.quantum.qubo.budgeted import BudgetedQubo
from qwatt.quantum.qubo.classical import Annealing, Exact, Steepest, Tabu
from qwatt.quantum.qubo.dwave import Dwave
from qwatt.quantum.qubo.independent_set import independent_set_bqm, repair_independent_set
from qwatt.quantum.qubo.local_search import one_swap_search
from qwatt.quantum.qubo.mcmc import Mcmc
from qwatt.quantum.qubo.qaoa import Qaoa
from qwatt.quantum.qubo.quantum_mcmc import QuantumMcmc
from qwatt.quantum.qubo.sampler import BqmShape, QuboSampler, bqm_shape

SAMPLERS: dict[str, type[QuboSampler]] = {
    cls.name: cls for cls in (Exact, Annealing, Tabu, Steepest, Qaoa, Mcmc, QuantumMcmc, Dwave)
}


def get_sampler(name: str, backend: Backend | None = None, **options: Any) -> QuboSampler:
    """Return a sampler by name: exact, annealing, tabu, steepest, qaoa, mcmc, quantum-mcmc or dwave.

    Args:
        name: the sampler's name.
        backend: whose recorder is charged, and where QAOA's circuits run.
        options: arguments of the sampler's class.

    Raises:
        QwattError: no such sampler, or it has no such option.
    """
    if name not in SAMPLERS:
        raise unknown_name("sampler", name, SAMPLERS)
    try:
        return SAMPLERS[name](backend, **options)
    except TypeError as error:
        raise QwattError(f"wrong options {sorted(options)}: {error}", where=f"sampler {name}") from None


__all__ = [
    "SAMPLERS",
    "BqmShape",
    "BudgetedQubo",
    "QuantumMcmc",
    "QuboSampler",
    "bqm_from_arrays",
    "bqm_shape",
    "complete_bqm",
    "energies",
    "energy_of",
    "energy_spread",
    "get_sampler",
    "independent_set_bqm",
    "one_swap_search",
    "ordered_reads",
    "repair_independent_set",
]
