"""Before anything else of the tests: how many threads each of them takes, and that signals reach them."""

import os
import signal

if "PYTEST_XDIST_WORKER" in os.environ:  # one thread per worker and its kernels: two runs then don't fight for cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# What was started in the background ignores Ctrl+C, and so would all that it starts; some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
