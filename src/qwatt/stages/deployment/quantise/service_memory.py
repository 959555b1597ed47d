"""Memory of a decoder in service: each form in a fresh process, which holds nothing but what serving takes.

Resident pages are of two sorts: anonymous ones, which each serving process has for itself, and those of
files, libraries and mapped weights, which the processes of a machine share. So several processes take less
than as many times the peak of one.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.threads import one_thread
from qwatt.language.decoder import load_decoder
from qwatt.stages.deployment.quantise.forms import in_form

if TYPE_CHECKING:
    import torch
    import transformers
else:
    torch, transformers = lazy("torch"), lazy("transformers")

Memory = dict[str, int | str | None]

_FIELDS = {"peak_rss_bytes": "VmHWM", "anonymous_bytes": "RssAnon", "file_bytes": "RssFile"}
_PROCESS = Path("/proc/self")
_SECONDS = 600
_GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "OMP_NUM_THREADS": "1"}
"""So that the C library gives the floats of which a form was made back to the machine."""


def service_memory(decoder: str, form: str, read: int, written: int) -> Memory:
    """Return the memory of a fresh process that answers one request; None and a reason where it is unknown.

    `before_loading_bytes` is what Python and its libraries take before there is a decoder, `peak_rss_bytes`
    the most that was resident during the request, `anonymous_bytes` and `file_bytes` what was at its end.

    Args:
        decoder: its name or folder.
        form: one of `forms.FORMS`.
        read: tokens of the prompt.
        written: tokens that are written after it.
    """
    words = [sys.executable, "-m", __name__, json.dumps([decoder, form, read, written])]
    try:
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env=os.environ | _GIVE_BACK,
        )
        found: Memory = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
        return unknown(f"a process that serves {form} gave no answer ({type(error).__name__})")
    return found


def unknown(reason: str) -> Memory:
    """Return the memory that nobody measured."""
    return dict.fromkeys(("before_loading_bytes", *_FIELDS)) | {"memory_reason": reason}


def resident(process: Path = _PROCESS) -> dict[str, int]:
    """Return the kernel's account of a process's resident memory, bytes by the field of its `status`."""
    rows = (line.split() for line in (process / "status").read_text("utf-8").splitlines())
    return {row[0].rstrip(":"): 1024 * int(row[1]) for row in rows if len(row) == 3 and row[2] == "kB"}


def _served(decoder: str, form: str, read: int, written: int) -> Memory:
    _ = torch.nn.Module, transformers.AutoModelForCausalLM  # imports both: they count as before loading
    before = resident()["VmRSS"]
    model = in_form(load_decoder(decoder).model, form)
    if form != "float32":
        _leave_the_file(model)
    gc.collect()
    (_PROCESS / "clear_refs").write_text("5", "ascii")  # the peak begins anew, after loading
    _answer(model, read, written)
    found = resident()
    memory: Memory = {"before_loading_bytes": before}
    memory.update((name, found[field]) for name, field in _FIELDS.items())
    return memory


def _leave_the_file(model: Any) -> None:
    """Copy what still lies in the mapped file of floats, of which one weight would keep every page."""
    for weights in (*model.parameters(), *model.buffers()):
        weights.data = weights.data.clone()


def _answer(model: Any, read: int, written: int) -> None:
    ids = torch.arange(read)[None] % model.config.vocab_size
    with one_thread(), torch.inference_mode():
        last = model(input_ids=ids, use_cache=True, logits_to_keep=1)
        for _ in range(written):
            step = last.logits[:, -1:].argmax(-1)
            last = model(input_ids=step, past_key_values=last.past_key_values, use_cache=True)


if __name__ == "__main__":
    try:
        memory = _served(*json.loads(sys.argv[1]))
    except (OSError, KeyError) as error:
        memory = unknown(f"this system does not say what is resident ({type(error).__name__})")
    print(json.dumps(memory))
