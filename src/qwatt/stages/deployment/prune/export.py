"""What a user takes away: the smaller model's folder, what was kept, and how to load it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from qwatt.core.artifact import ArtifactCard
from qwatt.data.rows import to_json
from qwatt.stages.deployment.prune.problem import TASK, PruneAnswer
from qwatt.stages.deployment.prune.result import pruned
from qwatt.stages.deployment.prune.slim import needs_own_code

RECORD, README, CODE = "pruned.json", "README.md", "modeling_pruned"

_PLAIN = """\
The pruned {folder} is in `{folder}/`. It loads without qwatt:

```python
from transformers import {auto}, AutoTokenizer

model = {auto}.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```
"""
_TRUSTED = """\
The pruned {folder} is in `{folder}/`. Its blocks are of widths that no configuration of
transformers holds: `{folder}/{code}.py` builds them, and transformers runs that file only if you say
that you trust it. Read it first; it is short, and a copy of qwatt's `torch/pruned_{folder}.py`. Loading
needs no qwatt:

```python
from transformers import {auto}, AutoTokenizer

model = {auto}.from_pretrained("{folder}", trust_remote_code=True)
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```

Prune with `--set widths=uniform` for a folder that needs no trust: channels or blocks of any model, and of
decoders a number of heads that divides the width.
"""


def write_pruned(answer: PruneAnswer, folder: Path) -> list[Path]:
    """Write the model's folder, `pruned.json`, the card and how to load it; the weights come first."""
    whole, model, kind = pruned(answer)
    target, own_code = folder / whole.kind, needs_own_code(model)
    model = model.to(kind)
    if own_code:
        model.config.auto_map = {whole.auto_class: f"{CODE}.{type(model).__name__}"}
    whole.save(model, target)
    if own_code:
        code = files("qwatt.torch").joinpath(f"pruned_{whole.kind}.py").read_text("utf-8")
        (target / f"{CODE}.py").write_text(code, "utf-8")
    record = folder / RECORD
    record.write_text(to_json(_record(answer, own_code), indent=1) + "\n", "utf-8")
    readme = folder / README
    text = _TRUSTED if own_code else _PLAIN
    readme.write_text(text.format(folder=whole.kind, code=CODE, auto=whole.auto_class), "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    weights = sorted(target.glob("*.safetensors"))
    rest = sorted(set(target.iterdir()) - set(weights))
    return [*weights, record, card, readme, *rest]


def _record(answer: PruneAnswer, own_code: bool) -> dict[str, Any]:
    kept, cut = answer.kept, answer.cut
    return {
        "method": answer.method,
        "model": answer.model,
        "model_digest": answer.digest,
        "units": cut.units,
        "keep": cut.keep,
        "widths": cut.widths,
        "needs_trust_remote_code": own_code,
        "kept_blocks": kept.blocks.tolist(),
        "kept_key_value_heads": [kept.heads[b].tolist() for b in kept.blocks],
        "kept_channels": [kept.channels[b].tolist() for b in kept.blocks],
        "fitted_anew": sorted(answer.weights),
    }
