"""Report pages in a real Chromium: hostile text is inert, and what readers do works."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.write import article_page, write_report
from tests.report_runs import HOSTILE, PLAIN, hand_made

pytest.importorskip("selenium")
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

LONG = PLAIN + "".join(
    f"\n第{n}段說，台灣軟體產業的產值與出口，和往年的發展並無太大差別，業者說還要觀察。\n"
    for n in range(60)
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("chromium or chromedriver is not here")
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(autouse=True)
def fresh(browser: Chrome) -> Iterator[None]:
    """Each test begins on a desktop in light colours, and must leave no complaint behind."""
    shape(browser)
    browser.get("about:blank")
    for name in ("browser", "performance"):
        browser.get_log(name)  # type: ignore[no-untyped-call]
    yield
    complaints = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert complaints == []


def shape(browser: Chrome, width: int = 1300, scheme: str = "light") -> None:
    command = browser.execute_cdp_cmd
    command(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 850, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    media = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    command("Emulation.setEmulatedMedia", {"features": media})


def visit(browser: Chrome, path: Path, fragment: str = "") -> None:
    browser.get("about:blank")
    browser.get(path.as_uri() + fragment)
    browser.execute_script("localStorage.clear()")
    browser.get("about:blank")
    browser.get(path.as_uri() + fragment)


def ask(browser: Chrome, code: str, *arguments: Any) -> Any:
    return browser.execute_script(f"return {code}", *arguments)


def until(check: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not check():
        assert time.monotonic() < end, "the page never got there"
        time.sleep(0.02)


def press(browser: Chrome, keys: str) -> None:
    browser.find_element("css selector", "body").send_keys(keys)


def click(browser: Chrome, selector: str) -> None:
    browser.find_element("css selector", selector).click()


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "article.html"
    path.write_text(article_page(hand_made(LONG)), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["one", "many"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param) / "report.html"
    run = hand_made(PLAIN, HOSTILE, LONG.replace("陳默", "林書"))
    write_report(run, path, one_page=request.param == "one")
    return path


def test_hostile_text_is_inert_and_nothing_is_fetched(browser: Chrome, report: Path) -> None:
    tabs = ("articles", "people", "bodies", "roles", "percents", "aside")
    for tab in tabs:
        visit(browser, report, f"#tab={tab}")
        assert ask(browser, "document.querySelector('#view').textContent.length") > 20
        assert ask(browser, "typeof window.hacked") == "undefined"
    visit(browser, report, "#q=javascript")
    until(lambda: ask(browser, "document.querySelectorAll('.articles > li').length") == 1)
    click(browser, ".articles a.row")
    until(lambda: ask(browser, "document.querySelectorAll('.reader mark').length") > 0)
    for script in ("raw", "plain"):
        click(browser, f"{_visible_bar(browser)} [data-script='{script}']")
        assert "<script>window.hacked = 1</script>" in ask(
            browser, "document.querySelector('.reader .body').textContent"
        )
        assert ask(browser, "typeof window.hacked") == "undefined"
        assert ask(browser, "document.querySelectorAll('.reader img, .reader svg').length") == 0
        assert ask(browser, "getComputedStyle(document.body).display") == "block"
    requests = [
        message["params"]["request"]["url"]
        for message in _messages(browser)
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert requests
    assert {url.partition(":")[0] for url in requests} <= {"file", "about", "data"}


def _visible_bar(browser: Chrome) -> str:
    inside = ask(browser, "!!document.querySelector('#article:not([hidden])')")
    return "#article .bar" if inside else ".bar"


def _messages(browser: Chrome) -> list[dict[str, Any]]:
    log = browser.get_log("performance")  # type: ignore[no-untyped-call]
    return [json.loads(entry["message"])["message"] for entry in log]


@pytest.mark.parametrize("form", ["one", "many"])
def test_the_policy_stops_what_escaping_would_miss(
    browser: Chrome, tmp_path: Path, form: str
) -> None:
    written = write_report(hand_made(PLAIN), tmp_path / "r.html", one_page=form == "one")
    pages = [written.path, *sorted((tmp_path / "r_files").rglob("*.html"))]
    for path in pages:
        visit(browser, path)
        ask(
            browser,
            "document.body.insertAdjacentHTML('beforeend',"
            ' \'<img src=x onerror="window.hacked=1"><a id=bad href="javascript:window.hacked=1">'
            "x</a>')",
        )
        ask(browser, "document.querySelector('#bad').click()")
        time.sleep(0.2)
        assert ask(browser, "typeof window.hacked") == "undefined"
        refused = browser.get_log("browser")  # type: ignore[no-untyped-call]
        assert any("Content Security Policy" in entry["message"] for entry in refused)


def test_a_row_lights_up_its_evidence(browser: Chrome, article: Path) -> None:
    visit(browser, article)
    click(browser, "[data-label='COMPANY'] li button")
    lit = "[...document.querySelectorAll('.body .lit')].map(n => n.textContent)"
    assert ask(browser, lit) == ["晨曦科技"] * 3
    here = "[...document.querySelectorAll('.body [data-s]')].findIndex(n => n.matches('.here'))"
    places = []
    for _ in range(3):
        places.append(ask(browser, here))
        click(browser, "[data-label='COMPANY'] li button")
    assert len(set(places)) == 3
    assert ask(browser, here) == places[0]
    click(browser, "[data-label='ROLE'] li button")
    assert ask(browser, lit) == ["董事長"]


def test_a_mark_tells_its_normal_form_and_its_row(browser: Chrome, article: Path) -> None:
    visit(browser, article)
    mark = "document.querySelector('mark[data-label=PERCENT]')"
    tip = "document.querySelector('.tip.on').textContent"
    ask(browser, f"{mark}.dispatchEvent(new PointerEvent('pointerover', {{bubbles: true}}))")
    assert "↑ 17% year on year" in ask(browser, tip)
    assert "percent · percent · 1.00" in ask(browser, tip)
    click(browser, "mark[data-label=PERCENT]")
    assert "17%" in ask(browser, "document.querySelector('.side [aria-current]').textContent")


def test_the_script_switch_keeps_the_place(browser: Chrome, article: Path) -> None:
    visit(browser, article)
    browser.execute_script("scrollTo(0, 1500)")
    first = (
        "[...document.querySelectorAll('.body p')].find(p => p.getBoundingClientRect().bottom > 60)"
    )
    top = f"{first}.getBoundingClientRect().top"
    before = ask(browser, top)
    raw = ask(browser, f"{first}.textContent")
    click(browser, "[data-script=plain]")
    plain = ask(browser, f"{first}.textContent")
    assert (raw[1:3], plain[:3]) == (plain[1:3], raw[:3])
    assert "软体产业" in plain
    assert len(plain) == len(raw)
    assert abs(ask(browser, top) - before) <= 1
    assert ask(browser, "document.querySelector('.text').lang") == "zh-Hans"
    browser.refresh()
    assert ask(browser, "document.querySelector('.text').lang") == "zh-Hans"
    press(browser, "s")
    until(lambda: ask(browser, f"{first}.textContent.length") == len(raw))
    assert ask(browser, "document.querySelector('.text').lang") == "zh-Hant"
    assert "軟體產業" in ask(browser, "document.querySelector('.body').textContent")


def test_labels_hide_and_keys_walk_the_marks(browser: Chrome, article: Path) -> None:
    visit(browser, article)
    off = "document.querySelectorAll('mark.off').length"
    here = "document.querySelector('mark .here')?.closest('mark').dataset.label"
    press(browser, "1")
    assert ask(browser, off) == ask(
        browser, "document.querySelectorAll('mark[data-label=PERSON]').length"
    )
    press(browser, "j")
    assert ask(browser, here) == "COMPANY"
    for _ in range(3):
        press(browser, "j")
        assert ask(browser, here) != "PERSON"
    press(browser, "1")
    assert ask(browser, off) == 0
    press(browser, "/")
    browser.switch_to.active_element.send_keys("17%")
    shown = "[...document.querySelectorAll('.side li')].filter(n => n.offsetParent).length"
    assert ask(browser, shown) == 1


def test_search_finds_either_script(browser: Chrome, report: Path) -> None:
    found = "[...document.querySelectorAll('.articles > li .title')].map(n => n.textContent)"
    for words in ("軟體產業", "软体产业", "林书", "林書"):
        visit(browser, report)
        press(browser, "/")
        browser.switch_to.active_element.send_keys(words)
        until(lambda: len(ask(browser, found)) == 1)
    snippet = ask(browser, "document.querySelector('.snippet mark').textContent")
    assert snippet == "林書"
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    until(lambda: len(ask(browser, found)) == 3)


def test_filters_stand_in_the_address(browser: Chrome, report: Path) -> None:
    visit(browser, report, "#tab=people")
    click(browser, ".bars a[data-label=PERSON]")
    assert "陳默" in ask(browser, "document.querySelector('.card h2').textContent")
    together = ask(browser, "document.querySelector('.card .chips').textContent")
    assert "晨曦科技" in together
    click(browser, ".card .about a")
    until(lambda: ask(browser, "document.querySelectorAll('.articles > li').length") == 2)
    browser.refresh()
    assert ask(browser, "document.querySelectorAll('.articles > li').length") == 2
    click(browser, ".articles a.row")
    until(lambda: ask(browser, "document.querySelectorAll('.reader mark').length") > 0)
    press(browser, Keys.ESCAPE)
    until(lambda: ask(browser, "document.querySelectorAll('.articles > li').length") == 2)


def test_the_time_line_leads_to_the_text(browser: Chrome, report: Path) -> None:
    visit(browser, report, "#tab=percents")
    assert ask(browser, "document.querySelectorAll('.timeline circle').length") >= 4
    ask(browser, "document.querySelector('.percents a.row').click()")
    until(lambda: ask(browser, "document.querySelectorAll('.reader .lit').length") > 0)
    assert ask(browser, "document.querySelector('.reader .lit').textContent") == "17%"


def test_amounts_are_listed_and_saved(browser: Chrome, report: Path, tmp_path: Path) -> None:
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    visit(browser, report, "#tab=amounts")
    forms = "[...document.querySelectorAll('.percents .form')].map(n => n.textContent)"
    assert "USD 20,000,000" in ask(browser, forms)
    click(browser, ".facets .bar-row")
    until(lambda: "currency=USD" in browser.current_url)
    click(browser, ".save button")
    until((tmp_path / "amounts.csv").is_file)
    with (tmp_path / "amounts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["value"], row["currency"]) for row in rows} == {("20000000", "USD")}


def test_a_spreadsheet_takes_no_word_for_a_formula(
    browser: Chrome, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = tmp_path_factory.mktemp("formula") / "report.html"
    write_report(hand_made("=1+1\n2024-05-06\n\n晨曦科技投資2000萬美元。\n"), page)
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    visit(browser, page, "#tab=amounts")
    click(browser, ".save button")
    until((tmp_path / "amounts.csv").is_file)
    assert "'=1+1," in (tmp_path / "amounts.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("width", [360, 768, 1300])
def test_no_page_is_wider_than_the_screen(browser: Chrome, report: Path, width: int) -> None:
    shape(browser, width)
    for fragment in (
        "",
        "#tab=people",
        "#tab=bodies",
        "#tab=roles",
        "#tab=percents",
        "#tab=amounts",
    ):
        visit(browser, report, fragment)
        assert ask(browser, "document.documentElement.scrollWidth") <= width, fragment
    visit(browser, report)
    click(browser, ".articles a.row")
    until(lambda: ask(browser, "document.querySelectorAll('.reader mark').length") > 0)
    assert ask(browser, "document.documentElement.scrollWidth") <= width


def test_the_side_list_opens_on_a_phone(browser: Chrome, article: Path) -> None:
    shape(browser, 390)
    visit(browser, article)
    seen = "getComputedStyle(document.querySelector('.side')).visibility"
    assert ask(browser, seen) == "hidden"
    click(browser, ".side-open")
    until(lambda: ask(browser, seen) == "visible")
    click(browser, "[data-label='PERSON'] li button")
    until(lambda: ask(browser, seen) == "hidden")
    assert ask(browser, "document.querySelectorAll('.lit').length") > 0


CONTRAST = """
const parse = (c) => c.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const back = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const c = parse(getComputedStyle(at).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll(
  'mark, .chip, .tally i, .about span, .rows h2, .rows small, .tabs a, figcaption, td, .lit'
)].filter((n) => n.offsetParent && n.textContent.trim()).map((node) => {
  const [a, b] = [light(parse(getComputedStyle(node).color)), light(back(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  return [ratio, `${node.tagName} ${node.className} ${node.dataset.label || ''}`];
}).filter(([ratio]) => ratio < 4.5);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(
    browser: Chrome, report: Path, article: Path, scheme: str
) -> None:
    shape(browser, scheme=scheme)
    visit(browser, article)
    click(browser, "[data-label='COMPANY'] li button")
    assert browser.execute_script(CONTRAST) == []
    for fragment in ("", "#tab=people", "#tab=roles", "#tab=percents"):
        visit(browser, report, fragment)
        assert browser.execute_script(CONTRAST) == []
