"""Keeps credentials out of messages: whatever the environment calls a key, token or secret is blanked."""

from __future__ import annotations

import os
import re

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|CRN|_INSTANCE", re.IGNORECASE)


def scrubbed(text: str) -> str:
    """Return the text with the value of every secret-looking environment variable replaced by "***"."""
    values = [value for name, value in os.environ.items() if _SECRET_NAME.search(name) and len(value) >= 6]
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***")
    return text
