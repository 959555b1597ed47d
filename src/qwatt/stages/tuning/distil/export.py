"""What a user takes away: the student's folder, which loads without qwatt, and a layer where it has one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.rows import to_json
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.tuning.distil.problem import TASK, DistilAnswer
from qwatt.stages.tuning.distil.student import new_student

if TYPE_CHECKING:
    from qwatt.torch import saved
else:
    saved = lazy("qwatt.torch.saved")

FOLDER, README = "student", "README.md"

_LOADED = """\
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```
"""
_PLAIN = "The student in `{folder}/` loads without qwatt:\n\n" + _LOADED
_WITH_LAYER = (
    "The student in `{folder}/` needs the layer beside it, in the place of the feed-forward part of its last "
    "block; the one in its folder is untrained:\n\n"
    + _LOADED
    + """
```python
from qwatt.torch import attached, load_layer

layer, facts = load_layer(".")
with attached(model, layer, facts["block"], facts["place"]):
    logits = model(**tokenizer("text", return_tensors="pt")).logits
```
"""
)


def write_student(answer: DistilAnswer, folder: Path) -> list[Path]:
    """Write the student's folder, the card and how to load it; the main file, its weights, first."""
    teacher = load_decoder(answer.teacher)
    student = new_student(answer.size, 0, teacher.tokenizer.eos_token_id)
    student.load(answer.state, {})
    save_decoder(student.model, teacher.tokenizer, folder / FOLDER)
    card = ArtifactCard(TASK, answer.method).write(folder)
    readme = folder / README
    readme.write_text((_PLAIN if answer.layer is None else _WITH_LAYER).format(folder=FOLDER), "utf-8")
    files = sorted((folder / FOLDER).iterdir(), key=lambda file: (file.suffix != ".safetensors", file.name))
    return [*files, *_write_layer(answer, folder), card, readme]


def _write_layer(answer: DistilAnswer, folder: Path) -> list[Path]:
    if answer.layer is None:
        return []
    from safetensors.numpy import save_file

    weights, description = folder / saved.WEIGHTS, folder / saved.DESCRIPTION
    save_file(dict(answer.layer_state), weights)
    record = dict(answer.layer) | {"method": answer.method, "block": answer.block, "place": "ffn"}
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    return [weights, description]
