"""SmolLM2 less a quarter of its feed-forward channels: rankings, samplers of one QUBO, and their controls.

    python benchmarks/prune_channels.py [--widths free] [--seeds 10] [--asked 3] [--gradients FILE]

The gradients of 192 windows of 128 tokens of training text to all 46,080 channels are taken once, about 190
CPU seconds, and kept in FILE. Rankings choose among single channels; a QUBO has 8 groups of a block for
variables, 240 in all (Fisher matrix at the whole). That is more than a circuit holds, so QAOA solves windows
of 16 by turns. No mask is asked about on the true loss: each search is judged by its mask of least energy.
Perplexity is of the task's 8,192 held-back tokens in windows of 512, in bf16 where the processor can.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from numpy.typing import NDArray

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.qubo import BudgetedQubo, complete_bqm, get_sampler
from qwatt.stages.deployment.prune.decoder_calibration import DecoderCalibration, enough_tokens
from qwatt.stages.deployment.prune.export import write_pruned
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.loss_model import FISHER, expanded
from qwatt.stages.deployment.prune.penalty import penalty_strength, sample_bits, within
from qwatt.stages.deployment.prune.problem import TASK, Cut, Mask, PruneAnswer, PruneProblem
from qwatt.stages.deployment.prune.qaoa import QUBITS, SHOTS
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.shrinkage import shrunk_covariance
from qwatt.stages.deployment.prune.task import PruneTask
from qwatt.stages.deployment.prune.units import Units, grouped_units
from qwatt.stages.deployment.prune.windows import solved_windows, windows_of

DECODER, WINDOWS, WINDOW, LAYERS = "smollm2", 192, 128, 10
METHODS = ("swap-search", "annealing", "tabu", "random-masks", "qaoa", "qaoa-penalty")
REFERENCE = "swap-search"
Search = Callable[[BudgetedQubo, int], Mask]
Row = dict[str, Any]


def bench_of(widths: str) -> tuple[PruneProblem, Setup]:
    """Return the task's largest size, with more text to calibrate on."""
    problem = PruneTask().load("held-back", "full", 0)
    problem = replace(problem, budget=replace(problem.budget, calibration=WINDOWS * WINDOW))
    return problem, Setup(problem, DECODER, Cut("ffn", keep=0.75, groups=8, widths=widths))


def gradients(found: Setup, file: Path) -> NDArray[np.float64]:
    """Return every window's gradient to the channels, shape (windows, channels); kept in the file."""
    if not file.exists():
        np.save(file, found.calibration.window_gradients(found.single, np.ones(len(found.single))))
    return np.load(file).astype(np.float64)


