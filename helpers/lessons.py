"""Write the lessons in another language into a folder of the learner's: `python -m helpers.lessons zh`.

A file that the learner has changed stays: where its lesson has changed, too, the new one is put beside it.
"""

import hashlib
import itertools
import json
import sys

from helpers import translation
from helpers.language import ROOT, place, spoken

ENGLISH = ROOT / "notebooks"
RECORD = ".written.json"  # for each file: of what it was made, and what was written


def folder(language):
    """Return where the lessons in a language are."""
    return ROOT / f"notebooks_{language}"


def write(language):
    """Bring the lessons in a language up to date; return sentences about those that were put beside changed ones."""
    home = folder(language)
    home.mkdir(exist_ok=True)
    record = home / RECORD
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    now, said = {}, []
    for path in sorted(ENGLISH.glob("[0-9]*.ipynb")):
        lesson, own = path.stem, home / path.name
        source, written = stamp(*_sources(lesson, language)), before.get(path.name, {})
        now[path.name] = written
        if own.exists() and source == written.get("source"):
            continue
        new = json.dumps(translation.notebook(lesson, language), ensure_ascii=False, indent=1).encode() + b"\n"
        now[path.name] = {"source": source, "file": stamp(new)}
        if own.exists() and stamp(new) == written.get("file"):  # made of something else, but the same
            continue
        if own.exists() and stamp(own.read_bytes()) != written.get("file"):
            own = _beside(own)
            told = spoken("{lesson} has a new version, but you have changed yours: the new one is {new}.")
            said.append(told.format(lesson=path.name, new=own.name))
        own.write_bytes(new)
    if now != before:  # else nothing is touched: the folder may be read-only by now
        (home / "matplotlibrc").write_bytes((ENGLISH / "matplotlibrc").read_bytes())
        record.write_text(json.dumps(now, indent=1), encoding="utf-8")
    return said


def stamp(*parts):
    """Return a short name of some bytes, another one for others."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _sources(lesson, language):
    """Yield the bytes of all that a lesson is made of or needs beside it, and of what makes it."""
    makers = (ROOT / "helpers" / name for name in ("language.py", "translation.py", "texts.py"))
    for path in (ENGLISH / f"{lesson}.ipynb", ENGLISH / "matplotlibrc", place(lesson, language), *makers):
        yield path.read_bytes() if path.exists() else b""


def _beside(path):
    """Return the first free path with a number in its name."""
    paths = (path.with_stem(f"{path.stem}.{number}") for number in itertools.count(2))
    return next(path for path in paths if not path.exists())


if __name__ == "__main__":
    try:
        print(*write(sys.argv[1]), sep="\n", end="")
    except OSError as error:
        told = spoken(
            "The lessons cannot be written ({error}): copy the course into a folder of your own, "
            "or start with --language en."
        )
        sys.exit(told.format(error=error))
