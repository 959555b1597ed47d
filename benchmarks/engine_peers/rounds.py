"""Runs candidates in persistent single-thread processes, visited in turn so that all see the same load."""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from engine_peers.work import Size

HERE = Path(__file__).parent
THREADS = ("OMP", "MKL", "OPENBLAS", "RAYON", "QULACS")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in THREADS} | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@dataclass
class Candidate:
    """One simulator's way to do a piece of work, and what was measured of it.

    `cpu_s` is the median over rounds of the median over a visit's calls, times the candidate's scale.
    """

    name: str
    module: str
    function: str
    visits: list[dict] = field(default_factory=list)
    first_s: float | None = None
    import_s: float | None = None
    scale: float = 1.0
    error: str | None = None
    deviation: float | None = None

    @property
    def cpu_s(self) -> float | None:
        """CPU seconds of the whole work; None when there was no visit."""
        if not self.visits:
            return None
        return self.scale * statistics.median(v["cpu_s"] for v in self.visits)

    @property
    def step_mb(self) -> float | None:
        """Peak memory over what the imports took."""
        return max((v["step_mb"] for v in self.visits), default=None)

    def record(self) -> dict:
        """Return the JSON form."""
        return asdict(self) | {"cpu_s": self.cpu_s, "step_mb": self.step_mb}


class _Process:
    def __init__(self, candidate: Candidate, size: Size) -> None:
        self.candidate = candidate
        command = [sys.executable, str(HERE / "worker.py"), candidate.module, candidate.function]
        self.child = subprocess.Popen(
            [*command, json.dumps(asdict(size))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | ONE_THREAD,
        )

    def answer(self, limit_s: float) -> dict | None:
        """Wait for one line of JSON; None and an error noted when there is none in time."""
        ends, buffer = time.monotonic() + limit_s, b""
        while time.monotonic() < ends:
            ready, _, _ = select.select([self.child.stdout], [], [], 0.2)
            if ready:
                chunk = os.read(self.child.stdout.fileno(), 1 << 16)
                buffer += chunk
                if not chunk:
                    self._note_death()
                    return None
                for line in buffer.split(b"\n")[:-1]:
                    if line.startswith(b"@"):
                        return json.loads(line[1:])
        self.candidate.error = f"no answer within {limit_s:.0f} s"
        return None

    def visit(self, seconds: float, limit_s: float) -> dict | None:
        self.child.stdin.write(f"run {seconds}\n".encode())
        self.child.stdin.flush()
        return self.answer(limit_s)

    def _note_death(self) -> None:
        lines = self.child.stderr.read().decode(errors="replace").strip().splitlines()
        self.candidate.error = lines[-1][:160] if lines else f"ended with code {self.child.wait()}"

    def end(self) -> None:
        self.child.kill()
        self.child.communicate()


def measure(candidates: list[Candidate], size: Size, rounds: int, visit_s: float, limit_s: float) -> None:
    """Fill the candidates: first calls one after another, a value check, then `rounds` interleaved visits."""
    alive: list[_Process] = []
    values: dict[str, list[float]] = {}
    for candidate in candidates:
        process = _Process(candidate, size)
        answer = process.answer(limit_s)
        if answer is None:
            process.end()
            continue
        candidate.first_s, candidate.import_s = answer["first_s"], answer["import_s"]
        candidate.scale, values[candidate.name] = answer["scale"], answer["values"]
        alive.append(process)
    _compare(candidates, values)
    for _ in range(rounds):
        for process in list(alive):
            visit = process.visit(visit_s, limit_s)
            if visit is None:
                process.end()
                alive.remove(process)
            else:
                process.candidate.visits.append(visit)
    for process in alive:
        process.end()


def _compare(candidates: list[Candidate], values: dict[str, list[float]]) -> None:
    """Note each candidate's largest difference from the first one, relative to the largest value."""
    reference = values.get(candidates[0].name)
    for candidate in candidates[1:]:
        own = values.get(candidate.name)
        if own and reference:
            largest = max(map(abs, reference))
            candidate.deviation = (
                max(abs(a - b) for a, b in zip(own, reference, strict=True)) / largest
                if len(own) == len(reference)
                else float("inf")
            )


def curve(module: str, function: str, sizes: list[Size], cap_s: float, limit_s: float) -> list[dict]:
    """Measure one candidate over growing sizes in one process; ends early at the cap or the limit."""
    command = [sys.executable, str(HERE / "worker.py"), module, function]
    command += [json.dumps([asdict(size) for size in sizes]), str(cap_s)]
    try:
        done = subprocess.run(
            command, env=os.environ | ONE_THREAD, capture_output=True, timeout=limit_s, check=False
        )
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    points = [
        json.loads(line[1:]) for line in output.splitlines() if line.startswith(b"@") and line.endswith(b"}")
    ]
    return [point | {"cpu_s": point["cpu_s"] * point["scale"]} for point in points]
