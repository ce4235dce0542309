"""Make the pages of each language with Sphinx: from the lessons, the recordings that all share, and a few texts."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat

from helpers import texts, translation
from helpers.language import LANGUAGES, ROOT, spoken, translations
from tools.website.pages import Page, with_links
from tools.website.words import command

HERE = Path(__file__).parent
FOLDERS = {"en": "", **{language: f"{language}/" for language in LANGUAGES}}  # of the pages, within the site
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def make_pages(lessons, out):
    """Write what Sphinx needs, and let it make the pages of all languages."""
    work = out.with_name(out.name + ".work")
    for language, folder in FOLDERS.items():
        with speaking(language):
            wanted = sources(lessons, out / "lessons", language)
            write(wanted, work / language)
            run_sphinx(work / language, work / f"{language}.doctrees", out / folder)
        for path in (out / folder).glob("*.html"):
            if path.stem != "search" and not {f"{path.stem}.md", f"{path.stem}.ipynb"} & wanted.keys():
                path.unlink()  # of an earlier time


@contextlib.contextmanager
def speaking(language):
    """Let all that is said be in a language, by Sphinx, too."""
    before = os.environ.get("COURSE_LANGUAGE", "")
    os.environ["COURSE_LANGUAGE"] = language
    try:
        yield
    finally:
        os.environ["COURSE_LANGUAGE"] = before


def teachers():
    """List the pages for teachers. They are in English alone."""
    return sorted((ROOT / "classroom").glob("*.md"))


def sources(lessons, recordings, language):
    """Return the files that Sphinx makes the pages of a language from: the text of each by its name."""
    more = teachers() if language == "en" else []
    names = {path.name for path in (*lessons, HERE / "terms.md", *more)}
    wanted = {path.name: page(path, recordings / path.stem, names, language) for path in lessons}
    wanted |= {path.name: with_links(path.read_text(encoding="utf-8"), names) for path in more}
    wanted["terms.md"] = with_links(text("terms.md", language), names)
    return wanted | {"index.md": index(lessons, more, language)}


def page(path, recordings, names, language):
    """Return the notebook of a lesson's page as text; its pictures are written beside the recordings."""
    notebook = nbformat.reads(json.dumps(translation.notebook(path.stem, language)), as_version=4)
    panels = json.loads((recordings / "panels.json").read_text(encoding="utf-8"))
    up = "../" if FOLDERS[language] else ""
    page = Page(panels, recordings, f"{up}lessons/{path.stem}", names, translations(path.stem, language))
    notebook.cells = [new for cell in notebook.cells for new in page.cells(cell)]
    return nbformat.writes(notebook)


def text(name, language):
    """Return one of the texts beside this file in a language."""
    own = translations("messages", language)
    return texts.replaced("markdown", (HERE / name).read_text(encoding="utf-8"), own)


def index(lessons, more, language):
    """Return the first page: what this is, the README's table of lessons, and the order of the pages."""
    readme = ROOT / ("README.md" if language == "en" else f"README.{language}.md")
    table = TABLE.search(readme.read_text(encoding="utf-8"))[0].replace("(notebooks/", "(")
    table = with_links(table, {path.name for path in lessons})
    names = [*(path.stem for path in lessons), "terms", *(path.stem for path in more)]
    order = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    elsewhere = [] if more else [in_english(path) for path in teachers()]
    parts = "\n\n".join([table, *elsewhere, order])
    return text("index.md", language).replace("LESSONS", parts).replace("COMMAND", command())


def in_english(path):
    """Return a link from another language to a page that is in English alone."""
    title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    link = f'<a href="../{path.stem}.html" lang="en" hreflang="en">{title}</a>'
    return spoken("For teachers, in English: {link}").format(link=link)


def write(wanted, source):
    """Write the files that are not yet there as they should be, so that Sphinx reads these alone; delete others."""
    source.mkdir(parents=True, exist_ok=True)
    for old in set(os.listdir(source)) - wanted.keys():
        (source / old).unlink()
    for name, content in wanted.items():
        if not (source / name).exists() or (source / name).read_text(encoding="utf-8") != content:
            (source / name).write_text(content, encoding="utf-8")


def run_sphinx(source, kept, out):
    """Let Sphinx make the pages, in the language that was chosen."""
    alone = " ".join(path.stem for path in teachers())
    started = [sys.executable, "-m", "sphinx", "-q", "-j", "auto", "-c", HERE, "-d", kept, "-A", f"alone={alone}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if subprocess.run([*map(str, started), str(source), str(out)], env=environment).returncode:
        raise SystemExit(spoken("Sphinx could not make the pages, for the reason that stands above."))
