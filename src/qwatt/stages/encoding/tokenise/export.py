"""What a user takes away: the tokenizer, as a file that every library of Hugging Face's family loads."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import ArtifactCard
from qwatt.stages.encoding.tokenise.problem import TASK, TokeniseAnswer


def write_tokenizer(answer: TokeniseAnswer, folder: Path) -> list[Path]:
    """Write `tokenizer.json`, which `tokenizers.Tokenizer.from_file` loads without qwatt, and its card."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "tokenizer.json"
    file.write_text(answer.tokenizer, encoding="utf-8")
    return [file, ArtifactCard(TASK, folder.name).write(folder)]
