"""Which parts of a lesson are text that a translation may replace, and where in a cell they stand.

In markdown: each paragraph, list item, table row and heading. In code: comments, docstrings, captions, the
descriptions of sliders and what a panel says of a run that diverges, never code. A text that was wrapped over several
lines is one message on one line.
"""

import ast
import functools
import io
import itertools
import json
import re
import tokenize
from dataclasses import dataclass

# In markdown: what is not for a translator. Formulas, code, and the targets of links.
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.DOTALL)
CODE = re.compile(r"`[^`]+`")
TARGET = re.compile(r"(?<=\]\()[^)]+(?=\))")

_ITEM = r"[ \t]*(?:[-*]|\d+\.) "
_WRAPPED = rf".+(?:\n(?!{_ITEM}|#+ |\||\$\$|```|[ \t]*$).+)*"  # up to what begins a block of its own
_BLOCK = re.compile(
    r"^(?:```[\s\S]*?^```|(?P<formula>\$\$[\s\S]*?\$\$)|#+ (?P<heading>.*)|(?P<row>\|.*)"
    rf"|{_ITEM}(?P<item>{_WRAPPED})|(?P<paragraph>{_WRAPPED}))",
    re.MULTILINE,
)
_MAY_HOLD_TEXT = re.compile(r"def |class |caption|description|show\(|FloatingPointError", re.IGNORECASE)
WITH_VALUES = ", with {values}"  # of an f-string
_KINDS = {"row": "table row", "item": "list item"}


@dataclass(frozen=True)
class Piece:
    """One message of a cell: source[start:end] is what a translation takes the place of."""

    kind: str
    text: str
    start: int
    end: int

    def written(self, translation):
        """Return a translation as it stands in the source."""
        if self.kind == "docstring":
            return '"""{}"""'.format(translation.replace("\\", r"\\"))
        if self.kind in ("caption", "description", "end of a run"):
            return json.dumps(translation, ensure_ascii=False)
        if self.kind.endswith(WITH_VALUES):
            return f'f"{translation}"'
        return translation


@functools.lru_cache(maxsize=1)  # who asks for those of a cell asks twice
def pieces(cell_type, source):
    """List the messages of a cell in their order."""
    found = _in_markdown(source) if cell_type == "markdown" else [*_comments(source), *_strings(source)]
    return sorted((piece for piece in found if _has_words(piece)), key=lambda piece: piece.start)


def replaced(cell_type, source, translations):
    """Return the source with each text replaced that `translations`, a dict, has another one for."""
    for piece in reversed(pieces(cell_type, source)):
        if piece.text in translations:
            source = source[: piece.start] + piece.written(translations[piece.text]) + source[piece.end :]
    return source


def skeleton(source):
    """Return the syntax tree of code without its comments and texts, to compare a translation with its original."""
    tree = ast.parse(source)
    for _, node in _texts(tree):
        if isinstance(node, ast.JoinedStr):
            node.values = sorted((part for part in node.values if not isinstance(part, ast.Constant)), key=ast.dump)
        else:
            node.value = ""
    return ast.dump(tree)


def _has_words(piece):
    if piece.kind == "formula":
        return r"\text{" in piece.text
    text = piece.text
    if re.match(r"fmt:|noqa\b|type:", text):  # for a program, not for a reader
        return False
    for pattern in (FORMULA, CODE, TARGET):
        text = pattern.sub("", text)
    return re.search(r"[a-z]{2}", text) is not None


def _one_line(text):
    return " ".join(text.split())


def _in_markdown(source):
    for block in _BLOCK.finditer(source):
        group = block.lastgroup
        if group is not None:  # else it is code
            yield Piece(_KINDS.get(group, group), _one_line(block[group]), *block.span(group))


def _comments(source):
    """Yield the comments. Whole lines of comment below each other are one."""
    if "#" not in source:
        return
    lines = source.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]
    block = []  # the tokens of one comment

    def finished():
        if block:
            first, last = block[0], block[-1]
            start = starts[first.start[0] - 1] + first.start[1]
            start += len(re.match(r"#\s*", first.string)[0])
            text = _one_line(" ".join(token.string.lstrip("# ") for token in block))
            yield Piece("comment", text, start, starts[last.end[0] - 1] + last.end[1])
            block.clear()

    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            whole = not token.line[: token.start[1]].strip()
            below = block and whole and block[-1].start == (token.start[0] - 1, token.start[1])
            if not below or block[-1].line[: block[-1].start[1]].strip():
                yield from finished()
            block.append(token)
    yield from finished()


def _strings(source):
    """Yield docstrings, captions and descriptions."""
    if not _MAY_HOLD_TEXT.search(source):  # most cells, and a syntax tree takes its time
        return
    lines = [line.encode() for line in source.splitlines(keepends=True)]  # ast counts bytes
    starts = [0, *itertools.accumulate(len(line.decode()) for line in lines)]

    def place(line, column):
        return starts[line - 1] + len(lines[line - 1][:column].decode())

    for kind, node in _texts(ast.parse(source)):
        start, end = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
        yield Piece(kind, node.value if isinstance(node, ast.Constant) else source[start + 2 : end - 1], start, end)


def _texts(tree):
    """Yield the strings of a syntax tree that are texts, each with its kind."""
    for node in ast.walk(tree):
        found = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and isinstance(
            node.body[0], ast.Expr
        ):
            found = [("docstring", node.body[0].value)]
        elif isinstance(node, ast.Call):
            found = [(word.arg, word.value) for word in node.keywords if word.arg in ("caption", "description")]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "show":  # plots.show(figure, caption)
                found += [("caption", argument) for argument in node.args[1:2]]
            if getattr(node.func, "id", "") == "FloatingPointError":
                found += [("end of a run", argument) for argument in node.args]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").lower() == "caption":
            found = [("caption", node.value)]
        yield from ((kind, n) for kind, n in found if isinstance(n, ast.Constant) and isinstance(n.value, str))
        yield from ((kind + WITH_VALUES, n) for kind, n in found if isinstance(n, ast.JoinedStr))
