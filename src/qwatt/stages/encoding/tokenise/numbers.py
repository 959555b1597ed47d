"""A tiny corpus that is made, not read: numbers in words, in four languages and three scripts.

Words are put together from few parts, as in "siebenhundertdreiundzwanzig": there is something to learn.
"""

from __future__ import annotations

import numpy as np

_PER_DOCUMENT = 12


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ENGLISH_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_GERMAN = _words(
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_GERMAN_TENS = _words("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
_RUSSIAN = _words(
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать "
    "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
)
_RUSSIAN_TENS = _words("двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто")
_RUSSIAN_HUNDREDS = _words("сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот")
_CHINESE = "零一二三四五六七八九"


def number_documents(size_bytes: int, seed: int) -> list[str]:
    """Return documents of a dozen numbers below 1,000 each, in English, German, Russian and Chinese in turn.

    Args:
        size_bytes: bytes in UTF-8 that all of them have at least, together.
        seed: seed of the numbers.
    """
    rng = np.random.default_rng([seed, 5])
    documents: list[str] = []
    size = 0
    while size < size_bytes:
        spell, join, end = _LANGUAGES[len(documents) % len(_LANGUAGES)]
        text = join.join(spell(int(n)) for n in rng.integers(0, 1000, _PER_DOCUMENT)) + end
        documents.append(text)
        size += len(text.encode("utf-8"))
    return documents


def english(n: int) -> str:
    """Spell a number from 0 to 999."""
    if n >= 100:
        return f"{_ENGLISH[n // 100]} hundred" + (f" and {english(n % 100)}" if n % 100 else "")
    if n < 20:
        return _ENGLISH[n]
    return _ENGLISH_TENS[n // 10 - 2] + (f"-{_ENGLISH[n % 10]}" if n % 10 else "")


def german(n: int) -> str:
    """Spell a number from 0 to 999, as one word."""
    if n >= 100:
        return ("ein" if n < 200 else _GERMAN[n // 100]) + "hundert" + (german(n % 100) if n % 100 else "")
    if n < 20:
        return _GERMAN[n]
    unit = "ein" if n % 10 == 1 else _GERMAN[n % 10]
    return (f"{unit}und" if n % 10 else "") + _GERMAN_TENS[n // 10 - 2]


def russian(n: int) -> str:
    """Spell a number from 0 to 999."""
    if n >= 100:
        return _RUSSIAN_HUNDREDS[n // 100 - 1] + (f" {russian(n % 100)}" if n % 100 else "")
    if n < 20:
        return _RUSSIAN[n]
    return _RUSSIAN_TENS[n // 10 - 2] + (f" {_RUSSIAN[n % 10]}" if n % 10 else "")


def chinese(n: int) -> str:
    """Spell a number from 0 to 999."""
    if n >= 100:
        rest = n % 100
        ten = "一" if 10 <= rest < 20 else ""  # 一百一十, though ten alone is 十
        gap = "零" if 0 < rest < 10 else ""
        return f"{_CHINESE[n // 100]}百" + (gap + ten + chinese(rest) if rest else "")
    if n < 10:
        return _CHINESE[n]
    return ("" if n < 20 else _CHINESE[n // 10]) + "十" + (_CHINESE[n % 10] if n % 10 else "")


_LANGUAGES = ((english, ", ", ".\n"), (german, ", ", ".\n"), (russian, ", ", ".\n"), (chinese, "、", "。\n"))
