"""Lessons and exercises in another language, from the English ones and gettext catalogs.

There is one catalog a lesson, `locale/zh_CN/LC_MESSAGES/NN_name.po`, with the texts of the lesson and of its
exercises. What it does not hold yet, or holds as fuzzy because the English has changed, stays English.
"""

import dataclasses
import json
import re
import unicodedata

from helpers import texts
from helpers.language import ROOT, language, translations


def row(lesson, language):
    """Return how the map of exercises begins a lesson's line: its number and title, 32 columns wide."""
    number, _, words = lesson.partition("_")
    start = f"{int(number)} · "
    headings = (text for text in translations(lesson, language).values() if text.startswith(start))
    title = next(headings, "").removeprefix(start) or words.replace("_", " ")
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in title)  # two columns each
    return f"{int(number):3} {title:{28 - wide}}"


def notebook(lesson, language):
    """Return a lesson in a language, as the dict that its file holds.

    The outputs are those of the English lesson. Of what code gives, a translation changes only captions, what `check`
    and `beside` say to who has not answered, and what `fit` says of an epoch.
    """
    known = translations(lesson, language)
    content = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    unanswered = [_rule(*pair) for pair in _unanswered(language)] if known else []
    for cell in content["cells"] if known else ():
        source = "".join(cell["source"])
        if cell.get("outputs"):
            found = [piece.text for piece in texts.pieces("code", source) if piece.kind == "caption"]
            rules = [_rule(text, known[text]) for text in found if text in known]
            if re.search(r"\b(check|beside|progress)\(", source):
                rules += unanswered
            if "fit(" in source:
                rules += _trained(language)
            cell["outputs"] = _changed(cell["outputs"], rules)
        cell["source"] = texts.replaced(cell["cell_type"], source, known).splitlines(keepends=True)
    return content


def _unanswered(language):
    """Yield what `check`, `beside` and `progress` say to who has not answered, in English and in the language."""
    known = translations("messages", language)
    for text in (
        "○ Not tried yet.",
        "Stuck? {hint}",
        "measured: {number}   ({prediction})",
        "you gave no prediction",
        "{right} of {all} exercises are right so far",
    ):
        yield text, known.get(text, text)
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        yield row(path.stem, "en"), row(path.stem, language)


def _trained(language):
    """Yield rules, as `_rule` does, for the line that `fit` prints after an epoch."""
    known = translations("messages", language)
    for name in ("train loss", "train accuracy", "test loss", "test accuracy"):
        yield re.compile(rf"{name}(?= [\d.]+, .*images/s)"), known.get(name, name)
    line = "epoch {i}/{n}: {numbers}, {speed} images/s"
    yield _rule(line, known.get(line, line))


def _rule(english, own):
    """Return what finds a text in outputs, whatever its {fields} hold, and what gives the other one for it."""
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english))

    def other(found):
        return re.sub(r"\{(\w+)\}", lambda field: found.groupdict().get(field[1], field[0]), own)

    return re.compile(pattern), other


def _changed(output, rules):
    """Return an output, or a part of one, with the texts that rules find replaced."""
    if isinstance(output, dict):
        texts_of = ((key, part) for key, part in output.items() if key != "image/png" or isinstance(part, dict))
        return output | {key: _changed(part, rules) for key, part in texts_of}
    if isinstance(output, list):
        return [_changed(part, rules) for part in output]
    for pattern, other in rules if isinstance(output, str) else ():
        output = pattern.sub(other, output)
    return output


def exercises(originals, lesson):
    """Return the exercises of a lesson in the language that was chosen."""
    known = translations(lesson, language())
    return [_exercise(original, known) for original in originals] if known else originals


def _exercise(original, known):
    def said(text):
        return known.get(text, text)

    return dataclasses.replace(
        original,
        task=said(original.task),
        why=said(original.why),
        hints=tuple(map(said, original.hints)),
        wrongs=tuple(dataclasses.replace(wrong, feedback=said(wrong.feedback)) for wrong in original.wrongs),
    )
