"""Writes a run in one of the forms."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from qwatt.core.durable import cannot, write_out
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.regular import real_path
from qwatt.core.run_folder import RunFolder, holds_records
from qwatt.core.secrets import scrubbed
from qwatt.report.formats.ai_act import ai_act_text
from qwatt.report.formats.hf_card import hf_card
from qwatt.report.formats.mlflow import write_mlflow
from qwatt.report.formats.sci import sci_json
from qwatt.report.formats.site import Place
from qwatt.report.formats.tables import run_csv, run_json

TEXTS: dict[str, tuple[str, Callable[[RunFolder, Place], str]]] = {
    "csv": ("run.csv", lambda folder, _: run_csv(folder)),
    "json": ("run.json", lambda folder, _: run_json(folder)),
    "hf-card": ("hf-card.md", hf_card),
    "sci": ("sci.json", sci_json),
    "ai-act": ("ai-act.md", ai_act_text),
}
FORMS = (*TEXTS, "mlflow")
_ELSEWHERE = "give another place by --out"


def check_form(form: str) -> str:
    """Return a form's name.

    Raises:
        QwattError: there is no such form.
    """
    if form not in FORMS:
        raise unknown_name("form of export", form, FORMS, where="--to")
    return form


def write_form(folder: RunFolder, form: str, place: Place, out: Path | None = None) -> Path:
    """Write a run in a form and return the path.

    Args:
        folder: the run.
        form: one of `FORMS`.
        place: for carbon.
        out: the file, for mlflow the folder; else in the run's own `export/`.

    Raises:
        QwattError: no such form, or it cannot be written there.
    """
    default, make = TEXTS.get(check_form(form), ("mlruns", None))
    target = folder.path / "export" / default if out is None else out
    _spare_records(target)
    _ = place.site  # a wrong grid or PUE is refused before anything is written
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if make is None:
            return write_mlflow(folder, _fresh(target))
        text = make(folder, place)
        if form not in ("csv", "json"):  # whose trials, which are many, were scrubbed when they were written
            text = scrubbed(text)
    except OSError as error:
        raise cannot("be written", target, error, _ELSEWHERE) from error
    write_out(target, text, _ELSEWHERE)
    return target


def _spare_records(target: Path) -> None:
    """Refuse to write over what a run has written, this one or another; its `export/` holds no records."""
    path = real_path(target)
    run = next((one for one in path.parents if RunFolder.is_run(one) or holds_records(one)), None)
    if target.exists() and run is not None and run / "export" not in path.parents:
        what = "this belongs to a run, and would be written over"
        raise QwattError(what, where=str(target), mend="give another file by --out")


def _fresh(target: Path) -> Path:
    """Refuse to write a store over anything but an earlier one of ours."""
    held = []
    with suppress(FileNotFoundError):  # another export is just replacing it
        held = [entry.name for entry in target.iterdir()] if target.is_dir() else []
    if target.is_file() or any(not name.isdecimal() for name in held) or len(held) > 1:
        what = "this is no store that an export wrote, and would be written over"
        raise QwattError(what, where=str(target), mend="give another folder by --out")
    return target
