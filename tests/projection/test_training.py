"""Training: arithmetic by hand, published runs, monotonicity, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Boundary, Quantity
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training, training_flop
from qwatt.projection.catalogued.accelerators import accelerator, all_accelerators, utilisation
from qwatt.projection.spread import Span

COUNTS = st.floats(1e6, 1e13)
CHIPS = st.sampled_from(sorted(all_accelerators()))


def train(params, tokens, chip="h100", **more):
    return estimate_training(TrainingInput(params=params, tokens=tokens, accelerator=chip, **more))


def test_hours_by_hand():
    estimate = train(1e10, 1e12, "a100", mfu=0.4, gpus=1000)
    by_hand = 6 * 1e10 * 1e12 / (312e12 * 0.4) / 3600
    assert estimate["gpu_hours"].value == pytest.approx(by_hand, rel=1e-12)
    assert estimate["wall_hours"].value == pytest.approx(by_hand / 1000, rel=1e-12)


def test_known_hours_need_no_model():
    run = TrainingInput(gpu_hours=1_022_362, accelerator="a100", pue=1.1, kg_per_kwh=0.385, k_node=1.0)
    estimate = estimate_training(run)
    device = estimate["energy_kwh.device"].value
    assert estimate["energy_kwh.facility"].value == pytest.approx(1.1 * device)
    assert estimate["co2e_kg"].value == pytest.approx(1.1 * device * 0.385)


def test_published_runs_lie_inside_the_interval():
    llama = train(70_553_706_496, 1.5e13, "h100")["gpu_hours"]
    assert llama.low < 7_000_000 < llama.high
    olmo = train(7_298_617_344, 4.05e12, "h100")["energy_kwh.device"]
    assert olmo.low < 131_000 < olmo.high
    assert olmo.value == pytest.approx(131_000, rel=0.40)


def test_two_routes_to_the_energy_overlap():
    estimate = train(7e9, 2e12, "h100")
    first, second = estimate["energy_kwh.device"], estimate["device_kwh_by_flop"]
    assert first.low < second.high
    assert second.low < first.high


def test_attention_counts_beyond_the_absorbed_context():
    short = training_flop(8e9, 1.0, context=4096, layers=32, width=4096)
    long = training_flop(8e9, 1.0, context=131_072, layers=32, width=4096)
    assert short == 48e9
    assert long - short == pytest.approx(12 * 32 * 4096 * (131_072 - 4096))


def test_only_active_parameters_count():
    sparse = train(6.71e11, 1.48e13, "h100", active=3.7e10)["gpu_hours"]
    dense = train(6.71e11, 1.48e13, "h100")["gpu_hours"]
    assert dense.value > 5 * sparse.value
    assert sparse.low < 2_664_000 < sparse.high


@given(params=COUNTS, tokens=COUNTS, more=st.floats(1, 10), chip=CHIPS)
def test_more_tokens_never_cost_less(params, tokens, more, chip):
    few, many = (train(params, d, chip) for d in (tokens, tokens * more))
    for name in ("gpu_hours", "energy_kwh.facility", "co2e_kg", "usd"):
        if few[name].known:
            assert many[name].value >= few[name].value
            assert many[name].low >= few[name].low


@given(params=COUNTS, more=st.floats(1, 10), chip=CHIPS)
def test_a_larger_model_never_costs_less(params, more, chip):
    hours = [train(n, 1e12, chip)["gpu_hours"].value for n in (params, params * more)]
    assert hours[1] >= hours[0] * (1 - 1e-12)


@given(params=COUNTS, tokens=st.floats(0, 1e15), chip=CHIPS, pue=st.floats(1, 3))
def test_every_quantity_is_finite_and_inside_its_interval(params, tokens, chip, pue):
    for name, quantity in train(params, tokens, chip, pue=pue).flat():
        if quantity.known:
            low, value, high = quantity.interval
            assert 0 <= low <= value <= high < math.inf, name


def test_wh_and_joules_cannot_be_swapped():
    joules = Quantity(3.6e6, unit="J", boundary=Boundary.FACILITY)
    place = SiteInput(kg_per_kwh=0.5).place()
    assert facility.carbon({"facility": joules}, place).value == pytest.approx(0.5)
    with pytest.raises(QwattError, match="cannot express h"):
        facility.carbon({"facility": Quantity(1.0, unit="h")}, place)
    with pytest.raises(QwattError, match="cannot express"):
        Span.from_quantity(train(1e9, 1e9, "h100")["energy_kwh.device"], "GPU-h")


def test_an_unpublished_power_is_unknown_not_zero():
    estimate = train(1e9, 1e12, "tpu-v5p")
    assert estimate["gpu_hours"].known
    assert estimate["energy_kwh.facility"].value is None
    assert "unpublished" in estimate["co2e_kg"].reason


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("tokens", {"params": 1e9, "tokens": -1}),
        ("params", {"params": 0, "tokens": 1e9}),
        ("params", {"params": math.nan, "tokens": 1e9}),
        ("active", {"params": 1e9, "tokens": 1e9, "active": 2e9}),
        ("mfu", {"params": 1e9, "tokens": 1e9, "mfu": 1.5}),
        ("mfu", {"params": 1e9, "tokens": 1e9, "mfu": 0}),
        ("mfu", {"params": 1e9, "tokens": 1e9, "mfu": (0.5, 0.4, 0.3)}),
        ("gpus", {"params": 1e9, "tokens": 1e9, "gpus": 0}),
        ("gpus", {"params": 1e9, "tokens": 1e9, "gpus": 2.5}),
        ("gpu_hours", {"gpu_hours": -5}),
        ("accelerator", {"params": 1e9, "tokens": 1e9, "accelerator": "h10"}),
    ],
)
def test_a_refusal_names_the_field(field, arguments):
    with pytest.raises(QwattError) as caught:
        TrainingInput(**({"accelerator": "h100"} | arguments))
    assert caught.value.where == field
    assert caught.value.mend


@pytest.mark.parametrize("pue", [0.5, 3.5, -1, math.inf, True])
def test_pue_outside_1_to_3_is_refused(pue):
    with pytest.raises(QwattError, match=r"pue is") as caught:
        SiteInput(pue=pue)
    assert "1 to 3" in str(caught.value)


def test_unknown_names_give_the_nearest():
    with pytest.raises(QwattError, match="did you mean h100"):
        accelerator("h101")
    with pytest.raises(QwattError, match="did you mean de"):
        SiteInput(grid="dex")


def test_record_has_the_contract():
    record = train(8e9, 1.5e13, "h100").to_record()
    for entry in (record["gpu_hours"], *record["energy_kwh"].values(), record["co2e_kg"], record["usd"]):
        assert {"value", "low", "high", "unit", "basis"} <= entry.keys()
    assert set(record["energy_kwh"]) == {"device", "node", "facility"}
    assert record["formula"]
    assert record["sources"]


def test_utilisation_rises_with_size_and_is_capped():
    chip = accelerator("a100")
    small, large, huge = (utilisation(chip, n) for n in (1e8, 1e11, 1e16))
    assert small.value < large.value < huge.value <= 0.65
    assert huge.high <= 0.65


def test_sparse_peaks_are_not_used():
    assert accelerator("H100-80G-SXM").peak.value == 989e12
    assert accelerator("mi300x").peak.value == 1307e12
