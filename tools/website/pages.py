"""From a lesson as a notebook to the notebook that Sphinx makes a page of.

Panels become players, predictions take a number in the page, exercises show hints and solution folded, pictures
become files with their text alternative. All else stays as it is stored in the notebook.
"""

import ast
import base64
import functools
import io
import re
from html import escape

from nbformat.v4 import new_markdown_cell, new_output
from PIL import Image

from tools.website import forms
from tools.website.words import not_given

OPEN = re.compile(r"^(\w+) = \.\.\.(?:  # (.+))?$", re.MULTILINE)
CHECK = re.compile(r'^check\("([\w.]+)"', re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]+)\]\(([^)\s]+)\)")


class Page:
    """Turns the cells of a lesson, one after the other, into those of its page.

    Args:
        panels: what `record` wrote of the lesson's panels.
        folder: where its recordings and pictures lie.
        address: how the page reaches that folder.
        names: of the notebooks that become pages; links to other files stay words.
        known: the translations of the lesson, which the recordings don't have.
    """

    def __init__(self, panels, folder, address, names, known):
        self._panels, self._folder, self._address, self._names, self._known = panels, folder, address, names, known
        self._players = 0
        self._fields = {}  # variable of a prediction -> id of the field in which the page last asked for it
        self._marked = []  # variables that the drawings since the last panel mark, None for anything else

    def cells(self, cell):
        """Return the cells of the page for a cell of the notebook, which may be changed."""
        if cell.cell_type != "code":
            cell.source = with_links(cell.source, self._names)
            return [cell]
        if cell.source.endswith("\nprogress()"):
            return []  # only a notebook knows what is right, and the search would find all lessons
        exercise = CHECK.search(cell.source)
        if exercise:
            cell.outputs = [html(forms.exercise(exercise[1]))]
            return [cell]
        asked = [self._field(cell.id, *question.groups()) for question in OPEN.finditer(cell.source)]
        cell.source = OPEN.sub("", cell.source).strip()
        code = [self._code(cell)] if cell.source else []
        return code + ([new_markdown_cell("\n".join(asked))] if asked else [])

    def _code(self, cell):
        self._marked += marked(cell.source)
        cell.outputs = list(self._outputs(cell))
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            prompt = re.split("[;；]", cell.source.partition("\n")[0].removeprefix("# "))[0]
            cell.metadata = {"tags": ["hide-input"], "mystnb": {f"code_prompt_{do}": prompt for do in ("show", "hide")}}
        return cell

    def _field(self, cell, name, remark):
        self._fields[name] = f"{name}-{cell}"
        return forms.prediction(self._fields[name], name, remark)

    def _outputs(self, cell):
        """Yield the outputs of a cell as the page shows them."""
        fields = self._measured(cell)
        for number, output in enumerate(cell.outputs):
            data = output.get("data", {})
            text = output.get("text", data.get("text/plain", ""))
            if "image/png" in data:
                yield html(self._player(cell) if text.startswith("Panel(") else self._picture(output, cell, number))
            elif not_given() in text:
                text = re.sub(not_given(), lambda _: forms.outcome(next(fields)), escape(text))
                yield html(f"<pre>{text}</pre>")
            elif not data.get("text/markdown", "").startswith("*"):  # the words under a picture stand in its figure
                yield output

    def _measured(self, cell):
        """Return an iterator of the fields whose numbers stand beside the outcomes of a cell, in their order."""
        outcomes = sum(str(output).count(not_given()) for output in cell.outputs)
        named = list(dict.fromkeys(name for name in re.findall(r"\w+", cell.source) if name in self._fields))
        if outcomes and len(named) != outcomes:
            raise ValueError(f"cell {cell.id} shows {outcomes} outcomes, but names the predictions {named}")
        return (self._fields[name] for name in named)

    def _player(self, cell):
        number, panel = self._players, self._panels[self._players]
        if panel["cell"] != cell.id:
            raise ValueError(f"panel {number} was recorded in cell {panel['cell']}, not {cell.id}")
        fields = [self._fields.get(name) for name in self._marked]
        self._players, self._marked = number + 1, []
        if len(fields) != len(panel["marks"]):
            fields = [None] * len(panel["marks"])
        return forms.player(number, self._spoken(panel), f"{self._address}/{number}", fields)

    def _spoken(self, panel):
        """Return a panel with its texts in the language of the page."""
        controls = [one | {"label": self._known.get(one["label"], one["label"])} for one in panel["controls"]]
        return panel | {"controls": controls, "caption": self._known.get(panel["caption"], panel["caption"])}

    def _picture(self, output, cell, number):
        name = f"{cell.id}-{number}.webp"
        content, wide, high = smaller(output.data["image/png"])
        (self._folder / name).write_bytes(content)
        width = output.metadata.get("image/png", {}).get("width", wide)
        height = round(width * high / wide)
        return forms.picture(f"{self._address}/{name}", output.data["text/plain"], width, height)


@functools.cache  # the page in the next language has the same
def smaller(picture):
    """Return a PNG, as notebooks hold it, as WebP, in the smaller of two forms, and its width and height."""
    pixels = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    forms = []
    for options in ({"quality": 70, "method": 6}, {"lossless": True}):
        file = io.BytesIO()
        pixels.save(file, "webp", **options)
        forms.append(file.getvalue())
    return min(forms, key=len), *pixels.size


def with_links(text, names):
    """Return Markdown in which links to files other than those named, which have no page, are words alone."""

    def kept(link):
        file = link[2].partition("#")[0]
        return link[0] if "://" in file or file in ("", *names) else link[1]

    return LINK.sub(kept, text)


def html(text):
    """Return the output of a cell that is HTML."""
    return new_output("display_data", {"text/html": text})


def marked(source):
    """List the variables that calls of `mark` in a cell draw, None for what is no plain variable."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    drawn = [call.args[1] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "mark"]
    return [value.id if isinstance(value, ast.Name) else None for value in drawn]
