"""The rules as people read them: limits with everything that bears on them, and the working-day calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.catalogue.answers import standing_on_limit
from cases.changes.care import calendar_care
from cases.desk.facts import fact_name, fact_values
from cases.desk.frame import page, show, who
from cases.desk.lists import views
from cases.desk.pictures import Day, days_between, months
from cases.filters import LimitListFilter
from cases.models import ApproverLevel, CalendarYear, DayOff, EventKind, Limit, MatterKind, WorkCalendar
from cases.models.limit import LimitRollover, LimitStatus
from cases.statute import limits as statute
from cases.statute.limits import Approval, Condition
from cases.statute.workdays import SATURDAY, WEEKDAY_NAMES


@page("cases.view_limit")
def limits(request: HttpRequest) -> HttpResponse:
    """The catalogue: a few hundred rows at most, so it is one page."""
    at = timezone.now()
    today = timezone.localdate(at)
    filterset = LimitListFilter(request.GET or None, Limit.objects.all(), request=request, at=at)
    rows = list(filterset.rows.select_related("ladder").prefetch_related("kinds").distinct())
    return show(
        request,
        "desk/limits.html",
        title="时限",
        filterset=filterset,
        rows=[(row, row.status != LimitStatus.DRAFT and _in_force(row, today)) for row in rows],
        tabs=views(
            request,
            (("全部", ""), ("今天有效", "in_force=today"), ("尚未施行", "in_force=future"), ("草稿", "status=draft")),
        ),
        total=Limit.objects.count(),
    )


def _in_force(row: Limit, day: date) -> bool:
    return (row.in_force_from is None or row.in_force_from <= day) and (
        row.in_force_until is None or day <= row.in_force_until
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of a limit's page with its lines."""

    name: str
    lines: list[str]


@page("cases.view_limit")
def limit(request: HttpRequest, code: str) -> HttpResponse:
    """One version of a limit, its whole definition in words."""
    row = get_object_or_404(Limit.objects.select_related("ladder"), code=code)
    rule = row.rule()
    versions = list(Limit.objects.filter(family=row.family).exclude(pk=row.pk).order_by("in_force_from"))
    return show(
        request,
        "desk/limit.html",
        title=row.name,
        trail=(("时限", reverse("desk:limits")),),
        row=row,
        parts=_parts(row, rule),
        versions=versions,
        in_force=_in_force(row, timezone.localdate()),
        standing=standing_on_limit(row),
        conflicts=rule.conflicts,
        may_change=who(request).has_perm("cases.add_change") and row.status != LimitStatus.DRAFT,
        may_calculate=who(request).has_perm("cases.calculate_deadline") and row.status != LimitStatus.DRAFT,
    )


class _Words:
    """Codes of the catalogue as their names."""

    def __init__(self) -> None:
        self.events = dict(EventKind.objects.values_list("code", "name"))
        self.kinds = dict(MatterKind.objects.values_list("code", "name"))
        self.levels = dict(ApproverLevel.objects.values_list("code", "name"))
        self.limits = dict(Limit.objects.values_list("family", "name"))

    def event(self, code: str) -> str:
        return self.events.get(code, code)

    def many(self, codes: tuple[str, ...]) -> str:
        return "、".join(self.event(code) for code in codes)

    def approvers(self, approvals: tuple[Approval, ...]) -> str:
        return "、".join(
            self.levels.get(one.level, one.level) + (f"（{self.condition(one.when)}）" if one.when else "")
            for one in approvals
        )

    def condition(self, condition: Condition) -> str:
        return "，且".join(f"{fact_name(name)}：{fact_values(allowed)}" for name, allowed in condition)


