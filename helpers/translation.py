"""Lessons and exercises in another language, from the English ones and gettext catalogs.

There is one catalog a lesson, `locale/zh_CN/LC_MESSAGES/NN_name.po`, with the texts of the lesson and of its
exercises. What it does not hold yet, or holds as fuzzy because the English has changed, stays English.
"""

import dataclasses
import functools
import json
import os
import re
from pathlib import Path

from helpers import texts

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"zh": "zh_CN"}  # as the learner writes it: the locale


def language():
    """Return the language that was chosen, "en" by default."""
    return os.environ.get("COURSE_LANGUAGE") or "en"


def place(lesson, language):
    """Return the path of the catalog of a lesson."""
    return ROOT / "locale" / LANGUAGES[language] / "LC_MESSAGES" / f"{lesson}.po"


@functools.cache
def translations(lesson, language):
    """Return what a lesson's catalog holds, a dict from English; empty if there is no catalog."""
    path = place(lesson, language) if language in LANGUAGES else None
    if path is None or not path.exists():
        return {}
    from babel.messages.pofile import read_po  # English needs none

    with path.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.string and not message.fuzzy}


def spoken(text):
    """Return a text of the helpers in the language that was chosen; `tools.catalogs` finds it by this call."""
    return translations("messages", language()).get(text, text)


def notebook(lesson, language):
    """Return a lesson in a language, as the dict that its file holds.

    The outputs are those of the English lesson. Of what code gives, a translation changes only captions, and what
    `check` and `beside` say to who has not answered.
    """
    known = translations(lesson, language)
    content = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"] if known else ():
        source = "".join(cell["source"])
        if cell.get("outputs"):
            found = [piece.text for piece in texts.pieces("code", source) if piece.kind == "caption"]
            changes = [(text, known[text]) for text in found if text in known]
            if re.search(r"^(check|beside)\(", source, re.MULTILINE):
                changes += zip(_unanswered({}), _unanswered(translations("messages", language)), strict=True)
            cell["outputs"] = _changed(cell["outputs"], changes)
        cell["source"] = texts.replaced(cell["cell_type"], source, known).splitlines(keepends=True)
    return content


def _unanswered(known):
    """Yield what `check` and `beside` say to who has not answered, as far as it is always the same."""
    yield known.get("○ Not tried yet.", "○ Not tried yet.")
    yield known.get("Stuck? {hint}", "Stuck? {hint}").partition("{")[0]
    yield known.get("measured: {number}   ({prediction})", "measured: {number}   ({prediction})").partition("{")[0]
    yield known.get("you gave no prediction", "you gave no prediction")


def _changed(output, changes):
    """Return an output, or a part of one, with texts replaced: pairs of English and other ones."""
    if isinstance(output, dict):
        return {key: _changed(part, changes) for key, part in output.items()}
    if isinstance(output, list):
        return [_changed(part, changes) for part in output]
    for english, own in changes if isinstance(output, str) else ():
        output = output.replace(english, own)
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
