"""What a decoder takes in the forms that this machine can run: float32, bfloat16, and 8 bits by torch.

Rounded weights are executed as floats again, at the cost of that form: fewer bits are fewer bytes on disk,
and nothing else, until something multiplies with the packed weights themselves.
"""

from __future__ import annotations

import copy
import warnings
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.threads import one_thread
from qwatt.language.decoder import validation_loss
from qwatt.language.serving import serving_costs, usual_request
from qwatt.stages.deployment.quantise.forms import dynamic_int8
from qwatt.stages.deployment.quantise.problem import Service
from qwatt.stages.deployment.quantise.service_memory import service_memory, unknown
from qwatt.stages.deployment.quantise.workbench import Workbench

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@lru_cache(maxsize=2)
def realised(bench: Workbench, service: Service) -> dict[str, dict[str, Any]]:
    """Return bytes, loss, time, joules and memory of each form, whatever method rounds; charged to no method.

    `disk_bytes` are those of a file that was written, `weight_bytes` those of all weights in memory,
    `nats_per_token` is of the validation part, joules are None where nothing reads them. What the process
    that serves takes is told by `service_memory`.

    Args:
        bench: the decoder and its text.
        service: what is measured in service, the forms by turns.
    """
    models = {"float32": bench.model, "bfloat16": copy.deepcopy(bench.model).to(torch.bfloat16)}
    models["int8"] = dynamic_int8(bench.model)
    costs = serving_costs(list(models.values()), bench.test, service.read, service.written, service.rounds)
    found = {}
    for (form, model), cost in zip(models.items(), costs, strict=True):
        with one_thread():
            loss = validation_loss(model, bench.validation, bench.context)
        found[form] = {
            "disk_bytes": disk_bytes(model),
            "weight_bytes": cost.weights_bytes + _packed_bytes(model),
            "nats_per_token": loss,
            "read_ms_per_token": cost.read_ms,
            "read_j_per_token": cost.read_j,
            "written_ms_per_token": cost.written_ms,
            "written_j_per_token": cost.written_j,
            "request_j": cost.request_j(usual_request()),
            "basis": cost.basis,
            **_memory(bench, form, service),
        }
    return found


def disk_bytes(model: Any) -> int:
    """Return the bytes of a file that holds all of a model's weights, tied ones once."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own use of what it deprecates
        file = Path(folder) / "weights.pt"
        torch.save(model.state_dict(), file)
        return file.stat().st_size


def _memory(bench: Workbench, form: str, service: Service) -> dict[str, Any]:
    """Return the memory of a process that serves a form, where the size of the problem measures it."""
    if not service.memory:
        return unknown("not measured at this size: beside its libraries so small a decoder takes nothing")
    return service_memory(bench.decoder.name, form, service.read, service.written)


def _packed_bytes(model: Any) -> int:
    """Return the bytes of weights that torch packs away from a model's parameters."""
    linear: Any = torch.ao.nn.quantized.dynamic.Linear
    found = 0
    for part in model.modules():
        if isinstance(part, linear):
            weights = part.weight()
            found += weights.numel() * weights.element_size() + 12 * weights.shape[0]
    return found


def dearer_forms(forms: dict[str, dict[str, Any]]) -> list[str]:
    """Return sentences on the forms that take more joules a request than float32."""
    whole = forms["float32"]["request_j"]
    if not whole:
        return []
    return [
        f"{form} takes {found['request_j'] / whole:.2f} times the joules a request of float32 here, "
        f"with {found['weight_bytes'] / forms['float32']['weight_bytes']:.2f} times its weights in memory"
        for form, found in forms.items()
        if found["request_j"] is not None and found["request_j"] > whole
    ]
