"""Sets a learner's prediction beside what came out.

In a lesson: `prediction = ...` in a cell of its own, before anything shows the answer; then
`beside(prediction, measured)` as the last line of the measuring cell, or `mark(axes, prediction)` in a
panel's drawing. Left at `...`, a prediction breaks and shows nothing.
"""

import contextlib
from numbers import Real

from helpers import plots
from helpers.language import spoken


class Beside:
    """A prediction and the outcome, in one line."""

    def __init__(self, predicted, measured):
        self.predicted, self.measured = predicted, measured

    def __repr__(self):
        given = spoken("you gave no prediction")
        if self.predicted is not None:
            given = spoken("you predicted {number}").format(number=self.predicted)
        return spoken("measured: {number}   ({prediction})").format(number=self.measured, prediction=given)


def beside(prediction, outcome, form=".3g", unit=""):
    """Show the learner's number beside the measured one.

    Args:
        prediction: the learner's number, or `...` for none.
        outcome: the measured number.
        form: how both are printed, a format specification; only as fine as every machine agrees on.
        unit: what follows both numbers.

    Raises:
        ValueError: the prediction is no number.
    """
    told, shown = number(prediction), f" {unit}" if unit else ""
    return Beside(told if told is None else f"{told:{form}}{shown}", f"{float(outcome):{form}}{shown}")


def mark(axes, prediction, upright=False):
    """Draw a prediction as a dashed line across an Axes, level or upright; return the artists, none for `...`."""
    told = number(prediction)
    if told is None:
        return []
    line = axes.axvline if upright else axes.axhline
    return [line(told, linestyle="--", linewidth=1.2, color=plots.COLORS["purple"], label="your prediction")]


def number(prediction):
    """Return a prediction as a float, None for `...`; raise ValueError if it is no number."""
    if prediction is ... or prediction is None:
        return None
    with contextlib.suppress(AttributeError, ValueError, RuntimeError):
        prediction = prediction.item()  # a tensor or an array of one
    if isinstance(prediction, bool) or not isinstance(prediction, Real):
        asked = spoken("a prediction is a number, such as 0.5, or ... for none; got {this}")
        raise ValueError(asked.format(this=repr(prediction)))
    return float(prediction)
