"""A Hugging Face model card: `co2_eq_emissions` in its metadata, and what the number rests on in its text.

Source: https://huggingface.co/docs/hub/model-cards-co2 (emissions in grams).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from qwatt.core.printable import printable
from qwatt.core.run_folder import RunFolder
from qwatt.report.formats.markdown import md
from qwatt.report.formats.site import Place, basis_words, boundary_words
from qwatt.report.formats.taken import Taken, hardware, taken_by, together
from qwatt.report.gallery.version import drawn_by
from qwatt.report.numbers import energy as written
from qwatt.report.numbers import scaled, short

TYPES = {"training": "pre-training", "tuning": "fine-tuning"}


def hf_card(folder: RunFolder, place: Place) -> str:
    """Return the card: work that served a model is in no figure; unknown emissions are said, not written."""
    pieces = [piece for piece in taken_by(folder) if piece.making]
    energies = [energy for piece in pieces for energy in piece.energies]
    whole, grams = together(energies), place.carbon_g(together(energies))
    fields: dict[str, str | float] = {}
    if grams.value is not None:
        fields = {"emissions": float(f"{grams.value:.4g}"), "source": _source(place, whole.basis.value)}
        fields |= _training_type(pieces) | (
            {"geographical_location": place.site.grid.name} if place.grid else {}
        )
        fields["hardware_used"] = hardware(folder, pieces)
    lines = [f"  {name}: {_yaml(value)}" for name, value in fields.items()]
    block = ["---", "co2_eq_emissions:", *lines, "---", ""] if lines else []
    spread = ""
    if grams.known:
        low, value, high = grams.interval
        spread = f"{short(value)} g CO2e ({short(low)} to {short(high)}), modelled: {place.words}."
    text = [
        "## Energy and emissions",
        "",
        f"Energy: {written(whole)}, basis {basis_words(whole)}, {boundary_words(whole)}.",
        f"Emissions in operation: {spread or f'unknown: {grams.reason}'}",
        "Hardware's embodied carbon is not contained.",
        "",
        *[f"- {p.stage}: {md(p.what)}: {written(p.energy)}, {scaled(p.seconds, 's')}" for p in pieces],
        *[f"- {md(remark)}" for piece in pieces for remark in piece.remarks],
        "",
        f"Written by {drawn_by(f'run {md(folder.path.name)}')}.",
    ]
    return "\n".join([*block, *text]) + "\n"


def _source(place: Place, basis: str) -> str:
    where = place.site.grid.name if place.grid else "the world, as no place is stated"
    return f"qwatt: energy {basis}, times the mean carbon intensity of {where}"


def _training_type(pieces: Sequence[Taken]) -> dict[str, str]:
    found = [TYPES[piece.stage] for piece in pieces if piece.stage in TYPES]
    return {"training_type": " and ".join(dict.fromkeys(found))} if found else {}


def _yaml(value: str | float) -> str:
    """Return a scalar that every YAML reader takes for what it is; 1e-05 without a point would be text."""
    if isinstance(value, str):
        return json.dumps(printable(" ".join(value.split())), ensure_ascii=False)
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{e}{exponent}"
