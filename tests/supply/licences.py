"""The licences that installed packages state, as SPDX names."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

OPEN = {
    "Apache-2.0", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC",
    "Zlib", "CC0-1.0", "PSF-2.0", "Python-2.0", "CNRI-Python", "MPL-2.0", "Unlicense", "BSL-1.0",
}  # fmt: skip
"""Licences that may be taken. BSL-1.0 is Boost's; the Business Source License is BUSL-1.1, and may not."""

WORDS = {
    "apache": "Apache-2.0",
    "mit": "MIT",
    "bsd": "BSD-3-Clause",
    "isc": "ISC",
    "mpl": "MPL-2.0",
    "mozilla public license 2": "MPL-2.0",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "the unlicense": "Unlicense",
    "zlib": "Zlib",
}
"""What packages that name no SPDX licence write; a long text counts by its first words."""

BY_HAND = {"resvg-py": "MIT"}
"""Packages whose metadata states none, after their licence file was read."""


def closure(names: Iterable[str]) -> dict[str, Distribution]:
    """Return the installed packages that some packages need, with extras such as "qwatt[run]"."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(name).name, extra) for name in names for extra in ("", *Requirement(name).extras)]
    while waiting:
        name, extra = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if (key, extra) in seen:
            continue
        seen.add((key, extra))
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            continue
        for text in found[key].requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed.name, more) for more in ("", *needed.extras)]
    return found


def licences(package: Distribution) -> set[str]:
    """Return a package's licences as SPDX names; what is not understood is returned as it is written."""
    metadata = package.metadata
    name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
    if name in BY_HAND:
        return {BY_HAND[name]}
    if expression := metadata.get("License-Expression"):
        return {part.strip(" ()") for part in re.split(r"\bAND\b|\bOR\b|\bWITH\b", expression)}
    said = [c.split("::")[-1] for c in metadata.get_all("Classifier") or () if c.startswith("License ::")]
    said = [s for s in said if s.strip() != "OSI Approved"] or [(metadata.get("License") or "unknown")[:60]]
    return {_spdx(text) for text in said}


def _spdx(text: str) -> str:
    plain = " ".join(text.lower().replace("-", " ").split())
    return next((spdx for word, spdx in WORDS.items() if re.search(rf"\b{re.escape(word)}\b", plain)), text)
