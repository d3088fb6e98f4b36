"""Properties of the numerals, percent and money code over texts that nobody thought of."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Config, load_config
from pipeline.errors import NumeralError
from pipeline.normalize import to_simplified
from pipeline.numerals import find_numerals, parse_number, read_numeral
from pipeline.stage import Stage, load_stage
from pipeline.values import MoneyValue, PercentValue, Quantity
from tests.quantity_cases import document_of

WORDS = (
    "百分之 分之 個百分點 個基點 人民幣 美元 新台幣 HK$ US$ 同比 增長 下降 以上 左右 "
    "不足 超過 http://a.b/%20 融資 估值 萬元 一半 過半 翻一番 據統計 顯示，"
)
RUN_UNITS = (
    "1 9, 一二三 万 、三 成 % 1% 百分之 百分之一 元 三块 陆 1至 据 年 三年前 2017- 12/ 1、2 "
    "5万、 三成 1.5万元 上限 下年 折 a%2 一半 翻倍 三分一 "
    "比2019年增 大前年 下跌1点或 近两年半 1仙 每股"
)
SMALL, LARGE = 3_000, 24_000
PARTS = [
    *"0123456789一二三四五六七八九十百千万亿零〇两半几数多余点.,，、-−%％‰成倍趴折元块毛角分$£¥",
    *"上下约近超至到~～/比的了在年月日個萬億點兩餘幾陆伍拾 \n",
    *WORDS.split(),
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=24).map("".join) | st.text(max_size=40)
FEW = settings(max_examples=150, deadline=None)
DIGITS = "零一二三四五六七八九"


@FEW
@given(TEXTS)
def test_no_text_raises_and_offsets_hold(text: str) -> None:
    document = document_of(text)
    for name in ("percent", "money"):
        (found,) = load_stage(name, Config())([document])
        for mention in found.mentions:
            assert text[mention.start : mention.end] == mention.text
            assert isinstance(mention.value, PercentValue | MoneyValue)
            check(mention.value.quantity)
        for diagnostic in found.diagnostics:
            assert 0 <= diagnostic.start < diagnostic.end <= len(text)
            assert diagnostic.reason


def check(quantity: Quantity) -> None:
    """What ``Quantity`` promises: a value, an interval in order, or neither."""
    if quantity.value is not None:
        assert quantity.low is None
        assert quantity.high is None
    elif quantity.low is not None:
        assert quantity.high is not None
        assert quantity.low < quantity.high
    else:
        assert quantity.high is None
        assert quantity.relation.value == "~"


@FEW
@given(TEXTS)
def test_simplified_and_original_text_give_the_same_values(text: str) -> None:
    """A document of the simplified text has the same rows as one of the original."""
    for name in ("percent", "money"):
        stage = load_stage(name, load_config(None, {"region": "TW"}))
        rows = [
            [(m.start, m.end, m.value) for m in document.mentions]
            for document in stage([document_of(text), document_of(to_simplified(text))])
        ]
        assert rows[0] == rows[1]


@FEW
@given(TEXTS)
def test_found_numerals_are_readable_and_in_order(text: str) -> None:
    last = 0
    for numeral in find_numerals(to_simplified(text)):
        assert last <= numeral.start < numeral.end <= len(text)
        last = numeral.end


@FEW
@given(st.integers(min_value=0, max_value=10**15))
def test_written_integers_come_back(number: int) -> None:
    assert parse_number(str(number)) == number
    assert parse_number(f"{number:,}") == number
    assert parse_number(written(number)) == number


@FEW
@given(st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from(["万", "亿", ""]))
def test_decimals_with_units_come_back(number: Decimal, unit: str) -> None:
    size = {"万": 10**4, "亿": 10**8, "": 1}[unit]
    assert parse_number(f"{number}{unit}") == number * size


@FEW
@given(
    st.text(alphabet="0123456789一二三四五六七八九十百千万亿零〇两.,点半负-/ax数几多", max_size=14)
)
def test_the_parser_reads_or_refuses(text: str) -> None:
    for read in (parse_number, read_numeral):
        try:
            read(text)
        except NumeralError:
            continue


@pytest.mark.parametrize("unit", RUN_UNITS.split())
def test_long_runs_are_read_in_linear_time(unit: str) -> None:
    """Eight times the text takes about eight times as long, and 64 times where work is squared."""
    stages = [load_stage(name, Config()) for name in ("percent", "year", "money")]
    for stage in stages:
        stage([document_of(unit)])
        small = min(_seconds(stage, unit * (SMALL // len(unit))) for _ in range(2))
        bound = 30 * max(small, 0.004)
        large = _seconds(stage, unit * (LARGE // len(unit)))
        if large >= bound:  # another process may have held the processor's caches
            large = min(large, _seconds(stage, unit * (LARGE // len(unit))))
        assert large < bound, (stage.name, small, large)


def _seconds(stage: Stage, text: str) -> float:
    document = document_of(text)
    begin = time.process_time()
    stage([document])
    return time.process_time() - begin


def written(number: int) -> str:
    """An integer in Chinese characters, written out in full."""
    if number == 0:
        return "零"
    for size, unit in ((10**12, "兆"), (10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            zero = "零" if 0 < low < size // 10 else ""
            return written(high) + unit + zero + (written(low) if low else "")
    parts, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            parts += ("零" if gap and parts else "") + DIGITS[digit] + unit
        gap = not digit
    return parts
