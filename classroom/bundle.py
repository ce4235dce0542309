"""Copy the course into a folder, with the wheels that it needs: `course.py lab` there needs no network.

python3 course.py bundle FOLDER                         for computers like this one, with this Python
python3 course.py bundle FOLDER --platform windows --python-version 3.12    for others: one FOLDER may serve many
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import course
from helpers.language import spoken

SYSTEMS = {  # what pip calls them; for Macs with Intel's processors PyTorch has no wheels any more
    "windows": ["win_amd64"],
    "macos": ["macosx_14_0_arm64"],
    "linux": ["manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in range(17, 36))],
}
HERE = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
LEFT = (
    ".git",
    ".venv*",
    ".jupyter",
    ".ipynb_checkpoints",
    "__pycache__",
    ".*_cache",
    "*.egg-info",
    "*.pt",
    "wheels",
    "notebooks_*",
)


def main(arguments):
    """Make the bundle; return the exit status."""
    how = {"description": spoken(__doc__), "formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = argparse.ArgumentParser(prog="course.py bundle", **how)
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help=spoken("where to put the copy, on a USB stick, say")
    )
    parser.add_argument("--platform", choices=SYSTEMS, default=HERE, help=spoken("default: that of this computer"))
    parser.add_argument("--python-version", help=spoken("the Python there, 3.12, say; default: the one here"))
    options = parser.parse_args(arguments)
    try:
        make(options.folder.resolve(), options.platform, options.python_version)
    except course.CourseError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(spoken("{error}: check the room and the right to write there, then start again.").format(error=error))
    return 0


def make(folder, platform, version):
    """Fill the folder; what is there already stays."""
    if folder == course.ROOT or course.ROOT in folder.parents:
        told = spoken("{folder} lies in the course itself: name a folder outside of it.")
        raise course.CourseError(told.format(folder=folder))
    course.set_up(course.LESSONS)
    shutil.copytree(course.ROOT, folder, ignore=shutil.ignore_patterns(*LEFT), dirs_exist_ok=True)
    print(spoken("Downloading into {folder}: some minutes.").format(folder=folder / "wheels"), flush=True)
    download(folder / "wheels", platform, version)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    told = spoken("Ready, {size} MB. Copy {folder} to the other computer; there: python3 course.py lab")
    print(told.format(size=f"{size / 1e6:,.0f}", folder=folder))


def download(wheels, platform, version):
    """Bring the wheels of requirements.txt; those of PyTorch without CUDA where there is a choice.

    Raises:
        CourseError: they cannot be had.
    """
    cpu = platform == "linux" and course.answers(f"{course.CPU_WHEELS}/torch/", seconds=3)
    sources = ["--extra-index-url", course.CPU_WHEELS] if cpu else []
    what = ["-c", "constraints.txt", *course.requirements(course.LESSONS)]
    if version or platform != HERE:
        version = version or ".".join(map(str, sys.version_info[:2]))
        tags = [f"--platform={tag}" for tag in SYSTEMS[platform]]
        what = ["--no-deps", f"--python-version={version}", *tags, *resolve(sources, platform, version)]
    call("pip", "download", "--no-input", "--progress-bar=off", "--only-binary=:all:", "-d", wheels, *sources, *what)


def resolve(sources, platform, version):
    """List what another system or Python needs: uv can tell, while pip takes the conditions of packages for here."""
    call("pip", "install", "--no-input", "uv")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "listed.txt"
        target = [f"--python-platform={platform}", f"--python-version={version}", "--index-strategy=unsafe-best-match"]
        plain = ["--no-header", "--no-annotate", "--no-emit-package=cnn-course", "--only-binary=:all:", "-o", listed]
        call("uv", "pip", "compile", "requirements.txt", "-c", "constraints.txt", *sources, *target, *plain)
        return [line for line in listed.read_text().splitlines() if "==" in line]


def call(*module_and_arguments):
    """Run a module with the user's package sources; raise CourseError with the cause if it fails."""
    log, sources = [], course.pip_sources()
    sources |= {
        f"UV_{name}": sources[f"PIP_{name}"] for name in ("INDEX_URL", "EXTRA_INDEX_URL") if f"PIP_{name}" in sources
    }
    if course.call(course.PYTHON, "-m", *module_and_arguments, read=log.append, **sources) != 0:
        told = spoken("The wheels could not be brought: {cause}, then start again.")
        raise course.CourseError(told.format(cause=course.cause(log)))
