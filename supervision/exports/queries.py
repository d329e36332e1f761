"""Who may see and decide which requests, who has leave for an export, and what somebody is still to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse

from cases.audit.models import Way, WayOut
from cases.duty import DutyRoster, Rung
from cases.models import Officer, Role, UnitLevel
from cases.models.scope import below_post, posts_of
from cases.tidings import Tiding
from supervision.exports.models import Action, ExportRequest, ExportStep, RequestState
from supervision.exports.rules import HOURS_TOGETHER

DECIDE = "exports.decide_exportrequest"
# Whose post makes him decide for the bureau it reaches; the auditor only reads what was done in his.
DECIDERS = (Role.LEGAL_OFFICER, Role.LEADER)
ABOUT = "导出审批"
KEY = "exports.request"


def requests_of(officer: Officer) -> QuerySet[ExportRequest]:
    """An officer's own requests; for who decides those of the units his posts are over; for an auditor those of his."""
    rows = ExportRequest.objects.all()
    over = _over(officer, (*DECIDERS, Role.AUDITOR))
    return rows if over is None else rows.filter(Q(asker=officer) | over)


def waiting_for(officer: Officer) -> QuerySet[ExportRequest]:
    """Requests of others that the officer may decide."""
    rows = ExportRequest.objects.filter(state=RequestState.ASKED).exclude(asker=officer)
    if not officer.has_perm(DECIDE):
        return rows.none()
    over = _over(officer, DECIDERS)
    return rows if over is None else rows.filter(over)


def _over(officer: Officer, roles: tuple[Role, ...]) -> Q | None:
    """Requests from the units an officer's posts of these roles reach; None means all."""
    if officer.is_superuser:
        return None
    over = Q(pk__in=())
    if not officer.is_active:
        return over
    for role, unit_id, level in posts_of(officer):
        if role in roles:
            if level == UnitLevel.PROVINCE:
                return None
            over |= below_post(unit_id, level, "unit__")
    return over


def usable(rows: QuerySet[ExportRequest], at: datetime) -> QuerySet[ExportRequest]:
    """Of the requests those under which something may still be taken at a moment."""
    return rows.filter(state=RequestState.APPROVED, valid_until__gt=at, downloads__lt=F("downloads_allowed"))


def taken_freely(officer: Officer, at: datetime) -> int:
    """How many rows of lists an officer took out without asking in the hours before a moment that are added up; what he
    took with leave is not among them."""
    since = at - timedelta(hours=HOURS_TOGETHER)
    lists = WayOut.objects.filter(by=officer, way=Way.EXPORT, at__gt=since, at__lte=at, rows__isnull=False)
    with_leave = ExportStep.objects.filter(by=officer, action=Action.TAKEN, at__gt=since).exclude(code="")
    return lists.exclude(code__in=with_leave.values("code")).aggregate(rows=Sum("rows"))["rows"] or 0


def same_export(asker: Officer, *, path: str, query: str, what: str) -> QuerySet[ExportRequest]:
    """Requests of somebody for the same export: page, filter (as `rules.plain_query` writes it) and what is in it."""
    return ExportRequest.objects.filter(asker=asker, path=path, query=query, what=what).order_by("-asked_at", "-pk")


# -- what is to be told ------------------------------------------------------------------------------------------------


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """Who decides is told of what waits for him, the asker of what was decided. Nothing of this room is `urgent`."""
    if urgent:
        return
    rows = list(ExportRequest.objects.filter(tell_since__lte=at).select_related("asker").order_by("tell_since", "pk"))
    if not rows:
        return
    roster = DutyRoster(at)
    for row in rows:
        assert row.tell_since is not None
        for officer_id in _hearers(row, roster):
            yield Tiding(
                key=key_of(row),
                officer_id=officer_id,
                since=row.tell_since,
                about=ABOUT,
                text=_words(row),
                link=reverse("exports:request", args=(row.pk,)),
                rank=1,
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose request still stands as they say."""
    known = named(keys)
    rows = ExportRequest.objects.filter(pk__in={pk for pk, _ in known.values()}).values_list("pk", "state")
    stands = set(rows)
    return {key for key, said in known.items() if said in stands}


def key_of(row: ExportRequest) -> str:
    return f"{KEY}:{row.pk}:{row.state}"


def named(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Which request and state each key names; keys of other rooms and mangled ones are left out."""
    found = {}
    for key in keys:
        noun, _, rest = key.partition(":")
        number, _, state = rest.partition(":")
        if noun == KEY and number.isascii() and number.isdigit() and len(number) < 19:
            found[key] = (int(number), state)
    return found


def _hearers(row: ExportRequest, roster: DutyRoster) -> tuple[int, ...]:
    if row.state in RequestState.decided():
        return (row.asker_id,)
    for rung in (Rung.LEGAL, Rung.LEADER):
        others = [one for one in roster.answering(rung, unit_id=row.unit_id, officer_id=None) if one != row.asker_id]
        if others:
            return tuple(others)
    return ()


def _words(row: ExportRequest) -> str:
    if row.state == RequestState.ASKED:
        return f"{row.asker}申请导出“{row.what}” {row.rows} 行，待您审批"
    if row.state == RequestState.APPROVED:
        return f"您申请导出的“{row.what}”已同意，请在有效期内下载"
    return f"您申请导出的“{row.what}”未获同意：{row.answer}"
