"""What of this room somebody is still to be told, and by whom it is asked whether it still stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from cases.duty import DutyRoster, Rung
from cases.tidings import Tiding
from supervision.returnvisits.models import Finding, Notice, Visit, VisitState, What

ABOUT = "回访评价"
KEY = "returnvisits.notice"


def standing_notices() -> QuerySet[Notice]:
    """Notices whose ground still holds: calls that wait for their caller in an open round, checks that are open."""
    waiting = Visit.objects.filter(round=OuterRef("round"), caller=OuterRef("caller"), state=VisitState.WAITING)
    calls = Q(what__in=(What.CALLS, What.CALLS_OVER), round__closed_at=None) & Q(Exists(waiting))
    checks = Q(what__in=(What.CHECK, What.CHECK_OVER), check_row__finding=Finding.OPEN)
    return Notice.objects.filter(calls | checks)


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at a moment: callers of their calls, whoever checks of his checks, or the legal
    officers where a check has nobody yet. Nothing of this room is `urgent`. A handful of questions, whatever the number.

    The unit that was evaluated hears nothing from here: what is borne out reaches it as an order.
    """
    if urgent:
        return
    rows = list(
        standing_notices()
        .filter(told_at=None, tell_since__lte=at)
        .select_related("round", "check_row__visit")
        .order_by("tell_since", "pk")
    )
    if not rows:
        return
    roster = DutyRoster(at)
    waiting = _waiting({notice.round_id for notice in rows})
    for notice in sorted(rows, key=lambda row: -What(row.what).rank):
        for officer_id in _hearers(notice, roster):
            yield Tiding(
                key=key_of(notice),
                officer_id=officer_id,
                since=notice.tell_since,
                about=ABOUT,
                text=_words(notice, waiting),
                link=_link(notice),
                rank=What(notice.what).rank,
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose ground still holds."""
    known = notice_ids(keys)
    return {known[pk] for pk in standing_notices().filter(pk__in=known).values_list("pk", flat=True)}


def key_of(notice: Notice) -> str:
    return f"{KEY}:{notice.pk}:{notice.what}"


def notice_ids(keys: Iterable[str]) -> dict[int, str]:
    """Which notices keys name, by id; keys of other rooms and mangled ones are left out."""
    found = {}
    for key in keys:
        room, _, rest = key.partition(":")
        number, _, _ = rest.partition(":")
        if room == KEY and number.isascii() and number.isdigit() and len(number) <= 18:
            found[int(number)] = key
    return found


def _waiting(rounds: set[int]) -> dict[tuple[int, int | None], int]:
    rows = Visit.objects.filter(round__in=rounds, state=VisitState.WAITING).order_by()
    counted = rows.values_list("round_id", "caller_id").annotate(count=Count("pk"))
    return {(round_id, caller_id): count for round_id, caller_id, count in counted}


def _hearers(notice: Notice, roster: DutyRoster) -> tuple[int, ...]:
    if notice.caller_id is not None:
        return roster.answering(Rung.OFFICER, unit_id=notice.round.unit_id, officer_id=notice.caller_id)
    check = notice.check_row
    assert check is not None
    if check.checker_id is None:
        return roster.answering(Rung.LEGAL, unit_id=check.unit_id, officer_id=None)
    found = list(roster.answering(Rung.OFFICER, unit_id=notice.round.unit_id, officer_id=check.checker_id))
    if notice.what == What.CHECK_OVER:
        found += roster.answering(Rung.LEGAL, unit_id=check.unit_id, officer_id=None)
    return tuple(dict.fromkeys(found))


def _words(notice: Notice, waiting: dict[tuple[int, int | None], int]) -> str:
    what = What(notice.what)
    if notice.check_row is not None:
        return f"{what.label}：{notice.check_row.visit.code}，{notice.check_row.due_on:%m-%d} 前办结"
    count = waiting.get((notice.round_id, notice.caller_id), 0)
    return (
        f"{notice.round.number}“{notice.round.title}”：{what.label}，{count} 件，{notice.round.reply_until:%m-%d} 截止"
    )


def _link(notice: Notice) -> str:
    if notice.check_row_id is not None:
        return reverse("returnvisits:check", args=(notice.check_row_id,))
    return f"{reverse('returnvisits:visits')}?state=waiting&mine=1&round={notice.round_id}"
