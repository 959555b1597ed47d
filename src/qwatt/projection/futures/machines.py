"""A drawn world: quantum machines of every modality by year, annealers, and the classical side's progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qwatt.energy.qpu import accounting
from qwatt.projection.futures.drawn import drawn, tables, value
from qwatt.projection.futures.progress import classical, classical_idle, hardware
from qwatt.projection.futures.roadmaps import errors_by_year, qubits_by_year, start_year
from qwatt.projection.scaling.quantile import Array, Mask, Quantiles, spread
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Machine:
    """The largest machine of a modality by year; arrays of shape (draws, years) or (draws, 1).

    Args:
        qubits, error: physical qubits and two-qubit error.
        cycle_s, layer_s, shot_s: a code cycle, a circuit layer, and what a shot takes beside its layers.
        fixed_w, qubit_w: power of the system without qubits, and of a qubit.
        circuits: whether it runs circuits without error correction.
        reaction: of the catalogue's reaction time of error-corrected runs, which share is left.
    """

    qubits: Array
    error: Array
    cycle_s: Array
    layer_s: Array
    shot_s: Array
    fixed_w: Array
    qubit_w: Array
    circuits: bool
    reaction: Array | float = 1.0


@dataclass(frozen=True)
class Annealer:
    """The largest annealer by year: clique size, seconds to program and to read, watts."""

    clique: Array
    program_s: Array
    read_s: Array
    system_w: Array


@dataclass(frozen=True)
class World:
    """One set of draws of everything that is not the enhancement itself.

    Args:
        years: shape (years,).
        machines: by modality.
        annealer: the annealer.
        classical: factor on today's classical joules by class of task, hardware and algorithms, each of shape
            (draws, years).
        classical_idle: all classical energy over that of busy hours, shape (draws, 1).
        hardware: the hardware part of it.
        quantum_algorithms: factor on today's quantum demand by year.
        utilisation, pue: share of busy hours, and facility overhead.
        code_error: factor on a physical error in the code's formula.
        code_share: qubits of the code in use over the surface code's, shape (draws, years).
        packing, fleet, ratio_1q, ratio_readout: see the catalogue's `use`.
        free: whether QPUs take no energy and no time and have any size.
    """

    years: Array
    machines: Mapping[str, Machine]
    annealer: Annealer
    classical: Mapping[str, Array]
    classical_idle: Array
    hardware: Array
    quantum_algorithms: Array
    utilisation: Array
    pue: Array
    code_error: Array
    code_share: Array
    packing: Array
    fleet: Array
    ratio_1q: Array
    ratio_readout: Array
    free: bool = False


def world(
    quantiles: Quantiles,
    years: Array,
    pue: Span,
    *,
    vendor_share: float | None = None,
    hardware_gain: Span | None = None,
) -> World:
    """Draw a world.

    Args:
        quantiles: the draws.
        years: calendar years, shape (years,).
        pue: the scenario's facility overhead, for both sides.
        vendor_share: share of the draws that believe vendors' roadmaps; None takes the catalogue's.
        hardware_gain: yearly factor by which classical joules per FLOP fall; None takes the catalogue's.
    """
    share = value("believed", "share") if vendor_share is None else vendor_share
    believed = quantiles("future:believed") > 1.0 - share
    joules = hardware(quantiles, years, hardware_gain)
    return World(
        years=years,
        machines={name: _machine(name, quantiles, years, believed) for name in modalities()},
        annealer=_annealer(quantiles, years),
        classical=classical(quantiles, years, joules),
        classical_idle=classical_idle(quantiles),
        hardware=joules,
        quantum_algorithms=_quantum_algorithms(quantiles, years),
        utilisation=spread(accounting("with_idle"), quantiles("future:utilisation")),
        pue=spread(pue, quantiles("site:pue")),
        code_error=drawn(quantiles, "codes", "error_factor"),
        code_share=_code_share(quantiles, years),
        packing=drawn(quantiles, "use", "packing"),
        fleet=drawn(quantiles, "use", "fleet"),
        ratio_1q=drawn(quantiles, "use", "error_1q"),
        ratio_readout=drawn(quantiles, "use", "error_readout"),
    )


def modalities() -> list[str]:
    """Return the names of the catalogued gate modalities."""
    return [name for name, table in tables()["modalities"].items() if isinstance(table, Mapping)]


def _machine(name: str, quantiles: Quantiles, years: Array, believed: Mask) -> Machine:
    def own(key: str) -> Array:
        return drawn(quantiles, "modalities", name, key)

    halvings = np.maximum(years - start_year(), 0.0) / drawn(quantiles, "growth", "power_halving")
    times = faster(quantiles, years)
    return Machine(
        qubits=qubits_by_year(name, quantiles, years, believed),
        error=errors_by_year(name, quantiles, years),
        cycle_s=own("cycle") * times,
        layer_s=own("layer") * times,
        shot_s=own("shot") * times,
        fixed_w=own("fixed"),
        qubit_w=np.minimum(
            np.maximum(own("per_qubit") * 2.0**-halvings, drawn(quantiles, "growth", "least_power")),
            own("per_qubit"),
        ),
        circuits=bool(tables()["modalities"][name]["circuits"]),
    )


def faster(quantiles: Quantiles, years: Array) -> Array:
    """Return times of gates, reads and shots over today's, one law for all machines; above 1 where slower."""
    decades = np.maximum(years - start_year(), 0.0) / 10.0
    share = drawn(quantiles, "growth", "time_decade") ** decades
    return np.maximum(share, drawn(quantiles, "growth", "least_time"))


def _annealer(quantiles: Quantiles, years: Array) -> Annealer:
    past = np.maximum(years - start_year(), 0.0)
    times = faster(quantiles, years)
    return Annealer(
        clique=drawn(quantiles, "annealer", "clique")
        * 2.0 ** (past / drawn(quantiles, "annealer", "clique_doubling")),
        program_s=drawn(quantiles, "annealer", "program") * times,
        read_s=drawn(quantiles, "annealer", "read") * times,
        system_w=drawn(quantiles, "annealer", "system"),
    )


def _quantum_algorithms(quantiles: Quantiles, years: Array) -> Array:
    past = np.maximum(years - start_year(), 0.0)
    fall = 2.0 ** (-past / drawn(quantiles, "growth", "algorithm_halving"))
    return np.maximum(fall, 1.0 / drawn(quantiles, "growth", "largest_algorithm_gain"))


def _code_share(quantiles: Quantiles, years: Array) -> Array:
    """Return 1 until dense codes compute, then their share of the surface code's qubits."""
    u = quantiles("future:codes.dense_year")
    table = {
        key: value("codes", key)
        for key in tables()["codes"]
        if key.startswith("dense_") and key != "dense_share"
    }
    first = np.interp(
        u,
        [0.0, table["dense_early"], table["dense_late"]],
        [table["dense_first"], table["dense_early_year"], table["dense_late_year"]],
    )
    works = (years >= first) & (u <= table["dense_late"])
    return np.where(works, drawn(quantiles, "codes", "dense_share"), 1.0)
