"""A provider over HTTP on the loopback that bills, and misbehaves as networks and clouds do."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

USD_PER_JOB, USD_PER_SHOT = 0.25, 0.01


def simulated_counts(program: dict[str, Any]) -> dict[str, int]:
    """Run a program on PennyLane's own simulator; the same program gives the same counts."""
    import pennylane as qml

    names = {
        "h": "Hadamard", "x": "PauliX", "y": "PauliY", "z": "PauliZ", "s": "S", "t": "T",
        "rx": "RX", "ry": "RY", "rz": "RZ", "cnot": "CNOT", "cz": "CZ",
    }  # fmt: skip
    n = program["qubits"]
    gates = [getattr(qml, names[g["gate"]])(*g["angles"], wires=g["wires"]) for g in program["gates"]]
    tape = qml.tape.QuantumScript(gates, [qml.probs(wires=range(n))])
    probs = qml.device("default.qubit", wires=n).execute(tape)
    drawn = np.random.default_rng(7).multinomial(program["shots"], probs / probs.sum())
    return {format(state, f"0{n}b"): int(count) for state, count in enumerate(drawn) if count}


def all_zeros(program: dict[str, Any]) -> dict[str, int]:
    return {"0" * program["qubits"]: program["shots"]}


@dataclass
class Cloud:
    """What the provider keeps.

    Args:
        answer: counts of a program.
        seconds: how long a job takes.
        fault: asked at each request, with "price", "submit" or "poll"; answers "busy", "error", "lost" or "".
        fails: jobs, by number of acceptance, that end as failed.
    """

    answer: Callable[[dict[str, Any]], dict[str, int]] = all_zeros
    seconds: float = 0.0
    fault: Callable[[str], str] = lambda what: ""
    fails: set[int] = field(default_factory=set)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    duplicates: int = 0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    @property
    def billed_usd(self) -> float:
        return sum(job["usd"] for job in self.jobs.values())

    def submit(self, key: str, program: dict[str, Any]) -> str:
        with self.lock:
            if key in self.by_key:
                self.duplicates += 1
                return self.by_key[key]
            job = f"job-{len(self.jobs)}"
            usd = USD_PER_JOB + USD_PER_SHOT * program["shots"]
            number = len(self.jobs)
            self.jobs[job] = {"program": program, "usd": usd, "at": time.monotonic(), "number": number}
            self.by_key[key] = job
            return job

    def poll(self, job: str) -> dict[str, Any]:
        kept = self.jobs[job]
        if time.monotonic() - kept["at"] < self.seconds:
            return {"status": "running"}
        if kept["number"] in self.fails:
            return {"status": "failed", "usd": kept["usd"], "error": "the machine was recalibrated"}
        return {"status": "done", "usd": kept["usd"], "counts": self.answer(kept["program"])}


def random_faults(seed: int, share: float = 0.5) -> Callable[[str], str]:
    """Return faults of all kinds at a share of the requests."""
    dice = random.Random(seed)
    return lambda what: dice.choice(["busy", "error", "lost"]) if dice.random() < share else ""


class _Handler(BaseHTTPRequestHandler):
    cloud: Cloud

    def log_message(self, *words: Any) -> None:
        pass

    def do_GET(self) -> None:
        what = "price" if self.path == "/v1/price" else "poll"
        if what == "price":
            self._answer(what, lambda: {"usd_per_job": USD_PER_JOB, "usd_per_shot": USD_PER_SHOT})
        else:
            self._answer(what, lambda: self.cloud.poll(self.path.rpartition("/")[2]))

    def do_POST(self) -> None:
        program = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("submit", lambda: {"id": self.cloud.submit(self.headers["Idempotency-Key"], program)})

    def _answer(self, what: str, make: Callable[[], Any]) -> None:
        self.cloud.requests.append((what, dict(self.headers)))
        fault = self.cloud.fault(what)
        if fault in ("busy", "error", "unauthorised"):
            code = {"busy": 429, "error": 500, "unauthorised": 401}[fault]
            self.send_response(code)
            if fault == "busy":
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(f"no, {self.headers.get('Authorization')}".encode())
            return
        body = json.dumps(make()).encode()
        if fault == "lost":  # it was done, but nobody hears of it
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(cloud: Cloud) -> Iterator[str]:
    """Serve a provider on the loopback; yields its address."""

    class Handler(_Handler):
        pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing of connections that were cut on purpose."""

    Handler.cloud = cloud
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
