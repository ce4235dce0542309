"""Before anything else of the tests: how many threads each of them takes."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # one thread per worker and its kernels: two runs then don't fight for cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
