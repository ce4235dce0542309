"""Build the course as a web page whose panels play without a kernel: `python3 course.py site`.

    python3 course.py site                     all lessons, into the folder site/: open site/index.html
    python3 course.py site --check             and try every page of it in a browser
    python3 course.py site --lessons 00 04     these alone
    python3 course.py site --preview           with the ends of each slider only, in a third of the time
    python3 course.py site --out FOLDER        into another folder

What has not changed since the last time is not recorded again.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from tqdm import tqdm

from tools.website import sizes
from tools.website.pages import Page, with_links

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HERE = Path(__file__).parent
MADE_FROM = "made-from"  # file in a folder of recordings: the hash of all that they depend on


def main(arguments=None):
    """Build, tell the sizes, and check if asked; return the exit status."""
    parser = argparse.ArgumentParser(prog="course.py site", description=__doc__.partition("\n")[0])
    parser.add_argument("--lessons", nargs="+", default=[""], help="the beginnings of their names; default: all")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder of the site")
    parser.add_argument("--preview", action="store_true", help="record the ends and the start of each slider alone")
    parser.add_argument("--check", action="store_true", help="try every page in a browser, too")
    options = parser.parse_args(arguments)
    lessons, out = [path for path in LESSONS if path.stem.startswith(tuple(options.lessons))], options.out.resolve()
    if not lessons:
        parser.error(f"no lesson begins with {options.lessons}; the lessons are {[path.stem for path in LESSONS]}")
    begin = time.monotonic()
    record_all(lessons, out / "lessons", options.preview)
    make_pages(lessons, out)
    print(f"{out / 'index.html'} is made, in {time.monotonic() - begin:.0f} s.", flush=True)
    good = sizes.report(out)
    if options.check:
        from tools.website import check  # needs what only tests need

        good &= check.report(out)
    return not good


def record_all(lessons, folder, preview):
    """Record the panels of all lessons that changed since they were recorded, as many at once as there are cores."""
    changed = [path for path in lessons if is_changed(path, folder / path.stem, preview)]
    total = sum(len(codes(path)) for path in changed)
    threads = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    with tqdm(total=total, unit="cell", disable=not changed) as bar, threads:
        list(threads.map(lambda path: record(path, folder / path.stem, preview, bar), changed))


def record(path, folder, preview, bar):
    """Record a lesson in a process of its own; the folder is replaced when all went well."""
    begin, new = time.monotonic(), folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    command = [sys.executable, "-m", "tools.website.record", str(path), str(new), *["--preview"] * preview]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}  # a core each: the same sums anywhere
    with open(new / "log", "w+", encoding="utf-8") as log:
        pipes = {"stdout": subprocess.PIPE, "stderr": log, "encoding": "utf-8"}
        with subprocess.Popen(command, env=environment, **pipes) as process:
            for line in process.stdout:
                bar.update(line == "cell\n")
                bar.set_postfix_str(f"{path.stem[:2]} {line.strip()}", refresh=False)
        if process.returncode:
            log.seek(0)
            *_, last = ["it did not say why", *log.read().strip().splitlines()]
            raise SystemExit(f"{path.name} could not be recorded: {last}. More is in {log.name}.")
    (new / "log").unlink()
    (new / MADE_FROM).write_text(fingerprint(path, preview))
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    bar.write(f"{path.stem} is recorded, in {time.monotonic() - begin:.0f} s.")


def is_changed(path, folder, preview):
    """Tell whether a lesson was never recorded so, or not as it is now."""
    try:
        return (folder / MADE_FROM).read_text() != fingerprint(path, preview)
    except OSError:
        return True


def fingerprint(path, preview):
    """Return the hash of what the recordings of a lesson depend on: its code, the helpers and the recorder."""
    files = [*sorted((ROOT / "helpers").glob("*.py")), HERE / "record.py", HERE / "places.py"]  # no exercises
    parts = [str(preview), *codes(path), *(file.read_text(encoding="utf-8") for file in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def codes(path):
    """List the sources of the code cells of a lesson."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def make_pages(lessons, out):
    """Let Sphinx make the pages, from notebooks made of the lessons and the recordings."""
    work = out.with_name(out.name + ".work")
    source = work / "source"
    source.mkdir(parents=True, exist_ok=True)
    teachers = sorted((ROOT / "classroom").glob("*.md"))
    texts = [HERE / "terms.md", *teachers]
    names = {path.name for path in (*lessons, *texts)}
    wanted = {path.name: page(path, out / "lessons" / path.stem, names) for path in lessons}
    wanted |= {path.name: with_links(path.read_text(encoding="utf-8"), names) for path in texts}
    wanted["index.md"] = index(lessons, [path.stem for path in teachers])
    for old in set(os.listdir(source)) - wanted.keys():
        (source / old).unlink()
    for name, text in wanted.items():
        if not (source / name).exists() or (source / name).read_text(encoding="utf-8") != text:
            (source / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-j", "auto", "-c", HERE, "-d", work / "doctrees", source, out]
    subprocess.run(list(map(str, command)), check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    for path in out.glob("*.html"):
        if path.stem != "search" and not {f"{path.stem}.md", f"{path.stem}.ipynb"} & wanted.keys():
            path.unlink()  # of an earlier time


def page(path, recordings, names):
    """Return the notebook of a lesson's page as text; its pictures are written beside the recordings."""
    notebook = nbformat.read(path, as_version=4)
    panels = json.loads((recordings / "panels.json").read_text(encoding="utf-8"))
    page = Page(panels, recordings, f"lessons/{path.stem}", names)
    notebook.cells = [new for cell in notebook.cells for new in page.cells(cell)]
    return nbformat.writes(notebook)


def index(lessons, more):
    """Return the first page: what this is, the README's table of lessons, and the order of the pages."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("\n## Lessons\n")[2].partition("\n\n")[2].partition("\n\n")[0].replace("(notebooks/", "(")
    table = with_links(table, {path.name for path in lessons})
    order = "\n".join(["```{toctree}", ":hidden:", "", *(path.stem for path in lessons), "terms", *more, "```"])
    return (HERE / "index.md").read_text(encoding="utf-8").replace("LESSONS", f"{table}\n\n{order}")


if __name__ == "__main__":
    sys.exit(main())
