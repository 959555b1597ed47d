"""Rounding a decoder's layers to 2 and 3 bits: what is left of them by QUBO, GPTQ, learning and auto-round.

    python benchmarks/rounding.py [--decoder small] [--seeds 5] [--bits 2 3] [--peer PYTHON] [--out FILE]
    python benchmarks/rounding.py --read benchmarks/results/rounding.json --decoder smollm2

A seed draws the text that calibrates and the text that judges. Error is that of the layers' outputs on the
latter, over the outputs' own square. Every classical method has all of its settings tried, and the one of
least error *on the judging text* taken, in its favour; annealing, QAOA and the annealer's double have their
defaults. CPU seconds and joules are those of the run that was taken, its tuning left out; all start from
second moments that are there. Ends with 1 if annealing leaves more error than the best GPTQ in any cell.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
import types
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.stats import t as student

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.core.threads import one_thread
from qwatt.energy.meter import Meter
from qwatt.stages.deployment.quantise.coordinate_descent import descended_codes
from qwatt.stages.deployment.quantise.gptq import damped
from qwatt.stages.deployment.quantise.layer_error import relative_error
from qwatt.stages.deployment.quantise.problem import Budget, QuantiseAnswer, QuantiseProblem, RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Workbench, workbench
from rounding_peers.peer import auto_round_weights

TASK = "deployment/quantise"
ANNEALING, POLISHED, PEER = "rounding-annealing", "rounding-annealing, then coordinate descent", "auto-round"
TUNED = (
    "round-to-nearest", "awq", "gptq", "one-flip", "coordinate-descent", "windows-exact", "adaround",
    "sign-round",
)  # fmt: skip
DEFAULT = (ANNEALING, "qaoa-windows", "annealer")
SETUPS = {
    "small": ("m", "*.0.*[qo]_proj", Budget(8_192, 64, 8_192)),
    "smollm2": ("full", "model.layers.0.self_attn.k_proj", Budget(4_096, 64, 4_096)),
}
"""Size whose group of weights is taken, layers, tokens."""

Cell = dict[str, Any]


def bench_of(decoder: str, seed: int) -> tuple[QuantiseProblem, Workbench]:
    """Return a seed's problem, and the workbench with its moments found."""
    size, pattern, budget = SETUPS[decoder]
    problem = replace(get_task(TASK).load("held-back", size, seed), budget=budget, layers=pattern)
    bench = workbench(decoder, pattern, problem)
    bench.calibrated()
    return problem, bench


def judged(bench: Workbench, weights: dict[str, np.ndarray], loss: bool) -> Cell:
    """Return the error of the outputs on the judging text, and the nats per token if asked for."""
    own = {name: bench.layers[name].weight.data.numpy() for name in weights}
    with one_thread():
        found: Cell = {"error": relative_error(weights, own, bench.test_moments)}
        if loss:
            found["nats"] = bench.loss(weights, bench.test) - bench.float_loss
    return found


def once(name: str, problem: QuantiseProblem, settings: dict[str, Any]) -> tuple[QuantiseAnswer, Cell]:
    """Run a method, and return what it rounded, CPU seconds and joules."""
    began = time.process_time()
    with Meter().window(name) as window:
        context = Unmetered(get_backend("engine"), shots=1_000, seed=problem.seed)
        answer = get_method(TASK, name).run(problem, settings, context).answer
    return answer, {"cpu_s": time.process_time() - began, "joules": window.energy.value}


def weights_of(layers: dict[str, RoundedLayer]) -> dict[str, np.ndarray]:
    return {name: layer.weights for name, layer in layers.items()}


def polished(bench: Workbench, answer: QuantiseAnswer, cost: Cell) -> tuple[dict[str, np.ndarray], Cell]:
    """Return what coordinate descent over all codes makes of an answer: the polish that GPTQ gets too."""
    began, found = time.process_time(), {}
    with Meter().window("polish") as window, one_thread():
        for rows in bench.calibrated().value:
            moment = damped(rows.moment, 0.01)
            for name, span in zip(rows.names, rows.spans, strict=True):
                layer, part = answer.layers[name], replace(rows, weights=rows.weights[span])
                codes = descended_codes(part, moment, layer.grid, layer.codes, 20)
                found[name] = RoundedLayer(codes, layer.grid).weights
    used = time.process_time() - began
    return found, {"cpu_s": cost["cpu_s"] + used, "joules": cost["joules"] + (window.energy.value or 0.0)}


