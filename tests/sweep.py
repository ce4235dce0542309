"""Runs in the kernel of each lesson: every slider of every panel to both ends and back."""

from helpers.explore import panels


def positions(slider):
    """The values of a control that a sweep visits: its ends, or all of a few choices, and where it stands."""
    if hasattr(slider, "options"):
        values = [option[1] if isinstance(option, tuple) else option for option in slider.options]
        ends = values if len(values) <= 3 else [values[0], values[-1]]
    elif hasattr(slider, "base"):  # a FloatLogSlider's ends are exponents
        ends = [slider.base**slider.min, slider.base**slider.max]
    elif hasattr(slider, "min"):
        ends = [slider.min, slider.max]
    else:  # a checkbox
        ends = [not slider.value]
    return [*ends, slider.value]


for _panel in panels():
    _panel.pause = 0  # watching speed is for people
    for _name, _slider in _panel._sliders.items():
        for _value in positions(_slider):
            _slider.value = _value
            assert _panel.wait(120), f"{_name}={_value}: the run did not end within 120 s"
            assert not _panel.status.startswith("error"), f"{_name}={_value}: {_panel.status}"
            assert _panel.picture.startswith(b"\x89PNG"), f"{_name}={_value} left no picture"
