"""Which seeds a study runs: a number of them, the seeds themselves, or fewest and most."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

MAX_SEEDS = 1000


class SeedRange(BaseModel):
    """Seeds 0 ... min-1 in any case, then up to max where a method's quality is undecided."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    min: int = Field(ge=1)
    max: int = Field(le=MAX_SEEDS)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError("min must not be above max")
        return self


Seeds = int | list[int] | SeedRange
"""A number of seeds, the seeds themselves, or fewest and most of them."""


def read_range(seeds: object) -> object:
    """Read a table of fewest and most seeds here, so that its mistakes are explained as its own.

    Raises:
        ValueError: the table is not one of fewest and most seeds.
    """
    if not isinstance(seeds, dict):
        return seeds
    try:
        return SeedRange.model_validate(seeds)
    except ValidationError as error:
        raise ValueError(
            f"write {{min = 5, max = 20}}: whole numbers of 1 to {MAX_SEEDS}, min not above max"
        ) from error


def check_seeds(seeds: Seeds | None) -> Seeds | None:
    """Return seeds as they are.

    Raises:
        ValueError: none or too many of them, a negative one, or one twice.
    """
    if seeds is None or isinstance(seeds, SeedRange):
        return seeds
    count = seeds if isinstance(seeds, int) else len(seeds)
    if not 1 <= count <= MAX_SEEDS or (isinstance(seeds, list) and min(seeds) < 0):
        raise ValueError(f"give 1 to {MAX_SEEDS} seeds, none negative")
    if isinstance(seeds, list) and len(set(seeds)) < len(seeds):
        raise ValueError("every seed may appear only once")
    return seeds


def certain_seeds(seeds: Seeds) -> list[int]:
    """Return the seeds that run in any case: 0..n-1 for a number or the fewest, or the listed ones."""
    if isinstance(seeds, list):
        return list(seeds)
    return list(range(seeds.min if isinstance(seeds, SeedRange) else seeds))


def possible_seeds(seeds: Seeds) -> list[int]:
    """Return the seeds that run only where a quality is undecided, in the order of running."""
    return list(range(seeds.min, seeds.max)) if isinstance(seeds, SeedRange) else []
