"""One candidate in its own process: reads a line, does the work, answers with one line of JSON.

    python worker.py MODULE FUNCTION '{"n": 12, ...}'

The parent writes "run SECONDS" for a timed visit and closes the pipe to end. Given a JSON list of sizes
instead, the worker does them one after another, one answer each, until a first call takes longer than the
fourth argument's seconds.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path

MOST_CALLS = 20


def main() -> None:
    core = os.environ.get("QWATT_BENCH_CORE", sorted(os.sched_getaffinity(0))[-1])
    os.sched_setaffinity(0, {int(core)})
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(Path(__file__).parents[1]))
    module_name, function_name, size_text = sys.argv[1:4]
    started = time.process_time()
    module = importlib.import_module(f"engine_peers.{module_name}")
    from engine_peers.work import Size

    _one_torch_thread()
    imported, base_mb = time.process_time() - started, _peak_mb()
    sizes = json.loads(size_text)
    if isinstance(sizes, list):
        _curve(module, function_name, [Size(**size) for size in sizes], float(sys.argv[4]))
        return
    size = Size(**sizes)
    started = time.process_time()
    step = getattr(module, function_name)(size)
    values = step()
    first = time.process_time() - started
    scale = module.scale(function_name, size) if hasattr(module, "scale") else 1.0
    _say({"import_s": imported, "first_s": first, "values": values, "scale": scale})
    for line in sys.stdin:
        visit = _visit(step, float(line.split()[1]))
        _say(visit | {"step_mb": _peak_mb() - base_mb, "peak_mb": _peak_mb()})


def _curve(module, function_name: str, sizes: list, cap_s: float) -> None:
    for size in sizes:
        started = time.process_time()
        step = getattr(module, function_name)(size)
        step()
        first = time.process_time() - started
        scale = module.scale(function_name, size) if hasattr(module, "scale") else 1.0
        visit = _visit(step, 0.1)
        _say(
            visit
            | {"n": size.n, "batch": size.batch, "scale": scale, "first_s": first, "peak_mb": _peak_mb()}
        )
        if first > cap_s:
            return


def _visit(step, seconds: float) -> dict:
    """Repeat the step for about `seconds` of CPU time; medians of one visit."""
    cpu, wall = [], []
    while len(cpu) < MOST_CALLS and (sum(cpu) < seconds or not cpu):
        started, clock = time.process_time(), time.perf_counter()
        step()
        cpu.append(time.process_time() - started)
        wall.append(time.perf_counter() - clock)
    return {"cpu_s": statistics.median(cpu), "wall_s": statistics.median(wall), "calls": len(cpu)}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _one_torch_thread() -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _say(answer: dict) -> None:
    print("@" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
