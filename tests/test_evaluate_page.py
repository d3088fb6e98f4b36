"""The error browser: self-contained, escaped, and its filters work in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluate import Options, System, evaluate
from pipeline.evaluate.gold import GoldArticle, GoldMention, norm_from_json
from pipeline.evaluate.page import write_page
from pipeline.evaluate.system import Prediction

HOSTILE = "</script><img src=x onerror=alert(1)>📉陳默說晨曦科技漲了17%,比去年好。\n王凡也來了。"


def mention(
    text: str, surface: str, label: str, norm: Any = None, score: Any = None
) -> GoldMention:
    start = text.index(surface)
    return GoldMention(start, start + len(surface), label, surface, norm_from_json(norm), score)


def percent(value: int) -> dict[str, Any]:
    return {"value": value, "unit": "percent", "relation": "=", "direction": "up"}


def corpus() -> tuple[list[GoldArticle], System]:
    gold = (
        mention(HOSTILE, "陳默", "PERSON", "陈默"),
        mention(HOSTILE, "晨曦科技", "COMPANY", "晨曦科技"),
        mention(HOSTILE, "17%", "PERCENT", percent(17)),
        mention(HOSTILE, "去年", "YEAR_REL", [2024, 2024]),
    )
    ours = (
        mention(HOSTILE, "陳默說", "PERSON", score=0.6),
        mention(HOSTILE, "晨曦科技", "ORG", score=0.7),
        mention(HOSTILE, "17%", "PERCENT", percent(71), 0.9),
        mention(HOSTILE, "王凡", "PERSON", score=0.4),
    )
    return (
        [
            GoldArticle("<b>one</b>", HOSTILE, "wire", "TW", None, gold, ()),
            GoldArticle(
                "two", "陳默", "daily", "TW", None, (mention("陳默", "陳默", "PERSON"),), ()
            ),
        ],
        System("<i>ours</i>", (Prediction(ours), Prediction(()))),
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    gold, system = corpus()
    options = Options(thresholds=True)
    path = tmp_path / "errors.html"
    write_page(path, gold, system, evaluate(gold, system, options), options.labels)
    return path


def test_every_error_is_there_with_both_sides(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    kinds = [(e["kind"], e["labels"], e["source"]) for e in data["errors"]]
    assert kinds == [
        ("boundary", ["PERSON"], "wire"),
        ("type", ["COMPANY", "ORG"], "wire"),
        ("value", ["PERCENT"], "wire"),
        ("missed", ["YEAR_REL"], "wire"),
        ("spurious", ["PERSON"], "wire"),
        ("missed", ["PERSON"], "daily"),
    ]
    boundary = data["errors"][0]
    shown = [
        [boundary["raw"][s:e] for s, e, _, now in boundary[k] if now] for k in ("gold", "system")
    ]
    assert shown == [["陳默"], ["陳默說"]]
    assert "陈默说晨曦科技涨了17%" in boundary["simplified"]
    assert data["errors"][2]["goldNorm"] != data["errors"][2]["systemNorm"]


def test_nothing_of_a_text_becomes_markup_and_nothing_is_fetched(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert "<img" not in html
    assert "<i>ours" not in html
    assert "<b>one" not in html
    assert "default-src 'none'" in unescape(html)
    assert not re.search(r'(?:src|href)\s*=\s*"?(?!#)', html.split('id="data"')[0])
    assert "http:" not in html.replace("http-equiv", "")
    assert "https:" not in html


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium or chromedriver is not here")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    made = webdriver.Chrome(options=options, service=service)
    yield made
    made.quit()


@pytest.mark.browser
def test_filters_work_and_nothing_is_fetched(browser: Any, page: Path) -> None:
    browser.get(page.as_uri())

    def cards() -> list[str]:
        found = browser.find_elements("css selector", "article .kind")
        return [card.text for card in found]

    def press(words: str) -> None:
        browser.find_element("xpath", f"//button[starts-with(., '{words}')]").click()

    assert len(cards()) == 6
    press("missed")
    assert cards() == ["missed", "missed"]
    press("YEAR_REL")
    assert cards() == ["missed"]
    press("all errors")
    assert len(cards()) == 6
    browser.find_element("css selector", "#source option[value='daily']").click()
    assert cards() == ["missed"]
    press("all errors")
    browser.find_element("id", "search").send_keys("王凡")
    assert "spurious" in cards()
    press("all errors")
    press("simplified")
    first = browser.find_element("css selector", "article")
    assert "陈默" in first.text
    assert "陳默" not in first.text
    press("raw")
    marks = browser.find_elements("css selector", "article:first-of-type mark.current")
    assert [mark.text for mark in marks] == ["陳默", "陳默說"]
    assert len(browser.find_elements("css selector", "figure svg")) == 4
    assert browser.get_log("browser") == []
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {
        message["params"]["request"]["url"]
        for message in asked
        if message["method"] == "Network.requestWillBeSent"
    }
    assert urls <= {page.as_uri()}
