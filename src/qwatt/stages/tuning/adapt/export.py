"""What a user takes away: a plain model folder with the adaptation inside, and how to load it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.data.rows import to_json
from qwatt.language.decoder import Decoder, load_decoder, save_decoder
from qwatt.stages.tuning.adapt.pretrained import put_weights
from qwatt.stages.tuning.adapt.problem import TASK, AdaptAnswer, AdaptProblem

FOLDER, DESCRIPTION, README = "model", "adaptation.json", "README.md"

_HOW = """\
`{folder}/` is {decoder} adapted to {source} by {method}, merged into its weights. It loads without qwatt:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
tokenizer = AutoTokenizer.from_pretrained("{folder}")
```

{note}`qwatt run ... --model {folder}` works on it.
"""


def write_model(problem: AdaptProblem, answer: AdaptAnswer, folder: Path) -> list[Path]:
    """Write the merged decoder's folder, what was done, the card and how to load it; the weights first.

    Raises:
        QwattError: the decoder's folder changed since it was adapted.
    """
    decoder = load_decoder(answer.decoder)
    if decoder.digest != answer.digest:
        raise QwattError("the decoder changed since it was adapted", where=answer.decoder, mend="run again")
    put_weights(decoder.model, answer.weights)
    save_decoder(decoder.model, decoder.tokenizer, folder / FOLDER)
    description = folder / DESCRIPTION
    record = _record(problem, answer, decoder)
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    note = f"Of the decoder before: {decoder.note}.\n\n" if decoder.note else ""
    readme = folder / README
    names = {"folder": FOLDER, "decoder": answer.decoder, "source": problem.source, "method": answer.method}
    readme.write_text(_HOW.format(note=note, **names), "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    files = sorted((folder / FOLDER).iterdir(), key=lambda file: (file.suffix != ".safetensors", file.name))
    return [*files, description, card, readme]


def _record(problem: AdaptProblem, answer: AdaptAnswer, decoder: Decoder) -> dict[str, Any]:
    found = answer.test or answer.validation
    return {
        "method": answer.method,
        "decoder": answer.decoder,
        "decoder_digest": answer.digest,
        "decoder_note": decoder.note,
        "source": problem.source,
        "trained_parameters": answer.parameters,
        "bits_per_character": found.bits_per_character,
        "changed": sorted(answer.weights),
        "facts": dict(answer.facts),
    }
