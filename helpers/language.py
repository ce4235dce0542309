"""Which language the course speaks, and what it says in it: read from gettext catalogs.

Standard library only, and nothing that an old Python cannot read: course.py speaks before any package is there.
"""

import contextlib
import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"zh": "zh_CN"}  # as the learner writes it: the locale
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)
FUZZY = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)


def language():
    """Return the language that was chosen, "en" by default."""
    return os.environ.get("COURSE_LANGUAGE") or "en"


def of_user(variables):
    """Return the language that a user's environment variables ask for, or else their system does.

    COURSE_LANGUAGE goes before those of gettext, which mean here what they mean there. All that is Chinese is "zh":
    who reads traditional characters reads simplified ones more easily than English.
    """
    names = ("COURSE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    place = next((variables[name] for name in names if variables.get(name)), "") or _of_system()
    if variables.get("COURSE_LANGUAGE") or re.match(r"(C|POSIX)\b", place):
        wishes = [place]
    else:
        wishes = [*variables.get("LANGUAGE", "").split(":"), place]
    codes = [re.split(r"[^a-z]", wish.lower())[0] for wish in wishes]
    return next((code for code in codes if code in {"en", *LANGUAGES}), "en")


def _of_system():
    """Return the locale of Windows or macOS, whose programs often get no variables of it; "" elsewhere."""
    if sys.platform == "win32":
        import ctypes
        from locale import windows_locale

        return windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            return subprocess.check_output(["defaults", "read", "-g", "AppleLocale"]).decode()
    return ""


def place(lesson, language):
    """Return the path of the catalog of a lesson."""
    return ROOT / "locale" / LANGUAGES[language] / "LC_MESSAGES" / f"{lesson}.po"


@functools.lru_cache(maxsize=100)
def translations(lesson, language):
    """Return what a lesson's catalog holds, a dict from English; empty if there is no catalog."""
    path = place(lesson, language) if language in LANGUAGES else None
    return {} if path is None or not path.exists() else read(path)


def read(path):
    """Return what a catalog, as Babel writes them, holds: a dict from English, without what is missing or fuzzy."""
    held = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        entry = None if FUZZY.search(block) else ENTRY.search(block)
        if entry:
            english, own = ("".join(map(json.loads, part.splitlines())) for part in entry.groups())
            held[english] = own
    return {english: own for english, own in held.items() if english and own}


def spoken(text):
    """Return a text of the helpers in the language that was chosen; `tools.catalogs` finds it by this call."""
    return translations("messages", language()).get(text, text)
