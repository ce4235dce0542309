"""Lessons and exercises in another language, from the English ones and gettext catalogs.

There is one catalog a lesson, `locale/zh_CN/LC_MESSAGES/NN_name.po`, with the texts of the lesson and of its
exercises. What it does not hold yet, or holds as fuzzy because the English has changed, stays English.
"""

import dataclasses
import functools
import json
import os
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


def notebook(lesson, language):
    """Return a lesson in a language, as the dict that its file holds.

    The outputs are those of the English lesson. Of what code gives, a translation changes only captions.
    """
    known = translations(lesson, language)
    content = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"] if known else ():
        source = "".join(cell["source"])
        if cell.get("outputs"):
            found = [piece.text for piece in texts.pieces("code", source) if piece.kind == "caption"]
            cell["outputs"] = _said(cell["outputs"], {text: known[text] for text in found if text in known})
        cell["source"] = texts.replaced(cell["cell_type"], source, known).splitlines(keepends=True)
    return content


def _said(output, captions):
    """Return an output, or a part of one, with its captions replaced."""
    if isinstance(output, dict):
        return {key: _said(part, captions) for key, part in output.items()}
    if isinstance(output, list):
        return [_said(part, captions) for part in output]
    for english, own in captions.items() if isinstance(output, str) else ():
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
