#!/usr/bin/env python3
"""Set up the course and run it. Needs nothing but Python.

  python3 course.py lab [--help]                    open the lessons in JupyterLab
  python3 course.py test [pytest options]           run every lesson and helper as a test
  python3 course.py train [--help]                  train AlexNet on Fashion-MNIST without a notebook
  python3 course.py progress                        show which exercises are right so far
  python3 course.py check                           report whether everything that the lessons need is here
  python3 course.py bundle FOLDER [--help]          copy the course for computers without a network
  python3 course.py site [--check] [--help]         build the course as a web page, into the folder site

All speak Chinese with --language zh, or where the system does; --language en turns that off.

The first start makes `.venv` and installs requirements.txt into it; later starts install nothing.
`site` adds requirements-site.txt. `test` adds that and what only tests need: requirements-test.txt and, where there is
no Chromium or Chrome, a browser.
"""

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from ast import literal_eval
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"  # a line for each list of packages that was installed: its name and hash
BROWSERS = VENV / "browsers"  # where `test` puts a browser of its own
LESSONS, TESTS, SITE = "requirements.txt", "requirements-test.txt", "requirements-site.txt"
IMPORTS = {
    LESSONS: "torch, torchvision, jupyterlab, ipykernel, ipywidgets, matplotlib, tqdm, d2l",
    TESTS: "pytest, nbval, xdist, playwright, torchdata, axe_playwright_python",
    SITE: "sphinx, myst_nb, sphinx_book_theme, latex2mathml",
}
WHEELS = ROOT / "wheels"  # in a bundle: what LESSONS names
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
# What pip may be told from outside: where packages come from. Not where they go to, or how: that is known here.
PIP_SOURCES = {
    *("index-url", "extra-index-url", "find-links", "no-index", "constraint", "cache-dir", "keyring-provider"),
    *("proxy", "cert", "client-cert", "trusted-host", "default-timeout", "timeout", "retries"),
}
# How long GNU's OpenMP threads wait busily for each other. By default they take the cores from all other work on the
# machine, and so from themselves; see benchmarks/beside.py.
THREADS = {"GOMP_SPINCOUNT": "10000"}


class CourseError(Exception):
    """Something that the user can mend; the message says how."""


def main(arguments):
    """Run one command and return its exit status."""
    arguments = choose_language(arguments)
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = ".".join(map(str, sys.version_info[:3]))
        told = spoken(
            "The course needs Python {oldest} to {newest}, but this is Python {here}: "
            "get one from python.org and start course.py with it."
        )
        oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
        raise CourseError(told.format(oldest=oldest, newest=newest, here=here))
    commands = {
        "lab": lab,
        "test": test,
        "train": in_terminal,
        "progress": in_terminal,
        "check": check,
        "bundle": bundle,
        "site": site,
    }
    if not arguments or arguments[0] not in commands:
        print(spoken(__doc__))
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    return commands[arguments[0]](arguments)


def choose_language(arguments):
    """Choose what all that follows speaks, as the arguments or else the user's settings say; return the others."""
    from helpers import language

    options, others = language_option().parse_known_args(arguments)
    os.environ["COURSE_LANGUAGE"] = options.language or language.of_user(os.environ)
    return others


def language_option():
    """Return a parser that knows --language alone."""
    parser = argparse.ArgumentParser(prog="course.py", add_help=False, allow_abbrev=False)
    text = spoken("what the course speaks, English or Chinese; default: as your system does")
    parser.add_argument("--language", choices=["en", "zh"], help=text)
    return parser


def spoken(text):
    """Return a text in the language that was chosen."""
    from helpers import language  # here, since some import this file for what it knows, and need no words

    return language.spoken(text)


