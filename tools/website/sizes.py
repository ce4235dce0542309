"""How large a site is, and whether that is within what it may be."""

import json
import re

from tools.website.making import FOLDERS

PANEL, PAGE, SITE = 6e6, 1e6, 100e6  # bytes: the runs of a panel; a page before a control is touched; all
REFERENCE = re.compile(r'<(?:script|img|link)\b[^>]*?\b(?:src|href)="([^"#?:]+)')
FONTS = ("_static/math.woff2", "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2")  # that pages load by style


def report(out):
    """Print the sizes of a site; tell whether all are within their budgets."""
    sizes = {
        f"panel {i + 1} of {folder.name}": runs for folder in lessons(out) for i, runs in enumerate(panels(folder))
    }
    pages = {f"page {path.relative_to(out)}": first_load(path) for path in pages_of(out)}
    whole = {"the site": sum(path.stat().st_size for path in out.rglob("*") if path.is_file())}
    good = True
    for named, most in ((sizes, PANEL), (pages, PAGE), (whole, SITE)):
        for name, size in named.items():
            good &= size <= most
            print(f"{size / 1e6:6.2f} MB of {most / 1e6:.0f}  {name}{'' if size <= most else '   TOO LARGE'}")
    return good


def pages_of(out):
    """List the pages of a site, those of each language together."""
    return [path for folder in FOLDERS.values() for path in sorted((out / folder).glob("*.html"))]


def lessons(out):
    """List the folders of recordings."""
    return [path.parent for path in sorted(out.glob("lessons/*/panels.json"))]


def panels(folder):
    """List the bytes of the runs of each panel."""
    count = len(json.loads((folder / "panels.json").read_text(encoding="utf-8")))
    return [sum(path.stat().st_size for path in (folder / str(i)).iterdir()) for i in range(count)]


def first_load(page):
    """Return the bytes of a page with all that it shows before a control is touched."""
    named = REFERENCE.findall(page.read_text(encoding="utf-8"))
    files = {page, *(page.parent / name for name in (*named, *FONTS))}
    return sum(file.stat().st_size for file in files if file.is_file() and (file == page or file.suffix != ".html"))
