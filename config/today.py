"""What must be done today, by whoever looks: act by act, the most pressing first, each with the way to do it.

Whom something waits for each room says itself; here it is only put together. A count is the count of the list its link
opens, because both ask the same question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cases.desk.paging import COUNT_CAP, Count, count_capped
from cases.desk.words import Standing, due_words, short_moment
from cases.desk.words import standing as clock_standing
from cases.models import Officer
from supervision.alerts.forms import AcknowledgeForm
from supervision.alerts.models import Alert
from supervision.alerts.queries import waiting_for
from supervision.alerts.services.acts import MOST_DAYS_AHEAD
from supervision.bulletins import rules as bulletin_rules
from supervision.bulletins.models import Bulletin, BulletinState
from supervision.followup.models import FollowedCase, Instruction, InstructionState, ItemState, OutlineItem
from supervision.followup.queries import (
    followed_of,
    local_day,
    waiting_for_consent,
    waiting_for_items,
    waiting_for_parties,
    waiting_for_reply,
    without_reply_to,
)
from supervision.followup.rules import left_words
from supervision.rectification.models import Order, OrderQuerySet, OrderState
from supervision.rectification.queries import to_answer_by, to_endorse_by, to_verify_by
from supervision.rectification.words import standing as order_standing

MOST_PRESSING = 5
_WORDS = 40


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done: of what, what is asked, by when, how that stands, and where to do it.

    With `word` it can be done where it stands: the form goes to the page of the row, which knows it as `seen`.
    """

    number: str
    link: str
    asked: str
    place: str
    by_when: str
    standing: Standing | None
    act: str
    act_link: str
    word: AcknowledgeForm | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One act: its name, how many wait for it, the list of them, and the most pressing."""

    name: str
    count: Count
    link: str
    tasks: list[Task] = field(default_factory=list)

    @property
    def rest(self) -> bool:
        """Whether the list holds more than is shown."""
        return self.count.rows > len(self.tasks)


def todays_groups(officer: Officer, at: datetime) -> list[Group]:
    """What waits for an officer at `at`, by act; acts for which nothing waits are left out.

    Only acts that he may do are asked for. A question for each of them, and one more for those whose rows are not all
    shown; never one for a row.
    """
    groups = (*_alerts(officer, at), *_orders(officer, at), *_followed(officer, at), *_bulletins(officer, at))
    return [group for group in groups if group.count]


def _most_pressing(rows: QuerySet[Any]) -> tuple[list[Any], Count]:
    """The first rows and how many there are; they are counted only where they are not all here."""
    found = list(rows[: MOST_PRESSING + 1])
    if len(found) <= MOST_PRESSING:
        return found, Count(len(found))
    return found[:MOST_PRESSING], count_capped(rows, COUNT_CAP)


def _address(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


# -- warnings ----------------------------------------------------------------------------------------------------------


def _alerts(officer: Officer, at: datetime) -> Iterator[Group]:
    if not officer.has_perm("alerts.acknowledge_alert"):
        return
    rows = waiting_for(officer, at).select_related("clock__limit", "clock__matter", "unit").order_by("due_at", "pk")
    found, count = _most_pressing(rows)
    yield Group(
        "预警，等我答复",
        count,
        _address("alerts:alerts", state="open", mine="wait"),
        [_alert(row, at) for row in found],
    )


def _alert(row: Alert, at: datetime) -> Task:
    clock, page = row.clock, reverse("alerts:alert", args=(row.pk,))
    today = timezone.localdate(at)
    word = AcknowledgeForm(today=today, auto_id=f"id_word_{row.pk}_%s")
    word.fields["next_on"].widget.attrs["max"] = f"{today + timedelta(days=MOST_DAYS_AHEAD):%Y-%m-%d}"
    return Task(
        number=clock.matter.number,
        link=page,
        asked=f"说明“{clock.limit.name}”（{due_words(clock)} 届满）为什么还没有办结",
        place=str(row.unit),
        by_when=f"{short_moment(row.climbs_at, at)} 前，过时上报" if row.climbs_at is not None else "已到最高一级",
        standing=clock_standing(clock, at),
        act="答复",
        act_link=f"{page}#acknowledge",
        word=word,
        seen=row.seen,
    )


# -- orders ------------------------------------------------------------------------------------------------------------


def _orders(officer: Officer, at: datetime) -> Iterator[Group]:
    for permission, name, rows, act, narrowing in (
        ("reply", "整改，等我答复", to_answer_by, "答复", {"state": "to_answer", "mine": "answer"}),
        ("endorse", "本单位的整改答复，等我审核", to_endorse_by, "审核", {"state": "replied", "mine": "endorse"}),
        ("verify", "整改答复，等我核验", to_verify_by, "核验", {"state": "replied", "mine": "verify"}),
    ):
        if not officer.has_perm(f"rectification.{permission}_order"):
            continue
        found, count = _most_pressing(_dressed(rows(officer, at)))
        tasks = [_order(row, act, permission, at) for row in found]
        yield Group(name, count, _address("rectification:orders", **narrowing), tasks)


def _dressed(orders: OrderQuerySet) -> OrderQuerySet:
    return orders.select_related("problem", "unit", "officer", "replied_by", "matter").order_by("due_at", "pk")


def _order(row: Order, act: str, verb: str, at: datetime) -> Task:
    page = reverse("rectification:order", args=(row.pk,))
    about = f"（{row.matter.number}）" if row.matter is not None else ""
    if verb != "reply":
        asked = f"{row.replied_by}已答复：{row.problem}{about}"
    elif row.state == OrderState.RETURNED:
        asked = f"退回重办，须重新答复：{row.problem}{about}"
    else:
        asked = f"{row.get_grade_display()}：{row.problem}{about}"
    return Task(
        number=row.number,
        link=page,
        asked=asked,
        # Who replied is named already.
        place=f"{row.unit} {row.officer or ''}".strip() if verb == "reply" else str(row.unit),
        by_when=f"{row.due_on:%Y-%m-%d} 前",
        standing=order_standing(row, at),
        act="重新答复" if verb == "reply" and row.state == OrderState.RETURNED else act,
        act_link=f"{page}#{verb}",
    )


# -- followed cases ----------------------------------------------------------------------------------------------------


def _followed(officer: Officer, at: datetime) -> Iterator[Group]:
    if not officer.has_perm("followup.view_followedcase"):
        return
    seen = followed_of(officer)
    mine = Q(officer=officer) | Q(officer=None, case__officer=officer)
    items = OutlineItem.objects.filter(mine, case=OuterRef("pk"), state__in=ItemState.open_states())
    orders = Instruction.objects.filter(case=OuterRef("pk"), state=InstructionState.OPEN)
    yield _cases(
        "案件有批示，等我回复",
        _with_first(waiting_for_reply(seen, officer), orders.filter(to=officer), "text"),
        at,
        "回复",
        "instructions",
        stage="open",
        mine="reply",
    )
    yield _cases(
        "案件有我承办的提纲事项",
        _with_first(waiting_for_items(seen, officer), items, "title"),
        at,
        "办理",
        "outline",
        stage="open",
        mine="items",
    )
    if officer.has_perm("followup.consent_closing"):
        rows = waiting_for_consent(seen, officer, at).select_related("asked_by").order_by("asked_at", "pk")
        yield _cases("申请办结，等我审核", rows, at, "审核", "closing", stage="review", mine="consent")
    if officer.has_perm("followup.change_followedcase"):
        lacking = waiting_for_parties(seen, officer, at).order_by("entered_at", "pk")
        yield _cases("责任没有落实", lacking, at, "落实", "parties", stage="incomplete", mine="parties")
    if officer.has_perm("followup.add_instruction"):
        late = _with_first(without_reply_to(seen, officer, at), orders.filter(leader=officer), "text")
        yield _cases("我的批示，逾期没有回复", late, at, "查看", "instructions", stage="open", mine="given")


def _with_first(cases: QuerySet[FollowedCase], things: QuerySet[Any], words: str) -> QuerySet[FollowedCase]:
    """Each case with the first of its things to fall due, in words and by its day; the first of all first."""
    first = things.order_by("due_on", "pk")
    dated = cases.annotate(first_on=Subquery(first.values("due_on")[:1]), first_words=Subquery(first.values(words)[:1]))
    return dated.order_by("first_on", "pk")


def _cases(name: str, rows: QuerySet[FollowedCase], at: datetime, act: str, anchor: str, **narrowing: str) -> Group:
    dressed = rows.select_related("matter", "unit")
    if anchor == "parties":
        dressed = dressed.with_officer_there()  # type: ignore[attr-defined]
    found, count = _most_pressing(dressed)
    return Group(name, count, _address("followup:cases", **narrowing), [_case(case, at, act, anchor) for case in found])


def _case(case: Any, at: datetime, act: str, anchor: str) -> Task:
    page = reverse("followup:case", args=(case.pk,))
    by_when, standing = "", None
    if anchor == "closing":
        asked, by_when = f"{case.asked_by}申请办结", f"{timezone.localdate(case.asked_at):%Y-%m-%d} 申请"
    elif anchor == "parties":
        asked = f"缺{'、'.join(case.missing)}"
        by_when = f"{timezone.localdate(case.entered_at):%Y-%m-%d} 列入"
    else:
        asked, by_when = _short(case.first_words), f"{case.first_on:%Y-%m-%d} 前"
        standing = Standing(*left_words(case.first_on, local_day(at)))
    return Task(
        number=case.matter.number,
        link=page,
        asked=asked,
        place=str(case.unit),
        by_when=by_when,
        standing=standing,
        act=act,
        act_link=f"{page}#{anchor}",
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WORDS else f"{line[: _WORDS - 1]}…"


# -- bulletins ---------------------------------------------------------------------------------------------------------


def _bulletins(officer: Officer, at: datetime) -> Iterator[Group]:
    if not officer.has_perm("bulletins.change_bulletin"):
        return
    rows = Bulletin.objects.visible_to(officer).filter(state=BulletinState.DRAFT).select_related("unit")
    found, count = _most_pressing(rows.order_by(F("begins_on").desc(), "unit_id").defer("figures", "html", "text"))
    link = _address("admin:bulletins_bulletin_changelist", state__exact=BulletinState.DRAFT.value)
    yield Group("通报草稿，等签发", count, link, [_bulletin(row) for row in found])


def _bulletin(row: Bulletin) -> Task:
    page = reverse("admin:bulletins_bulletin_change", args=(row.pk,))
    month = bulletin_rules.Month.of(row.begins_on)
    over = bulletin_rules.period_of(month, zone=timezone.get_default_timezone(), at=row.cutoff).over
    return Task(
        number=month.name,
        link=page,
        asked=f"看过《{row.title}》以后签发" if over else f"《{row.title}》是月内编制的，月末以后重新编制再签发",
        place=str(row.unit),
        by_when=f"{timezone.localdate(row.composed_at):%Y-%m-%d} 编制",
        standing=None,
        act="签发" if over else "查看",
        act_link=page,
    )