def summed(units: Units, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what groups have of their channels' values, shape (..., groups)."""
    channels = units.anatomy.channels
    own = [unit.block * channels + unit.members for unit in units.units]
    return np.stack([rows[..., members].sum(-1) for members in own], -1)


def every_string(part: BudgetedQubo) -> Mask:
    """Return all bits of a window that keep the budgets of its parts."""
    choices = [
        itertools.combinations(np.flatnonzero(part.part == number), int(ones))
        for number, ones in enumerate(part.ones)
    ]
    rows = [np.concatenate(chosen) for chosen in itertools.product(*choices)]
    bits = np.zeros((len(rows), len(part)), dtype=np.int8)
    bits[np.arange(len(rows))[:, None], np.array(rows, dtype=np.int64)] = 1
    return bits


def of_method(name: str) -> Search:
    """Return a method's own search, at its defaults."""

    def search(model: BudgetedQubo, seed: int) -> Mask:
        method = get_method(TASK, name)
        return method.search(model, method.defaults(), Unmetered(get_backend("engine"), SHOTS, seed))[0]

    return search


def in_windows(solver: Callable[[BudgetedQubo, np.random.Generator], Mask], several: bool) -> Search:
    """Return the search that solves QAOA's windows otherwise."""

    def search(model: BudgetedQubo, seed: int) -> Mask:
        rng = np.random.default_rng(seed)
        windows = windows_of(model.part, model.ones, QUBITS, several=several)
        return solved_windows(model, windows, lambda part: solver(part, rng), rng)

    return search


def without_entanglers(model: BudgetedQubo, seed: int) -> Mask:
    """Search as qaoa-penalty, with the mean field of couplings in their place: each qubit alone."""
    strength = penalty_strength(model, 0.0, np.random.default_rng(seed))

    def solve(part: BudgetedQubo, rng: np.random.Generator) -> Mask:
        linear, quadratic, _ = part.penalised(strength)
        fields = linear + (quadratic + quadratic.T).sum(axis=0) / 2.0
        sampler = get_sampler("qaoa", get_backend("engine"), depth=LAYERS)
        found = sampler.sample(
            complete_bqm(fields, np.zeros_like(quadratic)), SHOTS, int(rng.integers(2**31))
        )
        return within(part, sample_bits(found))

    return in_windows(solve, several=True)(model, seed)


SEARCHES: dict[str, Search] = {name: of_method(name) for name in METHODS} | {
    "qaoa's windows, all strings": in_windows(lambda part, _: every_string(part), several=False),
    "qaoa's windows, 1,000 random strings": in_windows(lambda part, rng: part.random(SHOTS, rng), False),
    "qaoa-penalty, no entanglers": without_entanglers,
}


class Judge:
    """Held-back nats a token, window by window, each mask once."""

    def __init__(self, found: Setup, problem: PruneProblem) -> None:
        decoder = found.whole.decoder
        ids = enough_tokens(decoder, problem.texts(DECODER)[2], problem.budget.test)
        count = (len(ids) - 1) // decoder.context
        rows = ids[np.arange(count)[:, None] * decoder.context + np.arange(decoder.context + 1)]
        self.text, self.known = DecoderCalibration(found.whole.model, rows), {}

    def __call__(self, units: Units, mask: Mask) -> list[float]:
        """Return them under a mask."""
        key = len(units), mask.tobytes()
        if key not in self.known:
            with self.text.ready(), torch.no_grad(), Gate(self.text.model, units, mask).closed():
                losses = torch.cat([self.text.loss(batch) for batch in self.text.batches()])
            self.known[key] = losses.tolist()
        return self.known[key]


def study(
    found: Setup, problem: PruneProblem, slopes: NDArray[np.float64], seeds: int, asked: int
) -> list[Row]:
    """Return rows of rankings, then of every search and seed; of the first seeds the text is asked about."""
    judge, rows, single = Judge(found, problem), [], found.single
    taylor = np.abs(slopes).mean(0)
    units, model = grouped(found, slopes)

    def told(row: Row, own: Units, mask: Mask) -> None:
        if own is units:
            row["energy"] = float(model.energies(mask))
        if row.get("seed", 0) < asked:
            losses = judge(own, mask)
            row |= {"perplexity": math.exp(np.mean(losses)), "window_nats": losses}
        rows.append(row)
        print(json.dumps(row), flush=True)

    alone = {
        "whole": np.ones(len(single), dtype=np.int8),
        "taylor": single.top(taylor),
        "fisher": single.top(np.square(slopes).mean(0)),
        "random": single.random(np.random.default_rng(0)),
    }
    for name, mask in alone.items():
        told({"method": name}, single, mask)
    told({"method": "taylor, groups"}, units, units.top(summed(units, taylor)))
    for seed in range(seeds):
        for name, search in SEARCHES.items():
            began = time.process_time()
            masks = search(model, seed)
            best, used = masks[model.energies(masks).argmin()], time.process_time() - began
            told({"method": name, "seed": seed, "cpu_s": used}, units, best)
    return rows


def print_table(rows: list[Row]) -> None:
    """Print all seeds; differences, means of seeds in nats, are paired by window, with standard errors."""
    own = next(row["window_nats"] for row in rows if row["method"] == REFERENCE)
    print(f"\n| | energy | perplexity | nats more than {REFERENCE} | CPU s |\n|---|---|---|---|---|")
    for name in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == name]
        energies = [row["energy"] for row in mine if "energy" in row]
        read = [row for row in mine if "perplexity" in row]
        gap = np.mean([row["window_nats"] for row in read], axis=0) - np.array(own)
        error = gap.std(ddof=1) / math.sqrt(len(gap))
        used = [row["cpu_s"] for row in mine if "cpu_s" in row]
        cells = [name, f"{min(energies):.2f} to {max(energies):.2f}" if energies else ""]
        cells += [", ".join(f"{row['perplexity']:.2f}" for row in read)]
        cells += ["" if name == REFERENCE else f"{gap.mean():+.4f} +- {error:.4f}"]
        print("| " + " | ".join([*cells, f"{np.mean(used):.1f}" if used else ""]) + " |")


def grouped(found: Setup, slopes: NDArray[np.float64]) -> tuple[Units, BudgetedQubo]:
    """Return groups of channels by Taylor's score, and the model of their loss."""
    units = grouped_units(found.anatomy, found.cut, np.abs(slopes).mean(0))
    rows = summed(units, slopes)
    information = found.calibration.outer_scale() * shrunk_covariance(rows)
    return units, expanded(rows.mean(0), information, 1.0, FISHER).qubo(units)


def saved(found: Setup, slopes: NDArray[np.float64], folder: Path) -> None:
    """Write the model that exchanges leave."""
    units, model = grouped(found, slopes)
    masks = SEARCHES[REFERENCE](model, 0)
    kept = units.kept(masks[model.energies(masks).argmin()])
    write_pruned(PruneAnswer(REFERENCE, DECODER, found.whole.digest, found.cut, kept, math.nan), folder)


def main() -> None:
    """Run the study and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", choices=("free", "uniform"), default="free")
    parser.add_argument("--seeds", type=int, default=10, help="of searches")
    parser.add_argument("--asked", type=int, default=3, help="seeds whose masks are judged on held-back text")
    parser.add_argument("--gradients", type=Path, default=Path("prune-gradients.npy"))
    parser.add_argument("--save", type=Path, help="only write the model that exchanges leave, here")
    parser.add_argument("--out", type=Path, help="a JSON file of all rows")
    given = parser.parse_args()
    problem, found = bench_of(given.widths)
    slopes = gradients(found, given.gradients)
    if given.save:
        saved(found, slopes, given.save)
        return
    rows = study(found, problem, slopes, given.seeds, given.asked)
    print_table(rows)
    if given.out:
        given.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
