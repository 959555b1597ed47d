"""The colours of page and pictures, by token: one colour, one meaning, in both themes."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "bg": "#ffffff", "panel": "#f6f5f1", "ink": "#1a1b1e", "ink2": "#575a61", "rule": "#c9c8c2",
    "grid": "#e4e3dd", "bar": "#dedcd5", "classical": "#0b5fa5", "quantum": "#8e2f96",
    "inspired": "#a85400", "control": "#686b73", "save": "#17724a", "zone": "#e2f2e8",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "bg": "#14161a", "panel": "#1d2025", "ink": "#eeece6", "ink2": "#aeb0b6", "rule": "#464a52",
    "grid": "#2c3037", "bar": "#353a42", "classical": "#74b6f4", "quantum": "#d994e4",
    "inspired": "#f2aa5a", "control": "#a0a3ab", "save": "#63cd97", "zone": "#17332a",
}  # fmt: skip
"""bg: page; panel: the box to file; ink, ink2: text, labels; rule, grid, bar: lines, empty bars; classical,
quantum, inspired, control: the kind of a method; save, zone: what pays, and the region that does."""


def declarations(theme: Mapping[str, str]) -> str:
    """Return a theme as CSS declarations, which also let a picture stand alone."""
    return " ".join(f"--{token}: {colour};" for token, colour in theme.items())
