"""A scenario: the user's model, its life, where it runs, and the outlook. One TOML table a stage.

A number may be exact (`pue = 1.12`) or an interval (`pue = [1.08, 1.12, 1.3]`: low, value, high).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.curation import CurationInput
from qwatt.projection.calculators.distil import DistilInput
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    Batch,
    CachedValues,
    CarbonIntensity,
    Copies,
    DistilMode,
    ElectricityPrice,
    FilterParams,
    Flag,
    Gpus,
    GpusOfACopy,
    GridName,
    Hashes,
    Hours,
    InputTokens,
    Multiple,
    NodeFactor,
    OutputTokens,
    Params,
    Precision,
    Pue,
    Refused,
    Rent,
    RequestsPerDay,
    Share,
    Times,
    Tokenizer,
    Tokens,
    TuningMethod,
    Utilisation,
    WaterUse,
    Years,
)
from qwatt.projection.calculators.monitoring import MonitoringInput
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.calculators.tokenise import TokeniseInput
from qwatt.projection.calculators.tuning import TuningInput
from qwatt.projection.catalogued.models import LanguageModel, language_model, own_model
from qwatt.projection.scenario.fields import Block, ModelName, Rate, ScenarioName, YearsInService
from qwatt.projection.scenario.outlook import Outlook

USUAL_ACCELERATOR = "h100"
"""Where no accelerator is named at all, which is refused under its own key."""


class ModelBlock(Block):
    """The model: a catalogued `id`, or `params` (and `active` for a mixture of experts).

    `booked_share` is the part of curation, encoding, development and training that this service answers for:
    1 for one's own model, a small number (or 0) for a downloaded one.
    """

    id: ModelName | None = None
    params: Params | None = None
    active: Params | None = None
    kv_values: CachedValues | None = None
    booked_share: Share = 1.0

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.id is None) == (self.params is None):
            raise Refused(
                QwattError(
                    "the model needs either id or params",
                    where="id",
                    mend='give id = "llama-3.1-8b", or params = 7e9',
                )
            )
        self.shape()
        return self

    def shape(self) -> LanguageModel:
        """Return the model's shape."""
        if self.id is not None:
            return language_model(self.id)
        assert self.params is not None
        try:
            return own_model(self.params, self.active, kv_values=self.kv_values)
        except QwattError as error:
            raise Refused(error) from error


class CurationBlock(Block):
    """The raw corpus and its filters; `raw_tokens` None takes the training tokens, nothing removed."""

    raw_tokens: Tokens | None = None
    hashes: Hashes | None = CurationInput.hashes
    classifier_params: FilterParams | None = CurationInput.classifier_params
    passes: Times = CurationInput.passes
    on_gpu: Flag = CurationInput.on_gpu


class EncodingBlock(Block):
    """Tokenisation of the corpus."""

    tokenizer: Tokenizer = TokeniseInput.tokenizer


class ArchitectureBlock(Block):
    """Development before the final run, as a multiple of it; None takes the catalogue's interval."""

    multiple: Multiple | None = None


class TrainingBlock(Block):
    """The final pre-training run; a catalogued model brings its tokens and, if published, its GPU-hours.

    `downloaded` says that somebody else ran it: it is sunk, and shown apart. A scenario writes this as
    `training = "downloaded"`; the accelerator is then the published one, else the one that serves.
    """

    accelerator: AcceleratorName
    downloaded: Flag = False
    tokens: Tokens | None = None
    gpu_hours: Hours | None = None
    mfu: Utilisation | None = None
    gpus: Gpus | None = None


class DistilBlock(Block):
    """A smaller student of the model."""

    student_params: Params
    tokens: Tokens
    mode: DistilMode = DistilInput.mode


class TuningBlock(Block):
    """Fine-tunes per year, each of `tokens` tokens."""

    runs_per_year: Times = 0.0
    tokens: Tokens = 0.0
    method: TuningMethod = TuningInput.method
    epochs: Times = TuningInput.epochs
    accelerator: AcceleratorName | None = None
    distil: DistilBlock | None = None


