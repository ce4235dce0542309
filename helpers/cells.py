"""What a cell made goes when the cell runs again: two runs must not fight for one picture, or fill the memory.

A front end that names the cell (JupyterLab, Notebook 7) leaves no doubt, and what the cell made before is
closed. Elsewhere (nbclassic, nbconvert) the code is the name, and a cell with the same code may be another
one: what was made before stops, but only what is several runs old is closed.
"""

from IPython import get_ipython
from ipywidgets import Widget

SURE, GUESSED = 1, 3  # how many runs of a cell keep what they made, the newest included
_runs = {}  # name of a cell -> its runs, oldest first: (identity of the run, what it made)


def replace(keep=()):
    """Stop or close what the former runs of this cell made; return the list that holds what this run makes.

    Args:
        keep: widgets that this run uses again.
    """
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    name = request.get("metadata", {}).get("cellId")
    kept = SURE if name else GUESSED
    name = name or request.get("content", {}).get("code")
    if not name:  # outside a notebook nothing tells what replaces what
        return []
    run = request.get("header", {}).get("msg_id"), getattr(shell, "execution_count", None)
    runs = _runs.setdefault(name, [])
    if not runs or runs[-1][0] != run:
        for thing in [thing for _, made in runs for thing in made]:
            thing.stop()
        runs.append((run, []))
    while len(runs) > kept:
        for thing in runs.pop(0)[1]:
            thing.close(keep)
    return runs[-1][1]


def made():
    """List what the newest run of each cell made."""
    return [thing for runs in _runs.values() for thing in runs[-1][1]]


def is_used(widget, keep=()):
    """Tell whether a widget is one of `keep`, stands elsewhere, or is held by a variable of the notebook."""
    groups = [keep, *(getattr(thing, "children", ()) for runs in _runs.values() for _, made in runs for thing in made)]
    variables = list(getattr(get_ipython(), "user_ns", {}).values())
    for value in variables:  # one of them may be the list of all widgets by their ids, which holds each
        if isinstance(value, dict):
            groups.append([held for key, held in list(value.items()) if key != widget.model_id])
    groups += [variables, *(value for value in variables if isinstance(value, (list, tuple)))]
    return any(held is widget for group in groups for held in group)


def close(widget):
    """Close a widget with its layout, its style and all that it shows."""
    for part in (*getattr(widget, "children", ()), getattr(widget, "layout", None), getattr(widget, "style", None)):
        if isinstance(part, Widget):
            close(part)
    widget.close()
