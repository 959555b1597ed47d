"""What a real GPU says: of the meter, of the calculators, and of simulating quantum circuits on it.

Run: PYTHONPATH=src python benchmarks/gpu.py --out FOLDER [--seconds 450] [--only serve train ...] [--smoke]

Each part runs in a process of its own, within its seconds, prints as it goes and keeps what it has, so that
the failure of one loses no other. `--smoke` tries every part at toy sizes without a GPU.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

PARTS = {
    "users": 55,
    "counter": 110,
    "serve": 120,
    "train": 75,
    "states": 75,
    "lowbit": 60,
    "engine": 40,
    "generate": 40,
}
"""Seconds of each part, in the order in which they run."""
GRACE_S = 15.0
"""Seconds after its own end that a part is ended from outside."""


def one(name: str, file: Path, seconds: float, device: str, smoke: bool) -> None:
    """Do one part in this process."""
    from gpu_parts.measured import Part

    part = Part(file, seconds)
    part.note(part=name, device=device)
    importlib.import_module(f"gpu_parts.{name}").run(part, device, smoke, chip_of(device))


def chip_of(device: str) -> str:
    """Return the catalogue's name of the GPU here; an H100's where there is none."""
    names = shell("nvidia-smi --query-gpu=name --format=csv,noheader").lower() if device == "cuda" else ""
    return "h200" if "h200" in names else "h100"


def shell(command: str) -> str:
    """Return what a command prints, or why not."""
    try:
        done = subprocess.run(command.split(), capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stdout.strip()


def everything(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + options.seconds
    asked = "name,driver_version,persistence_mode,power.limit,clocks.sm,temperature.gpu,power.draw"
    facts = {
        "gpu": shell(f"nvidia-smi --query-gpu={asked} --format=csv"),
        "python": sys.version,
        "trial": options.smoke,
    }
    print(facts["gpu"], flush=True)
    for name in options.only or PARTS:
        seconds = min(PARTS[name], end - time.monotonic() - GRACE_S)
        if seconds < 5:
            print(f"{name}: no time left", flush=True)
            continue
        begun = time.monotonic()
        print(f"{name} (at most {seconds:.0f} s)", flush=True)
        code = apart(name, seconds, options)
        facts[name] = {"seconds": time.monotonic() - begun, "ended": code}
        print(f"  {name}: {facts[name]}", flush=True)
        gather(options.out, facts)


def apart(name: str, seconds: float, options: argparse.Namespace) -> int | str:
    """Do one part in a process of its own; return its exit status."""
    call = [sys.executable, __file__, "--part", name, "--seconds", str(seconds), "--out", str(options.out)]
    try:
        done = subprocess.run(call + ["--smoke"] * options.smoke, timeout=seconds + GRACE_S, check=False)
    except subprocess.TimeoutExpired:
        return "ended from outside"
    return done.returncode


def gather(folder: Path, facts: dict) -> None:
    """Move what the parts have written so far into one file."""
    whole = folder / "gpu.json"
    found = json.loads(whole.read_text()) if whole.exists() else {}
    for name in PARTS:
        file = folder / f"{name}.json"
        if file.exists():
            found[name] = json.loads(file.read_text())
            file.unlink()
    whole.write_text(json.dumps({**found, "machine": facts}, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=465.0)
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        device = "cpu" if options.smoke else "cuda"
        one(options.part, options.out / f"{options.part}.json", options.seconds, device, options.smoke)
    else:
        everything(options)


if __name__ == "__main__":
    main()
