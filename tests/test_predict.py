"""The learner's number beside the measured one."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from helpers import plots
from helpers.predict import beside, mark, number


def test_no_prediction_breaks_nothing():
    _, axes = plots.subplots()
    assert mark(axes, ...) == []
    assert repr(beside(..., 2.5)) == "measured: 2.5   (you gave no prediction)"


@pytest.mark.parametrize(
    "given", [3, 3.0, Fraction(3), np.float32(3), np.array([3]), torch.tensor(3), torch.ones(1) * 3]
)
def test_a_number_of_any_kind_stands_beside_the_outcome(given):
    assert number(given) == 3.0
    assert repr(beside(given, 2.5, ".1f", "s")) == "measured: 2.5 s   (you predicted 3.0 s)"


@pytest.mark.parametrize("given", ["3", True, [1, 2], torch.ones(2), object()])
def test_no_number_is_told_in_one_sentence(given):
    with pytest.raises(ValueError, match=r"a prediction is a number, such as 0\.5, or \.\.\. for none; got"):
        beside(given, 2.5)


@pytest.mark.parametrize(("upright", "place"), [(False, "get_ydata"), (True, "get_xdata")])
def test_the_mark_lies_at_the_prediction_and_has_a_name(upright, place):
    _, axes = plots.subplots()
    (line,) = mark(axes, 0.7, upright)
    assert set(getattr(line, place)()) == {0.7}
    assert line.get_label() == "your prediction"
