"""How names are shown: escaped and shortened where they are odd or long, and told apart when they repeat."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_MOST_CHARACTERS = 200
_MOST_NAMES = 12
_ESCAPED_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")
_ESCAPED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def shown(text: str, most: int = _MOST_CHARACTERS) -> str:
    r"""Return a name that can be printed and encoded: bytes that are no UTF-8 as `\xff`, controls as `\n`.

    A name longer than `most` characters keeps its beginning and its end.
    """
    if len(text) > most:
        text = f"{text[: most // 2]}...{text[-most // 2 + 3 :]}"
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a file name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    if unicodedata.category(character) in _ESCAPED and character != "\u200d":
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character


def escaped(name: str) -> str:
    r"""Return a file's name as text: bytes that are no UTF-8 as `\xff`, in full; `unescaped` undoes it."""
    return "".join(_escaped(c) if "\udc80" <= c <= "\udcff" else c for c in name)


def unescaped(name: str) -> str:
    r"""Return the name whose bytes `escaped` wrote as `\xff`."""
    return _ESCAPED_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), name)


def listed(names: Iterable[str], most: int = _MOST_NAMES) -> str:
    """Return names with commas between them, the first few of many; quotes show blanks at their ends."""
    every = list(names)
    first = [repr(n) if n != n.strip() or not n else shown(n, 60) for n in every[:most]]
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(first) + more


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names without repeats: the first of one name keeps it, the second of "text" becomes "text.2"."""
    if len(set(names)) == len(names):
        return list(names)
    taken, counts, result = set(names), dict[str, int](), []
    for name in names:
        own, count = name, counts.get(name, 0) + 1
        while count > 1 and (own := f"{name}.{count}") in taken:
            count += 1
        counts[name] = count
        taken.add(own)
        result.append(own)
    return result


def repeated(names: Sequence[str]) -> list[str]:
    """Return the names that occur more than once, each once."""
    return [name for name, count in Counter(names).items() if count > 1]
