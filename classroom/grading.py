"""nbgrader's autograder for the course: a submission runs in a process of its own, and its answers are judged here.

nbgrader runs submission and tests in one kernel, where a submission may replace what the tests import, or stop the
cells that follow. Here all that comes back from a submission is plain data, what its answers are or return; the
expected values and the verdict stay in this process. nbgrader does all the rest, from the release to the late penalty.
"""

import re

from nbformat.v4 import new_output
from nbgrader.converters.autograde import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Integer

from classroom import apart

CHECK = re.compile(r'check\("([\w.]+)", (\w+)\)')


def judged():
    """List nbgrader's steps of autograding, with `Judge` where it would run the notebook."""
    return [Judge if step is Execute else step for step in Autograde().autograde_preprocessors]


class Judge(NbGraderPreprocessor):
    """Puts under each test cell what `check` says of the answer: an error, so no points, unless it is right."""

    timeout = Integer(30, help="Seconds that a submission has for each exercise.").tag(config=True)

    def preprocess(self, nb, resources):
        if not apart.bubblewrap_works():
            self.log.warning(apart.UNGUARDED)
        setup, parts, tests = split(nb)
        for cell, part, seen in zip(tests, parts, apart.observed(setup, parts, self.timeout), strict=True):
            feedback = apart.judge(part["exercise"], seen, self.timeout)
            self.log.info("%s: %s", part["exercise"], feedback.verdict)
            cell.outputs = [output(feedback)]
        return nb, resources


def split(nb):
    """Return the code that every submission begins with, the parts of this one, and its test cells.

    A part is what a learner wrote for one exercise: the code of all cells up to the test cell, and the name of the
    answer. Locked cells and test cells are the teacher's: nbgrader has put them back.
    """
    setup, parts, tests, code = [], [], [], []
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if not is_grade(cell) or is_solution(cell):
            (setup if is_locked(cell) else code).append(cell.source)
            continue
        found = CHECK.search(cell.source)
        if not found:
            name = cell.metadata.nbgrader.grade_id
            raise ValueError(f"the test cell {name!r} calls no check(...): make it one that is graded by hand")
        parts.append({"code": code, "exercise": found[1], "answer": found[2]})
        tests.append(cell)
        code = []
    return setup, parts, tests


def output(feedback):
    """Return the feedback as a cell's output, from which nbgrader takes the points."""
    text = repr(feedback)
    if feedback:
        return new_output("display_data", {"text/plain": text})
    return new_output("error", ename="NotRight", evalue=text, traceback=[text])
