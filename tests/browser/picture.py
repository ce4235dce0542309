"""Take the README's picture from the real page: python -m tests.browser.picture"""

import tempfile
from pathlib import Path

from tests.browser import lab

TARGET = lab.ROOT / "docs" / "live_lesson.png"


def main():
    with tempfile.TemporaryDirectory() as folder, lab.running_lab(Path(folder)) as address, lab.browser() as chromium:
        lesson = lab.Lesson(chromium, address("00_start_here.ipynb"), scale=2)
        lesson.run_all()
        panel = lesson.page.locator(".widget-vbox").first
        panel.scroll_into_view_if_needed()
        TARGET.parent.mkdir(exist_ok=True)
        panel.screenshot(path=TARGET)
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
