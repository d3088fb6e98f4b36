"""The source that a text names for a figure: 智联招聘《…报告》显示, 据国家统计局统计."""

from __future__ import annotations

import re

from pipeline.values import Evidence

_REACH = 160
_END = re.compile(r"[。！？\n]")
_KIND = (
    "统计|数据|报告|调查|民意调查|民调|资料|预测|估算|测算|研究|公告|年报|财报"
    "|季报|半年报|快报|业绩预告|白皮书|蓝皮书|调研|问卷|普查|名单|榜单|报道|报导"
)
_SAYS = "显示|指出|表明|发现|揭示|披露|称|说|估计|预计|预测"
_SOURCE = re.compile(
    rf"(?:(?:根据|依据|据|按照|按|依照)(?P<named>[^，,。；：:！？\n]{{1,40}}?(?:{_KIND})》?(?:结果)?)"
    rf"(?=[，,：:]|{_SAYS})"
    rf"|(?P<told>[^，,。；：:！？\n]{{0,40}}?(?:{_KIND}|》)(?:结果|数据)?)(?:{_SAYS})"
    rf"|(?:根据|据)(?P<spoken>[^，,。；：:！？\n]{{2,24}}?)(?:估计|预计|预测|公布|统计|披露|测算|介绍|估算)(?=[，,])"
    rf"|(?:来自|引述|引用)(?P<cited>[^，,。；：:！？\n]{{2,30}}?的?(?:{_KIND})))"
)
# Words of which every source has one; without them the costly pattern is not tried.
_HINT = re.compile(f"据|按|依照|{_SAYS}|来自|引用|引述")
_FRONT = re.compile(
    r"^(?:\d{2,4}年|\d{1,2}月份?|\d{1,2}日|今年|去年|日前|近日|昨日|今日|昨天|今天|昨（\d+日?）|最新|近期|目前|此外|另外"
    r"|另|而|但|同时"
    r"|其中|不过|一项|一份|这份|由|公开|最近|本|有|又|根据|依据|据|按"
    r"|做过|做了|资料包括|上周|本周|随后|（|\(|「|【|」|”|、| )+"
)
_UNBALANCED = re.compile(r"^[^（(]*[)）]|元[)）]|只有|需要|才")
_EMPTY = re.compile(
    rf"^(?:最新|公开|相关|有关|官方|多项|各项|这些|该|上述|以上|更多|初步|市场|民间|一项|一份|新|的|分析)*(?:{_KIND})?(?:结果|数据)?$"
)


def source_of(text: str, start: int) -> Evidence | None:
    """The nearest source named before ``start`` in the same sentence, or None.

    A bare 数据显示 or 调查显示 names nobody and gives None.
    """
    floor = max(0, start - _REACH)
    for match in _END.finditer(text, floor, start):
        floor = match.end()
    if not _HINT.search(text, floor, start):
        return None
    found = None
    for found in _SOURCE.finditer(text, floor, start):  # noqa: B007 (the last one counts)
        pass
    if found is None:
        return None
    group = found.lastgroup or ""
    begin, end = found.span(group)
    if front := _FRONT.match(text[begin:end]):
        begin += front.end()
    if (inner := max(text.rfind(word, begin, end) for word in ("根据", "依据"))) >= 0:
        begin = inner + 2
    if begin >= end or _EMPTY.match(text[begin:end]):
        return None
    if text[begin:end].startswith(("截至", "截止", "我", "他", "她")) or _UNBALANCED.search(
        text[begin:end]
    ):
        return None
    return Evidence(begin, end, text[begin:end])
