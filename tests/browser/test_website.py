"""Two lessons as web pages, opened from their folder: what `course.py site --check` tries, and what it doesn't."""

import pytest

from tools.website import __main__ as website
from tools.website import check

LESSONS = ("03", "04")  # the two whose recording costs least


@pytest.fixture(scope="module")
def site(tmp_path_factory, chromium):
    """Build the pages once; without a browser, never."""
    out = tmp_path_factory.mktemp("web") / "site"
    assert website.main(["--preview", "--lessons", *LESSONS, "--out", str(out)]) == 0
    return out


@pytest.fixture
def opened(site, chromium):
    """Return a function that opens a page of the site."""
    pages = []

    def opened(name, query="", **options):
        pages.append(chromium.new_page(**options))
        pages[-1].goto((site / name).as_uri() + query)
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


def test_every_control_link_and_page_is_as_it_should_be(site, chromium):
    faults, times = check.faults(site, chromium)
    assert faults == []
    assert times.keys() == {"03_memory_and_recomputation", "04_autograd"}


def test_without_scripts_a_panel_is_its_still_picture(opened):
    page = opened("04_autograd.html", java_script_enabled=False)
    player = page.locator(".course-player").first
    assert player.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert player.locator("figcaption").is_visible()
    assert not player.locator(".course-controls").is_visible()


def test_a_prediction_stands_beside_the_outcome_and_in_the_picture(opened):
    page = opened("04_autograd.html")
    for field in page.locator(".course-prediction input").all():
        field.fill("12")
    assert set(page.locator("[data-field]").all_inner_texts()) == {"you predicted 12"}
    assert page.locator(".course-mark:not([hidden])").count() > 0


def test_run_plays_again(opened):
    page = opened("04_autograd.html")
    player = page.locator(".course-player").last
    player.get_by_role("button", name="Run").click()
    assert player.get_by_role("status").inner_text() == "running"
    page.wait_for_function(
        "player => player.querySelector('[role=status]').textContent.startsWith('finished')",
        arg=player.element_handle(),
    )


@pytest.mark.parametrize(("word", "page"), [("再具体化", "03_memory_and_recomputation"), ("汇聚", "terms")])
def test_a_chinese_term_is_found(opened, word, page):
    found = opened("search.html", f"?q={word}").locator(f"#search-results a[href^='{page}.html']")
    found.first.wait_for()


def test_what_has_not_changed_is_not_recorded_again(site):
    pictures = {path: path.stat().st_mtime_ns for path in site.glob("lessons/*/0/*.webp")}
    assert website.main(["--preview", "--lessons", *LESSONS, "--out", str(site)]) == 0
    assert {path: path.stat().st_mtime_ns for path in pictures} == pictures
