"""The report as a browser shows it: headless Chromium, phone and desktop."""

import json
import shutil

import pytest

import made_report
from spikewatt import report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
selenium = pytest.importorskip("selenium.webdriver", reason="selenium is missing")
pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="chromium and chromedriver are not installed",
    ),
]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
OVERFLOW = """
const limit = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")].filter((element) =>
  !element.closest(".scroll, pre, .skip, .sr") &&
  element.getBoundingClientRect().right > limit + 1
).map((element) => element.outerHTML.slice(0, 120));
"""
# Boxes that show a part of what is in them; pictures fit unless they are enlarged.
CLIPPED = """
return [...document.querySelectorAll(".scroll")].filter((box) =>
  box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible"
).map((box) => box.getAttribute("aria-labelledby") || box.getAttribute("aria-label"));
"""
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; });"
# Rows of folded tables that are not drawn.
HIDDEN = """
return [...document.querySelectorAll("details.fold tbody tr")].filter((row) =>
  !row.checkVisibility({ contentVisibilityAuto: true })).length;
"""
# What is hidden by content-visibility is known when the next frame has been drawn.
DRAWN = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(done));
"""
BROKEN = """
return [...document.images].filter((image) => !image.naturalWidth)
  .map((image) => image.alt);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The address of a report on made-up results."""
    results = tmp_path_factory.mktemp("browser") / "results"
    return report.build(results, made_report.make(results, seeds=(0, 1))).as_uri()


@pytest.fixture(scope="module")
def own_page(tmp_path_factory):
    """The address of a report on one's own experiment, with a table of odd text."""
    results = tmp_path_factory.mktemp("browser") / "own"
    listed = made_report.of_ones_own(results)
    path = results / "tables/table1.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    odd = f"a|b <b>{'long' * 40}</b> <img src=x onerror=alert(1)> 脉冲"
    table["title"] = odd
    table["groups"] = [[[odd] * len(table["header"])]]
    table["notes"] = [{"kind": odd, "text": odd}]
    path.write_text(json.dumps(table), encoding="utf-8")
    return report.build(results, listed, source="sample").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = selenium.Chrome(options, selenium.ChromeService(DRIVER))
    yield driver
    driver.quit()


def show(browser, page, width, scheme, script=True):
    """Load the page at a width in a colour scheme, with or without JavaScript."""
    command = browser.execute_cdp_cmd
    command("Emulation.setScriptExecutionDisabled", {"value": not script})
    feature = {"name": "prefers-color-scheme", "value": scheme}
    command("Emulation.setEmulatedMedia", {"features": [feature]})
    command(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.get(page)


def assert_fits(browser, width, images):
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth") <= width
    assert browser.execute_script(OVERFLOW) == []
    assert browser.execute_script("return document.images.length") == images
    assert browser.execute_script(BROKEN) == []
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 375, 1280])
def test_fits_and_is_whole(browser, page, width, scheme):
    show(browser, page, width, scheme)
    assert_fits(browser, width, 20)


@pytest.mark.parametrize("width", [400, 1200])
def test_an_experiment_of_ones_own_with_odd_text_fits(browser, own_page, width):
    show(browser, own_page, width, "light")
    assert_fits(browser, width, 12)
    heads = browser.find_elements("css selector", "h2")
    assert "The paper's numbers, one by one" not in [head.text for head in heads]
    assert "<img src=x onerror=alert(1)>" in browser.find_element("id", "table-1").text


@pytest.mark.parametrize("width", [400, 1200])
def test_no_table_and_no_picture_is_clipped(browser, page, width):
    show(browser, page, width, "light")
    browser.execute_script(UNFOLD)
    assert browser.execute_script(CLIPPED) == []
    assert_fits(browser, width, 20)


def test_a_picture_grows_on_a_phone_when_it_is_asked_to(browser, page):
    show(browser, page, 400, "light")
    image = browser.find_element("css selector", "#fig10 img")
    before = image.size["width"]
    box = browser.find_element("css selector", "#fig10 .hint input")
    browser.execute_script("arguments[0].click()", box)
    assert before <= 400 < image.size["width"]


def test_what_is_folded_away_is_open_on_paper(browser, page):
    show(browser, page, 1200, "light")
    assert browser.execute_script(HIDDEN) > 100  # the claims
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_async_script(DRAWN)
    assert browser.execute_script(HIDDEN) == 0
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_picture_and_the_answer_stand_on_the_first_screen(browser, page):
    show(browser, page, 1200, "light")
    for selector in ("#fig_answer img", ".answer p"):
        assert browser.find_element("css selector", selector).rect["y"] < 700


def test_schemes_differ(browser, page):
    found = []
    for scheme in ("light", "dark"):
        show(browser, page, 1280, scheme)
        background = "return getComputedStyle(document.body).backgroundColor"
        found.append(browser.execute_script(background))
    assert found[0] != found[1]


def test_content_stands_without_javascript(browser, page):
    show(browser, page, 375, "light", script=False)
    text = browser.find_element("tag name", "main").get_property("textContent")
    assert "reaches comparable accuracy" in text
    assert "Table I" in text
    assert "SNN against CNN: more power in training" in text
    assert len(browser.find_elements("css selector", ".sort")) == 0


def test_claims_sort_by_a_click(browser, page):
    show(browser, page, 1280, "light")
    browser.execute_script(UNFOLD)
    claims = browser.find_element("css selector", "table.sortable")

    def numbers():
        cells = claims.find_elements("css selector", "tbody td:nth-child(3)")
        return [float(cell.text.lstrip("<>≥≤≈ ").split()[0]) for cell in cells]

    button = claims.find_elements("css selector", ".sort")[2]
    for order, expected in (("ascending", False), ("descending", True)):
        browser.execute_script("arguments[0].click()", button)
        assert numbers() == sorted(numbers(), reverse=expected)
        head = claims.find_elements("css selector", "th[scope=col]")[2]
        assert head.get_attribute("aria-sort") == order


def test_scrolling_boxes_have_names_and_take_the_keyboard(browser, page):
    show(browser, page, 375, "light")
    browser.execute_script(UNFOLD)
    boxes = browser.find_elements("css selector", ".scroll")
    assert len(boxes) > 14
    assert all(box.accessible_name for box in boxes)
    assert all(box.get_attribute("tabindex") == "0" for box in boxes)
