"""Fault-tolerant estimates by the resource estimators of the `qdk` package, offline and without telemetry."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.projection.fault_tolerance import second_version
from qwatt.projection.fault_tolerance.surface_code import LogicalCounts

DISTANCES = list(range(3, 52, 2))
"""Code distances tried; a list, because the package's own range ends at 25 and then finds nothing."""

LARGEST_LAYOUT = 100_000
"""Logical qubits beyond which the third version is not asked: it lays out each one, in gigabytes."""


@dataclass(frozen=True)
class Hardware:
    """What the estimators need of a machine, times in nanoseconds.

    Args:
        code: surface or floquet.
        error: physical error rate.
        gate_ns: one- and two-qubit gates.
        measure_ns: read-out.
        cycle_ns: code cycle when it is given rather than built up from gates.
        estimator: name of the second version's parameter set, when there is one.
    """

    code: str
    error: float
    gate_ns: float
    measure_ns: float
    cycle_ns: float | None = None
    estimator: str | None = None


def _silence_telemetry() -> None:
    for name in ("QDK_PYTHON_TELEMETRY", "QSHARP_PYTHON_TELEMETRY"):
        os.environ[name] = "none"


def load() -> Any:
    """Import qdk with telemetry off; when it had been imported with telemetry on, switch it off.

    Raises:
        MissingExtraError: qdk is not installed.
    """
    _silence_telemetry()
    try:
        import qdk.estimator
        import qdk.qre.application
        import qdk.qre.models
        import qdk.telemetry
    except ImportError as error:
        raise MissingExtraError("fault-tolerant estimation by qdk", "estimate") from error
    qdk.telemetry.TELEMETRY_ENABLED = False
    return qdk


def _counts(counts: LogicalCounts) -> dict[str, int]:
    return {
        "numQubits": counts.logical_qubits,
        "tCount": counts.t,
        "cczCount": counts.ccz,
        "rotationCount": counts.rotations,
        "rotationDepth": counts.rotations if counts.rotation_depth is None else counts.rotation_depth,
        "measurementCount": counts.measurements,
    }


def version3(counts: LogicalCounts, hardware: Hardware, budget: float, factory: str) -> dict[str, float]:
    """Return the estimate of `qdk.qre` with one kind of magic-state factory.

    Of several results it is the one of least qubit-seconds.

    Args:
        counts: the program.
        hardware: the machine.
        budget: allowed failure probability.
        factory: "cultivation" (arXiv:2409.17595), "distillation" (arXiv:1905.06903) or "rounds" (rounds of
            distillation, arXiv:2211.07629).

    Raises:
        QwattError: no combination meets the budget; the package's own diagnosis is in the message. Or more
            logical qubits than it can lay out.
    """
    if counts.logical_qubits > LARGEST_LAYOUT:
        raise QwattError(
            f"qdk.qre is not asked beyond {LARGEST_LAYOUT} logical qubits, which it lays out one by one"
        )
    qdk = load()
    qre = qdk.qre
    machine, codes = _architecture(qdk.qre.models, hardware)
    application = qdk.qre.application.QSharpApplication(qdk.estimator.LogicalCounts(_counts(counts)))
    query = codes * _factory(qdk.qre.models, hardware, factory)
    trace = qre.PSSPC.q() * qre.LatticeSurgery.q()
    table = _diagnosed(lambda: qre.estimate(application, machine, query, trace, max_error=budget))
    best = min(table, key=lambda entry: entry.qubits * entry.runtime)
    return {"physical_qubits": float(best.qubits), "seconds": best.runtime * 1e-9, "error": best.error}


def _architecture(models: Any, hardware: Hardware) -> tuple[Any, Any]:
    if hardware.code == "floquet":
        return models.Majorana(error_rate=hardware.error), models.ThreeAux.q(distance=DISTANCES)
    machine = models.GateBased(
        error_rate=hardware.error,
        gate_time=round(hardware.gate_ns),
        measurement_time=round(hardware.measure_ns),
    )
    cycle = None if hardware.cycle_ns is None else round(hardware.cycle_ns)
    return machine, models.SurfaceCode.q(distance=DISTANCES, code_cycle_override=cycle)


def _factory(models: Any, hardware: Hardware, factory: str) -> Any:
    if factory == "rounds":
        code = models.ThreeAux if hardware.code == "floquet" else models.SurfaceCode
        return models.RoundBasedFactory.q(use_cache=False, code_query=code.q())
    return {"cultivation": models.GSJ24Factory, "distillation": models.Litinski19Factory}[factory].q()


def _diagnosed(run: Callable[[], Any]) -> Any:
    """Run an estimate, its printed diagnosis kept off stdout; an empty table becomes an error."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            table = run()
    except (RuntimeError, ValueError) as error:
        raise QwattError(f"qdk found no estimate: {error}") from error
    if not table:
        lines = printed.getvalue().splitlines()
        told = [line for line in lines if "error budget" in line or "max_error" in line] or lines
        reason = " ".join(told) or "it gave no reason"
        raise QwattError(
            f"qdk found no estimate: {reason}", mend="allow a larger error budget or a lower physical error"
        )
    return table


def version2(counts: LogicalCounts, hardware: Hardware, budget: float) -> dict[str, float]:
    """Return the estimate of the second version, kept as a cross-check.

    Raises:
        MissingExtraError: qdk is not installed.
        QwattError: it finds none, or does not answer in time.
    """
    load()
    scheme = "floquet_code" if hardware.code == "floquet" else "surface_code"
    parameters = {"qubitParams": _qubit(hardware), "qecScheme": {"name": scheme}, "errorBudget": budget}
    try:
        result = second_version.ask(_counts(counts), parameters)
    except second_version.NoAnswerError as error:
        raise QwattError(f"qdk found no estimate: {error}") from error
    physical = result["physicalCounts"]
    return {
        "physical_qubits": float(physical["physicalQubits"]),
        "seconds": physical["runtime"] * 1e-9,
        "distance": float(result["logicalQubit"]["codeDistance"]),
    }


def _qubit(hardware: Hardware) -> dict[str, Any]:
    if hardware.estimator is not None and hardware.cycle_ns is None:
        return {"name": hardware.estimator}
    gate = hardware.gate_ns if hardware.cycle_ns is None else hardware.cycle_ns / 6
    measure = hardware.measure_ns if hardware.cycle_ns is None else hardware.cycle_ns / 6
    return {
        "name": "custom",
        "instructionSet": "GateBased",
        "oneQubitMeasurementTime": f"{measure:g} ns",
        "oneQubitGateTime": f"{gate:g} ns",
        "twoQubitGateTime": f"{gate:g} ns",
        "tGateTime": f"{gate:g} ns",
        "oneQubitMeasurementErrorRate": hardware.error,
        "oneQubitGateErrorRate": hardware.error,
        "twoQubitGateErrorRate": hardware.error,
        "tGateErrorRate": hardware.error,
        "idleErrorRate": hardware.error,
    }
