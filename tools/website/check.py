"""Try a site as readers do: in a browser, from its folder, without a server and without a network."""

import itertools
import statistics
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

from axe_playwright_python.sync_playwright import Axe
from tqdm import tqdm

from tests.support import lab
from tools.website import sizes

GRAVE = ("serious", "critical")
LOCAL = ("file:", "data:", "blob:")
# Moves a control by one place, once its pictures are loaded, and times how long the new picture takes to be there.
TIME_A_MOVE = """async ([image, input, value]) => {
    input.value = value;
    const begin = performance.now();
    input.dispatchEvent(new Event("input"));
    await image.decode();
    await new Promise(requestAnimationFrame);
    return performance.now() - begin;
}"""


def report(out):
    """Print what is wrong with a site, and how fast it answers; tell whether nothing is."""
    with lab.browser() as chromium:
        found, times = faults(out, chromium)
    for page, of_page in times.items():
        print(f"{page}: {statistics.median(of_page):.0f} ms from a move to its picture, at most {max(of_page):.0f}")
    print(*found, f"{len(found)} faults.", sep="\n")
    return not found


def faults(out, chromium):
    """List the faults of all pages, each in one line, and by page the milliseconds from a move to its picture."""
    pages = sizes.pages_of(out)
    found, times = broken_links(pages), {}
    for path, scheme in tqdm(list(itertools.product(pages, ("light", "dark"))), unit="look"):
        page = Watched(chromium, path, scheme)
        page.judge_access()
        if scheme == "light":
            if path.parent == out:
                page.move_all()
            else:  # another language plays the same recordings
                page.move_one()
            page.look_at_a_phone()
        page.close()
        found += page.found
        if page.times:
            times[path.stem] = page.times
    return found, times


def broken_links(pages):
    """List the links and pictures of pages that lead nowhere within the site."""
    read = {path: Links.of(path) for path in pages}
    found = []
    for path, links in read.items():
        for address in sorted(links.targets):
            name, part = urldefrag(address)
            target = (path.parent / unquote(name)).resolve() if name else path
            if not target.exists():
                found.append(f"{path.name}: {address} is not there")
            elif part and target in read and unquote(part) not in read[target].ids:
                found.append(f"{path.name}: {address} names a place that is not there")
    return found


class Links(HTMLParser):
    """The ids of a page and the addresses within the site that it names."""

    def __init__(self):
        super().__init__()
        self.ids, self.targets = set(), set()

    @classmethod
    def of(cls, path):
        links = cls()
        links.feed(path.read_text(encoding="utf-8"))
        return links

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids.add(named.get("id"))
        address = named.get("href") or named.get("src") or ""
        address = address.partition("?")[0]
        if address not in ("", "#") and "://" not in address and not address.startswith("mailto:"):
            self.targets.add(address)


class Watched:
    """A page in the browser; `found` lists what goes wrong, `times` the milliseconds of moves."""

    def __init__(self, chromium, path, scheme):
        self.found, self.times, self._name, self._scheme = [], [], f"{path.parent.name}/{path.name}, {scheme}", scheme
        looks = {"color_scheme": scheme, "reduced_motion": "reduce"}  # no colour that is still on its way to another
        self._page = chromium.new_page(viewport={"width": 1280, "height": 900}, **looks)
        self._page.on("pageerror", lambda error: self._note(f"error {error}"))
        self._page.on("console", lambda message: message.type == "error" and self._note(f"console: {message.text}"))
        self._page.on("request", lambda request: request.url.startswith(LOCAL) or self._note(f"asks {request.url}"))
        self._page.goto(path.as_uri())
        self.close = self._page.close

    def _note(self, text):
        self.found.append(f"{self._name}: {text}")

    def judge_access(self):
        """Let axe-core judge how accessible the page is."""
        options = {
            "preload": False,
            "resultTypes": ["violations"],
        }  # it would fetch style sheets: a folder forbids that
        if self._scheme == "dark":
            options["runOnly"] = ["color-contrast"]  # all else is as in the light
        judged = Axe().run(self._page, options=options)
        for violation in judged.response["violations"]:
            if violation["impact"] in GRAVE:
                places = "; ".join(node["html"][:150] for node in violation["nodes"][:3])
                self._note(f"{violation['id']} ({len(violation['nodes'])}): {places}")

    def move_all(self):
        """Move each control of each panel to both ends by keyboard, or to all choices: another picture each time."""
        self._page.emulate_media(reduced_motion="no-preference")
        for number, player in enumerate(self._page.locator(".course-player").all(), 1):
            image, pictures = player.locator("img"), set()
            for control in player.locator("input, select").all():
                before = image.get_attribute("src")
                for key in keys(control):
                    before = self._press(key, control, image, before)
                    pictures.add(content(image))
                if control.get_attribute("type") == "range":
                    self._time(image, control)
            if len(pictures) < 2:
                self._note(f"panel {number}: its pictures are all the same")

    def move_one(self):
        """Move one control of each panel to an end, as a reader who asked for less motion: the run's end is shown."""
        for player in self._page.locator(".course-player").all():
            image, control = player.locator("img"), player.locator("input, select").first
            self._press(keys(control)[0], control, image, image.get_attribute("src"))

    def _press(self, key, control, image, before):
        """Press a key on a control; return the address of the picture that is then there, another than before."""
        control.press(key)
        loaded = image.evaluate("image => image.decode().then(() => image.getAttribute('src'), () => null)")
        if loaded in (None, before):
            self._note(f"{key} on {control.get_attribute('id')} shows {loaded} after {before}")
        return loaded

    def _time(self, image, control):
        """Time a move by one place, to a picture that was loaded ahead."""
        self._page.wait_for_timeout(100)
        step = 1 if control.input_value() == "0" else -1
        value = str(int(control.input_value()) + step)
        handles = [image.element_handle(), control.element_handle(), value]
        self.times.append(self._page.evaluate(TIME_A_MOVE, handles))

    def look_at_a_phone(self):
        """See whether the page fits a narrow screen."""
        self._page.set_viewport_size({"width": 360, "height": 740})
        self._page.wait_for_timeout(100)
        wide = self._page.evaluate("document.documentElement.scrollWidth")
        if wide > 360:
            self._note(f"{wide} pixels wide on a screen of 360")


def content(image):
    """Return the bytes of the picture that an <img> shows; a screenshot would be of some frame."""
    return Path(url2pathname(urlsplit(image.evaluate("image => image.src")).path)).read_bytes()


def keys(control):
    """List the keys that take a control to both its ends, or through all choices, from any place to another each."""
    if control.get_attribute("type") == "checkbox":
        return ["Space", "Space"]
    if control.evaluate("control => control.tagName") == "SELECT":
        count = control.locator("option").count()
        here = control.evaluate("control => control.selectedIndex")
        return ["ArrowDown"] * (count - 1 - here) + ["ArrowUp"] * (count - 1)
    return ["Home", "End"] if control.input_value() == control.get_attribute("max") else ["End", "Home"]