def lab(arguments):
    """Open JupyterLab, with its token, on the first lesson."""
    parser = argparse.ArgumentParser(prog="course.py lab", parents=[language_option()])
    parser.add_argument("--no-browser", action="store_true", help=spoken("print the address instead of opening it"))
    text = spoken("the port to serve on; default: the first free one from 8888")
    parser.add_argument("--port", type=int, help=text)
    options, language = parser.parse_args(arguments[1:]), os.environ["COURSE_LANGUAGE"]
    folder = "notebooks" if language == "en" else f"notebooks_{language}"
    command = ["jupyterlab", f"{folder}/00_start_here.ipynb", f"--ServerApp.root_dir={ROOT}"]
    if options.no_browser:
        command.append("--no-browser")
    if options.port is not None:
        require_free(options.port)
        command += [f"--port={options.port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    set_up(LESSONS)
    if language != "en" and run(["helpers.lessons", language], folder=ROOT):
        return 1
    return run(command, folder=ROOT)


def test(arguments):
    """Run all tests, or what the arguments to pytest say."""
    set_up(LESSONS, SITE, TESTS)
    if find_browser() is None:
        bring_browser()
    return run(["pytest", *arguments[1:]], folder=ROOT)


def site(arguments):
    """Build the site, and try it in a browser if asked."""
    checks = "--check" in arguments
    set_up(LESSONS, SITE, *[TESTS] * checks)
    if checks and find_browser() is None:
        bring_browser()
    return run(["tools.website", *arguments[1:]], folder=ROOT)


def in_terminal(arguments):
    """Run a command of helpers/cli.py where the user stands: to that folder a relative --checkpoint belongs."""
    set_up(LESSONS)
    return run(["helpers.cli", *arguments])


def check(arguments):
    """Report what lessons need, and then, without judging by it, what tests need."""
    set_up(LESSONS)
    status = run(["helpers.cli", *arguments])
    packages = spoken("installed") if is_installed(TESTS) else spoken("not installed")
    told = spoken("for tests     packages {packages}; {browser} (`course.py test` brings what is missing)")
    print(told.format(packages=packages, browser=find_browser() or spoken("no browser")), flush=True)
    return status


def bundle(arguments):
    """Copy the course, with the wheels that it needs, into a folder."""
    from classroom import bundle

    return bundle.main(arguments[1:])


def run(module_and_arguments, folder=None):
    """Run a module with the course's own Python in a folder, by default the user's; return its exit status."""
    with own_settings() as settings:
        early = []  # signals that come before there is a program to pass them on to
        at_the_end(lambda number, _: early.append(number))
        command = [str(PYTHON), "-P", "-m", *module_and_arguments]  # -P: nothing in the folder hides a package
        process = subprocess.Popen(command, cwd=folder, env={**environment(), **settings})
        at_the_end(lambda number, _: process.send_signal(number))
        for number in early:
            process.send_signal(number)
        while True:
            try:
                status = process.wait()
                if os.name == "posix" and status == -signal.SIGKILL:
                    told = spoken("The system ended it, most likely for want of memory: close other programs.")
                    print(told, file=sys.stderr)
                return status if status >= 0 else 128 - status  # as shells do: below 0 is the signal that ended it
            except KeyboardInterrupt:  # Ctrl+C reached the child too: let it end in its own way
                continue


def environment():
    """Return the user's environment without what would change Python, pip, Jupyter or matplotlib here."""
    foreign = ("PYTHON", "PIP_", "JUPYTER", "IPYTHON", "MPL", "MATPLOTLIB", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
    for name in ("COURSE_DATA", "COURSE_PROGRESS"):
        if kept.get(name):
            kept[name] = os.path.abspath(kept[name])  # notebooks run in another folder
    return {**THREADS, **kept, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def own_settings():
    """Yield the variables by which Jupyter and matplotlib keep their files to the course.

    Those of the user may name another kernel "python3", another folder to start in, or fonts that are not here.
    """
    with contextlib.ExitStack() as stack:
        folder = ROOT / ".jupyter"
        try:
            folder.mkdir(exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:  # a read-only course
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "MPLCONFIGDIR": "matplotlib",
        }
        own = {name: str(folder / place) for name, place in places.items()}
        settings = jupyter_settings(os.environ.get("COURSE_LANGUAGE", "en"))
        yield {**own, "JUPYTER_CONFIG_PATH": settings, "JUPYTER_PREFER_ENV_PATH": "1"}


def jupyter_settings(language):
    """Return where Jupyter finds the course's settings in a language; what is of that language alone comes first."""
    return os.pathsep.join(str(path) for path in (ROOT / "jupyter" / language, ROOT / "jupyter") if path.is_dir())


def set_up(*lists):
    """Let .venv hold what the lists name, unless it does.

    An environment whose packages can be imported is brought up to date in place, and stays as it is if that
    fails; only one that is of no use is made anew. Which Python made it does not matter.
    """
    if not all(map(is_installed, lists)):
        with only_start():
            missing = [name for name in lists if not is_installed(name)]  # another start may have been faster
            if missing:
                install(missing)
    point_to_the_course()


def install(lists):
    """Install lists of packages, and stamp the environment once they can be imported."""
    anew = bool(trouble(LESSONS))
    told = spoken("Setting up the course in {folder}: once, a few minutes.") if anew else spoken("Updating {folder}.")
    print(told.format(folder=VENV), flush=True)
    try:
        with swap() if anew else contextlib.nullcontext():
            for name in lists:
                install_list(name, anew)
            progress(spoken("compiling"))
            # On all cores, where pip would use one. Some packages have files that no Python can compile: never mind.
            call(PYTHON, "-m", "compileall", "-qq", "-j", "0", VENV, read=lambda line: None)
            for name in lists:
                reason = trouble(name)
                if reason:
                    told = spoken("What {name} names was installed, but not so that it works: {reason}.")
                    raise CourseError(told.format(name=name, reason=reason))
    except CourseError as error:
        if any(map(trouble, lists)):
            raise
        told = spoken("{error} Going on with the packages that are here.")
        print(told.format(error=error), file=sys.stderr)
        return
    others = [line for line in stamps() if line.partition(" ")[0] in IMPORTS.keys() - set(lists)]
    STAMP.write_text("\n".join([*others, *map(fingerprint, lists)]))


@contextlib.contextmanager
def swap():
    """Make .venv anew; if anything fails, put back an old one that was whole: its Python may come back."""
    old = VENV.with_name(".venv-old")
    if old.exists():  # left by a start that was killed
        shutil.rmtree(VENV, ignore_errors=True)
    elif STAMP.exists():
        VENV.rename(old)
    try:
        make_environment()
        yield
    except BaseException:
        if old.exists():
            shutil.rmtree(VENV, ignore_errors=True)
            old.rename(VENV)
        raise
    shutil.rmtree(old, ignore_errors=True)


def make_environment():
    """Make .venv anew, without packages."""
    log = []  # of pip, too, which venv alone would install without a word of why it cannot
    make = [sys.executable, "-m", "venv", "--clear", "--without-pip", VENV]
    for step in (make, [PYTHON, "-m", "ensurepip", "--default-pip"]):
        if call(*step, read=log.append) != 0:
            told = spoken("Python could not make {folder}: {cause}.")
            raise CourseError(told.format(folder=VENV, cause=cause(log)))


def install_list(name, anew):
    """Install what a list names: the versions of the last green run where they can be had, else any that it admits."""
    if name == LESSONS and WHEELS.is_dir():
        failure = pip("--no-index", "--find-links", WHEELS, *requirements(name))
        if not failure:
            return
        told = spoken("The packages in {folder} do not do here ({cause}): asking the index.")
        print(told.format(folder=WHEELS, cause=failure), flush=True)
    if anew and name == LESSONS and wants_cpu_wheels():
        torch = [line for line in requirements(name) if line.startswith(("torch>", "torchvision>"))]
        if pip("--index-url", CPU_WHEELS, *torch):
            print(spoken("PyTorch's CPU wheels did not install; going on with the ordinary ones."), flush=True)
    if pip("-c", "constraints.txt", *requirements(name)):
        failure = pip(*requirements(name))
        if failure:
            told = spoken("Installing failed: {cause}, then start again; downloads are kept.")
            raise CourseError(told.format(cause=failure))


def trouble(name):
    """Say why the packages of a list are of no use in .venv, "" if they are of use."""
    if not PYTHON.exists():
        return spoken("there is no environment yet")
    half = "[d.name for d in importlib.metadata.distributions() if d.files is None]"  # a killed pip wrote no RECORD
    script = f"import importlib.metadata, {IMPORTS[name]}; half = {half}; assert not half, f'half installed: {{half}}'"
    log = []
    return "" if call(PYTHON, "-W", "ignore", "-c", script, read=log.append) == 0 else cause(log)


def point_to_the_course():
    """Let .venv find `helpers` where the course lies now, also after a move."""
    for packages in (*VENV.glob("lib/python*/site-packages"), *VENV.glob("Lib/site-packages")):
        path = packages / "course.pth"
        with contextlib.suppress(OSError):  # a read-only course: what course.py starts finds it all the same
            if not path.exists() or path.read_text(encoding="utf-8") != str(ROOT):
                path.write_text(str(ROOT), encoding="utf-8")


def is_installed(name):
    """Tell whether exactly this list was installed before, for the Python that is there now."""
    first = IMPORTS[name].partition(",")[0]
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({first!r}) is None)"
    return fingerprint(name) in stamps() and PYTHON.exists() and call(PYTHON, "-c", look, read=lambda line: None) == 0


def stamps():
    """List the lines of the stamp; none where it is missing or damaged."""
    try:
        return STAMP.read_text(errors="replace").splitlines()
    except OSError:
        return []


def fingerprint(name):
    """Return a list's line in the stamp: what decides what is installed."""
    return f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}"


def requirements(name):
    """List the lines of a requirements file that name a package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if line.strip() and not line.startswith(("#", "-"))]


def pip(*arguments):
    """Install into .venv and show the milestones; return why it failed, "" if it did not."""
    log = []

    def read(line):
        log.append(line)
        large = re.match(r"\s*(?:Downloading|Using cached) ([^-\s]+)-.*\((\d{2,}\.\d [MG]B|\d\.\d GB)\)", line)
        if large:
            progress("{}, {}".format(*large.groups()))
        elif line.startswith("Installing collected packages"):
            progress(spoken("installing {n} packages").format(n=line.count(",") + 1))

    options = ["--no-input", "--disable-pip-version-check", "--no-compile", "--progress-bar=off"]
    patience = ["--retries=2", "--timeout=15"]  # without a network it gives up after seconds
    command = [PYTHON, "-m", "pip", "install", *options, *patience, *arguments]
    return cause(log) if call(*command, read=read, **pip_sources()) != 0 else ""


def pip_sources():
    """Return as variables what the user's settings of pip say of where packages come from, and no other settings.

    Those of where they go to, or how, would leave .venv empty; pip's files hold both.
    """
    theirs = {name: value for name, value in os.environ.items() if name == "PIP_CONFIG_FILE"}
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env={**environment(), **theirs}, stdout=subprocess.PIPE, text=True)
    sources = {"PIP_CONFIG_FILE": os.devnull}
    for line in listed.stdout.splitlines():
        setting, _, value = line.partition("=")
        key = setting.rpartition(".")[2]
        if key in PIP_SOURCES:
            sources[variable(key)] = " ".join(literal_eval(value).split())
    given = {variable(key): os.environ.get(variable(key)) for key in PIP_SOURCES}
    return {**sources, **{name: value for name, value in given.items() if value}}


def variable(key):
    """Name the variable of an option of pip."""
    return "PIP_" + key.upper().replace("-", "_")


def progress(text):
    """Show a milestone of the setting up."""
    print(f"  {text}", flush=True)


def cause(log):
    """Say in words what stopped a program, from the lines that it printed."""
    text = "".join(log)
    for pattern, meaning in causes().items():
        if re.search(pattern, text):
            return meaning
    lines = [line.strip() for line in log if line.strip()] or [spoken("it did not say why")]
    return next((line for line in lines if line.startswith("ERROR")), lines[-1])


def causes():
    """Return for patterns of what pip and Python print what it means."""
    no_space = "No space left|Errno 28|Disk quota|File too large"
    no_right = "Permission denied|Read-only file system"
    no_venv = "No module named .?ensurepip|ensurepip is (not available|disabled)"
    no_index = r"ConnectionError|Connection(Pool)?\b.*(failed|broken|timed out)|Retrying|ProxyError|Name or service"
    path = spoken("its path holds a {sign}, which no environment can bear, so move the course")
    return {
        no_space: spoken("the disk is full, so make some 7 GB of room (less where PyTorch's CPU wheels are taken)"),
        no_right: spoken("there is no right to write there, so copy it into a folder of your own"),
        "PATH separator": path.format(sign=repr(os.pathsep)),
        no_venv: spoken(
            "its venv module is not whole, so install that (Debian, Ubuntu: `apt-get install python3-venv`)"
        ),
        no_index: spoken("the package index cannot be reached, so check the network"),
    }


def call(*command, read=None, **variables):
    """Run a program and return its exit status. Interrupted, end it, all that it started and its temporary files.

    Args:
        command: the program and its arguments.
        read: takes each line that the program prints; None leaves them to the terminal.
        variables: of its environment, besides the clean one.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"} if read else {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        own = {**environment(), "TMPDIR": temporary, **variables}
        process = subprocess.Popen(
            [*map(str, command)], cwd=ROOT, env=own, stdin=subprocess.DEVNULL, start_new_session=True, **pipes
        )
        try:
            for line in process.stdout or ():
                read(line)
            return process.wait()
        except BaseException:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)  # the session that started with it
            process.kill()
            process.wait()
            raise


