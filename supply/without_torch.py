"""Take torch and its CUDA packages out of a lock: which build is wanted differs from machine to machine.

python supply/without_torch.py requirements.lock
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LEFT_OUT = re.compile(r"(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==")


def without_torch(lock: str) -> str:
    """Return a lock without the entries that are left out; an entry goes on while its lines are indented."""
    entries = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if not LEFT_OUT.match(entry))


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(without_torch(file.read_text()))
