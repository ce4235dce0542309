"""Lessons as HTML pages and scripts: pictures keep their texts, scripts their explanations."""

import nbformat
import pytest
from nbconvert import HTMLExporter, ScriptExporter
from nbformat import v4
from traitlets.config import PyFileConfigLoader

from helpers import plots
from tests.support import ROOT
from tests.support.dots import make
from tools.rerun import KERNEL, WIDGET, rerun

TEXT = 'A dot, "large" & <orange>'


def page(**settings):
    """Return the HTML of a notebook that was saved with a live widget in it."""
    data, metadata = plots.still(b"pixels", TEXT)
    view = {"model_id": "a", "version_major": 2, "version_minor": 0}
    state = {"version_major": 2, "version_minor": 0, "state": {"a": {"model_name": "VBoxModel", "state": {}}}}
    output = v4.new_output("display_data", {WIDGET: view, **data}, metadata=metadata)
    notebook = v4.new_notebook(cells=[v4.new_code_cell("explore()", outputs=[output])])
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    return HTMLExporter(**settings).from_notebook_node(notebook)[0]


def test_a_page_shows_pictures_with_their_text_alternatives():
    html = page(config=PyFileConfigLoader("jupyter_config.py", str(ROOT / "jupyter")).load_config())
    assert html.count("<img ") == 1
    assert 'alt="A dot, &quot;large&quot; &amp; &lt;orange&gt;"' in html or 'alt=\'A dot, "large" &amp; &lt;' in html
    assert f"data:image/png;base64,{plots.still(b'pixels', '')[0]['image/png']}" in html


@pytest.mark.parametrize("show", [lambda: make()._ipython_display_(), lambda: plots.show(plots.figure(2, 2), "A dot.")])
def test_a_picture_is_followed_by_its_caption_where_pages_drop_text_alternatives(show, monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **options: shown.append(data))
    show()
    picture, caption = shown
    assert "image/png" in picture
    assert caption.data == "*A dot.*"


def test_a_script_keeps_the_explanations(tmp_path):
    cells = [v4.new_markdown_cell("# A title\nand a *text*"), v4.new_code_cell("print(1 + 1)")]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)
    rerun(path)
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[1].outputs[0].text == "2\n"
    script, resources = ScriptExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".py"
    assert "# # A title\n# and a *text*\n" in script
    assert "\nprint(1 + 1)\n" in script
