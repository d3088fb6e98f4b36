"""Who wrote an article and where it appeared, as leads and tails say it.

〔記者王小明／台北報導〕, （吳小芬／高雄報導）, 【綜合報導】, 上證報訊（記者 王小明）,
政治中心／綜合報導, 格隆匯7月25日丨. Offsets are those of the text that is given.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.readers.header_lines import site_names

_OPEN, _CLOSE = r"[〔【（(\[]", r"[〕】）)\]]"
_REPORT = r"(?:報導|报导|報道|报道|外電|外电|專訪|专访|特稿|攝影報導)"
_ROLE = (
    r"(?:(?:本報|本报|特派|特約|特约|駐[一-鿿]{2,4}|驻[一-鿿]{2,4}|實習|实习|見習|见习)?"
    r"(?:記者|记者|編譯|编译|特派員|特派员|通訊員|通讯员)|[一-鿿]{2,6}中心(?:記者)?|文|撰文)"
)
_SLASH = r"[／/╱∕]"
_NAME_CHARS = r"[一-鿿A-Za-z·．.、，,&＆ 　]"
_BRACKETED = re.compile(
    rf"{_OPEN}\s*(?P<role>{_ROLE})?[ 　:：]?\s*(?P<who>{_NAME_CHARS}{{2,40}}?)?\s*"
    rf"{_SLASH}\s*[一-鿿、\s]{{0,8}}?(?:即時|即时|綜合|综合|連線)?{_REPORT}\s*{_CLOSE}"
)
_REPORTER = re.compile(
    rf"{_OPEN}\s*(?:本報|本报|每經|每经|新華社|新华社|中新社|經濟日報)?(?:見習|见习|實習|实习|特約|特约)?"
    rf"(?:記者|记者|特派員)[ 　:：]*(?P<who>{_NAME_CHARS}{{2,30}}?)\s*{_CLOSE}"
)
_AGENCY = re.compile(
    rf"{_OPEN}\s*(?P<site>中央社)(?:記者)?(?P<who>[一-鿿、]{{2,16}}?)(?P<place>[一-鿿]{{2}})"
    rf"\d{{1,2}}日(?:綜合)?(?:外)?(?:電|訊){_CLOSE}"
)
_GENERAL = re.compile(rf"{_OPEN}(?P<general>綜合報導|综合报道|綜合外電|即時報導|综合消息){_CLOSE}")
_LINE = re.compile(
    rf"(?:(?P<role>{_ROLE})[ 　:：]?\s*(?P<who>{_NAME_CHARS}{{2,30}}?)?"
    r"|(?P<desk>[一-鿿]{2,6}中心))\s*"
    rf"{_SLASH}\s*[一-鿿、\s]{{0,8}}?(?:即時|即时|綜合|综合|連線)?{_REPORT}"
)
_WHOLE_LINE = re.compile(
    r"(?:(?:本報|本报|本刊|特約|特约|實習|实习|見習|见习)?(?:記者|记者|作者|撰文|文字)[ 　:：]*"
    r"|文\s*[／/|｜丨:：∕]\s*)"
    rf"(?P<who>{_NAME_CHARS}{{2,20}}?)"
    r"(?:\s*[／/|｜].{0,12})?"
)
_TAIL_SITE = re.compile(rf"{_OPEN}(?P<site>[^〕】）)\]\n]{{2,14}}){_CLOSE}\s*$")
_PICTURE_AGENCIES = frozenset({"中央社", "新華社", "新华社", "中新社"})
"""At the end of a text in brackets, these credit a picture as often as the text."""
_NAMES_LINE = re.compile(
    rf"(?P<who>[一-鿿]{{2,4}}(?:、[一-鿿]{{2,4}})*)\s*{_SLASH}\s*[一-鿿]{{2,6}}(?:報導|報道|报道|攝影報導)"
)
_NOT_A_NAME = re.compile(
    r"[，,。]|表示|指出|報導|报道|記者會|[年月日]$|從|从|獲悉|获悉|了解|根據|据"
)
_DESK = re.compile(r"^[一-鿿]{2,4}中心(?=[一-鿿]{2,4}(?:[、]|$))")
_LEDE = re.compile(
    r"[【《（(]?(?P<site>[一-鿿A-Za-z0-9·]{2,14}?)(?:通訊社|通讯社)?(?:APP|AI)?[ ]?"
    r"(?:[０-９\d ]{1,3}月[０-９\d ]{1,3}日|[０-９\d]{1,2}日)?"
    r"(?:快訊|快讯|訊|讯|專訊|专讯|消息|丨|電|电|讯息)(?=[】》，,：:\s　）)（(丨一-鿿A-Z]|\d)"
)


class Found(NamedTuple):
    """A field and its half-open offsets; ``begin``..``finish`` is the whole expression."""

    value: str
    start: int
    end: int
    begin: int
    finish: int


def byline_line(line: str) -> Found | None:
    """A line that holds nothing but a byline."""
    if len(line) > 60:
        return None
    for pattern in (_BRACKETED, _REPORTER, _AGENCY, _GENERAL, _LINE, _WHOLE_LINE, _NAMES_LINE):
        match = pattern.fullmatch(line)
        if match and (found := _found(match)):
            return found
    return None


def lead_byline(line: str) -> Found | None:
    """A byline at the beginning of a paragraph, or after a short subtitle inside it."""
    head = line[:90]
    for pattern in (_BRACKETED, _REPORTER, _AGENCY, _GENERAL):
        for match in pattern.finditer(head):
            if found := _found(match):
                return found
    opening = _LINE.match(head)
    return _found(opening) if opening else None


def inline_byline(text: str) -> Found | None:
    """A byline with place and 報導 anywhere in a header line."""
    match = _LINE.search(text)
    return _found(match) if match else None


def tail_site(text: str) -> Found | None:
    """A known site in brackets at the very end of a text (（券商中國）)."""
    match = _TAIL_SITE.search(text)
    if match is None or match["site"] not in site_names() or match["site"] in _PICTURE_AGENCIES:
        return None
    return Found(match["site"], *match.span("site"), *match.span())


def tail_byline(text: str) -> Found | None:
    """The last bracketed byline of a stretch of text."""
    last = None
    for pattern in (_BRACKETED, _REPORTER):
        for match in pattern.finditer(text):
            found = _found(match)
            if found and (last is None or found.start > last.start):
                last = found
    return last


def lede_site(line: str) -> Found | None:
    """The site or agency that a lead opens with (格隆匯7月25日丨, 智通財經APP訊)."""
    match = _LEDE.match(line[:60])
    if match is None:
        return None
    name = match["site"]
    if name not in site_names() and not name.endswith(("網", "网", "財經", "财经", "日報", "日报")):
        return None
    return Found(name, match.start("site"), match.end("site"), match.start(), match.end())


def clean_names(value: str) -> str | None:
    """A byline value if it can be one: names, no sentence. None otherwise."""
    value = value.strip()
    if (
        not 2 <= len(value) <= 40
        or _NOT_A_NAME.search(value)
        or re.search(r"[！？「」：:；]", value)
    ):
        return None
    parts = re.split(r"[、／/ 　&]+", value)
    return value if all(len(part) <= 12 or part.isascii() for part in parts) else None


@lru_cache(maxsize=1)
def site_pattern() -> re.Pattern[str]:
    """Any known site name, the longest first."""
    names = sorted(site_names(), key=len, reverse=True)
    return re.compile("|".join(re.escape(name) for name in names))


def _found(match: re.Match[str]) -> Found | None:
    groups = match.groupdict()
    name = next((key for key in ("who", "desk", "general") if groups.get(key)), "role")
    who = groups.get(name)
    if not who:
        return None
    start, end = match.span(name)
    if name == "role":
        if not who.endswith("中心"):
            return None
    elif name == "who":
        lead = _DESK.match(who)
        start += lead.end() if lead else 0
    stretch = match.string[start:end]
    stripped = stretch.strip(" 　、，,")
    start += stretch.index(stripped)
    end = start + len(stripped)
    if name == "who" and clean_names(stripped) is None:
        return None
    return Found(stripped, start, end, match.start(), match.end())
