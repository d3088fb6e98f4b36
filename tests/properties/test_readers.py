"""Readers hold for any text and any bytes."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ReadError
from pipeline.readers import ReadFailure, Source, article_from_text, read_source
from pipeline.readers.decode import decode
from pipeline.readers.header_dates import find_date

PIECES = st.sampled_from(
    [
        "\n", "\r\n", "\r", "　", " ", "2017-06-29", "2017年11月3日", "民國106年", "10:58",
        "標題：", "原標題:", "來源：", "作者：王小明", "文｜", "〔記者王小明／台北報導〕",
        "（", "）", "01", "02", "一、", "二、", "責任編輯", "延伸閱讀", "字級：", "首頁 > 正文",
        "。", "，", "公司昨日宣布擴建新廠", "\x00",
        "\u200b", "😀", "##", "－－－", "12", "年", "\ud800", "格隆匯7月25日丨",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join)
SETTINGS = settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SETTINGS
@given(TEXTS)
def test_every_field_stands_in_the_text(text: str) -> None:
    try:
        article = article_from_text(text, "x")
    except ReadError as error:
        assert error.reason in ("empty", "lone_surrogate")  # noqa: PT017
        return
    assert article.text == text
    for field in (article.title, article.byline, article.site):
        if field is not None:
            assert field.value
            assert text[field.start : field.end] == field.value
    if article.published is not None:
        assert article.published.start is not None
        found = find_date(text[article.published.start : article.published.end])
        assert found is not None
        assert found.iso == article.published.value
    assert article.body_end is not None
    assert 0 <= article.body_start <= article.body_end <= len(text)
    position = article.body_start
    for section in article.sections:
        assert position <= section.start <= section.end <= article.body_end
        position = section.end
    for note in article.diagnostics:
        assert 0 <= note.start <= note.end <= len(text)
    assert article_from_text(text, "x") == article


@SETTINGS
@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_failure(raw: bytes) -> None:
    try:
        text, encoding = decode(raw)
    except ReadError as error:
        assert error.reason in ("binary", "undecodable")  # noqa: PT017
        return
    assert (
        text.encode(encoding.replace("utf-8-sig", "utf-8").replace("big5hkscs", "big5hkscs"))
        or not text
    )
    assert codecs.lookup(encoding)
    assert "\ufffd" not in text or b"\xef\xbf\xbd" in raw or not encoding.startswith("utf-8")


@SETTINGS
@given(
    name=st.sampled_from(["a.txt", "a.jsonl", "a.csv", "a.tsv", "a.txt.gz", "a.zip", "a.parquet"]),
    raw=st.binary(max_size=300) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_no_content_makes_a_reader_raise(tmp_path: Path, name: str, raw: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    for one in read_source(Source(name, str(path), len(raw)), InputConfig()):
        assert isinstance(one, (Article, ReadFailure))


@SETTINGS
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "text", "title", "date"]),
            st.none() | st.text(max_size=5) | st.integers(),
        ),
        max_size=8,
    )
)
def test_every_record_is_an_article_or_a_failure(
    tmp_path: Path, records: list[dict[str, object]]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    got = list(read_source(Source("a.jsonl", str(path), 1), InputConfig()))
    assert len(got) == max(len(records), 1)
    articles = [one.id for one in got if isinstance(one, Article)]
    assert len(set(articles)) == len(articles)


@SETTINGS
@given(
    st.text(
        alphabet="的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可",
        min_size=4,
        max_size=60,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "big5", "gb18030"]),
)
def test_common_text_survives_every_encoding(text: str, codec: str) -> None:
    assert decode(text.encode(codec))[0] == text


def test_strategies_reach_headers() -> None:
    article = article_from_text("標題：甲\n2017-06-29\n正文。", "x")
    assert article.title is not None
    assert article.published is not None
