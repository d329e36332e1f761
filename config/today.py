"""What waits for an officer today (今天要办): warnings to answer, orders to reply to, to look over or to verify, what is
left lying in his unit, followed cases that want something of him, files to review, exports and changes of units to
decide, and drafts to issue. Each group is a list's own narrowing, so that its count is the number of rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cases.desk.paging import COUNT_CAP
from cases.desk.paging import Count as CappedCount
from cases.desk.words import Standing, short_moment
from cases.desk.words import standing as standing_of_clock
from cases.models import Officer
from supervision.alerts.models import Alert
from supervision.alerts.queries import alerts_of, left_by_unit, waiting_for
from supervision.bulletins.models import Bulletin, BulletinState
from supervision.exports import queries as exports
from supervision.exports.models import ExportRequest
from supervision.followup import queries as followed
from supervision.followup.models import FollowedCase, FollowedCaseQuerySet, Instruction, InstructionState, OutlineItem
from supervision.followup.models.item import ItemState
from supervision.followup.rules import left_words
from supervision.rectification import queries as orders
from supervision.rectification.models import Order, OrderState
from supervision.rectification.words import standing as standing_of_order
from supervision.reviews.models import ReviewForm
from supervision.reviews.queries import forms_of
from supervision.units import queries as units
from supervision.units.models import Kind as UnitChangeKind
from supervision.units.models import UnitChange

SHOWN = 5
# So much of an instruction or an item is shown.
WORDS = 40


@dataclass(frozen=True, slots=True)
class Thing:
    """One row: how it stands, its number, what it is about, whose it is, where it lies and where it is done, and by when.

    Of what has no due day nothing is said of how it stands."""

    standing: Standing | None
    number: str
    about: str
    whose: str
    link: str
    act: str
    pk: int
    by_when: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What waits in one way: its name, what is done about it, how many, the first of them, and the list of all."""

    name: str
    verb: str
    count: CappedCount
    things: Sequence[Thing]
    link: str
    # Where all of them are done at once, if they can be.
    many: str = ""

    @property
    def narrowing(self) -> str:
        """What the list is narrowed by."""
        return self.link.partition("?")[2]


def today(officer: Officer, at: datetime) -> list[Group]:
    """The groups in which something waits for the officer at an aware moment, the most pressing kind first.

    A fixed number of questions for a role, however much waits.
    """
    groups: list[Group] = []
    left: list[Group] = []
    if officer.has_perm("alerts.acknowledge_alert"):
        seen = alerts_of(officer)
        groups.append(_alerts("预警待我答复", "答复", waiting_for(seen, officer), "answer", at))
        if officer.has_perm("rectification.endorse_order"):
            left.append(_alerts("本单位民警未答复的预警", "查看", left_by_unit(seen, officer), "unit", at))
    mine = (
        ("整改待我答复", "答复", "reply"),
        ("单位答复待我审核", "审核", "endorse"),
        ("整改答复待我核验", "核验", "verify"),
    )
    held = [one for one in mine if officer.has_perm(f"rectification.{one[2]}_order")]
    if held:
        ordered = orders.orders_of(officer)
        groups += [_orders(*one, orders.waiting_for(ordered, officer, one[2]), at) for one in held]
        if officer.has_perm("rectification.endorse_order"):
            rows = orders.waiting_for(ordered, officer, "unit")
            left.append(_orders("本单位民警未答复的整改", "查看", "unit", rows, at))
    if officer.has_perm("followup.view_followedcase"):
        groups += _followed(officer, at)
    if officer.has_perm("reviews.view_reviewform"):
        groups += _reviews(officer, at)
    if officer.has_perm(exports.DECIDE):
        groups.append(_exports(exports.waiting_for(officer)))
    if officer.has_perm(units.DECIDE):
        groups.append(_unit_changes(units.waiting_for(officer)))
    if officer.has_perm("bulletins.view_bulletin"):
        groups += _bulletins(officer)
    return [group for group in (*groups, *left) if group.count]


