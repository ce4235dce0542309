"""Before anything else of the tests: how many threads each of them takes, and that no right answer is remembered."""

import os

os.environ["COURSE_PROGRESS"] = ""  # what tests get right, or a lesson in a test, is not the user's
if "PYTEST_XDIST_WORKER" in os.environ:  # one thread per worker and its kernels: two runs then don't fight for cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
