"""Before anything else of the tests: how many threads each takes, that all speak English and remember no answer."""

import os

os.environ["COURSE_LANGUAGE"] = "en"  # whatever the user speaks: outputs are compared
os.environ["COURSE_PROGRESS"] = ""  # what tests get right, or a lesson in a test, is not the user's
if "PYTEST_XDIST_WORKER" in os.environ:  # one thread per worker and its kernels: two runs then don't fight for cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
