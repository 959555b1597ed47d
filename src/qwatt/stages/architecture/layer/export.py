"""What a user takes away: the decoder's folder, the layer beside it, and how to load both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.rows import to_json
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.architecture.layer import lora_graft
from qwatt.stages.architecture.layer.problem import TASK, LayerAnswer

if TYPE_CHECKING:
    import torch

    from qwatt import torch as layers
    from qwatt.torch import saved
else:
    torch, layers, saved = lazy("torch"), lazy("qwatt.torch"), lazy("qwatt.torch.saved")

FOLDER, README = "decoder", "README.md"

_WITH_LAYER = """\
The decoder in `{folder}/` is as it was; the layer is beside it, and is put in like this:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer
from qwatt.torch import attached, load_layer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
layer, facts = load_layer(".")
with attached(model, layer, facts["block"], facts["place"]):
    logits = model(**tokenizer("text", return_tensors="pt")).logits
```
"""
_MERGED = """\
The adapters are merged into the decoder in `{folder}/`, which loads without qwatt:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```
"""


def write_layer(answer: LayerAnswer, folder: Path) -> list[Path]:
    """Write `layer.safetensors`, `layer.json`, the decoder's folder, the card and how to load them.

    LoRA is written merged as well; of the place "ffn" it is not, as no plain decoder leaves that part out.
    """
    decoder = load_decoder(answer.decoder)
    merged = answer.config["layer"] == "LoRA" and answer.place == "adapter"
    if merged:
        block = layers.find_block(decoder.model, answer.block)
        lora_graft.inject(block, answer.config["config"]["ranks"], 0)
        lora_graft.load_adapters(block, answer.state)
        lora_graft.remove(block, merge=True)
    save_decoder(decoder.model, decoder.tokenizer, folder / FOLDER)
    weights, description = _write_numbers(answer, folder)
    card = ArtifactCard(TASK, answer.method).write(folder)
    readme = folder / README
    readme.write_text((_MERGED if merged else _WITH_LAYER).format(folder=FOLDER), "utf-8")
    decoder_files = sorted((folder / FOLDER).iterdir())
    return [weights, description, card, readme, *decoder_files]


def _write_numbers(answer: LayerAnswer, folder: Path) -> tuple[Path, Path]:
    from safetensors.numpy import save_file

    weights, description = folder / saved.WEIGHTS, folder / saved.DESCRIPTION
    save_file(dict(answer.state), weights)
    record: dict[str, Any] = dict(answer.config) | {
        "method": answer.method,
        "block": answer.block,
        "place": answer.place,
        "decoder": answer.decoder,
        "decoder_digest": answer.digest,
        "parameters": answer.parameters,
    }
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    return weights, description
