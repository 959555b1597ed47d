"""CPU time and memory of the Monte Carlo (every enhancement, 20,000 draws, 2026 to 2050) and of a projection.

Ends with 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

from qwatt.projection.futures.montecarlo import DrawSettings, play
from qwatt.projection.project import project
from qwatt.projection.scaling import enhancements, scenario_sizes
from qwatt.projection.scenario.file import load_scenario

LIMIT_S, LIMIT_GB = 10.0, 2.0
PROJECT_S = 5.0
"""Of a projection with the scenario's own draws."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--scenario", default="llama-3.1-8b-chat")
    given = parser.parse_args()
    scenario = load_scenario(given.scenario)
    sizes, settings = scenario_sizes(scenario), DrawSettings(draws=given.draws)
    cards = [card for card in enhancements() if card.demands]
    start = time.process_time()
    play(cards, sizes, scenario.place().pue, settings)
    drawn_s = time.process_time() - start
    start = time.process_time()
    project(scenario)
    whole_s = time.process_time() - start
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(cards)} enhancements x {given.draws} draws x {len(settings.years)} years")
    held = drawn_s <= LIMIT_S and peak_gb <= LIMIT_GB and whole_s <= PROJECT_S
    print(f"Monte Carlo     {drawn_s:6.2f} CPU s  (limit {LIMIT_S:g})")
    print(f"whole project   {whole_s:6.2f} CPU s  (limit {PROJECT_S:g}, {scenario.outlook.draws} draws)")
    print(f"peak memory     {peak_gb:6.2f} GB     (limit {LIMIT_GB:g})")
    print("holds" if held else "MISSED")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
