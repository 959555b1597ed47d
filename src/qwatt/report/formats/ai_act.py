"""The energy paragraph of Annex XI of the EU AI Act, ready to copy.

Regulation (EU) 2024/1689, Annex XI, Section 1, point 2: (d) the computational resources used to train the
model, (e) its known or estimated energy consumption; where unknown, it may be based on the resources used.
"""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.report.formats.markdown import md
from qwatt.report.formats.site import Place, basis_words, boundary_words
from qwatt.report.formats.taken import Taken, hardware, taken_by, together
from qwatt.report.gallery.version import drawn_by
from qwatt.report.numbers import scaled, short

HEAD = "Annex XI, Section 1, point 2 (d) and (e) of Regulation (EU) 2024/1689"
ONLY = (
    "These figures cover the work that is listed. Development that is not, such as earlier "
    "experiments, data work on other machines or the training of a base model, is not contained."
)


def ai_act_text(folder: RunFolder, place: Place) -> str:
    """Return the paragraph: what made the model, and apart from it what served it."""
    pieces = taken_by(folder)
    making, service = [p for p in pieces if p.making], [p for p in pieces if not p.making]
    lines = [
        f"# {HEAD}",
        "",
        f"**Computational resources (d).** Hardware: {md(hardware(folder, pieces))}. "
        f"Wall time, added: {scaled(sum(p.seconds for p in making), 's')}. "
        f"Floating-point operations: {_flop(making)}.",
        "",
        f"**Energy consumption (e).** {_energy(making, place)}",
        "",
        *[f"- {p.stage}, {md(p.what)}: {_figure(place.energy_kwh(p.energy))}" for p in making],
        *[f"- {md(remark)}" for piece in pieces for remark in piece.remarks],
    ]
    if service:
        lines += ["", "Not part of development, for information:", ""]
        lines += [f"- {p.stage}, {md(p.what)}: {_figure(place.energy_kwh(p.energy))}" for p in service]
    lines += ["", ONLY, "", f"Written by {drawn_by(f'run {md(folder.path.name)}')}."]
    return "\n".join(lines) + "\n"


def _energy(making: Sequence[Taken], place: Place) -> str:
    whole = place.energy_kwh(together([energy for piece in making for energy in piece.energies]))
    if not whole.known:
        return f"Unknown: {whole.reason}. It may be based on the computational resources above."
    word = "known" if whole.basis.value.startswith("measured") else "estimated"
    return f"The {word} energy consumption of the model's development is {_figure(whole)}."


def _figure(energy: Quantity) -> str:
    if not energy.known:
        return f"unknown: {energy.reason}"
    low, value, high = energy.interval
    spread = f" ({short(low)} to {short(high)})" if low != high else ""
    return f"{short(value)} kWh{spread}, basis {basis_words(energy)}, {boundary_words(energy)}"


def _flop(making: Sequence[Taken]) -> str:
    counted = [piece.counts.get("flop") for piece in making if piece.stage in ("training", "tuning")]
    if not counted or None in counted:
        return "unknown, as they were not counted"
    return f"{short(sum(n for n in counted if n is not None))}, as the training library estimates them"
