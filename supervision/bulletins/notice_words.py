"""A notice in words: its title, and the mail that carries it. Only as many lines as a person reads; the rest is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from supervision.bulletins.copies import Composed, squeezed
from supervision.bulletins.models import Notice, NoticeLine
from supervision.bulletins.rules import LINES_SHOWN, NOTICE_PLACE, headline_of

WHY_NOTICE_TWICE = (
    "上一次发送时没有得到答复，不能确定您是否已经收到，所以再发一次。已了结的事项不再列出，以这一封为准。"
)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines about one thing, in their order."""

    about: str
    lines: list[NoticeLine]


def title_of(notice: Notice, headline: str) -> str:
    """What the notice is called where nobody has opened it yet: subject of a mail, first line of a message."""
    if notice.urgent:
        return f"【紧急】盯办通知：{headline}"
    return f"盯办通知（{notice.day.month}月{notice.day.day}日）：{headline}"


def grouped(lines: Sequence[NoticeLine]) -> list[Group]:
    """The lines by what they are about; the group of the most pressing line first."""
    groups: dict[str, list[NoticeLine]] = {}
    for line in lines:
        groups.setdefault(line.about, []).append(line)
    return [Group(about, found) for about, found in groups.items()]


def compose_notice(notice: Notice, lines: Sequence[NoticeLine]) -> Composed:
    """The mail with these lines, most pressing first. Links are absolute where SITE_URL is set, paths otherwise."""
    shown, rest = lines[:LINES_SHOWN], lines[LINES_SHOWN:]
    title = title_of(notice, headline_of(line.about for line in lines))
    context = {
        "title": title,
        "notice": notice,
        "name": notice.officer.name,
        "count": len(lines),
        "groups": grouped(shown),
        "rest": len(rest),
        "rest_headline": headline_of(line.about for line in rest),
        "site": settings.SITE_URL,
        "inbox": reverse("bulletins:inbox"),
        "settings": reverse("bulletins:notice_settings"),
        "notice_place": NOTICE_PLACE,
    }
    return Composed(
        title=title,
        html=squeezed(render_to_string("bulletins/digest.html", context)),
        text=render_to_string("bulletins/digest.txt", context).strip() + "\n",
    )
