"""A page for each stage, from what its tasks and methods declare of themselves."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

from markdown_table import cell

from qwatt.core.registry import all_methods, all_tasks
from qwatt.core.task import STAGES
from qwatt.projection.scaling.load import card_of

COLUMNS = ("method", "kind", "what it does", "settings, the default first", "sources")
KINDS = ("classical", "quantum", "inspired", "control")


def stage_pages() -> dict[str, str]:
    """Return one page a stage, by path."""
    return {f"stages/{stage}.md": _stage(number, stage) for number, stage in enumerate(STAGES, start=1)}


def _stage(number: int, stage: str) -> str:
    said = (import_module(f"qwatt.stages.{stage}").__doc__ or "").strip()
    said = re.sub(r"^Stage \d+: (.)", lambda match: match[1].upper(), said)
    parts = ["---\nhide: [toc]\n---", f"# Stage {number}: {stage}", said]
    for name, cls in all_tasks().items():
        if name.startswith(f"{stage}/"):
            parts += _task(name, cls)
    return "\n\n".join(parts) + "\n"


def _task(name: str, cls: Any) -> list[str]:
    facts = [
        ("functional unit", cls.functional_unit),
        ("metric", f"{cls.metric}, {'higher' if cls.higher_is_better else 'lower'} is better"),
        ("not worse", f"within {cls.margin:g} of the best classical method"),
        ("source by default", cls.default_source),
        ("sizes", ", ".join(cls.sizes)),
    ]
    methods = sorted(all_methods(name), key=lambda method: (KINDS.index(method.kind.value), method.name))
    commands = f"```sh\nqwatt run {name}\nqwatt plan {name}\n```"
    rows = [_method(method) for method in methods]
    return [
        f"## {name}",
        inspect.cleandoc(cls.__doc__ or ""),
        "\n".join(f"- **{name}**: {cell(value)}" for name, value in facts),
        commands,
        _methods(rows),
    ]


def _methods(rows: list[tuple[str, ...]]) -> str:
    """Return the table of methods; its sources are links, and so not escaped again."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _method(method: Any) -> tuple[str, ...]:
    what = inspect.cleandoc(method.__doc__ or "").splitlines()[0]
    settings = "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in method.space.items())
    notes = [cell(what)]
    if method.extra:
        notes.append(f"Needs `qwatt[{method.extra}]`.")
    if card_of(method) is None:
        notes.append("Not projected.")
    if method.companions:
        notes.append(f"Beside it: {cell(list(method.companions))}.")
    return (
        f"`{method.name}`",
        method.kind.value,
        " ".join(notes),
        cell(settings),
        "; ".join(_source(source) for source in method.sources),
    )


def _source(text: str) -> str:
    """Return a source as a link where it has an arXiv number or a DOI."""
    found = re.search(r"(arXiv|doi):(\S+[\w)])", text)
    if not found:
        return cell(text)
    home = {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}[found[1]]
    address = (home + found[2]).replace("(", "%28").replace(")", "%29")
    return f"[{cell(text)}]({address})"
