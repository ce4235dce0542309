"""Run notebooks from top to bottom and store what they gave.

    python -m tools.rerun notebooks/01_minibatch_sgd.ipynb

Stored outputs keep the still pictures but no widget state: a widget without its kernel shows nothing.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
KEPT = ("tags", "jupyter")  # of a cell's metadata; "jupyter" says that its source is folded


def rerun(path):
    """Execute one notebook in its own folder and write it back; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=600, store_widget_state=False, resources={"metadata": {"path": path.parent}}
    ).execute()
    # All that a front end would write at the first save, so that a learner's copy differs in nothing else.
    language = notebook.metadata.language_info
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": language})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in KEPT if key in cell.metadata})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    os.environ["COURSE_LANGUAGE"] = "en"
    os.environ["COURSE_PROGRESS"] = ""  # stored is what a learner sees who has answered nothing yet
    for name in sys.argv[1:]:
        rerun(Path(name))
        print(f"ran {name}")
