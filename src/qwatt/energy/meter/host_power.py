"""Watts that a busy vCPU and a resident gigabyte are charged with on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity

OVERRIDE = "QWATT_W_PER_VCPU"
STATED = f"W per vCPU stated by the user (a study's host.w_per_vcpu, or {OVERRIDE})"


@dataclass(frozen=True)
class HostPower:
    """Power coefficients of the host.

    Args:
        name: processor family, or the override's name.
        per_vcpu: W of a busy hardware thread, whole server's share (boundary node).
        per_gb: W of a gigabyte of resident memory.
        known: whether the processor's family is in the catalogue or was overridden.
    """

    name: str
    per_vcpu: Quantity
    per_gb: Quantity
    known: bool


def host_power(proc_root: Path = Path("/proc"), environ: Mapping[str, str] | None = None) -> HostPower:
    """Return the coefficients of the machine whose /proc this is; `QWATT_W_PER_VCPU` overrides the catalogue.

    Raises:
        QwattError: the override is not one positive number or three ascending ones.
    """
    tables = _tables()
    memory = _coefficient(tables["memory"]["per_gb"], Basis.ESTIMATED_RSS, "resident memory")
    text = (os.environ if environ is None else environ).get(OVERRIDE, "").strip()
    if text:
        return HostPower(f"{OVERRIDE}={text}", _override(text), memory, True)
    key = _family(tables, proc_root)
    table = tables["power"][key]
    per_vcpu = _coefficient(table["per_vcpu"], Basis.ESTIMATED_CPU_TIME, table["name"])
    return HostPower(table["name"], per_vcpu, memory, key != "unknown")


def package_limit_w(proc_root: Path = Path("/proc")) -> float:
    """Return the watts that no package of this machine's family can draw: the largest TDP times headroom."""
    tables = _tables()
    tdp_w: float = tables["rapl"]["tdp"][_family(tables, proc_root)]["value"]
    headroom: float = tables["rapl"]["headroom"]["value"]
    return tdp_w * headroom


@cache
def _tables() -> Mapping[str, Any]:
    return catalogue.load("host_power")


def _family(tables: Mapping[str, Any], proc_root: Path) -> str:
    cpu = identify(proc_root)
    return next((key for key, table in tables["power"].items() if _matches(table["match"], cpu)), "unknown")


def identify(proc_root: Path = Path("/proc")) -> tuple[str, int, int] | None:
    """Return (vendor, family, model) of the first processor in cpuinfo, or None where it does not say."""
    try:
        text = (proc_root / "cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    first = text.strip().split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    fields = {key.strip(): value.strip() for key, _, value in pairs}
    vendor = fields.get("vendor_id") or fields.get("CPU implementer")
    family = fields.get("cpu family") or fields.get("CPU architecture")
    model = fields.get("model") or fields.get("CPU part")
    try:
        return (str(vendor), int(family, 0), int(model, 0)) if family and model else None
    except ValueError:
        return None


def _coefficient(entry: Mapping[str, Any], basis: Basis, remark: str) -> Quantity:
    return replace(catalogue.quantity(entry, basis, Boundary.NODE), reason=remark)


def _matches(rules: list[Mapping[str, Any]], cpu: tuple[str, int, int] | None) -> bool:
    if cpu is None:
        return False
    vendor, family, model = cpu
    return any(
        rule["vendor"] == vendor and rule["family"] == family and model in rule["models"] for rule in rules
    )


def _override(text: str) -> Quantity:
    try:
        numbers = [float(part) for part in text.split(",")]
        low, value, high = numbers * 3 if len(numbers) == 1 else numbers
        if low <= 0:
            raise ValueError(text)
        return Quantity(value, low, high, "W", Basis.ESTIMATED_CPU_TIME, Boundary.NODE, STATED)
    except (ValueError, QwattError) as error:
        raise QwattError(
            f"{text!r} is neither one positive number nor low,central,high",
            where=OVERRIDE,
            mend=f"write watts per busy vCPU, such as {OVERRIDE}=2 or {OVERRIDE}=1,2,4",
        ) from error
