"""What a user takes away: packed codes and scales, and a plain Hugging Face folder of what they mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.rows import to_json
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.deployment.quantise.grid import Codes
from qwatt.stages.deployment.quantise.problem import TASK, QuantiseAnswer, RoundedLayer

if TYPE_CHECKING:
    import torch
    from safetensors import numpy as safetensors
else:
    torch, safetensors = lazy("torch"), lazy("safetensors.numpy")

PACKED, DESCRIPTION, FOLDER, README = "packed.safetensors", "quantised.json", "decoder", "README.md"
FORMAT = 1

_HOW_TO_LOAD = """\
`{folder}/` holds the decoder with the rounded weights, as plain floats: it loads without qwatt, and takes as
much memory and energy as before.

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```

`{packed}` holds the same weights in {bits:.2f} bits each, scales included. For every layer NAME of
`quantised.json`: `NAME.codes` is a row of bits, the first weight's lowest bit first, {order} bits a weight;
weight = scale x (code - zero), with `NAME.scale` (float16) and `NAME.zero` for every `group` weights of a
row, then divided by `NAME.input_scale` (a column each) where there is one.
"""


def write_quantised(answer: QuantiseAnswer, folder: Path) -> list[Path]:
    """Write the packed weights, their description, the decoder's folder, the card and how to load them."""
    folder.mkdir(parents=True, exist_ok=True)
    packed, description, readme = folder / PACKED, folder / DESCRIPTION, folder / README
    tensors: dict[str, NDArray[Any]] = {}
    for name, layer in answer.layers.items():
        tensors |= {f"{name}.{part}": values for part, values in packed_layer(layer).items()}
    safetensors.save_file(tensors, packed)
    record = {
        "format": FORMAT,
        "method": answer.method,
        "decoder": answer.decoder,
        "decoder_digest": answer.digest,
        "bits_per_weight": answer.bits_per_weight,
        "layers": {name: _described(layer) for name, layer in answer.layers.items()},
    }
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    decoder = load_decoder(answer.decoder)
    parts = dict(decoder.model.named_modules())
    for name, layer in answer.layers.items():
        parts[name].weight.data = torch.from_numpy(np.ascontiguousarray(layer.weights))
    save_decoder(decoder.model, decoder.tokenizer, folder / FOLDER)
    text = _HOW_TO_LOAD.format(folder=FOLDER, packed=PACKED, bits=answer.bits_per_weight, order="its `bits`")
    readme.write_text(text, "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    return [packed, description, card, readme, *sorted((folder / FOLDER).iterdir())]


def packed_layer(layer: RoundedLayer) -> dict[str, NDArray[Any]]:
    """Return the tensors of a layer, its codes and zeros without a bit between them."""
    bits = layer_bits(layer)
    found: dict[str, NDArray[Any]] = {
        "codes": pack(layer.codes, bits),
        "scale": layer.grid.scale.astype(np.float16),
        "zero": pack(layer.grid.zero, bits),
    }
    if layer.input_scale is not None:
        found["input_scale"] = layer.input_scale.astype(np.float16)
    return found


def read_packed(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights by layer that an exported folder's packed tensors stand for."""
    described = json.loads((folder / DESCRIPTION).read_text("utf-8"))["layers"]
    tensors = safetensors.load_file(folder / PACKED)
    return {name: _unpacked(name, facts, tensors) for name, facts in described.items()}


def pack(codes: Codes, bits: int) -> NDArray[np.uint8]:
    """Return codes row by row in a string of bits, the lowest of each first, filled up to whole bytes."""
    planes = (codes.reshape(-1, 1) >> np.arange(bits, dtype=np.uint8)) & 1
    return np.packbits(planes.reshape(-1), bitorder="little")


def unpack(packed: NDArray[np.uint8], bits: int, count: int) -> Codes:
    """Return the first `count` codes of a string of bits, shape (count,)."""
    planes = np.unpackbits(packed, count=count * bits, bitorder="little").reshape(count, bits)
    return np.asarray((planes << np.arange(bits, dtype=np.uint8)).sum(axis=1), dtype=np.uint8)


def layer_bits(layer: RoundedLayer) -> int:
    """Return the bits of a layer's codes, of which all rows have as many."""
    return int(layer.grid.bits[0])


def _described(layer: RoundedLayer) -> dict[str, Any]:
    rows, columns = layer.codes.shape
    return {"rows": rows, "columns": columns, "bits": layer_bits(layer), "group": layer.grid.group}


def _unpacked(name: str, facts: dict[str, int], tensors: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    rows, columns, bits, group = (facts[key] for key in ("rows", "columns", "bits", "group"))
    scale = tensors[f"{name}.scale"].astype(np.float32)
    codes = unpack(tensors[f"{name}.codes"], bits, rows * columns).reshape(rows, columns)
    zero = unpack(tensors[f"{name}.zero"], bits, scale.size).reshape(scale.shape)
    wide, first = (np.repeat(part, group, axis=1)[:, :columns] for part in (scale, zero.astype(np.float32)))
    found: NDArray[np.float32] = (codes.astype(np.float32) - first) * wide
    input_scale = tensors.get(f"{name}.input_scale")
    return found if input_scale is None else np.asarray(found / input_scale, dtype=np.float32)
