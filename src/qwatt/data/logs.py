"""Log lines of a made-up inference service, ordinary and anomalous ones: made, not read.

Ordinary lines fill 20 templates with ordinary numbers. A third of the anomalies are templates that an
ordinary day does not have, a third are ordinary templates with numbers far out, and a third are ordinary
lines of which a part is missing.
"""

from __future__ import annotations

import numpy as np

_ORDINARY = (
    "INFO  gateway accepted request {id} from {host} with {tokens} tokens",
    "INFO  scheduler placed request {id} on worker {worker} after {ms} ms in the queue",
    "INFO  worker {worker} prefilled {tokens} tokens in {ms} ms",
    "INFO  worker {worker} decoded {tokens} tokens in {ms} ms, {rate} tokens/s",
    "INFO  gateway answered request {id} with status 200 in {ms} ms",
    "DEBUG cache hit for prefix {id}, {tokens} tokens reused",
    "DEBUG cache miss for prefix {id}, {tokens} tokens computed",
    "DEBUG worker {worker} batch of {batch} sequences, {percent} % of the cache in use",
    "INFO  worker {worker} heartbeat, device at {celsius} C and {watts} W",
    "INFO  autoscaler sees {batch} waiting requests and keeps {worker} workers",
    "DEBUG tokenizer split request {id} into {tokens} tokens",
    "INFO  client {host} closed its stream after {tokens} tokens",
    "INFO  limiter let {host} pass, {percent} % of its quota used",
    "DEBUG sampler temperature {fraction} top_p {fraction} for request {id}",
    "INFO  model store refreshed shard {worker} in {ms} ms",
    "WARN  client {host} repeats request {id} within {ms} ms",
    "INFO  metrics flushed {batch} series to {host} in {ms} ms",
    "INFO  session {id} of {host} opened",
    "INFO  session {id} of {host} expired after {tokens} s without a request",
    "DEBUG router weight of worker {worker} set to {fraction}",
)
_EXTRAORDINARY = (
    "ERROR worker {worker} out of memory while it allocated {tokens} MB for request {id}",
    "ERROR device {worker} reports an uncorrectable memory error at address 0x{id}",
    "FATAL scheduler lost its lease to {host} and stops",
    "ERROR checksum of shard {worker} differs from its manifest",
    "WARN  gateway refuses {host}: 401 after {batch} attempts with different keys",
    "ERROR decode of request {id} gave not a number at layer {worker}",
    "WARN  clock of {host} is {tokens} s behind",
    "ERROR disk quota of the model store exceeded by {tokens} MB",
    "ERROR certificate of {host} expired {batch} days ago",
    "WARN  request {id} asks for the contents of /etc/shadow",
    "ERROR handshake with {host} failed: protocol version {fraction}",
    "FATAL worker {worker} killed by signal 9, restart {batch}",
)
_LINES, _ODD, _SEED = 4_000, 600, 41


def log_lines() -> tuple[list[str], list[str]]:
    """Return ordinary lines and anomalous ones, the same at every call."""
    rng = np.random.default_rng(_SEED)
    ordinary = [_filled(str(rng.choice(_ORDINARY)), rng) for _ in range(_LINES)]
    known = set(ordinary)
    odd = [_odd(i % 3, rng) for i in range(_ODD)]
    return ordinary, [line for line in odd if line not in known]


def _odd(kind: int, rng: np.random.Generator) -> str:
    if kind == 0:
        return _filled(str(rng.choice(_EXTRAORDINARY)), rng)
    if kind == 1:
        measured = [template for template in _ORDINARY if "{ms}" in template or "{watts}" in template]
        return _filled(str(rng.choice(measured)), rng, factor=1000)
    words = _filled(str(rng.choice(_ORDINARY)), rng).split(" ")
    return " ".join(words[: max(2, len(words) // 2 - 1)])


def _filled(template: str, rng: np.random.Generator, factor: int = 1) -> str:
    """Fill a template; `factor` lengthens times and raises watts."""
    return template.format(
        id=f"{int(rng.integers(16**8)):08x}",
        host=f"10.{int(rng.integers(8))}.{int(rng.integers(256))}.{int(rng.integers(1, 255))}",
        worker=int(rng.integers(16)),
        tokens=int(rng.integers(16, 2048)),
        batch=int(rng.integers(2, 64)),
        ms=factor * int(rng.integers(5, 400)),
        rate=int(rng.integers(20, 120)),
        percent=int(rng.integers(10, 90)),
        celsius=int(rng.integers(35, 70)),
        watts=factor * int(rng.integers(90, 650)),
        fraction=f"{rng.random():.2f}",
    )
