"""What an offer of the catalogue asks for a circuit, where that is known before it is submitted."""

from __future__ import annotations

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.remote.provider import Price

OPTION = "price"
"""The option of a backend that names the offer by which its jobs are bought."""
_KNOWN_BEFORE = {"per_task", "per_shot"}


def offered_price(name: str) -> Price:
    """Return the price of an offer of `catalogue/qpu_prices.toml`, at the upper end where it is an interval.

    Raises:
        QwattError: there is no such offer, or it charges by time, gates or credits.
    """
    from qwatt.energy.qpu.money import load_offers

    offers = {offer.id: offer for offer in load_offers()}
    before = sorted(one for one, offer in offers.items() if set(offer.rates) <= _KNOWN_BEFORE)
    where = f"backend option {OPTION}"
    if name not in offers:
        raise unknown_name("offer", name, before, where=where)
    if name not in before:
        what = f"{name} charges {offers[name].text()}: what a job costs is not known before it is submitted"
        raise QwattError(
            what, where=where, mend=f"offers that charge by circuit and shot: {', '.join(before)}"
        )
    rates = offers[name].rates
    per_task, per_shot = (rates.get(rule, (0.0, 0.0, 0.0))[2] for rule in ("per_task", "per_shot"))
    return Price(per_task, per_shot)
