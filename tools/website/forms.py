"""The HTML of what a page has in place of widgets: players, fields for predictions, exercises, pictures."""

import json
from html import escape

from helpers.exercises import find, solution
from helpers.explore import diverged, ended
from helpers.language import spoken
from tools.website.words import command, not_given

SCALES = ("linear", "log")  # those on which the player can find a number


def player(number, panel, address, fields):
    """Return a panel that plays its recordings; without scripts it is a picture with its caption.

    Args:
        number: which panel of the lesson it is; the ids of its controls need it.
        panel: what `record` wrote of it.
        address: how the page reaches the folder of its runs.
        fields: for each mark of its drawing the id of the field whose number it shows, None for none.
    """
    known = [(mark, field) for mark, field in zip(panel["marks"], fields, strict=True) if mark["scale"] in SCALES]
    marks = [{**mark, "field": field} for mark, field in known if field]
    runs = {
        name: [time, ended(steps) if error is None else diverged(steps, error)]
        for name, (time, steps, error) in panel["runs"].items()
    }
    told = {"folder": address, "runs": runs, "marks": marks}
    told["controls"] = [{"labels": one["labels"], "start": one["start"]} for one in panel["controls"]]
    told = json.dumps(told, ensure_ascii=False).replace("<", r"\u003c")
    still = _image(f"{address}/still.webp", panel["caption"], panel["width"], panel["height"])
    controls = "".join(_control(f"panel-{number}-{i}", one) for i, one in enumerate(panel["controls"]))
    live = spoken("Recorded; for live training open this lesson in JupyterLab:")
    return (
        f'<figure class="course-player"><div class="course-controls" hidden>{controls}'
        f'<p><button type="button">{spoken("Run")}</button> <span role="status"></span></p></div>'
        f'<div class="course-screen">{still}</div><figcaption>{escape(panel["caption"])}<br>'
        f"<small>{live} <code>{command()}</code></small></figcaption>"
        f'<script type="application/json">{told}</script></figure>'
    )


def _control(name, one):
    """Return a native control with its label."""
    last, start, labels = len(one["labels"]) - 1, one["start"], one["labels"]
    label = f'<label for="{name}">{escape(one["label"])}</label>'
    if one["kind"] == "checkbox":
        return f'<div>{label}<input type="checkbox" id="{name}"{" checked" if start else ""}></div>'
    if one["kind"] == "select":
        options = (
            f"<option{' selected' if i == start else ''}>{escape(text)}</option>" for i, text in enumerate(labels)
        )
        return f'<div>{label}<select id="{name}">{"".join(options)}</select></div>'
    value = escape(labels[start], quote=True)
    return (
        f'<div>{label}<input type="range" id="{name}" min="0" max="{last}" value="{start}" aria-valuetext="{value}" '
        f'autocomplete="off"><span aria-hidden="true">{value}</span></div>'
    )


def picture(address, caption, width, height):
    """Return a picture with its caption."""
    return f"<figure>{_image(address, caption, width, height)}<figcaption>{escape(caption)}</figcaption></figure>"


def _image(address, caption, width, height):
    alt = escape(caption, quote=True)
    return f'<img class="dark-light" src="{address}" alt="{alt}" width="{width}" height="{height}" loading="lazy">'


def prediction(field, name, remark):
    """Return the field that asks for a prediction, in one line."""
    of = "" if name == "prediction" else f" <code>{name}</code>"
    more = f" <small>{escape(remark)}</small>" if remark else ""
    asked = spoken("Your prediction")
    return (
        f'<p class="course-prediction"><label for="{field}">{asked}{of}</label> '
        f'<input type="number" step="any" id="{field}" autocomplete="off">{more}</p>'
    )


def outcome(field):
    """Return the place beside a measured number where the predicted one appears."""
    return f'<span data-field="{field}">{not_given()}</span>'


def exercise(name):
    """Return the hints and the solution of an exercise, folded, and where an answer is checked."""
    hints = find(name).hints
    title = spoken("Hint {i} of {n}")
    folds = [(title.format(i=i, n=len(hints)), f"<p>{escape(text)}</p>") for i, text in enumerate(hints, 1)]
    folds.append((spoken("Solution"), f"<pre>{escape(solution(name).text)}</pre>"))
    parts = "".join(f"<details><summary>{title}</summary>{body}</details>" for title, body in folds)
    where = spoken("To have your answer checked, open this lesson in JupyterLab:")
    note = f"<p><small>{where} <code>{command()}</code></small></p>"
    return f'<div class="course-exercise">{parts}{note}</div>'
