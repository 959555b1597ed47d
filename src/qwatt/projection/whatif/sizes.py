"""The sizes and prices that scaling cards take, for a model of another size and another load."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span
from qwatt.projection.whatif.jobs import small_job_price
from qwatt.projection.whatif.recorded import Number

GROWTH = {"N": 1.0, "N_active": 1.0, "width": 1.0 / 3.0, "layers": 1.0 / 3.0}
"""Power of the model's size with which its parts grow: depth and width keep their proportion."""
LOADED = ("requests", "checked")
"""What grows with the load."""


def grown_sizes(
    scenario: Scenario, sizes: Mapping[str, Span], size: Number, load: Number
) -> dict[str, Number]:
    """Return every size and price at its central value; what is neither named above nor J_flop is held.

    Args:
        scenario: the life.
        sizes: as `scenario_sizes` gives them.
        size, load: parameters and requests over the scenario's.
    """
    found: dict[str, Number] = {name: np.full((1, 1), span.value) for name, span in sizes.items()}
    for name, power in GROWTH.items():
        found[name] = found[name] * (size if power == 1.0 else size**power)
    found["layers"] = np.maximum(found["layers"], 1.0)
    for name in LOADED:
        found[name] = found[name] * load
    found["J_flop"] = found["J_flop"] * small_job_price(scenario, scenario.training.accelerator, size)
    return found
