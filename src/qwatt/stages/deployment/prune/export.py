"""What a user takes away: the smaller decoder's folder, what was kept, and how to load it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from qwatt.core.artifact import ArtifactCard
from qwatt.data.rows import to_json
from qwatt.language.decoder import save_decoder
from qwatt.stages.deployment.prune.problem import TASK, PruneAnswer
from qwatt.stages.deployment.prune.result import pruned
from qwatt.stages.deployment.prune.slim import needs_own_code

FOLDER, RECORD, README = "decoder", "pruned.json", "README.md"
CODE = "modeling_pruned"

_PLAIN = """\
The pruned decoder is in `{folder}/`. It loads without qwatt:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```
"""
_TRUSTED = """\
The pruned decoder is in `{folder}/`. Its blocks are not equally wide, which no configuration of
transformers holds: `{folder}/{code}.py` builds them, and transformers runs that file only if you say that you
trust it. Read it first; it is short, and a copy of qwatt's `torch/pruned_decoder.py`. Loading needs no qwatt:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}", trust_remote_code=True)
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```

Prune with `--set widths=uniform`, and to a number of heads that divides the model's width, for a folder
that needs no trust.
"""


def write_pruned(answer: PruneAnswer, folder: Path) -> list[Path]:
    """Write the decoder's folder, `pruned.json`, the card and how to load it; the weights come first."""
    decoder, model, kind = pruned(answer)
    target, own_code = folder / FOLDER, needs_own_code(model)
    model = model.to(kind)
    if own_code:
        model.config.auto_map = {"AutoModelForCausalLM": f"{CODE}.{type(model).__name__}"}
    save_decoder(model, decoder.tokenizer, target)
    if own_code:
        code = files("qwatt.torch").joinpath("pruned_decoder.py").read_text("utf-8")
        (target / f"{CODE}.py").write_text(code, "utf-8")
    record = folder / RECORD
    record.write_text(to_json(_record(answer, own_code), indent=1) + "\n", "utf-8")
    readme = folder / README
    readme.write_text((_TRUSTED if own_code else _PLAIN).format(folder=FOLDER, code=CODE), "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    weights = sorted(target.glob("*.safetensors"))
    rest = sorted(set(target.iterdir()) - set(weights))
    return [*weights, record, card, readme, *rest]


def _record(answer: PruneAnswer, own_code: bool) -> dict[str, Any]:
    kept, cut = answer.kept, answer.cut
    return {
        "method": answer.method,
        "decoder": answer.decoder,
        "decoder_digest": answer.digest,
        "units": cut.units,
        "keep": cut.keep,
        "widths": cut.widths,
        "needs_trust_remote_code": own_code,
        "kept_blocks": kept.blocks.tolist(),
        "kept_key_value_heads": [kept.heads[b].tolist() for b in kept.blocks],
        "kept_channels": [kept.channels[b].tolist() for b in kept.blocks],
        "fitted_anew": sorted(answer.weights),
    }
