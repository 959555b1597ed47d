"""A layer on disk: `layer.safetensors` holds its numbers, `layer.json` how it is built and where it goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.rows import to_json
from qwatt.torch.bottleneck import Bottleneck
from qwatt.torch.classical_layers import FourierLayer, LowRankLayer, MlpLayer
from qwatt.torch.quantum_layer import QuantumLayer

WEIGHTS, DESCRIPTION = "layer.safetensors", "layer.json"
KINDS: dict[str, type[Bottleneck]] = {
    kind.__name__: kind for kind in (QuantumLayer, LowRankLayer, MlpLayer, FourierLayer)
}


def save_layer(layer: Bottleneck, folder: Path | str, **facts: Any) -> list[Path]:
    """Write a layer; return its two files.

    Args:
        layer: one of this package.
        folder: is made where it does not exist.
        facts: plain values to keep beside it, such as `block` and `place`.
    """
    from safetensors.torch import save_file

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights, description = folder / WEIGHTS, folder / DESCRIPTION
    save_file({name: tensor.detach().contiguous() for name, tensor in layer.state_dict().items()}, weights)
    record = {"layer": type(layer).__name__, "config": layer.config, **facts}
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    return [weights, description]


def load_layer(folder: Path | str) -> tuple[Bottleneck, dict[str, Any]]:
    """Return a saved layer in evaluation mode, and the facts that were kept beside it.

    Raises:
        QwattError: a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    folder = Path(folder)
    try:
        record = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        layer = KINDS[record.pop("layer")](**record.pop("config"))
        layer.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise QwattError(
            f"no saved layer can be read here: {type(error).__name__}: {error}",
            where=str(folder),
            mend=f"give a folder with {WEIGHTS} and {DESCRIPTION}, as architecture/layer exports it",
        ) from error
    return layer.eval(), record
