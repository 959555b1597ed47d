"""Distillation from the teacher's logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.settings import COMMON


@method
class Hinton(DistilMethod):
    """The text, and the teacher's distribution of every next token over the whole vocabulary."""

    name = "hinton"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1503.02531",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "rate": (0.0,),
        "mixing": (0.9, 0.5),
        "temperature": (1.0, 2.0, 4.0),
    } | COMMON
