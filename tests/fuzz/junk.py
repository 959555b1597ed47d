"""Values that do not belong, for command lines, settings, records and documents; and how to change some."""

import datetime
import math

# fmt: off
WORDS = [
    "", " ", "0", "-1", "1", "2", "2.5", "1e9", "1e309", "nan", "inf", "-inf", "-0.0", "1e-320",
    "0x10",
    "1_000", "٣", "½", "true", "none", "null", "[]", "{}", "[1,2]", "1,2,3", "3,2,1", "nan,1,2",
    "a" * 5000,
    "\u202e", "\udcff", "\ud800", "💥", "\n", "\x1b[31m", "[/nope]", "[bold]", "%s", "{0}", "../x",
    "~", "#",
    "@tuning/head", "@", "--", "-", "-h", "--json", "--help", "99999999999999999999", "9" * 5000,
    "engine",
    "noisy:", "pennylane:", "noisy:ibm_fez", "h100", "8B", "-8B", "xs", "full", "x.toml", "a=b",
    "=", ".=1",
    "threshold=nan", "C=-1", "logistic.C=1e309", "a.b.c=1", "10**3", "1e", "e1", "1,", ",", "1,2",
    "𝟙", "١e٣",
    "/dev/null", "/proc/self/mem", "curation", "tuning/head", "curation/dedup", "builtin:",
    "builtin:weather",
]

VALUES = [
    None, True, False, 0, -1, 1, 2, 10**30, -(10**30), 2.5, 0.0, -0.0, 1e308, -1e308, 5e-324,
    math.nan, math.inf,
    -math.inf, "", " ", "x", "nan", "1", "\x00", "\x1b]0;own\x07", "\u202e", "💥", "é", "a" * 3000,
    "../../evil",
    "[/nope]", "=1+1", [], {}, [[]], [1, 1], [3, 2, 1], [1, 2, 3], [0, 0, 0], [math.nan] * 3, ["x"],
    [{}],
    {"": 1}, {"a": {"a": {"a": 1}}}, {"value": 1, "unit": "W"}, {"min": 1, "max": 10**20},
    {"low": 2, "high": 1},
    datetime.date(1979, 5, 27), datetime.datetime(9999, 12, 31, 23, 59, 59), datetime.time(7, 32),
]

TEXTS = [
    "", " ", "\t", "a", "the old king speaks of winter", "the old king speaks of winter.",
    "👩‍👩‍👧‍👦" * 9,
    "नमस्ते दुनिया", "世界经济史是一部连续剧", "e\u0301" * 40, "\u200b\u200b", "\u202eabc", "\x00", "\x1b[2J",
    "\ud800", "\udfff tail",
    "=cmd()", "a,b;c\td|e", '"', '""', "'", "\\", "line\nline", "line\r\nline", "cr\ronly",
    "\u2028\u2029\x85",
    "word " * 3000, "x" * 60000, "{" * 2000, "[[" * 500, "0", "NaN", "null", "\ufeffbom", "٣٤٥",
    "ﬁ ﬀ ß ẞ İ ı",
    "a" + "\u0300" * 3000, "\U000e0001\U000e007f", "<script>", "%00", "text", "label",
]
"""Texts of documents."""

LABELS = [0, 1, 0.0, 1.0, "a", "b", "A", " a ", "a\u0301", "á", True, False, None, math.nan,
    math.inf, -1, 10**30,
          "", [], {}, [1], {"a": 1}, "💥", "\ud800", "x" * 3000, "=1", 2.5, "1", "1.0", "nan"]
# fmt: on


def damaged_text(text, drawn):
    """Return text with a few lines or characters taken out, doubled, swapped or put in."""
    for _ in range(drawn.choice([1, 1, 2, 4])):
        pieces = text.splitlines(keepends=True) if drawn.random() < 0.5 else list(text)
        if not pieces:
            return drawn.choice(WORDS)
        place = drawn.randrange(len(pieces))
        change = drawn.randrange(4)
        if change == 0:
            del pieces[place]
        elif change == 1:
            pieces.insert(place, pieces[drawn.randrange(len(pieces))])
        elif change == 2:
            pieces[place] = drawn.choice(WORDS)
        else:
            pieces.insert(
                place, drawn.choice(["\n", '"', "[", "]", "=", "{", "}", "'", "\x00", "#", ".", "\\"])
            )
        text = "".join(pieces)
    return text


def changed_tree(tree, drawn):
    """Return nested tables and lists with a few values replaced, taken out, put in or renamed."""
    for _ in range(drawn.choice([1, 1, 1, 2, 3])):
        tree = _changed(tree, drawn)
    return tree


def _changed(tree, drawn):
    inner = (
        list(tree.items())
        if isinstance(tree, dict)
        else list(enumerate(tree))
        if isinstance(tree, list)
        else []
    )
    deeper = [(key, value) for key, value in inner if isinstance(value, dict | list) and value]
    if deeper and drawn.random() < 0.7:
        key, value = drawn.choice(deeper)
        copy = dict(tree) if isinstance(tree, dict) else list(tree)
        copy[key] = _changed(value, drawn)
        return copy
    if not inner:
        return drawn.choice(VALUES)
    key, value = drawn.choice(inner)
    if isinstance(tree, list):
        return drawn.choice([tree[:key] + tree[key + 1 :], [*tree, value], [*tree, drawn.choice(VALUES)], []])
    copy, change = dict(tree), drawn.randrange(5)
    if change == 0:
        del copy[key]
    elif change == 1:
        copy[drawn.choice(["x", key + "s", key[:-1], key.upper(), "💥", ""])] = value
    else:
        copy[key] = drawn.choice(VALUES)
    return copy