def _alerts(name: str, verb: str, rows: QuerySet[Alert], mine: str, at: datetime) -> Group:
    many = mine == "answer"

    def thing(row: Alert) -> Thing:
        link = reverse("alerts:alert", args=(row.pk,))
        clock = row.clock
        return Thing(
            standing_of_clock(clock, at),
            clock.matter.number,
            clock.limit.name,
            _whose(row),
            link,
            f"{link}#answer" if many else link,
            row.pk,
            f"{short_moment(row.climbs_at, at)} 前，过后上报" if row.climbs_at is not None else "已到最高一级",
        )

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        beside = rows.select_related("clock__matter", "clock__limit", "unit", "officer")
        return beside.defer("clock__limit__definition", "clock__limit__answered", "clock__matter__facts")

    link = f"{reverse('alerts:alerts')}?{urlencode({'state': 'open', 'mine': mine})}"
    return _group(name, verb, rows, dress, thing, link, many=reverse("alerts:many") if many else "")


def _orders(name: str, verb: str, what: str, rows: QuerySet[Order], at: datetime) -> Group:
    def thing(row: Order) -> Thing:
        link = reverse("rectification:order", args=(row.pk,))
        act = link if what == "unit" else f"{link}#{what}"
        graded = "退回重办" if row.state == OrderState.RETURNED else row.get_grade_display()
        about = f"{graded}：{row.problem}"
        if row.matter is not None:
            about = f"{about}（{row.matter.number}）"
        by_when = f"{row.due_on:%Y-%m-%d} 前"
        return Thing(standing_of_order(row, at), row.number, about, _whose(row), link, act, row.pk, by_when)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("problem", "unit", "officer", "matter").defer("matter__facts")

    link = f"{reverse('rectification:orders')}?{urlencode({'state': 'open', 'mine': what})}"
    return _group(name, verb, rows, dress, thing, link)


def _group(
    name: str,
    verb: str,
    rows: QuerySet[Any],
    dress: Callable[[QuerySet[Any]], QuerySet[Any]],
    thing: Callable[[Any], Thing],
    link: str,
    *,
    many: str = "",
    pressing: tuple[Any, ...] = ("due_at", "pk"),
) -> Group:
    """The first of the rows by what presses most, and how many there are up to the cap: one question for their keys, and
    one for what is shown of the first, where there are any. What was settled between the two is left out of what is shown."""
    keys = list(rows.order_by(*pressing).values_list("pk", flat=True)[: COUNT_CAP + 1])
    shown = keys[:SHOWN]
    found = dress(rows.filter(pk__in=shown)).in_bulk() if shown else {}
    things = [thing(found[pk]) for pk in shown if pk in found]
    return Group(name, verb, CappedCount(min(len(keys), COUNT_CAP), more=len(keys) > COUNT_CAP), things, link, many)


# -- followed cases ----------------------------------------------------------------------------------------------------


def _followed(officer: Officer, at: datetime) -> list[Group]:
    """What followed cases want of the officer: a case each, by the first thing in it that falls due."""
    seen = followed.followed_of(officer)
    open_ones = Instruction.objects.filter(case=OuterRef("pk"), state=InstructionState.OPEN)
    mine = Q(officer=officer) | Q(officer=None, case__officer=officer)
    items = OutlineItem.objects.filter(mine, case=OuterRef("pk"), state__in=ItemState.open_states())
    groups = [
        _dated_cases(
            "案件批示待我回复",
            "回复",
            followed.waiting_for_reply(seen, officer),
            open_ones.filter(to=officer),
            {"stage": "open", "mine": "reply"},
            at,
        ),
        _dated_cases(
            "案件有我承办的提纲事项",
            "办理",
            followed.waiting_for_items(seen, officer),
            items,
            {"stage": "open", "mine": "items"},
            at,
        ),
    ]
    if officer.has_perm("followup.add_instruction"):
        late = followed.without_reply_to(seen, officer, at)
        given = open_ones.filter(leader=officer)
        groups.append(_dated_cases("我的批示逾期未复", "查看", late, given, {"stage": "open", "mine": "given"}, at))
    if officer.has_perm("followup.consent_closing"):
        groups.append(_asked_cases(followed.waiting_for_consent(seen, officer)))
    if officer.has_perm("followup.change_followedcase"):
        groups.append(_lacking_cases(followed.waiting_for_parties(seen, officer)))
    return groups


