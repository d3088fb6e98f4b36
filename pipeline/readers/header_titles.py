"""Which line of a head is the title."""

from __future__ import annotations

import re

from pipeline.readers import header_bylines as bylines
from pipeline.readers.header_fields import Draft, date_line, take_fields
from pipeline.readers.header_lines import Line, is_advert, is_breadcrumb, labelled

_LONGEST_TITLE = 120
_USUAL_TITLE = 60
_SHORT_TITLE = 40
_NO_TITLE_END = tuple("。；;，,、：:")


def _headerish(line: Line) -> bool:
    """Whether a line is one that follows a title: date, source, byline, breadcrumb."""
    return take_fields(line, Draft(), first=False) or is_breadcrumb(line.text)


def title_verdict(line: Line, after: list[Line], draft: Draft, before: list[Line]) -> str:
    """``title``, ``skip`` (an advertisement), ``unsure`` or ``body``."""
    text = line.text
    original = any(_marks_title(later) for later in after)
    if original and (is_advert(text) or len(text) <= _USUAL_TITLE):
        return "skip"
    if len(text) > _LONGEST_TITLE and not (after and bare_date(after[0])):
        return "body"
    if len(text) > 2 * _LONGEST_TITLE or re.fullmatch(r"0?\d|PART.{0,4}", text, re.IGNORECASE):
        return "body"
    if not after:
        return "body"
    if _headerish(after[0]) and not (bylines.lead_byline(text) or bylines.lede_site(text)):
        return "title"
    if is_advert(text) and re.search(r"[【→！？]", text):
        return "skip"
    if text.endswith(_NO_TITLE_END) or re.search(r"。.", text):
        return "body"
    if any(date_line(later, labelled(later.text), False) for later in after[1:]) and all(
        len(later.text) <= _USUAL_TITLE for later in after[:1]
    ):
        return "title"
    if line.blank_after and len(text) <= _USUAL_TITLE:
        return "title"
    if len(text) <= _SHORT_TITLE and len(after[0].text) >= 60:
        return "title"
    if (before or draft.dates) and len(text) <= _USUAL_TITLE and len(after[0].text) > len(text):
        return "title"
    return "unsure" if len(text) <= _USUAL_TITLE else "body"


def bare_date(line: Line) -> bool:
    """Whether a line is a date and little else."""
    return len(line.text) <= 30 and date_line(line, labelled(line.text), False) is not None


def _marks_title(line: Line) -> bool:
    return any(h.field == "title" and h.label_start <= 1 for h in labelled(line.text))


def is_subtitle(line: Line, after: list[Line], draft: Draft) -> bool:
    """A short line between the title and a date line, or an advertisement before 原標題."""
    if len(line.text) > _USUAL_TITLE and not is_advert(line.text):
        return False
    if any(_marks_title(later) for later in after) and not draft.marked_title:
        return True
    return (
        not draft.dates
        and any(date_line(later, labelled(later.text), False) for later in after[:2])
        and not line.text.endswith("。")
    )
