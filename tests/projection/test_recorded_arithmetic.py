"""What is written down computes what numpy does: operations, choices, routines, and what may not be asked."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.projection.whatif.recorded import Program, Routine


def evaluated(record, inputs):
    """Evaluate a record as the page does: one operation a line, by its name."""
    values = [*inputs, *(float(constant) for constant in record["constants"])]
    for code, *parts in record["lines"]:
        name = record["operations"][code]
        if name == "call":
            values.append(evaluated(record["routines"][parts[0]], [values[at] for at in parts[1:]]))
        elif name == "take":
            values.append(values[parts[0]][parts[1]])
        elif name == "where":
            values.append(values[parts[1]] if values[parts[0]] else values[parts[2]])
        else:
            values.append(getattr(np, name)(*(values[at] for at in parts)))
    return [values[at] for at in record["outputs"]]


def formulas(a, b):
    """Return results of many forms; arrays of one number and plain numbers alike."""
    one = np.full((1, 1), 2.5)
    chosen = np.where((a > b) & np.isfinite(a), np.maximum(a, one), np.minimum(b, 3.0))
    steps = np.select([a < 1.0, a <= 2.0], [10.0, b], a * b)
    known = np.where(one > 2.0, a, b)
    return [
        (a + 1.0) * b - a / (b + 1.0),
        2.0 ** np.ceil(np.log2(a + 1.0)),
        one * a**2 + (one - a),
        np.sqrt(a) + np.exp(-b) + np.floor(a) + np.mod(a, 3.0),
        chosen,
        steps,
        known,
        np.broadcast_to(a, (1, 7)) * np.ones_like(b),
    ]


numbers = st.floats(0.0, 40.0, allow_nan=False)


@given(a=numbers, b=numbers)
def test_it_computes_what_numpy_does(a, b):
    program = Program(["a", "b"])
    program.gives(formulas(*program.inputs()))
    found = evaluated(program.to_record(), [a, b])
    wanted = [np.ravel(part)[0] for part in formulas(np.full((1, 1), a), np.full((1, 1), b))]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_routine_is_written_once_and_gives_all_its_results():
    calls = []

    def both(a, b):
        calls.append(1)
        return a + b, a * b

    routine = Routine("both", both, ["a", "b"])
    program = Program(["x"])
    (x,) = program.inputs()
    first, second = routine(x, 3.0)
    third, _ = routine(second, first)
    program.gives([first, second, third])
    record = program.to_record()
    assert len(calls) == 1 and len(record["routines"]) == 1
    assert evaluated(record, [2.0]) == [5.0, 6.0, 11.0]
    assert routine(2.0, 3.0) == (5.0, 6.0)


def test_equal_lines_stand_there_once_and_infinity_survives_json():
    program = Program(["x"])
    (x,) = program.inputs()
    program.gives([x * 2.0 + np.inf, x * 2.0, np.minimum(x * 2.0, np.inf)])
    record = program.to_record()
    assert len(record["lines"]) == 3 and record["constants"] == [2.0, "Infinity"]
    assert evaluated(record, [1.0]) == [math.inf, 2.0, 2.0]


def test_what_cannot_be_written_down_is_an_error():
    program = Program(["x"])
    (x,) = program.inputs()
    with pytest.raises(TypeError, match="not known yet"):
        bool(x > 1.0)
    with pytest.raises(TypeError, match="different numbers"):
        x * np.array([[1.0, 2.0]])
    with pytest.raises(TypeError, match="another program"):
        x + Program(["y"]).inputs()[0]
    with pytest.raises(TypeError):
        np.add.reduce(x)