def _parts(row: Limit, rule: statute.Limit) -> list[Part]:
    words = _Words()
    calendar = WorkCalendar.objects.filter(code=rule.calendar).first() if rule.calendar else None
    parts = [
        Part("适用", _applies(rule, words)),
        Part("起算", _starts(rule, words)),
        Part("长度", _length(rule, row)),
        Part("办结", [words.many(rule.stops)] if rule.stops else []),
        Part("分档", [_tier(tier, words) for tier in rule.tiers]),
        Part("不计入", [_pause(p, words) for p in rule.pauses]),
        Part("延长", [*(_extension(step, words) for step in rule.extensions), *_order(rule)]),
        Part("起算的措施须经", [words.approvers(rule.start_approvers)] if rule.start_approvers else []),
        Part("推迟起算", [_delay(d, words) for d in rule.delays]),
        Part("重新起算", _restarts(rule, words)),
        Part("末日遇节假日", _rollover(rule, row)),
        Part("工作日历", [str(calendar)] if calendar is not None else []),
        Part("预警阶梯", [str(row.ladder)] if row.ladder is not None else []),
        Part("新旧衔接", _transition(rule)),
        Part(
            "法条原文要点",
            [t for t in (rule.start_text, rule.end_text, *rule.not_counted_text, *rule.restart_text) if t],
        ),
        Part("说明", [rule.notes] if rule.notes else []),
        Part("出处", list(rule.sources)),
    ]
    return [part for part in parts if part.lines]


def _applies(rule: statute.Limit, words: _Words) -> list[str]:
    lines = ["、".join(words.kinds.get(kind, kind) for kind in rule.kinds)] if rule.kinds else []
    if rule.applies_to:
        lines.append(rule.applies_to)
    if rule.when:
        lines.append(f"仅当{words.condition(rule.when)}")
    if rule.holder:
        lines.append(f"义务人：{rule.holder}")
    return lines


def _starts(rule: statute.Limit, words: _Words) -> list[str]:
    lines = [f"自“{words.many(rule.starts)}”起"] if rule.starts else []
    if rule.before_expiry_of:
        lines.append(f"在“{words.limits.get(rule.before_expiry_of, rule.before_expiry_of)}”届满之前")
    if rule.after_expiry_of:
        lines.append(f"自“{words.limits.get(rule.after_expiry_of, rule.after_expiry_of)}”届满起")
    lines.append("开始的日计算在内" if rule.start_counted else "开始的日、时不计算在内")
    if rule.satisfied_before:
        lines.append("起算之前已经办理的，视为按期")
    if rule.concurrent:
        lines.append("同一事项可以有几个同时计算")
    return lines


def _length(rule: statute.Limit, row: Limit) -> list[str]:
    if rule.set_by_event:
        return ["由文书或者指示确定届满"]
    text = row.length_text
    return [f"向前倒算{text}" if rule.backward else text]


def _tier(tier: statute.Tier, words: _Words) -> str:
    text = f"{tier.condition or tier.code}：{tier.length}{tier.unit.chinese}"
    if tier.when:
        text += f"，当{words.condition(tier.when)}"
    if tier.by:
        text += f"，由“{words.many(tier.by)}”适用" + ("并自该节点起算" if tier.from_event else "")
    if tier.approvers:
        text += f"，须{words.approvers(tier.approvers)}批准"
    if tier.grounds:
        text += f"，理由：{'、'.join(tier.grounds)}"
    return text


def _pause(pause: statute.Pause, words: _Words) -> str:
    text = f"{pause.name or '期间'}：自“{words.event(pause.begins)}”至“{words.event(pause.ends)}”"
    return f"{text}（{pause.article}）" if pause.article else text


def _extension(step: statute.Extension, words: _Words) -> str:
    times = "次数不限" if step.times is None else f"{step.times} 次"
    text = f"“{words.event(step.event)}”：每次{step.length}{step.unit.chinese}，{times}"
    if step.approvers:
        text += f"，须{words.approvers(step.approvers)}批准"
    if step.ground or step.grounds:
        text += f"，理由：{'、'.join(step.grounds) or step.ground}"
    if step.requires:
        text += f"，并须在届满前“{words.event(step.requires)}”"
    return f"{text}（{step.article}）" if step.article else text


