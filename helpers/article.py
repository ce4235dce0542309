"""The article's own library, d2l 0.17.0, made to run on today's IPython: `from helpers.article import d2l`.

IPython 9 removed `IPython.display.set_matplotlib_formats`, which every `d2l.Animator` calls.
And d2l starts four loader processes whatever the machine; none is safer in a notebook.
"""

import IPython.display
from matplotlib_inline.backend_inline import set_matplotlib_formats

if not hasattr(IPython.display, "set_matplotlib_formats"):
    IPython.display.set_matplotlib_formats = set_matplotlib_formats

from d2l import torch as d2l  # noqa: E402 (the line above must come first)

d2l.get_dataloader_workers = lambda: 0

__all__ = ["d2l"]
