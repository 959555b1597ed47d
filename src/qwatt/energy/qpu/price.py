"""The price of a bill on one QPU: seconds, joules, money, fidelity, and whether it can run there today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu import fidelity, money, power, rules, timing
from qwatt.energy.qpu.executable import reasons_against, worst_fidelity
from qwatt.energy.qpu.jobs import jobs_at
from qwatt.energy.qpu.machine import CORNERS, Qpu, get_qpu


@dataclass(frozen=True)
class QpuCost:
    """What a bill costs on one QPU. Unknown parts are quantities that say why.

    Args:
        qpu: id of the machine.
        seconds: how long the machine is busy.
        energy_j: wall-plug energy; boundary node (the whole system), or facility when a PUE was given.
        usd: the cheapest offer's price.
        fidelity: expected fidelity of the worst circuit, before mitigation.
        executable: whether the machine can run the bill today with a readable signal.
        why: why not; empty when executable.
        offers: price by offer, for every platform that sells the machine.
        formulas: the formulas used.
        sources: where the numbers are from.
        notes: what the numbers leave out.
        claimed: the machine's numbers that rest on recollection or claims (confidence C).
    """

    qpu: str
    seconds: Quantity
    energy_j: Quantity
    usd: Quantity
    fidelity: Quantity
    executable: bool
    why: str
    offers: dict[str, Quantity] = field(default_factory=dict)
    formulas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """Return a trial record's form: plain numbers (None when unknown), and the energy's interval.

        `claimed` names the machine's numbers of confidence C.
        """
        energy = self.energy_j.to_record()
        if self.energy_j.known:
            energy.pop("reason", None)
        return {
            "energy_j": energy,
            "seconds": self.seconds.value,
            "usd": self.usd.value,
            "fidelity": self.fidelity.value,
            "executable": self.executable,
            "why": self.why,
            "claimed": list(self.claimed),
        }


def price(
    demand: Demand,
    qpu: Qpu | str,
    *,
    mitigation: str = "none",
    utilisation: float | Quantity | None = None,
    pue: float | Quantity | None = None,
) -> QpuCost:
    """Return what a bill costs on a QPU.

    Args:
        demand: the bill; its lines are priced one by one and added.
        qpu: the machine or its id.
        mitigation: none, zne, pec or sample; multiplies circuits and shots.
        utilisation: share of the hours that the machine works; default the catalogue's "busy" (1: the job's
            own seconds only). `power.accounting("with_idle")` charges idle hours as well.
        pue: facility overhead; default none, so that the energy's boundary is the system itself (node).
            `power.accounting("pue")` is the catalogue's.

    Raises:
        QwattError: unknown QPU or mitigation, a utilisation outside (0, 1], a PUE below 1.
    """
    machine = get_qpu(qpu, "qpu") if isinstance(qpu, str) else qpu
    rules.check_mitigation(mitigation)
    seconds, offers = _seconds_and_offers(demand, machine, mitigation)
    against = reasons_against(demand, machine, mitigation)
    return QpuCost(
        qpu=machine.id,
        seconds=seconds,
        energy_j=power.energy(machine, seconds, utilisation, pue),
        usd=money.cheapest(offers),
        fidelity=worst_fidelity(demand, machine),
        executable=not against,
        why="; ".join(against),
        offers=offers,
        formulas=_formulas(machine),
        sources=_sources(machine, offers),
        notes=_notes(demand, machine),
        claimed=machine.claimed,
    )


def _seconds_and_offers(demand: Demand, qpu: Qpu, mitigation: str) -> tuple[Quantity, dict[str, Quantity]]:
    offers = money.offers_for(qpu.id)
    try:
        jobs = [jobs_at(demand, qpu, mitigation, corner) for corner in CORNERS]
    except QwattError as error:
        unknown = Quantity.unknown(error.what, unit="USD")
        return Quantity.unknown(error.what, unit="s"), {offer.id: unknown for offer in offers}
    untimed = f"the time of a shot on {qpu.id} is not published"
    seconds = _quantity(lambda corner: _total_seconds(jobs[corner]), "s", untimed)
    return seconds, {offer.id: _cost(offer, jobs, untimed) for offer in offers}


def _cost(offer: money.Offer, jobs: list[list[money.Job]], untimed: str) -> Quantity:
    return _quantity(lambda corner: offer.cost(jobs[corner], corner), "USD", untimed)


def _total_seconds(jobs: list[money.Job]) -> float | None:
    parts = [job.seconds for job in jobs]
    return None if None in parts else float(sum(part for part in parts if part is not None))


def _quantity(at: Callable[[int], float | None], unit: str, missing: str) -> Quantity:
    """Return the quantity whose low end, value and high end `at` computes at corners 0, 1 and 2."""
    low, value, high = (at(corner) for corner in range(3))
    if low is None or value is None or high is None:
        return Quantity.unknown(missing, unit=unit)
    return Quantity(value, low, high, unit)


def _formulas(qpu: Qpu) -> tuple[str, ...]:
    shot = timing.FORMULAS[timing.shot_model(qpu.numbers)]
    if qpu.program == "anneal":
        return shot, power.FORMULA
    return shot, timing.JOB_FORMULA, power.FORMULA, fidelity.FORMULA


def _sources(qpu: Qpu, offers: dict[str, Quantity]) -> tuple[str, ...]:
    prices = [offer.source for offer in money.offers_for(qpu.id) if offer.id in offers]
    return tuple(dict.fromkeys([f"{qpu.source} ({qpu.date})", qpu.power.reason or "", *prices]))


def _notes(demand: Demand, qpu: Qpu) -> tuple[str, ...]:
    notes = []
    if demand.circuit_lines and "job" not in qpu.numbers:
        notes.append("the overhead of a job is not published and not included")
    if demand.circuit_lines and "time_readout" not in qpu.numbers and "shot" not in qpu.numbers:
        notes.append("the time of read-out is not published and not included")
    return tuple(notes)