def _order(rule: statute.Limit) -> list[str]:
    return ["须按上列顺序逐级延长"] if rule.ladder_in_order and len(rule.extensions) > 1 else []


def _delay(delay: statute.Delay, words: _Words) -> str:
    text = f"{delay.name or '推迟'}：有“{words.event(delay.begins)}”的，自“{words.event(delay.ends)}”起算"
    if delay.approvers:
        text += f"，须{words.approvers(delay.approvers)}批准"
    return f"{text}（{delay.article}）" if delay.article else text


def _restarts(rule: statute.Limit, words: _Words) -> list[str]:
    if not rule.restarts:
        return []
    text, need = words.many(rule.restarts), rule.restart_approval
    if need is None:
        return [text]
    text += f"，须在{need.days}日内“{words.event(need.event)}”"
    if need.approvers:
        text += f"，由{words.approvers(need.approvers)}批准"
    return [f"{text}（{need.article}）" if need.article else text]


def _rollover(rule: statute.Limit, row: Limit) -> list[str]:
    lines = [LimitRollover(row.rollover).label + ("（限制人身自由的期限不顺延）" if rule.custody else "")]
    lines += [text for text in (rule.rollover_basis, rule.rollover_exception) if text]
    return lines


def _transition(rule: statute.Limit) -> list[str]:
    running = rule.transition is statute.Transition.RUNNING
    lines = ["施行时未办结的，改按新规定计算" if running else "按起算时有效的规定计算"]
    return [*lines, rule.in_force_basis] if rule.in_force_basis else lines


# -- the calendar ----------------------------------------------------------------------------------------------------


@page("cases.view_workcalendar")
def calendar(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """One year as a picture of days; without a year the current one, or the last announced before it."""
    asked = request.GET.get("calendar", "")
    calendars = list(WorkCalendar.objects.order_by("code"))
    chosen = next((one for one in calendars if one.code == asked), calendars[0] if calendars else None)
    announced = {row.year: row for row in CalendarYear.objects.filter(calendar=chosen)} if chosen is not None else {}
    today = timezone.localdate()
    if year is None:
        past = [known for known in announced if known <= today.year]
        return (
            redirect("desk:calendar_year", year=max(past, default=today.year))
            if not asked
            else redirect(f"{reverse('desk:calendar_year', args=(max(past, default=today.year),))}?calendar={asked}")
        )
    if not 1990 <= year <= 2100:
        raise Http404
    special = (
        {row.day: row for row in DayOff.objects.filter(calendar=chosen, day__year=year)} if chosen is not None else {}
    )
    looks = {day: _calendar_day(day, special.get(day)) for day in days_between(date(year, 1, 1), date(year, 12, 31))}
    return show(
        request,
        "desk/calendar.html",
        title=f"{year}年工作日历",
        trail=(("工作日历", reverse("desk:calendar")),),
        chosen=chosen,
        care=calendar_care(officer=who(request), at=timezone.now()),
        may_change=who(request).has_perm("cases.add_change"),
        calendars=calendars,
        year=year,
        announced=announced.get(year),
        years=sorted(announced, reverse=True),
        months=months(date(year, 1, 1), date(year, 12, 31), looks),
        special=sorted(special.values(), key=lambda row: row.day),
        working=sum(1 for look in looks.values() if look.look in ("", "worked")),
    )


def _calendar_day(day: date, special: DayOff | None) -> Day:
    weekday = WEEKDAY_NAMES[day.weekday()]
    if special is not None:
        tip = f"{day} {weekday} {special.name}{'调休上班' if special.working else '放假'} {special.notice}"
        return Day(day.day, "worked" if special.working else "off", "班" if special.working else "休", tip)
    return Day(day.day, "weekend" if day.weekday() >= SATURDAY else "", "", f"{day} {weekday}")
