"""What a scenario adds to the calculators' checked fields: its tables, and the fields of its outlook."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from qwatt.core.names import check_name
from qwatt.projection.calculators.fields import Checked, a_number, a_span, a_whole, one_of
from qwatt.projection.catalogued.models import language_model
from qwatt.projection.spread import Span

ROADMAPS = ("mixed", "history", "vendor")


class Block(BaseModel):
    """One table of a scenario; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ModelName = Annotated[str, Checked(lambda field, value: language_model(str(value)).id, "name")]
YearsInService = Annotated[float, a_number(0, 100, above=True)]
Rate = Annotated[float, a_number(-1, 10, hint="a yearly rate, 0.2 is 20 %")]
Gain = Annotated[Span, a_span(0, 1000)]
CarbonPrice = Annotated[Span, a_span(0, 1e4)]
Money = Annotated[Span, a_span(0, 1e13)]
FirstYear = Annotated[int, a_whole(2024, 2050)]
LastYear = Annotated[int, a_whole(2024, 2060)]
Draws = Annotated[int, a_whole(100, 1_000_000)]
Seed = Annotated[int, a_whole(0, 2**31)]
ScenarioName = Annotated[str, Checked(lambda field, value: check_name("id", str(value), field), "name")]
Roadmap = Annotated[Literal["mixed", "history", "vendor"], one_of("roadmap", lambda: ROADMAPS)]
