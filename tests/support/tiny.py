"""A copy of the course that needs one tiny package, so that setting it up for real takes seconds and no network."""

import os
import shutil
import subprocess
import sys
import zipfile

from tests.support import ROOT
from tests.support.faults import clean

# course.py as it is, but for what it expects to import; says what came of it.
START = """
import sys
sys.path.insert(0, sys.argv[1])
import course
course.IMPORTS = dict.fromkeys(course.IMPORTS, "tiny")
course.wants_cpu_wheels = lambda: False
try:
    course.set_up(course.LESSONS)
    sys.exit(course.run(["tiny"]))
except course.CourseError as error:
    sys.exit(str(error))
"""


class TinyCourse:
    """course.py in a folder, with the words that it needs, requirements, a wheel to meet them and nothing else."""

    def __init__(self, folder, wheels):
        self.folder, self.wheels = folder, wheels
        folder.mkdir(parents=True, exist_ok=True)
        for name in (
            "course.py",
            "pyproject.toml",
            "constraints.txt",
            "requirements-test.txt",
            "requirements-site.txt",
            "helpers/__init__.py",
            "helpers/language.py",
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self.require("tiny>=1,<2")

    def require(self, *lines):
        (self.folder / "requirements.txt").write_text("\n".join([*lines, "-e ."]) + "\n")

    def begin(self, python=sys.executable, script=START, arguments=(), **environment):
        """Start the set-up and then the package, which prints where it lies, or another script."""
        own = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        command = [python, "-B", "-X", "utf8", "-c", script, str(self.folder), *arguments]
        return subprocess.Popen(command, env=clean(own | environment), **pipes)

    def start(self, **environment):
        """Do the same and wait for its end; return (status, what it printed, its errors)."""
        process = self.begin(**environment)
        printed, errors = process.communicate(timeout=120)
        return process.returncode, printed, errors

    @property
    def stamped(self):
        return (self.folder / ".venv" / "installed").exists()


def make_wheel(folder, version="1.0", code="print('tiny runs from', __file__)"):
    """Write a wheel of one module `tiny` that runs the code as a program."""
    folder.mkdir(exist_ok=True)
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": f"if __name__ == '__main__':\n    {code}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    return folder