def _dated_cases(
    name: str,
    verb: str,
    rows: QuerySet[FollowedCase],
    wanted: QuerySet[Instruction] | QuerySet[OutlineItem],
    narrowing: dict[str, str],
    at: datetime,
) -> Group:
    """Cases with, of what is wanted in each, what falls due first."""
    items = wanted.model is OutlineItem
    first, anchor = wanted.order_by("due_on", "pk"), "outline" if items else "instructions"
    first_on = Subquery(first.values("due_on")[:1])

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        first_words = Subquery(first.values("title" if items else "text")[:1])
        return _beside(rows).annotate(first_on=first_on, first_words=first_words)

    def thing(row: Any) -> Thing:
        standing = Standing(*left_words(row.first_on, followed.local_day(at)))
        return _case(row, anchor, _short(row.first_words), f"{row.first_on:%Y-%m-%d} 前", standing)

    return _group(name, verb, rows, dress, thing, _cases_link(narrowing), pressing=(first_on, "pk"))


def _asked_cases(rows: QuerySet[FollowedCase]) -> Group:
    def thing(row: FollowedCase) -> Thing:
        asked = f"{timezone.localdate(row.asked_at):%Y-%m-%d} 申请"
        return _case(row, "closing", f"{row.asked_by}申请办结", asked)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return _beside(rows).select_related("asked_by")

    link = _cases_link({"stage": "review", "mine": "consent"})
    return _group("申请办结待我审核", "审核", rows, dress, thing, link, pressing=("asked_at", "pk"))


def _lacking_cases(rows: QuerySet[FollowedCase]) -> Group:
    def thing(row: FollowedCase) -> Thing:
        return _case(
            row, "parties", f"缺{'、'.join(row.missing)}", f"{timezone.localdate(row.entered_at):%Y-%m-%d} 列入"
        )

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return _beside(cast(FollowedCaseQuerySet, rows).with_officer_there())

    link = _cases_link({"stage": "incomplete", "mine": "parties"})
    return _group("责任待我落实", "落实", rows, dress, thing, link, pressing=("entered_at", "pk"))