def cells(decoder: str, seed: int, bits: int, peer: str | None, names: set[str]) -> Iterator[Cell]:
    """Yield what each method leaves and takes."""
    problem, bench = bench_of(decoder, seed)
    loss, common = decoder == "small", {"bits": bits, "model": decoder, "layers": bench.pattern}
    for name in (name for name in TUNED if name in names):
        space = {k: v for k, v in get_method(TASK, name).space.items() if len(v) > 1}
        runs = []
        for choice in product(*space.values()):
            settings = {
                **get_method(TASK, name).defaults(),
                **dict(zip(space, choice, strict=True)),
                **common,
            }
            answer, cost = once(name, problem, settings)
            runs.append((judged(bench, weights_of(answer.layers), False)["error"], answer, cost))
        _, answer, cost = min(runs, key=lambda run: run[0])
        yield {"method": name, **cost, **judged(bench, weights_of(answer.layers), loss)}
    for name in (name for name in DEFAULT if name in names):
        answer, cost = once(name, problem, {**get_method(TASK, name).defaults(), **common})
        yield {"method": name, **cost, **judged(bench, weights_of(answer.layers), loss)}
        if name == ANNEALING:
            weights, cost = polished(bench, answer, cost)
            yield {"method": POLISHED, **cost, **judged(bench, weights, loss)}
    if peer and PEER in names:
        weights, cost = auto_round_weights(peer, bench, bits, problem.group, seed)
        yield {"method": PEER, **cost, **judged(bench, weights, loss)}


def table(rows: list[Cell], bits: int) -> tuple[str, bool]:
    """Return a Markdown table of the methods, and whether annealing is as good as GPTQ in every seed."""
    mine = [row for row in rows if row["bits"] == bits]
    by = {name: {r["seed"]: r for r in mine if r["method"] == name} for name in {r["method"] for r in mine}}
    lines = [
        f"| {bits} bits | error, 1e-3 (least to most) | nats more | CPU s | J | annealing's over it (95 %) |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in sorted(by.items(), key=lambda item: mean(r["error"] for r in item[1].values())):
        errors = [1e3 * row["error"] for row in found.values()]
        nats = [row["nats"] for row in found.values() if "nats" in row]
        against = by.get(ANNEALING, {})
        shared = [seed for seed in found if seed in against]
        said = "" if name == ANNEALING else ratio([(against[s]["error"], found[s]["error"]) for s in shared])
        cost = [mean(row[key] for row in found.values()) for key in ("cpu_s", "joules")]
        lines.append(
            f"| {name} | {mean(errors):.2f} ({min(errors):.2f} to {max(errors):.2f}) | "
            f"{f'{mean(nats):+.4f}' if nats else ''} | {cost[0]:.2f} | {cost[1]:.3g} | {said} |"
        )
    gptq = by.get("gptq", {})
    annealed = by.get(ANNEALING, {})
    held = all(annealed[seed]["error"] <= row["error"] for seed, row in gptq.items() if seed in annealed)
    return "\n".join(lines), held


def ratio(pairs: list[tuple[float, float]]) -> str:
    """Return the geometric mean of ratios that are paired by seed, and Student's interval of its log."""
    logs = [math.log(ours / other) for ours, other in pairs]
    if len(logs) < 2:
        return f"{math.exp(logs[0]):.3f} (one seed)" if logs else ""
    half = student.ppf(0.975, len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    low, middle, high = (math.exp(mean(logs) + side * half) for side in (-1, 0, 1))
    return f"{middle:.3f} ({low:.3f} to {high:.3f})"


def stand_in_for_the_annealer() -> None:
    """Let simulated annealing of 20 sweeps stand where D-Wave's client would be: a double, not a machine."""
    from dwave.samplers import SimulatedAnnealingSampler

    class Double:
        def __init__(self, **_: Any) -> None: ...

        def sample(self, bqm: Any, num_reads: int) -> Any:
            return SimulatedAnnealingSampler().sample(bqm, num_reads=num_reads, num_sweeps=20, seed=0)

    module = types.ModuleType("dwave.system")
    module.__dict__.update(DWaveSampler=Double, EmbeddingComposite=lambda child: child)
    sys.modules["dwave.system"] = module


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--decoder", choices=SETUPS, default="small")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--bits", type=int, nargs="+", default=[2, 3])
    parser.add_argument("--circuit-seeds", type=int, default=1, help="seeds that QAOA and the double get")
    parser.add_argument("--peer", help="a Python that has auto-round")
    parser.add_argument("--methods", nargs="+", default=[*TUNED, *DEFAULT, PEER])
    parser.add_argument("--out", type=Path, help="a JSON file of all cells")
    parser.add_argument("--read", type=Path, help="such a file, whose tables are printed; nothing is run")
    chosen = parser.parse_args()
    if chosen.read:
        known = [
            row for row in json.loads(chosen.read.read_text("utf-8")) if row["decoder"] == chosen.decoder
        ]
        return told(known, chosen.bits)
    stand_in_for_the_annealer()
    rows: list[Cell] = []
    for seed, bits in product(range(chosen.first_seed, chosen.first_seed + chosen.seeds), chosen.bits):
        names = set(chosen.methods)
        names -= {"qaoa-windows", "annealer"} if seed >= chosen.circuit_seeds else set()
        for cell in cells(chosen.decoder, seed, bits, chosen.peer, names):
            rows.append({"decoder": chosen.decoder, "bits": bits, "seed": seed, **cell})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        if chosen.out:
            chosen.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return told(rows, chosen.bits)


def told(rows: list[Cell], bits: list[int]) -> int:
    """Print the tables; return 1 if annealing leaves more error than GPTQ in any cell."""
    found = [table(rows, each) for each in bits]
    print("\n\n".join(text for text, _ in found))
    return 0 if all(held for _, held in found) else 1


if __name__ == "__main__":
    sys.exit(main())
