"""One script per promise of speed, run as `python benchmarks/NAME.py` or as `python -m benchmarks.NAME`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # where a script finds the others, too