def _beside(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("matter", "unit", "officer").defer("matter__facts")


def _case(row: FollowedCase, anchor: str, about: str, by_when: str, standing: Standing | None = None) -> Thing:
    link = reverse("followup:case", args=(row.pk,))
    return Thing(standing, row.matter.number, about, _whose(row), link, f"{link}#{anchor}", row.pk, by_when)


def _cases_link(narrowing: dict[str, str]) -> str:
    return f"{reverse('followup:cases')}?{urlencode(narrowing)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WORDS else f"{line[: WORDS - 1]}…"


# -- reviews -----------------------------------------------------------------------------------------------------------

# By the permission for it: in what way a form waits, what it is called, what is done.
_REVIEW_WAYS = (
    ("reviews.review_reviewform", "due", "案件待我评查", "评查"),
    ("reviews.decide_reviewform", "decide", "评查异议待我裁定", "裁定"),
    ("reviews.object_reviewform", "object", "评查结论可以提出异议", "查看"),
)


def _reviews(officer: Officer, at: datetime) -> list[Group]:
    """Forms of reviewed files: to be filled in, objections to be decided, and what the unit may still object to."""
    seen = forms_of(officer)
    return [
        _forms(name, verb, seen.waiting(way, officer, at), way, at)
        for permission, way, name, verb in _REVIEW_WAYS
        if officer.has_perm(permission)
    ]


def _forms(name: str, verb: str, rows: QuerySet[ReviewForm], way: str, at: datetime) -> Group:
    today = followed.local_day(at)

    def thing(row: ReviewForm) -> Thing:
        link = reverse("reviews:form", args=(row.pk,))
        until = {"due": None, "decide": row.decision_until, "object": row.objection_until}[way]
        about = f"{row.round.title}：{row.get_verdict_display() if way == 'object' else row.get_state_display()}"
        standing = Standing(*left_words(until, today)) if until is not None else None
        by_when = f"{until:%Y-%m-%d} 前" if until is not None else f"{timezone.localdate(row.drawn_at):%Y-%m-%d} 抽取"
        return Thing(standing, row.matter.number, about, str(row.unit), link, link, row.pk, by_when)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("matter", "unit", "round").defer("matter__facts", "round__items")

    link = f"{reverse('reviews:forms')}?{urlencode({'mine': way})}"
    pressing = ("drawn_at", "pk") if way == "due" else ("due_at", "pk")
    return _group(name, verb, rows, dress, thing, link, pressing=pressing)


# -- exports -----------------------------------------------------------------------------------------------------------


def _exports(rows: QuerySet[ExportRequest]) -> Group:
    """Requests of others to take much out."""

    def thing(row: ExportRequest) -> Thing:
        link = reverse("exports:request", args=(row.pk,))
        asked = f"{timezone.localdate(row.asked_at):%Y-%m-%d} 申请"
        about = f"{row.what}：{_short(row.purpose)}"
        return Thing(None, f"{row.rows} 行", about, f"{row.unit} {row.asker}", link, f"{link}#decide", row.pk, asked)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("asker", "unit")

    link = f"{reverse('exports:requests')}?{urlencode({'mine': 'decide'})}"
    return _group("导出申请待我审批", "审批", rows, dress, thing, link, pressing=("asked_at", "pk"))


# -- changes of units --------------------------------------------------------------------------------------------------


def _unit_changes(rows: QuerySet[UnitChange]) -> Group:
    """Changes of units that another administrator proposed."""

    def thing(row: UnitChange) -> Thing:
        link = reverse("units:change", args=(row.pk,))
        about = f"{row.unit}{'并入' if row.kind == UnitChangeKind.MERGER else '划归'}{row.target}"
        by_when = f"{row.effective_on:%Y-%m-%d} 生效"
        return Thing(None, str(row), about, str(row.proposer), link, f"{link}#decide", row.pk, by_when)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("unit", "target", "proposer")

    link = f"{reverse('units:changes')}?{urlencode({'mine': 'decide'})}"
    return _group("单位变动待我批准", "批准", rows, dress, thing, link, pressing=("effective_on", "pk"))


# -- bulletins ---------------------------------------------------------------------------------------------------------


def _bulletins(officer: Officer) -> list[Group]:
    """Bulletins that wait for the officer: drafts to be looked over, what he may sign, what may go out."""
    found = []
    seen = Bulletin.objects.visible_to(officer)
    if officer.has_perm("bulletins.sign_bulletin"):
        submitted = seen.filter(state=BulletinState.SUBMITTED).exclude(submitter=officer)
        found.append(_waiting("通报待我签批", "签批", submitted, "to_sign"))
    if officer.has_perm("bulletins.change_bulletin"):
        signed = seen.filter(state=BulletinState.SIGNED)
        found.append(_waiting("通报已签批待签发", "签发", signed, BulletinState.SIGNED.value))
        drafts = seen.filter(state=BulletinState.DRAFT)
        found.append(_waiting("通报草稿待办", "查看", drafts, BulletinState.DRAFT.value))
    return found


def _waiting(name: str, verb: str, rows: QuerySet[Bulletin], state: str) -> Group:
    def thing(row: Bulletin) -> Thing:
        link = reverse("bulletins:bulletin", args=(row.pk,))
        composed = f"{timezone.localdate(row.composed_at):%Y-%m-%d} 编制"
        return Thing(None, row.span.name, row.title, str(row.unit), link, link, row.pk, composed)

    def dress(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("unit").defer("figures", "html", "text")

    link = f"{reverse('bulletins:bulletins')}?{urlencode({'state': state})}"
    return _group(name, verb, rows, dress, thing, link, pressing=("-begins_on", "unit_id"))


def _whose(row: Alert | Order | FollowedCase) -> str:
    return f"{row.unit} {row.officer}" if row.officer is not None else str(row.unit)
