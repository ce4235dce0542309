"""Build the course as a web page whose panels play without a kernel: `python3 course.py site`.

    python3 course.py site                     all lessons, into the folder site/: open site/index.html, or
                                               site/zh/index.html in Chinese
    python3 course.py site --check             and try every page of it in a browser
    python3 course.py site --lessons 00 04     these alone
    python3 course.py site --preview           with the ends of each slider only, in a third of the time
    python3 course.py site --out FOLDER        into another folder

What has not changed since the last time is not recorded again.
"""

import argparse
import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from tqdm import tqdm

from helpers.language import spoken
from tools.website import sizes
from tools.website.making import make_pages

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
        told = spoken("no lesson begins with {these}; the lessons are {all}")
        parser.error(told.format(these=options.lessons, all=[path.stem for path in LESSONS]))
    begin = time.monotonic()
    record_all(lessons, out / "lessons", options.preview)
    make_pages(lessons, out)
    told = spoken("{path} is made, in {seconds:.0f} s.")
    print(told.format(path=out / "index.html", seconds=time.monotonic() - begin), flush=True)
    good = sizes.report(out)
    if options.check:
        from tools.website import check  # needs what only tests need

        good &= check.report(out)
    return not good


def record_all(lessons, folder, preview):
    """Record the panels of all lessons that changed since they were recorded, as many at once as there are cores."""
    changed = [path for path in lessons if is_changed(path, folder / path.stem, preview)]
    total = sum(len(code(path)) for path in changed)
    threads = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    with tqdm(total=total, unit="cell", disable=not changed) as bar, threads:
        # The last lessons take longest: begun first, none of them keeps one core busy at the end.
        list(threads.map(lambda path: record(path, folder / path.stem, preview, bar), reversed(changed)))


def record(path, folder, preview, bar):
    """Record a lesson in a process of its own; the folder is replaced when all went well."""
    begin, new = time.monotonic(), folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    command = [sys.executable, "-m", "tools.website.record", str(path), str(new), *["--preview"] * preview]
    environment = os.environ | {"COURSE_LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
    environment["OMP_NUM_THREADS"] = "1"  # a core each: the same sums anywhere
    with open(new / "log", "w+", encoding="utf-8") as log:
        pipes = {"stdout": subprocess.PIPE, "stderr": log, "encoding": "utf-8"}
        with subprocess.Popen(command, env=environment, **pipes) as process:
            for line in process.stdout:
                bar.update(line == "cell\n")
                bar.set_postfix_str(f"{path.stem[:2]} {line.strip()}", refresh=False)
        if process.returncode:
            log.seek(0)
            *_, last = [spoken("it did not say why"), *log.read().strip().splitlines()]
            told = spoken("{lesson} could not be recorded: {reason}. More is in {file}.")
            raise SystemExit(told.format(lesson=path.name, reason=last, file=log.name))
    (new / "log").unlink()
    (new / MADE_FROM).write_text(fingerprint(path, preview))
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    told = spoken("{lesson} is recorded, in {seconds:.0f} s.")
    bar.write(told.format(lesson=path.stem, seconds=time.monotonic() - begin))


def is_changed(path, folder, preview):
    """Tell whether a lesson was never recorded so, or not as it is now."""
    try:
        return (folder / MADE_FROM).read_text() != fingerprint(path, preview)
    except OSError:
        return True


def fingerprint(path, preview):
    """Return the hash of what the recordings of a lesson depend on: its code, the helpers and the recorder."""
    files = [*sorted((ROOT / "helpers").glob("*.py")), HERE / "record.py", HERE / "places.py"]  # no exercises
    cells = (f"{cell.id} {cell.source}" for cell in code(path))
    parts = [str(preview), *cells, *(file.read_text(encoding="utf-8") for file in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def code(path):
    """List the code cells of a lesson."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


if __name__ == "__main__":
    sys.exit(main())