class DeploymentBlock(Block):
    """Serving; `batch` None gives the range over batches, `gpus` None the fewest that hold the model."""

    accelerator: AcceleratorName
    requests_per_day: RequestsPerDay
    growth_per_year: Rate = 0.0
    input_tokens: InputTokens
    output_tokens: OutputTokens
    years: YearsInService
    batch: Batch | None = None
    gpus: GpusOfACopy | None = None
    precision: Precision = InferenceInput.precision
    cache_precision: Precision = InferenceInput.cache_precision
    utilisation: Utilisation | None = None
    always_on: Copies = InferenceInput.always_on

    @property
    def requests(self) -> float:
        """Requests over all years in service, growing yearly."""
        full, rest = int(self.years), self.years - int(self.years)
        growth = 1.0 + self.growth_per_year
        yearly = sum(growth**year for year in range(full)) + rest * growth**full
        return 365.25 * self.requests_per_day * yearly


class MonitoringBlock(Block):
    """A guard model on a share of the requests, and the logs."""

    fraction: Share = 0.0
    guard_params: Params = 8.0e9
    accelerator: AcceleratorName | None = None
    retention_years: Years = MonitoringInput.retention_years
    batch: Batch | None = None
    always_on: Copies = MonitoringInput.always_on


class SiteBlock(Block):
    """Where everything runs; what is absent comes from the catalogue with its interval."""

    pue: Pue | None = None
    grid: GridName = SiteInput.grid
    kg_per_kwh: CarbonIntensity | None = None
    usd_per_kwh: ElectricityPrice | None = None
    usd_per_gpu_hour: Rent | None = None
    k_node: NodeFactor | None = None
    wue_on_site: WaterUse | None = None
    wue_off_site: WaterUse | None = None
    market_kg_per_kwh: CarbonIntensity | None = None


class Scenario(Block):
    """A user's model and its life; `id` is the file's name."""

    id: ScenarioName = "scenario"
    name: str
    note: str = ""
    model: ModelBlock
    curation: CurationBlock = CurationBlock()
    encoding: EncodingBlock = EncodingBlock()
    architecture: ArchitectureBlock = ArchitectureBlock()
    training: TrainingBlock
    tuning: TuningBlock = TuningBlock()
    deployment: DeploymentBlock
    monitoring: MonitoringBlock = MonitoringBlock()
    site: SiteBlock = SiteBlock()
    outlook: Annotated[Outlook, Field(default_factory=Outlook)]

    @model_validator(mode="before")
    @classmethod
    def _downloaded(cls, data: Any) -> Any:
        """Write `training = "downloaded"` as a table."""
        if not isinstance(data, dict) or not isinstance(data.get("training"), str):
            return data
        if data["training"] != "downloaded":
            mend = 'write a table [training], or training = "downloaded" for a model that others trained'
            raise Refused(QwattError(f"training is {data['training']!r}", where="training", mend=mend))
        return data | {"training": {"accelerator": _trained_on(data), "downloaded": True}}

    @model_validator(mode="after")
    def _tokens_known(self) -> Self:
        if self.training.downloaded:
            return self
        if self.training.tokens is None and self.model.shape().tokens is None:
            raise Refused(
                QwattError(
                    "the training tokens of this model are not catalogued",
                    where="training.tokens",
                    mend="give tokens under [training]",
                )
            )
        return self

    @property
    def training_tokens(self) -> float:
        """Tokens of the final pre-training run; none of a downloaded model's are this scenario's."""
        if self.training.downloaded:
            return 0.0
        tokens = self.training.tokens if self.training.tokens is not None else self.model.shape().tokens
        assert tokens is not None
        return tokens

    def place(self) -> Site:
        """Return the checked site."""
        return SiteInput.of(self.site).place()

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form for `list scenarios`."""
        return {
            "id": self.id,
            "name": self.name,
            "note": self.note,
            "model": self.model.shape().name,
            "training": "downloaded" if self.training.downloaded else "own",
            "training_tokens": self.training_tokens,
            "training_accelerator": self.training.accelerator,
            "serving_accelerator": self.deployment.accelerator,
            "requests_per_day": self.deployment.requests_per_day,
            "years": self.deployment.years,
            "grid": self.site.grid,
        }


def _trained_on(data: Mapping[str, Any]) -> str:
    """Return the accelerator that a downloaded model was trained on, else the one that serves."""
    model, served = data.get("model"), data.get("deployment")
    name = model.get("id") if isinstance(model, Mapping) else None
    try:
        published = None if name is None else language_model(str(name)).trained_on
    except QwattError:  # an unknown model is refused under its own key
        published = None
    serving = served.get("accelerator") if isinstance(served, Mapping) else None
    return published or (serving if isinstance(serving, str) else USUAL_ACCELERATOR)
