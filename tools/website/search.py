"""How the search finds Chinese words, which no spaces part: each two characters that follow each other are a word.

Readers who look for 过拟合 find the pages that hold 过拟 and 拟合. A dictionary would cut the lessons where readers
don't cut what they look for.
"""

import re

from sphinx.search import SearchLanguage

HAN = r"\u4e00-\u9fff"  # as Python and JavaScript write it


class Chinese(SearchLanguage):
    """The words of Chinese pages, and the script that cuts what a reader looks for into such words."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = rf"""
var splitQuery = (query) =>
  (query.match(/[{HAN}]+|(?:(?![{HAN}])[\p{{Letter}}\p{{Number}}_])+/gu) ?? []).flatMap((word) =>
    /[{HAN}]{{2}}/.test(word) ? [...word].slice(1).map((_, i) => word.slice(i, i + 2)) : [word]);
addEventListener("pagehide", () => {{  // the page that is opened next marks what was typed, not its parts
  const typed = new URLSearchParams(location.search).get("q");
  if (typed) localStorage.setItem("sphinx_highlight_terms", typed.toLowerCase());
}});
"""

    def split(self, text):
        """List the words of a text: of Chinese each character and each two, for some words are one."""
        return re.findall(rf"[{HAN}]|[^\W{HAN}]+", text) + re.findall(rf"(?=([{HAN}]{{2}}))", text)

    def stem(self, word):
        """Return a word as the script looks for it."""
        return word.lower()
