"""The scenario's assumptions about quantum computers and money over time."""

from __future__ import annotations

from qwatt.projection.calculators.fields import Share
from qwatt.projection.scenario.fields import (
    Block,
    CarbonPrice,
    Draws,
    FirstYear,
    Gain,
    LastYear,
    Money,
    Roadmap,
    Seed,
)


class Outlook(Block):
    """How quantum machines develop, and how money is counted.

    Args:
        roadmap: "history" extrapolates published machines, "vendor" takes vendors' roadmaps with slip and
            cancellation, "mixed" believes the vendors in the catalogue's share of the draws.
        vendor_share: share of the draws that believe the vendors, instead of the roadmap's.
        first_year, last_year: years to project.
        draws: Monte Carlo draws.
        seed: seed of the draws.
        discount_rate: yearly.
        carbon_usd_per_t: price of a tonne of CO2e; None takes the catalogue's.
        pilot_usd: cost of a pilot of one enhancement, staff contained; None takes the catalogue's.
        classical_gain_per_year: yearly factor by which classical J per FLOP falls; None as above.
    """

    roadmap: Roadmap = "mixed"
    vendor_share: Share | None = None
    first_year: FirstYear = 2026
    last_year: LastYear = 2050
    draws: Draws = 4_000
    seed: Seed = 0
    discount_rate: Share = 0.07
    carbon_usd_per_t: CarbonPrice | None = None
    pilot_usd: Money | None = None
    classical_gain_per_year: Gain | None = None
