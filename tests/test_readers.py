"""Readers: listing, formats, encodings, archives, and every kind of bad input."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ConfigError, InputError, ReadError
from pipeline.readers import ReadFailure, Source, article_from_text, list_sources, read_source
from pipeline.readers import archive as archive_module

TRAD = (
    "海岬科技擴建新廠\n2024-01-02\n\n"
    "公司昨日宣布，將在南部擴建新廠，預計明年開工，可以增加三百個工作機會。\n"
)
SIMP = (
    "海岬科技扩建新厂\n2024-01-02\n\n"
    "公司昨日宣布，将在南部扩建新厂，预计明年开工，可以增加三百个工作机会。\n"
)


def read(
    path: Path | str | Sequence[Path], **options: Any
) -> tuple[list[Article], list[ReadFailure]]:
    config = InputConfig(**options)
    inputs = [str(path)] if isinstance(path, (Path, str)) else [str(one) for one in path]
    got = [one for source in list_sources(inputs, config) for one in read_source(source, config)]
    return (
        [one for one in got if isinstance(one, Article)],
        [one for one in got if isinstance(one, ReadFailure)],
    )


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reason(path: Path, **options: Any) -> str:
    articles, failures = read(path, **options)
    assert articles == []
    assert len(failures) == 1
    assert failures[0].message
    return failures[0].reason


# Listing


def test_folder_is_recursive_sorted_and_skips_hidden_and_unknown(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/.git/x.txt", ".hidden.txt", "a/photo.jpg", "c.JSONL"):
        write(tmp_path / name, TRAD)
    sources = list_sources([str(tmp_path)], InputConfig())
    assert [source.id for source in sources] == ["a/z.md", "b.txt", "c.JSONL"]
    assert sources[1].size == len(TRAD.encode())
    assert pickle.loads(pickle.dumps(sources)) == sources


@pytest.mark.parametrize(
    ("glob", "ids"),
    [
        ("**/*", ["a/b/c.txt", "a/d.md", "e.txt"]),
        ("*.txt", ["a/b/c.txt", "e.txt"]),
        ("a/*", ["a/d.md"]),
        ("a/**", ["a/b/c.txt", "a/d.md"]),
        ("**/[ce].txt", ["a/b/c.txt", "e.txt"]),
        ("**/[!c].txt", ["e.txt"]),
        ("a/?.md", ["a/d.md"]),
    ],
)
def test_glob(tmp_path: Path, glob: str, ids: list[str]) -> None:
    for name in ("a/b/c.txt", "a/d.md", "e.txt"):
        write(tmp_path / name, TRAD)
    assert [s.id for s in list_sources([str(tmp_path)], InputConfig(glob=glob))] == ids


def test_missing_input_and_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list_sources([str(tmp_path / "none")], InputConfig())
    write(tmp_path / "photo.jpg", b"x")
    with pytest.raises(InputError, match=r"readable are \.txt .*1 files of other kinds"):
        list_sources([str(tmp_path)], InputConfig())


def test_named_file_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    articles, _ = read(write(tmp_path / "article.weird", TRAD))
    assert [article.id for article in articles] == ["article.weird"]


def test_ids_of_two_inputs_never_collide(tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "a.txt", TRAD)
    write(tmp_path / "two" / "a.txt", SIMP)
    sources = list_sources([str(tmp_path / "one"), str(tmp_path / "two"), str(one)], InputConfig())
    assert [s.id for s in sources] == [
        f"{(tmp_path / 'one').as_posix()}/a.txt",
        f"{(tmp_path / 'two').as_posix()}/a.txt",
    ]


def test_file_names_that_are_no_utf8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    try:
        Path(os.fsdecode(folder + "/新聞.txt".encode("big5"))).write_bytes(TRAD.encode())
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    articles, failures = read(tmp_path)
    assert failures == []
    articles[0].id.encode()
    articles[0].source_path.encode()


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(TRAD.encode())

    monkeypatch.setattr("sys.stdin", Standard())
    assert read("-")[0][0].text == TRAD
    Standard.buffer = io.BytesIO(b'{"id": 7, "text": "\xe6\x96\x87"}\n')
    assert [article.id for article in read("-")[0]] == ["-#7"]
    lines = "".join(json.dumps({"id": n, "text": "海岬擴建新廠" * 900}) + "\n" for n in range(20))
    Standard.buffer = io.BytesIO(lines.encode())
    assert len(read("-")[0]) == 20


# Text and encodings


@pytest.mark.parametrize(
    ("text", "codec", "recorded"),
    [
        (TRAD, "utf-8", "utf-8"),
        (TRAD, "utf-8-sig", "utf-8-sig"),
        (TRAD, "utf-16", "utf-16-le"),
        (SIMP, "utf-16-be", "utf-16-be"),
        (TRAD, "utf-16-le", "utf-16-le"),
        (TRAD, "big5", "big5"),
        (TRAD + "的啲嘢", "big5hkscs", "big5hkscs"),
        (TRAD, "gb18030", "gb18030"),
        (SIMP, "gb18030", "gb18030"),
        (SIMP, "gbk", "gb18030"),
        ("新聞公司", "big5", "big5"),
        ("新闻公司", "gbk", "gb18030"),
    ],
)
def test_encodings(tmp_path: Path, text: str, codec: str, recorded: str) -> None:
    articles, failures = read(write(tmp_path / "a.txt", text.encode(codec)))
    assert failures == []
    assert (articles[0].text, articles[0].encoding) == (text, recorded)


def test_utf16_byte_order_mark_is_removed(tmp_path: Path) -> None:
    raw = b"\xfe\xff" + TRAD.encode("utf-16-be")
    articles, _ = read(write(tmp_path / "a.txt", raw))
    assert (articles[0].text, articles[0].encoding) == (TRAD, "utf-16-be")


def test_forced_encoding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TRAD.encode("big5"))
    assert read(path, encoding="big5")[0][0].text == TRAD
    assert reason(path, encoding="utf-8") == "undecodable"
    with pytest.raises(ConfigError, match="nonsense"):
        read(path, encoding="nonsense")


@pytest.mark.parametrize(
    "raw",
    [
        TRAD.encode() + b"\xff\xfe\xfa",
        "Ünïcödé and nothing Chinese, señor".encode("latin-1"),
        "ニュースをお伝えします。東京は晴れ。".encode("shift_jis"),
        TRAD.encode("big5") + b"\xff",
    ],
)
def test_undecodable_is_a_failure_never_mojibake(tmp_path: Path, raw: bytes) -> None:
    assert reason(write(tmp_path / "a.txt", raw)) == "undecodable"


def test_raw_text_is_kept_exactly(tmp_path: Path) -> None:
    text = "標題\r\n\r\n第一行\n第二行\r第三行\x00尾\t \r\n"
    articles, _ = read(write(tmp_path / "a.txt", text))
    assert articles[0].text == text


# Bad input


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (" \t\r\n　\n".encode(), "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary"),
        (bytes(range(256)) * 40, "binary"),
        (b"%PDF-1.7 text", "binary"),
        (b"PK\x03\x04 zip", "binary"),
        (b"\x01\x02\x03\x04" * 20, "binary"),
    ],
)
def test_bad_text_files(tmp_path: Path, raw: bytes, code: str) -> None:
    assert reason(write(tmp_path / "a.txt", raw)) == code


def test_big_article_and_long_line(tmp_path: Path) -> None:
    paragraph = "公司昨日宣布擴建新廠，預計明年開工。"
    text = f"標題\n2024-01-02\n\n{(paragraph * 50 + chr(10)) * 1700}"
    assert len(text.encode()) > 4_000_000
    line = paragraph * 12_000
    write(tmp_path / "big.txt", text)
    write(tmp_path / "line.txt", line)
    articles, failures = read(tmp_path)
    assert failures == []
    assert [len(a.text) for a in articles] == [len(text), len(line)]
    assert articles[0].published is not None
    assert articles[1].title is None


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_TEXT_BYTES", 100)
    assert reason(write(tmp_path / "a.txt", TRAD * 3)) == "too_large"


def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "here.txt", TRAD)
    articles, failures = read(tmp_path)
    assert [a.id for a in articles] == ["here.txt"]
    assert [(f.article_id, f.reason) for f in failures] == [("gone.txt", "unreadable")]


def test_file_that_vanishes_after_listing(tmp_path: Path) -> None:
    source = Source("a.txt", str(tmp_path / "a.txt"), 3)
    (failure,) = read_source(source, InputConfig())
    assert isinstance(failure, ReadFailure)
    assert failure.reason == "unreadable"


def test_lone_surrogate() -> None:
    with pytest.raises(ReadError) as caught:
        article_from_text("半個\ud800字", "x")
    assert caught.value.reason == "lone_surrogate"


# Archives


def test_gzip(tmp_path: Path) -> None:
    write(tmp_path / "a.txt.gz", gzip.compress(TRAD.encode()))
    write(tmp_path / "b.jsonl.gz", gzip.compress(b'{"text": "abc"}\n'))
    articles, failures = read(tmp_path)
    assert failures == []
    assert [a.id for a in articles] == ["a.txt.gz", "b.jsonl.gz#1"]


def test_truncated_and_false_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(2000) + TRAD.encode())
    assert reason(write(tmp_path / "a.txt.gz", packed[:-500])) == "truncated_gzip"
    assert reason(write(tmp_path / "b.txt.gz", TRAD)) == "bad_gzip"


def test_truncated_gzip_keeps_the_records_before(tmp_path: Path) -> None:
    lines = "".join(
        f'{{"id": {n}, "text": "第{n}篇{os.urandom(400).hex()}"}}\n' for n in range(900)
    )
    packed = gzip.compress(lines.encode())
    articles, failures = read(write(tmp_path / "a.jsonl.gz", packed[: len(packed) // 2]))
    assert len(articles) > 100
    assert failures[-1].reason == "truncated_gzip"


def test_zip_members(tmp_path: Path) -> None:
    path = tmp_path / "news.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("2024/a.txt", TRAD)
        packed.writestr("2024/b.jsonl", '{"id": "k", "text": "abc"}\n')
        packed.writestr("c.txt.gz", gzip.compress(SIMP.encode()))
        packed.writestr("photo.jpg", b"x")
        packed.writestr("__MACOSX/._a.txt", b"x")
        packed.writestr("empty.txt", b"")
    articles, failures = read(path)
    assert [a.id for a in articles] == [
        "news.zip/2024/a.txt",
        "news.zip/2024/b.jsonl#k",
        "news.zip/c.txt.gz",
    ]
    assert articles[0].source_path == f"{path}!2024/a.txt"
    assert [(f.article_id, f.reason) for f in failures] == [("news.zip/empty.txt", "empty")]


@pytest.mark.parametrize(("codec", "name"), [("gbk", "新闻/今日.txt"), ("big5", "新聞/今日.txt")])
def test_zip_names_in_old_encodings(tmp_path: Path, codec: str, name: str) -> None:
    buffer = io.BytesIO()
    raw = name.encode(codec)
    placeholder = "x" * len(raw)
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(placeholder, TRAD)
    path = write(tmp_path / "a.zip", buffer.getvalue().replace(placeholder.encode(), raw))
    # Suffixes are ASCII in every encoding.
    articles, _ = read(path)
    assert [a.id for a in articles] == [f"a.zip/{name}"]


def test_broken_empty_and_encrypted_zip(tmp_path: Path) -> None:
    assert reason(write(tmp_path / "a.zip", b"no zip at all")) == "bad_zip"
    with zipfile.ZipFile(tmp_path / "b.zip", "w"):
        pass
    assert reason(tmp_path / "b.zip") == "bad_zip"
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as packed:
        packed.writestr("a.txt", TRAD)
    raw = bytearray((tmp_path / "c.zip").read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert reason(write(tmp_path / "c.zip", bytes(raw))) == "bad_zip"


def test_zip_bomb(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", b"0" * (17 * 2**20))
    assert reason(tmp_path / "a.zip") == "too_large"


# Record files


def test_jsonl_columns_and_ids(tmp_path: Path) -> None:
    records = [
        {
            "id": "x1",
            "title": "標題",
            "date": "2020-01-02",
            "author": ["甲", "乙"],
            "source": "站",
            "text": "舊標題\n2019-01-01\n\n正文。",
        },
        {"id": 2.0, "正文": "正文二。"},
        {"content": "正文三。", "published_at": 1577934245},
        {"_id": {"$oid": "ab"}, "body": "正文四。"},
    ]
    path = write(tmp_path / "a.jsonl", "\ufeff" + "\n".join(json.dumps(r) for r in records))
    articles, failures = read(path)
    assert failures == []
    assert [a.id for a in articles] == ["a.jsonl#x1", "a.jsonl#2", "a.jsonl#3", "a.jsonl#ab"]
    first = articles[0]
    fields = (first.title, first.published, first.byline, first.site)
    assert [f.value for f in fields if f] == ["標題", "2020-01-02", "甲、乙", "站"]
    assert all(f is not None and f.start is None for f in fields)
    assert articles[2].published is not None
    assert articles[2].published.value == "2020-01-02T03:04:05+00:00"


def test_jsonl_bad_lines_do_not_lose_the_others(tmp_path: Path) -> None:
    lines = [
        b'{"id": "a", "text": "\xe6\x96\x87"}',
        b"not json",
        b"",
        b'["list"]',
        b'{"id": "a", "text": "again"}',
        b'{"id": "b"}',
        b'{"id": "c", "text": 5}',
        b'{"id": "d", "text": null}',
        b'{"id": "e", "text": "\\ud800"}',
        b'{"id": "f", "text": "\xff\xfe"}',
        b'{"id": "g", "text": "  "}',
        b'{"id": "h", "text": "\\u0000\xe6\x96\x87 \\ud83d\\ude00"}',
        b'{"id": "i", "text": "' + "尾".encode() * 40 + b'"}',
        b'{"id": "j", "text": ',
    ]
    articles, failures = read(write(tmp_path / "a.jsonl", b"\r\n".join(lines)))
    assert [a.id for a in articles] == ["a.jsonl#a", "a.jsonl#h", "a.jsonl#i"]
    assert articles[1].text == "\x00文 😀"
    assert [(f.article_id.partition("#")[2], f.reason) for f in failures] == [
        ("2", "bad_json"),
        ("4", "bad_record"),
        ("a", "duplicate_id"),
        ("b", "missing_column"),
        ("c", "bad_text"),
        ("d", "empty"),
        ("e", "lone_surrogate"),
        ("10", "undecodable"),
        ("g", "empty"),
        ("14", "bad_json"),
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "big5", "gb18030"])
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_tables(tmp_path: Path, codec: str, suffix: str) -> None:
    comma = "," if suffix == "csv" else "\t"
    body = '"公司昨日宣布，將在南部擴建新廠。\r\n預計明年開工。"'
    rows = [["標題", "日期", "內容"], ["擴建", "2024/1/2", body], [], ["停工", "昨天", "正文。"]]
    content = "".join(comma.join(row) + "\r\n" for row in rows)
    articles, failures = read(write(tmp_path / f"a.{suffix}", content.encode(codec)))
    assert failures == []
    assert [a.id for a in articles] == [f"a.{suffix}#1", f"a.{suffix}#2"]
    assert articles[0].text == "公司昨日宣布，將在南部擴建新廠。\r\n預計明年開工。"
    assert articles[0].published is not None
    assert articles[0].published.value == "2024-01-02"
    assert articles[1].published is None
    assert articles[1].diagnostics[-1].reason == "date_unread: 昨天"


def test_csv_without_its_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "title,words\nx,y\n")
    _, failures = read(path)
    assert failures[0].reason == "missing_column"
    assert "there are: title, words" in failures[0].message
    assert read(path, text_column="words")[0][0].text == "y"
    assert reason(path, text_column="words", date_column="day") == "missing_column"


def test_csv_of_header_only_and_ragged_rows(tmp_path: Path) -> None:
    assert reason(write(tmp_path / "a.csv", "text,id\n")) == "empty"
    assert reason(write(tmp_path / "b.csv", "")) == "empty"
    path = write(tmp_path / "c.csv", "id,text\n1,甲,乙\n2\n3,丙\n")
    articles, failures = read(path)
    assert [a.id for a in articles] == ["c.csv#3"]
    assert [f.reason for f in failures] == ["bad_record", "empty"]


def test_csv_field_of_five_megabytes(tmp_path: Path) -> None:
    text = "很長的正文。" * 300_000
    articles, failures = read(write(tmp_path / "a.csv", f"text\n{text}\n"))
    assert failures == []
    assert articles[0].text == text


def test_parquet(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "uid": [1, 1, 2],
            "text": ["正文一。", "正文二。", None],
            "date": pd.to_datetime(["2020-01-02 03:04", "2021-01-01 00:00", "NaT"]),
            "junk": [[1], [2], [3]],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    write(tmp_path / "b.parquet.gz", gzip.compress((tmp_path / "a.parquet").read_bytes()))
    write(tmp_path / "c.parquet", b"PAR1 nothing")
    articles, failures = read(tmp_path)
    assert [a.id for a in articles] == ["a.parquet#1", "b.parquet.gz#1"]
    assert articles[0].published is not None
    assert articles[0].published.value == "2020-01-02T03:04:00"
    assert [(f.article_id, f.reason) for f in failures] == [
        ("a.parquet#1", "duplicate_id"),
        ("a.parquet#2", "empty"),
        ("b.parquet.gz#1", "duplicate_id"),
        ("b.parquet.gz#2", "empty"),
        ("c.parquet", "bad_parquet"),
    ]


# Pages

PAGE = (
    "<html><head><title>海岬擴建</title>"
    '<meta property="article:published_time" content="2020-03-04T05:06:07+08:00">'
    '<meta property="og:site_name" content="海岬日報"></head><body><nav>首頁 財經</nav><article>'
    "<h1>海岬擴建</h1>"
    + "<p>公司昨日宣布，將在南部擴建新廠，預計明年開工，可以增加三百個工作機會。</p>" * 4
    + "</article><footer>版權所有</footer></body></html>"
)  # fmt: skip


@pytest.mark.parametrize("codec", ["utf-8", "big5", "gb18030"])
def test_html(tmp_path: Path, codec: str) -> None:
    articles, failures = read(write(tmp_path / "a.html", PAGE.encode(codec)))
    assert failures == []
    article = articles[0]
    assert "預計明年開工" in article.text
    assert "版權所有" not in article.text
    assert "<p>" not in article.text
    assert [f.value for f in (article.title, article.published, article.site) if f] == [
        "海岬擴建",
        "2020-03-04T05:06:07+08:00",
        "海岬日報",
    ]
    assert article.encoding == ("utf-8" if codec == "utf-8" else codec)


def test_html_date_is_not_guessed_from_the_text(tmp_path: Path) -> None:
    page = PAGE.replace("article:published_time", "x").replace("昨日", "2019年5月6日")
    assert read(write(tmp_path / "a.html", page))[0][0].published is None


@pytest.mark.parametrize("page", ["<html><body></body></html>", "<", "<html>"])
def test_html_with_nothing_in_it(tmp_path: Path, page: str) -> None:
    assert reason(write(tmp_path / "a.html", page)) == "no_main_text"
