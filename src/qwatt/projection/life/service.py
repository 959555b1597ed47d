"""The service of a scenario as the serving calculator takes it."""

from __future__ import annotations

from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.scenario.model import Scenario

DAYS_PER_YEAR = 365.25


def service_of(scenario: Scenario) -> InferenceInput:
    """Return what serves the scenario's mean request under its mean load."""
    served = scenario.deployment
    daily = served.requests / (DAYS_PER_YEAR * served.years)
    model = scenario.model.shape()
    return InferenceInput.of(scenario.site, served, model=model, requests_per_day=daily)