@contextlib.contextmanager
def only_start():
    """Let one start at a time set up, while the others wait. The system gives the lock back, however a start ends."""
    try:
        file = open(ROOT / ".venv.lock", "a")  # noqa: SIM115 (closed below)
    except OSError as error:
        told = spoken("The course cannot be set up in {folder} ({reason}): copy it into a folder of your own.")
        raise CourseError(told.format(folder=ROOT, reason=error.strerror)) from None
    with file:
        told = False
        while not locked(file):
            if not told:
                print(spoken("Another start is setting up the course: waiting until it is done."), flush=True)
            told = True
            time.sleep(0.2)
        yield


def locked(file):
    """Take the lock on a file if nobody has it; tell whether that went well."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def wants_cpu_wheels():
    """Tell whether to take PyTorch's small CPU wheels: on Linux the ordinary one brings gigabytes of CUDA."""
    if not sys.platform.startswith("linux"):
        return False
    if shutil.which("nvidia-smi") or Path("/proc/driver/nvidia").exists():
        print(spoken("An NVIDIA GPU is here: installing the ordinary PyTorch, which brings CUDA."), flush=True)
        return False
    if answers(CPU_WHEELS + "/torch/", seconds=3):
        print(spoken("No NVIDIA GPU is here: installing PyTorch's CPU wheels."), flush=True)
        return True
    told = spoken("PyTorch's index of CPU wheels does not answer: installing the ordinary, larger PyTorch.")
    print(told, flush=True)
    return False


