"""What `run` and `plan` are asked to do: the keywords of Python as the options of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from qwatt.api.default_folder import RUNS
from qwatt.api.target import Overrides, resolve
from qwatt.core.errors import QwattError
from qwatt.core.extras import RUN, require
from qwatt.core.study import Study
from qwatt.core.study_file import check_study

Target = str | PathLike[str] | Study | Mapping[str, Any]
"""A study's file, a stage, a task, a checked study, or the tables of a study's TOML."""

Chosen = Mapping[str, Any] | Sequence[str]
"""Fixed settings: `{"minhash.threshold": 0.8}`, or texts such as "minhash.threshold=0.8"."""


def asked_study(target: Target, options: Mapping[str, Any]) -> tuple[Study, str, Path]:
    """Return the study, its TOML text, and the default run folder.

    Args:
        target: what to work on.
        options: fields of `Overrides`, with fixed settings as `settings`; None leaves a study's own.

    Raises:
        QwattError: no such file, stage or task, an option that does not fit, or a light install.
    """
    require(RUN, "executing and planning methods")
    overrides = _overrides(dict(options))
    if not isinstance(target, Study | Mapping):
        return resolve(fspath(target), overrides)
    if overrides != Overrides():
        mend = "write them into the study, or give its file or a task's name"
        raise QwattError("options change no study that is given as an object", where="target", mend=mend)
    from qwatt.api.target import to_toml

    study = target if isinstance(target, Study) else check_study(dict(target), "study")
    return study, to_toml(study), RUNS / study.name


def _overrides(options: dict[str, Any]) -> Overrides:
    for name in ("data", "model"):
        if options.get(name) is not None:
            options[name] = fspath(options[name])
    if options.get("methods") is not None:
        options["methods"] = (
            [options["methods"]] if isinstance(options["methods"], str) else options["methods"]
        )
    settings = options.pop("settings", None)
    if isinstance(settings, Mapping):
        settings = [f"{name}={_as_toml(value)}" for name, value in settings.items()]
    return Overrides(**options, fixed=None if settings is None else list(settings))


def _as_toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
