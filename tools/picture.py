"""Take pictures of real pages, in JupyterLab or of the site.

python -m tools.picture                                # the README's, into docs/
python -m tools.picture 05 12 --width 800 --dark       # whole lessons, in slices, to look at
python -m tools.picture --site site                    # the README's of the web page, from its folder
"""

import argparse
import tempfile
from pathlib import Path

from tests.support import LESSONS, ROOT, lab

DOCS = ROOT / "docs"
SHOWN = {  # lesson: number of its panel, and which keys to press on which of the controls
    "00_start_here": (0, {}),
    "01_minibatch_sgd": (1, {0: ["ArrowRight"] * 5, 1: ["Home"]}),  # η = 0.4, one example in each step
    "11_conv_channels": (0, {}),
    "12_alexnet": (2, {}),
}
SLICE = 1000  # height of the window, and so of a picture of a page: more would be too small to read


def main(arguments=None):
    about = __doc__.partition("\n")[0]
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("lessons", nargs="*", type=lesson_name, help="to take whole: numbers or names")
    parser.add_argument("--width", type=int, default=1280, help="of the browser's window, in pixels")
    parser.add_argument("--dark", action="store_true", help="in JupyterLab's dark theme")
    parser.add_argument("--out", type=Path, default=Path("pictures"), help="folder for the pictures of whole lessons")
    parser.add_argument("--site", type=Path, help="folder of the built site, to take its picture instead")
    options = parser.parse_args(arguments)
    if options.site:
        take_site(options.site.resolve())
        return
    with tempfile.TemporaryDirectory() as folder, lab.running_lab(Path(folder)) as address, lab.browser() as chromium:
        for name in options.lessons or SHOWN:
            lesson = lab.Lesson(chromium, address(f"{name}.ipynb"), width=options.width, height=SLICE, scale=2)
            lesson.run_all(timeout=600)
            if options.lessons:
                take_page(lesson, options.out / name, options.dark)
            else:
                take_panel(lesson, *SHOWN[name], DOCS / f"{name}.png")
            lesson.close()


def take_panel(lesson, number, keys, path):
    """Press keys on the controls of a panel, wait until its run ends, and save its picture."""
    panel = lesson.panels()[number]
    for control, presses in keys.items():
        for key in presses:
            panel.controls.nth(control).press(key)
    panel.wait()
    panel.box.scroll_into_view_if_needed()
    frame, *parts = (part.bounding_box() for part in (panel.box, panel.image, panel.status))
    right = max(part["x"] + part["width"] for part in parts)  # the box is as wide as the page
    lesson.page.screenshot(path=path, clip={**frame, "width": right - frame["x"]})
    print(f"wrote {path}")


def take_site(folder):
    """Save the picture of a page of the site with its panel."""
    with lab.browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720}, device_scale_factor=1.5)
        page.goto((folder / "00_start_here.html").as_uri())
        page.locator(".course-player").evaluate(
            "player => scrollTo(0, scrollY + player.getBoundingClientRect().top - 80)"
        )
        page.wait_for_timeout(1000)  # for the picture, which loads when it is seen
        page.screenshot(path=DOCS / "site.png")
    print(f"wrote {DOCS / 'site.png'}")


def take_page(lesson, stem, dark=False):
    """Save a lesson that has run from top to bottom, as stem-00.png and so on; return the paths."""
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    lesson.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    lesson.page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    lesson.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    page = lesson.page.locator(".jp-WindowedPanel-outer")
    length, height = page.evaluate("page => [page.scrollHeight, page.clientHeight]")
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, top in enumerate(range(0, length, height)):
        page.evaluate("(page, top) => page.scrollTo({top, behavior: 'instant'})", top)
        paths.append(stem.with_name(f"{stem.name}-{i:02}.png"))
        page.screenshot(path=paths[-1])
        print(f"wrote {paths[-1]}")
    return paths


def lesson_name(start):
    """Return the name of the lesson that begins so."""
    for path in LESSONS:
        if path.stem.startswith(start):
            return path.stem
    known = ", ".join(path.stem for path in LESSONS)
    raise argparse.ArgumentTypeError(f"no lesson begins with {start!r}; the lessons are {known}")


if __name__ == "__main__":
    main()
