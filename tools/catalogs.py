"""Bring the catalogs of translations up to date with the lessons and exercises, and check them.

    python -m tools.catalogs                    update those that there are
    python -m tools.catalogs 00 messages        these, new ones too: of lesson 0, and of what helpers say
    python -m tools.catalogs --check 00 01      say what is missing or wrong in them; change nothing

Translations stay as they are. Where the English has changed, the old translation stays and is marked fuzzy; what
is in no lesson any more goes. A catalog in which nothing has changed is not written.
"""

import argparse
import ast
import itertools
from datetime import UTC, datetime

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from helpers import texts
from helpers.exercises import in_lesson
from helpers.language import LANGUAGES, ROOT, place
from tools import catalog_rules

HELPERS = "messages"  # the catalog of what helpers, commands and the web site say
WEBSITE = ROOT / "tools" / "website"
SPEAKING = [  # the files that do
    *sorted((ROOT / "helpers").rglob("*.py")),
    ROOT / "course.py",
    ROOT / "classroom" / "bundle.py",
    *sorted(WEBSITE.glob("*.py")),
]
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]
HEADER = "# The course in another language. CONTRIBUTING.md says how to translate."


def messages(lesson):
    """Yield all messages of a lesson and its exercises: what kind of text, where it stands, and the text."""
    if lesson == HELPERS:
        yield from itertools.chain(_spoken(), _on_pages())
        return
    notebook = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)
    for cell in notebook.cells:
        for piece in texts.pieces(cell.cell_type, cell.source):
            yield piece.kind, f"cell-{cell.id}", piece.text
    for exercise in in_lesson(lesson):
        yield "task", exercise.name, exercise.task
        yield "why it is right", exercise.name, exercise.why
        yield from (("hint", exercise.name, hint) for hint in exercise.hints)
        yield from (("feedback", exercise.name, wrong.feedback) for wrong in exercise.wrongs)


def _spoken():
    """Yield what helpers say: the texts in calls of `spoken`, and of `WrongWay`, which `check` gives to it."""
    for path in SPEAKING:
        where = path.relative_to(ROOT).as_posix()
        for _, text, _, _ in extract_from_file("python", path, keywords={"spoken": None, "WrongWay": None}):
            yield "message", where, text
        source = path.read_text(encoding="utf-8")
        if "spoken(__doc__)" in source:
            yield "message", where, ast.get_docstring(ast.parse(source), clean=False)


def _on_pages():
    """Yield the texts of the web site's own pages. The table of terms is in both languages as it is."""
    for path in (WEBSITE / "index.md", WEBSITE / "terms.md"):
        for piece in texts.pieces("markdown", path.read_text(encoding="utf-8")):
            if piece.kind != "table row":
                yield piece.kind, path.relative_to(ROOT).as_posix(), piece.text


def template(lesson):
    """Return a catalog with all messages of a lesson and no translations."""
    catalog = Catalog(project="cnn-course", fuzzy=False)
    for kind, where, text in messages(lesson):
        catalog.add(text, locations=[(where, None)], auto_comments=[kind])
    return catalog


def read(lesson, language):
    """Return a lesson's catalog, a new one if there is none."""
    path = place(lesson, language)
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=LANGUAGES[language])
    now = datetime.now(UTC)
    about = {"project": "cnn-course", "version": "1", "header_comment": HEADER, "charset": "utf-8"}
    catalog = Catalog(LANGUAGES[language], creation_date=now, revision_date=now, **about)
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    return catalog


def update(lesson, language):
    """Bring one catalog up to date; return it."""
    catalog, path = read(lesson, language), place(lesson, language)
    before = _content(catalog)
    catalog.update(template(lesson), update_creation_date=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False  # the header, which Babel marks
    if _content(catalog) != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110)
    return catalog


def _content(catalog):
    """List what a catalog holds, without its header."""
    kept = [(m.id, m.string, m.fuzzy, m.locations, m.auto_comments) for m in catalog if m.id]
    return kept, list(catalog.obsolete)


def faults(lesson, language):
    """List in words what is missing or wrong in a catalog, each with its place and the beginning of its text."""
    catalog = read(lesson, language)
    known = {text: where for _, where, text in messages(lesson)}
    found = [(where, text, "not in the catalog") for text, where in known.items() if text not in catalog]
    for message in catalog:
        if message.id:
            where = known.get(message.id, "nowhere")
            if where == "nowhere":
                found.append((where, message.id, "in no lesson any more"))
            elif message.fuzzy or not message.string:
                found.append((where, message.id, "the English has changed" if message.fuzzy else "not translated"))
            else:
                found += [(where, message.id, fault) for fault in catalog_rules.faults(message)]
    return [f"{lesson} {where}, {text[:50]!r}: {fault}" for where, text, fault in found]


def main():
    parser = argparse.ArgumentParser(prog="tools.catalogs")
    parser.add_argument("--check", action="store_true", help="say what is missing or wrong")
    parser.add_argument("lessons", nargs="*", help="such as 00 01 messages; default: those with catalogs")
    options = parser.parse_args()
    for language, lesson in itertools.product(LANGUAGES, [*LESSONS, HELPERS]):
        chosen = {lesson, lesson[:2]} & set(options.lessons)
        if chosen or not options.lessons and place(lesson, language).exists():
            if options.check:
                found = faults(lesson, language)
                print("\n".join([*found, f"{language} {lesson}: {len(found)} faults"]))
            else:
                content = [message for message in update(lesson, language) if message.id]
                fuzzy = sum(message.fuzzy for message in content)
                done = sum(bool(message.string) for message in content) - fuzzy
                print(f"{language} {lesson}: {done} of {len(content)} translated, {fuzzy} fuzzy")


if __name__ == "__main__":
    main()
