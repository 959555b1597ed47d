"""What people ask an assistant (package chatterbot-corpus), and injected prompts (package bastioncorpus)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.data.fetch import fetch

if TYPE_CHECKING:
    import yaml
else:
    yaml = lazy("yaml")


def read_prompts(offline: bool = False) -> tuple[list[str], list[str]]:
    """Return different prompts that begin a dialogue, and different injections that are labelled malicious.

    Raises:
        QwattError: a package cannot be fetched, or has another form.
    """
    folder, file = fetch("dialogue", offline=offline), fetch("injections", offline=offline)
    try:
        dialogues = [
            turns
            for path in sorted(folder.glob("*.yml"))
            for turns in yaml.safe_load(path.read_text("utf-8"))["conversations"]
        ]
        ordinary = [str(turns[0]).strip() for turns in dialogues]
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        injected = [str(row["text"]).strip() for row in rows if row["label"] == "malicious"]
    except (yaml.YAMLError, ValueError, KeyError, IndexError, TypeError) as error:
        raise QwattError(f"not dialogues and injections: {error}", where=str(folder)) from error
    known = dict.fromkeys(text for text in ordinary if text)
    return list(known), list(dict.fromkeys(text for text in injected if text and text not in known))
