"""How long a QPU is busy: the time formulas of each kind of machine, in seconds and plain numbers.

Every function takes the machine's numbers at one corner of their intervals (`Qpu.at`), so that it reads like
the formula it computes. None means that the numbers for it are not published.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping

from qwatt.core.demand import AnnealLine, CircuitLine

Numbers = Mapping[str, float]

FORMULAS = {
    "measured": "t_shot = measured time of a whole shot",
    "repetition": "t_shot = t_repetition + layers x t_layer + t_readout",
    "layer": "t_shot = layers x t_layer + t_readout",
    "serial": "t_shot = N1q t1q + N2q t2q / parallel + t_readout",
    "anneal": "t = problems x (t_program + t_access + reads x (t_anneal + t_readout + t_delay))",
    "unknown": "t_shot is not published",
}
JOB_FORMULA = "t = jobs x t_job + circuits x shots x t_shot"


def layers(line: CircuitLine) -> int:
    """Return the circuit's depth, at least what its gates need when every qubit is always busy."""
    fewest_1q = math.ceil(line.gates_1q / max(1, line.qubits))
    fewest_2q = math.ceil(line.gates_2q / max(1, line.qubits // 2))
    return max(line.depth, fewest_1q, fewest_2q)


def shot_model(numbers: Container[str]) -> str:
    """Return which formula of FORMULAS the published numbers allow, the best one first."""
    if "shot" in numbers:
        return "measured"
    if "layer" in numbers:
        return "layer"
    if "time_1q" in numbers and "time_2q" in numbers:
        if "repetition" in numbers:
            return "repetition"
        if "parallel_2q" in numbers:
            return "serial"
    return "anneal" if "program_time" in numbers else "unknown"


def circuit_seconds(line: CircuitLine, numbers: Numbers) -> float | None:
    """Return how long the gates of one circuit take, read-out apart; None when not published."""
    if "layer" in numbers:
        return layers(line) * numbers["layer"]
    if "time_1q" not in numbers or "time_2q" not in numbers:
        return None
    if "parallel_2q" in numbers:
        return (
            line.gates_1q * numbers["time_1q"] + line.gates_2q * numbers["time_2q"] / numbers["parallel_2q"]
        )
    slowest_1q = numbers["time_1q"] if line.gates_1q else 0.0
    slowest_2q = numbers["time_2q"] if line.gates_2q else 0.0
    return layers(line) * max(slowest_1q, slowest_2q)


def shot_seconds(line: CircuitLine, numbers: Numbers) -> float | None:
    """Return how long one shot occupies the machine; None when not published."""
    model = shot_model(numbers)
    if model == "measured":
        return numbers["shot"]
    gates = circuit_seconds(line, numbers)
    if model in ("unknown", "anneal") or gates is None:
        return None
    return numbers.get("repetition", 0.0) + gates + numbers.get("time_readout", 0.0)


def circuits_seconds(line: CircuitLine, numbers: Numbers, circuits: float, shots: float) -> float | None:
    """Return how long `circuits` circuits of the line's shape take with `shots` shots each.

    It is JOB_FORMULA; a job holds as many circuits as the platform takes.
    """
    shot = shot_seconds(line, numbers)
    if shot is None:
        return None
    jobs = math.ceil(circuits / numbers.get("circuits_per_job", 1.0))
    return jobs * numbers.get("job", 0.0) + circuits * shots * shot


def anneal_seconds(line: AnnealLine, numbers: Numbers) -> float:
    """Return how long an annealer is busy: programming and access per problem, then the reads."""
    read = numbers["anneal"] + numbers["time_readout"] + numbers["delay"]
    return line.problems * (numbers["program_time"] + numbers["access"] + line.reads * read)