def answers(address, seconds):
    """Tell whether a web address answers in time, whatever hangs: name lookup, proxy or server."""
    replies = []

    def ask():
        with contextlib.suppress(OSError):
            replies.append(urllib.request.urlopen(address, timeout=seconds).status)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(replies)


def find_browser():
    """Return the path of a Chromium or Chrome that starts, None if there is none.

    Raises:
        CourseError: COURSE_BROWSER names no such program.
    """
    named = os.environ.get("COURSE_BROWSER")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    if not named:
        names.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
        names.append(r"C:\Program Files\Google\Chrome\Application\chrome.exe")
        ours = ("chrome", "chrome.exe", "Chromium", "Google Chrome for Testing")
        names += [str(path) for path in sorted(BROWSERS.glob("chromium-*/**/*")) if path.name in ours]
    for path in map(os.path.abspath, filter(None, map(shutil.which, names))):
        # Ubuntu's is a script that only tells how to install one. On Windows --version would open a window.
        if os.name == "nt" or call(path, "--version", read=lambda line: None) == 0:
            return path
    if named:
        told = spoken("COURSE_BROWSER is {path}, which is no browser that starts: set it to one, or to nothing.")
        raise CourseError(told.format(path=named))
    return None


def bring_browser():
    """Install a Chromium for the browser tests: the course's own or, where that fails, Debian's."""
    print(spoken("The browser tests need a Chromium or Chrome, and none is here: fetching one."), flush=True)
    call(
        PYTHON,
        "-m",
        "playwright",
        "install",
        "chromium",
        read=lambda line: None,
        PLAYWRIGHT_BROWSERS_PATH=str(BROWSERS),
    )
    if find_browser() is None and shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        with contextlib.suppress(FileNotFoundError):  # no sudo
            for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                call(*as_root, "apt-get", *step, read=lambda line: None, DEBIAN_FRONTEND="noninteractive")


def require_free(port):
    """Raise CourseError if the port cannot be served on."""
    try:
        with socket.socket() as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        told = spoken("Port {port} cannot be used ({error}): choose another with --port.")
        raise CourseError(told.format(port=port, error=error)) from None


def at_the_end(handler):
    """Let a handler answer the signals by which a system ends a program, unless the program was told to ignore them."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


if __name__ == "__main__":
    at_the_end(signal.default_int_handler)  # as Ctrl+C does
    sys.path.insert(0, str(ROOT))  # where `helpers` is, even if Python was told to look for nothing here
    with contextlib.suppress(AttributeError):  # where stdout is closed
        sys.stdout.reconfigure(errors="replace")  # a ? for what the terminal has no sign for
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as error:
        sys.exit(str(error))
    except BrokenPipeError:  # who reads has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        told = spoken("{error}: check the disk and the right to write in {folder}, then start again.")
        sys.exit(told.format(error=error, folder=ROOT))
    except KeyboardInterrupt:
        print(spoken("Interrupted: the same command starts again; downloads are kept."), file=sys.stderr)
        sys.exit(130)
