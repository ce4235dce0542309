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


def test_a_chinese_page_speaks_chinese(opened):
    page = opened("zh/04_autograd.html", locale="en-US")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title().startswith("4 · 自动微分")
    player = page.locator(".course-player").last
    assert player.get_by_role("status").inner_text().startswith("走完了")
    player.get_by_role("button", name="运行").click()
    assert player.get_by_role("status").inner_text() == "正在运行"
    page.get_by_label("你的预测").first.fill("12")
    assert page.locator("[data-field]").first.inner_text() == "你的预测是 12"
    assert "python3 course.py lab --language zh" in player.inner_text()
    assert page.get_by_text("第 1 条提示").count() > 0


def test_each_page_leads_to_the_same_page_in_the_other_language_even_without_scripts(opened):
    page = opened("04_autograd.html", java_script_enabled=False, viewport={"width": 360, "height": 740})
    for link, title in (("中文", "4 · 自动微分"), ("English", "4 · Autograd")):
        page.get_by_role("link", name=link, exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=title, level=1).wait_for()
    page = opened("README.html")  # which is in English alone
    page.get_by_role("link", name="中文", exact=True).click()
    page.get_by_role("link", name="A class").wait_for()


def test_who_asks_for_less_motion_sees_the_end_of_a_run_at_once(opened):
    page = opened("04_autograd.html", reduced_motion="reduce")
    player = page.locator(".course-player").last
    player.locator("input").press("End")
    assert player.locator("img").get_attribute("src").endswith("-end.webp")
    assert player.get_by_role("status").inner_text().startswith(("finished", "diverged"))
    player.get_by_role("button", name="Run").click()  # who asks for it
    assert player.get_by_role("status").inner_text() == "running"
    assert not player.locator("img").get_attribute("src").endswith("-end.webp")


def test_run_plays_again(opened):
    page = opened("04_autograd.html")
    player = page.locator(".course-player").last
    player.get_by_role("button", name="Run").click()
    assert player.get_by_role("status").inner_text() == "running"
    page.wait_for_function(
        "player => player.querySelector('[role=status]').textContent.startsWith('finished')",
        arg=player.element_handle(),
    )


@pytest.mark.parametrize(
    ("search", "words", "page"),
    [
        ("search", "再具体化", "03_memory_and_recomputation"),
        ("search", "汇聚", "terms"),
        ("zh/search", "检查点", "03_memory_and_recomputation"),
        ("zh/search", "雅可比 向量", "04_autograd"),
        ("zh/search", "detach", "04_autograd"),
        ("zh/search", "轮", "terms"),
    ],
)
def test_a_chinese_term_is_found(opened, search, words, page):
    found = opened(f"{search}.html", f"?q={words}").locator(f"#search-results a[href^='{page}.html']")
    found.first.wait_for()


def test_a_chinese_term_is_found_only_where_it_stands(opened):
    page = opened("zh/search.html", "?q=检查点")
    page.locator(".search-summary:not(:empty)").wait_for()
    found = {link.get_attribute("href").partition(".")[0] for link in page.locator("#search-results li a").all()}
    assert found == {"03_memory_and_recomputation", "terms"}


def test_what_has_not_changed_is_not_recorded_again(site):
    pictures = {path: path.stat().st_mtime_ns for path in site.glob("lessons/*/0/*.webp")}
    assert website.main(["--preview", "--lessons", *LESSONS, "--out", str(site)]) == 0
    assert {path: path.stat().st_mtime_ns for path in pictures} == pictures
