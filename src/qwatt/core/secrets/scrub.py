"""The scrubber: blanks what the environment calls a secret, and what has the form of one."""

from __future__ import annotations

from collections.abc import Callable

from qwatt.core.secrets.environment import LEAST, PIECE, environment_secrets, patterns
from qwatt.core.secrets.known_forms import BLANK, blanked, without_known_forms


def scrubbed(text: str, least: int = LEAST) -> str:
    """Return the text with every secret in it replaced by `***`.

    Secrets are values of environment variables whose names say so (KEY, TOKEN, SECRET, PASS, AUTH, ...), what
    proxies sign in with, and tokens of known form; also where they are percent-encoded, in base64, in hex, or
    cut short. Digests, ids and names are no secrets and stay.

    Args:
        text: what is about to be written.
        least: characters of the shortest value of the environment to look for.
    """
    return scrubber(least)(text)


def scrubber(least: int = LEAST) -> Callable[[str], str]:
    """Return `scrubbed` for the environment as it is now: for many texts in a row."""
    found = patterns(environment_secrets(), least)

    def scrub(text: str) -> str:
        if found is not None:
            whole, pieces = found
            text = whole.sub(BLANK, text)
            if pieces:
                text = _without_pieces(text, pieces)
        return without_known_forms(text)

    return scrub


def _without_pieces(text: str, pieces: frozenset[str]) -> str:
    """Blank the stretches in which every `PIECE` characters are a piece of a secret."""
    low = text.lower()
    if len(low) != len(text):  # a letter whose lower case is two characters
        low = text
    spans: list[tuple[int, int]] = []
    for place in range(len(low) - PIECE + 1):
        if low[place : place + PIECE] not in pieces:
            continue
        begun = spans.pop()[0] if spans and place <= spans[-1][1] else place
        spans.append((begun, place + PIECE))
    return blanked(text, spans)
