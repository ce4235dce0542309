"""How Sphinx makes the site; `python -m tools.website` calls it."""

import json
import re
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Text
from sphinx.highlighting import PygmentsBridge

from helpers import language as speech
from helpers.language import spoken
from tools.website import search, words

language = speech.LANGUAGES.get(speech.language(), "en")
project = spoken("How a deep convolutional network works")
html_title = project
author = project_copyright = ""
extensions = ["myst_nb"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

OTHER = {  # the language that a page can be changed to: its name, its code, and where its pages are
    "en": ("中文", "zh-CN", "zh/"),
    "zh": ("English", "en", "../"),
}

html_theme = "sphinx_book_theme"
templates_path = [str(Path(__file__).with_name("templates"))]
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["pages.css"]
WORDS = f"const WORDS = {json.dumps(words.of_the_player(), ensure_ascii=False)};"
html_js_files = [(None, {"body": WORDS}), ("player.js", {"defer": "defer"})]
html_show_sphinx = html_show_copyright = False
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which a page opened from a folder must not
html_use_index = False
html_context = {"default_mode": "auto", "other": OTHER[speech.language()]}
html_math_renderer = "mathml"
html_theme_options = {
    "article_header_end": ["language.html", "article-header-buttons.html"],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "search_bar_text": spoken("Search the lessons"),
    "navbar_persistent": [],
    "back_to_top_button": False,  # it would lie over the pictures
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

PLAIN = (Name, Name.Namespace, Punctuation, Text.Whitespace)


class Lean(HtmlFormatter):
    """Code without marks for what has the colour of all text, names and brackets: a third of a page."""

    def format_unencoded(self, tokens, outfile):
        super().format_unencoded(((Text if kind in PLAIN else kind, text) for kind, text in tokens), outfile)


NAME = re.compile(r"(<mi>(?:ln|log|exp|tanh|max|min)</mi>)(?=<m[in]>)")  # what TeX sets a little apart


def math(display):
    """Return a visitor that writes a formula as MathML, which browsers and screen readers know by themselves."""

    def visit(self, node):
        tag = "div" if display == "block" else "span"
        formula = NAME.sub(r'\1<mspace width="0.167em" />', convert(node.astext(), display=display))
        self.body.append(f'<{tag} class="course-math">{formula}</{tag}>')
        raise SkipNode

    return visit


def write_plainly(app, error):
    """Let the index of the search hold Chinese characters as they are, not as codes of twice their length."""
    index = Path(app.outdir, "searchindex.js")
    if not error:
        codes = re.compile(r"\\u([4-9][0-9a-f]{3})")
        index.write_text(codes.sub(lambda code: chr(int(code[1], 16)), index.read_text("utf-8")), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_plainly)
    PygmentsBridge.html_formatter = Lean
    app.add_search_language(search.Chinese)
    app.add_html_math_renderer("mathml", (math("inline"), None), (math("block"), None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
