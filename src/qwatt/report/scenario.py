"""The scenario onto which a run is projected: the one the user names, else the study's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.core.run_folder import RunFolder
    from qwatt.core.study import Study
    from qwatt.projection.project import Projection
    from qwatt.projection.scenario.model import Scenario

KEPT = "scenario"
"""Folder of a run that keeps the scenario's file, so that the report can be written anywhere."""


def scenario_of(
    study: Study | None, named: str | None = None, folder: RunFolder | None = None
) -> Scenario | None:
    """Return the scenario, checked to be one that can be projected; None where none is named.

    Args:
        study: the run's; None where nothing but recorded energy is.
        named: what the user names instead; a file or a shipped name.
        folder: the run, which may keep the file that its study names.

    Raises:
        QwattError: no such scenario, or one that cannot be projected.
    """
    name = named or (study.scenario if study is not None else None)
    if name is None:
        return None
    from qwatt.projection.life.life_cycle import life_cycle
    from qwatt.projection.project import settings_of
    from qwatt.projection.scaling import scenario_sizes
    from qwatt.projection.scenario.file import load_scenario

    kept = None if folder is None or named else folder.path / KEPT / Path(name).name
    scenario = load_scenario(kept if kept is not None and kept.is_file() else name)
    settings_of(scenario)
    scenario_sizes(scenario)
    life_cycle(scenario)
    return scenario


def projected(scenario: Scenario | None, folder: RunFolder) -> Projection | None:
    """Return the projection of what a run measured; None without a scenario."""
    if scenario is None:
        return None
    from qwatt.projection.project import project

    return project(scenario, run_folder=folder)


def keep(study: Study, folder: RunFolder) -> None:
    """Copy the file that a study names as its scenario into the run folder."""
    if study.scenario is None or not (source := Path(study.scenario)).is_file():
        return
    target = folder.path / KEPT / source.name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)
