"""A study: a set of trials described by one TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.fixed import fixed_settings
from qwatt.core.home import from_home
from qwatt.core.limits import MOST_SHOTS, MOST_TUNING_TRIALS
from qwatt.core.quantity import unit_scale
from qwatt.core.registry import all_methods, get_method, get_task
from qwatt.core.seeds import Seeds, certain_seeds, check_seeds, possible_seeds, read_range
from qwatt.core.trial import Maker, Trial, TrialSpec


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PowerEntry(_Strict):
    """Watts with their interval, as the user states them."""

    value: float = Field(gt=0)
    low: float | None = Field(default=None, gt=0)
    high: float | None = Field(default=None, gt=0)
    unit: str

    @field_validator("unit")
    @classmethod
    def _is_power(cls, unit: str) -> str:
        try:
            dimension, _ = unit_scale(unit)
        except QwattError as error:
            raise ValueError(f"{error.what}; {error.mend}") from error
        if dimension != "power":
            raise ValueError(f"{unit!r} measures {dimension}, not power; use W or kW")
        return unit

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        low, value, high = self.interval_w
        if not low <= value <= high:
            raise ValueError("low, value and high must ascend")
        return self

    @property
    def interval_w(self) -> tuple[float, float, float]:
        """Low, value and high in watts."""
        _, scale = unit_scale(self.unit)
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return low * scale, self.value * scale, high * scale


class HostEntry(_Strict):
    """What the user knows better than the catalogue about this machine."""

    w_per_vcpu: PowerEntry | None = None


def _from_home(source: str | None) -> str | None:
    return None if source is None else from_home(source)


class TaskEntry(_Strict):
    """One task of a study; what is left out is taken from the study.

    `set` fixes settings: a value for every method that has it, or by method a table of values.
    """

    task: str
    source: Annotated[str | None, AfterValidator(_from_home)] = Field(default=None, min_length=1)
    size: str | None = Field(default=None, min_length=1)
    methods: list[str] | None = Field(default=None, min_length=1)
    seeds: Annotated[Seeds | None, BeforeValidator(read_range), AfterValidator(check_seeds)] = None
    tuning_trials: int | None = Field(default=None, ge=1, le=MOST_TUNING_TRIALS)
    shots: int | None = Field(default=None, ge=1, le=MOST_SHOTS)
    set: dict[str, Any] = {}


class Study(_Strict):
    """A study, checked.

    Args:
        name: its name.
        seeds: number of seeds, the seeds themselves, or {min, max}: more than min only where undecided.
        size: rung of each task's ladder; "full" takes all of a user's data.
        tuning_trials: settings that each method may try on validation data.
        shots: shots per circuit.
        exact: also run every quantum method with exact expectation values, as labelled extra rows.
        backend: where circuits run.
        tasks: the tasks, in order; `source = "@stage/task"` takes an earlier one's artifact.
        scenario: the model's life onto which the report projects what was measured, a file or a shipped name.
        host: what the user knows about the machine.
    """

    name: str = "study"
    description: str = ""
    seeds: Annotated[Seeds, BeforeValidator(read_range), AfterValidator(check_seeds)] = 5
    size: str = "s"
    tuning_trials: int = Field(default=4, ge=1, le=MOST_TUNING_TRIALS)
    shots: int = Field(default=1000, ge=1, le=MOST_SHOTS)
    exact: bool = False
    backend: str = "engine"
    tasks: list[TaskEntry] = Field(min_length=1)
    scenario: str | None = Field(default=None, min_length=1)
    host: HostEntry = HostEntry()

    def trials(self) -> list[TrialSpec]:
        """Expand to the distinct trials that run in any case: task by task, seed by seed, with companions."""
        return list(self._certain)

    def possible_trials(self) -> list[TrialSpec]:
        """Return also those that run only where a quality is undecided."""
        return list(self._possible)

    def holds(self, spec: TrialSpec) -> bool:
        """Return whether a specification is among the possible trials."""
        return spec.seed in self._seeds_of.get(spec.maker, ())

    def of_these(self, trials: Mapping[str, Trial]) -> dict[str, Trial]:
        """Return those trials by id whose specifications are among the possible ones."""
        ids = self._possible_ids
        if trials.keys() <= ids:  # as in most folders
            return dict(trials)
        return {name: trial for name, trial in trials.items() if name in ids}

    @cached_property
    def makers(self) -> list[TrialSpec]:
        """A specification of every task, source and method with what is set, at seed 0."""
        return list(dict.fromkeys(spec for entry in self.tasks for spec in self._rows(entry)))

    @cached_property
    def pieces(self) -> set[tuple[str, str, str]]:
        """Task, source and size of its trials: what it is about, whatever its methods, seeds and tuning."""
        return {(spec.task, spec.source, spec.size) for spec in self.makers}

    def rounds(self) -> list[list[list[TrialSpec]]]:
        """Return by task the trials that run in any case, and then seed by seed those where undecided."""
        return self._expanded

    @cached_property
    def _expanded(self) -> list[list[list[TrialSpec]]]:
        """The expansion, done once: a study of many seeds is asked for it again and again."""
        return [self._rounds(entry) for entry in self.tasks]

    @cached_property
    def _certain(self) -> tuple[TrialSpec, ...]:
        return tuple(dict.fromkeys(spec for rounds in self._expanded for spec in rounds[0]))

    @cached_property
    def _possible(self) -> tuple[TrialSpec, ...]:
        if all(len(rounds) == 1 for rounds in self._expanded):
            return self._certain
        return tuple(dict.fromkeys(spec for rounds in self._expanded for specs in rounds for spec in specs))

    @cached_property
    def certain_ids(self) -> frozenset[str]:
        """Ids of the trials that run in any case."""
        return frozenset([spec.id for spec in self._certain])

    @cached_property
    def _possible_ids(self) -> frozenset[str]:
        if self._possible is self._certain:
            return self.certain_ids
        return frozenset([spec.id for spec in self._possible])

    @cached_property
    def _seeds_of(self) -> dict[Maker, set[int]]:
        found: dict[Maker, set[int]] = {}
        for entry in self.tasks:
            seeds = self._seeds(entry)
            for row in self._rows(entry):
                found.setdefault(row.maker, set()).update(certain_seeds(seeds), possible_seeds(seeds))
        return found

    def _seeds(self, entry: TaskEntry) -> Seeds:
        return entry.seeds if entry.seeds is not None else self.seeds

    def _rounds(self, entry: TaskEntry) -> list[list[TrialSpec]]:
        seeds, rows = self._seeds(entry), self._rows(entry)
        rounds = [certain_seeds(seeds), *([seed] for seed in possible_seeds(seeds))]
        return [[row.at(seed) for seed in each for row in rows] for each in rounds]

    def _rows(self, entry: TaskEntry) -> list[TrialSpec]:
        """Return a task's trials of seed 0."""
        task = get_task(entry.task)
        source, asked = entry.source or task.default_source, entry.methods or ()
        names = with_companions(entry.task, entry.methods)
        names = [name for name in names if name in asked or task.suits(name, source)]
        rows = [(name, entry.shots or self.shots) for name in names]
        if self.exact:
            quantum = {m.name for m in all_methods(entry.task) if m.kind == "quantum"}
            rows += [(name, None) for name in names if name in quantum]  # type: ignore[misc]
        fixed = {name: fixed_settings(type(get_method(entry.task, name)), entry.set) for name in names}
        return [
            TrialSpec(
                task=entry.task,
                method=name,
                source=source,
                size=entry.size or self.size,
                seed=0,
                backend=self.backend,
                shots=shots,
                tuning_trials=entry.tuning_trials or self.tuning_trials,
                fixed=fixed[name],
            )
            for name, shots in rows
        ]


def with_companions(task: str, names: list[str] | None) -> list[str]:
    """Return the methods to run: the named ones and their companions, classical first.

    None stands for all that need no extra packages.
    """
    known = {m.name: m for m in all_methods(task)}
    chosen = [name for name, m in known.items() if m.extra is None] if names is None else list(names)
    for name in chosen:
        if name not in known:
            raise unknown_name(f"method of {task}", name, known)
        chosen += [c for c in get_method(task, name).companions if c not in chosen]
    order = ["classical", "inspired", "quantum", "control"]
    return sorted(dict.fromkeys(chosen), key=lambda name: (order.index(known[name].kind), name))
