"""Properties of the year stage: nothing raises, offsets hold, both scripts give one answer."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import Article, Document, HeaderField
from pipeline.normalize import to_simplified
from pipeline.stages.year import YearStage
from pipeline.values import YearKind, YearValue

_WORDS = (
    "年 月 日 代 前 後 来 來 內 内 近 過去 未來 今年 去年 当年 同年 翌年 上年 民國 公元 前 世紀 "
    "90年代 年度 财年 至 到 - — / . 、 ， 。 ( ) （ ） 第 万 萬 元 名 自 起 以来 至今 初 底 末 "
    "上半年 Q3 季 届 世界盃 0 1 2 3 9 19 20 2017 2023 1999 二 〇 ○ 零 一 九 十 百 千 两 多 幾 "
    "半 ’ FY $ 20230105 a"
)
PIECES = (*_WORDS.split(), "\n", " ")
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=24).map("".join),
    st.text(max_size=60),
)
PUBLISHED = st.sampled_from(["", "2023", "2023-06", "2023-06-15", "2024-02-29T08:00", "nonsense"])
SETTINGS = settings(deadline=None, max_examples=300)


def read(text: str, published: str = "") -> Document:
    header = HeaderField(published) if published else None
    return YearStage()([Document(Article("x", text, published=header), to_simplified(text))])[0]


@SETTINGS
@given(TEXTS, PUBLISHED)
def test_any_text_is_read(text: str, published: str) -> None:
    result = read(text, published)
    end = 0
    for mention in result.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert mention.start >= end
        end = mention.end
        value = mention.value
        assert isinstance(value, YearValue)
        if value.start_year is not None and value.end_year is not None:
            assert value.start_year <= value.end_year
            assert value.edtf
        if value.first_day is not None and value.last_day is not None:
            assert value.first_day <= value.last_day
        if value.anchor is not None:
            assert value.kind is YearKind.RELATIVE


@SETTINGS
@given(TEXTS, PUBLISHED)
def test_simplified_text_gives_the_same(text: str, published: str) -> None:
    once, twice = read(text, published), read(to_simplified(text), published)
    assert [(m.start, m.end, m.value) for m in once.mentions] == [
        (m.start, m.end, m.value) for m in twice.mentions
    ]


@SETTINGS
@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2099, 12, 31)))
def test_a_full_date_is_read_exactly(day: date) -> None:
    forms = (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}-{day.month:02d}-{day.day:02d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.day}/{day.month}/{day.year}" if day.day > 12 else day.strftime("%Y-%m-%d"),
    )
    for form in forms:
        values = [mention.value for mention in read(f"於{form}舉行").mentions]
        assert len(values) == 1
        value = values[0]
        assert isinstance(value, YearValue)
        assert (value.start_year, value.first_day, value.last_day) == (day.year, day, day)
        assert value.edtf == day.isoformat()


@SETTINGS
@given(st.integers(1, 99), st.dates(min_value=date(1950, 1, 1), max_value=date(2050, 12, 31)))
def test_years_ago_and_years_to_come(count: int, day: date) -> None:
    ago, coming = (
        read(f"{count}年前與未來{count}年", day.isoformat()).mentions[i].value for i in (0, 1)
    )
    assert isinstance(ago, YearValue)
    assert isinstance(coming, YearValue)
    assert (ago.start_year, ago.end_year) == (day.year - count, day.year - count)
    assert (coming.start_year, coming.end_year) == (day.year, day.year + count)
    assert coming.first_day == day
