"""After the last cell of each notebook, nbval also runs tests/sweep.py in the notebook's kernel."""

import collections
import itertools
import os
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

if "PYTEST_XDIST_WORKER" in os.environ:  # one thread per worker and its kernels: two runs then don't fight for cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

SWEEP = Path(__file__).parent / "tests" / "sweep.py"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Add one cell to what nbval collects: sliders never move otherwise."""
    collectors = yield
    for notebook in collectors or []:
        if isinstance(notebook, IPyNbFile):
            cells = notebook.collect
            notebook.collect = lambda notebook=notebook, cells=cells: itertools.chain(cells(), sweep(notebook))
    return collectors


def sweep(notebook):
    """Yield the sweep as a last cell, which must print nothing. Called when the cells before it are known."""
    number = sum(cell.cell_type == "code" for cell in notebook.nb.cells)
    cell = nbformat.v4.new_code_cell(SWEEP.read_text())
    yield IPyNbCell.from_parent(
        notebook, name="every slider", cell_num=number, cell=cell, options=collections.defaultdict(bool, check=True)
    )
