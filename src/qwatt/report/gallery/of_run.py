"""The figures of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qwatt.core.comparison import Comparison
from qwatt.core.run_folder import RunFolder
from qwatt.report.figures import quality_against_energy, three_energies, where_the_joules_went
from qwatt.report.gallery.figure import Figure, file_name
from qwatt.report.gallery.version import drawn_by
from qwatt.report.marks import basis_phrase


def run_figures(folder: RunFolder, comparisons: Sequence[Comparison]) -> list[Figure]:
    """Return every figure of a run's comparisons that has something to show."""
    return [figure for comparison in comparisons for figure in _of(folder, comparison) if figure.svg]


def _of(folder: RunFolder, comparison: Comparison) -> Iterator[Figure]:
    measured = "energy on this machine: " + (", ".join(_bases(comparison)) or "no energy is known")
    task = f"{comparison.task} on {comparison.source}, size {comparison.size}"
    source = drawn_by(f"run {folder.path.name}, {task}, backend {comparison.backend}")
    plain = file_name(comparison.task, comparison.source, comparison.size)
    yield Figure(
        f"{plain}-quality-against-energy",
        f"Quality against the measured energy of a trial: {task}",
        f"{measured}; bars of 95 % over seeds",
        source,
        quality_against_energy(comparison),
    )
    yield Figure(
        f"{plain}-three-energies",
        f"Best classical method, simulating the circuits, and QPUs: {task}",
        f"{measured}; QPUs modelled",
        source,
        three_energies(comparison),
    )
    yield Figure(
        f"{plain}-where-the-joules-went",
        f"Energy by phase, first seed: {task}",
        measured,
        source,
        where_the_joules_went(comparison),
    )


def _bases(comparison: Comparison) -> list[str]:
    known = [row.energy for row in comparison.rows if row.energy is not None and row.energy.known]
    return sorted({basis_phrase(energy.basis.value) for energy in known})
