"""Who may see and decide which lists, which matters are held, and what is past its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from cases.audit.services import remove_old
from cases.models import Event, Feedback, Matter, Officer, Refusal, Role, Unit, UnitLevel
from cases.models.scope import below_post, posts_of
from cases.queries import matters_of
from supervision.retention.models import DisposalList, Hold, Kind, ListState
from supervision.retention.rules import MENTION, tally

DECIDE = "retention.decide_disposallist"
DECIDERS = (Role.LEGAL_OFFICER, Role.LEADER)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is destroyed in one go: its key, what it is called, how many rows, and their digest."""

    key: str
    name: str
    count: int
    digest: str


# -- scope -------------------------------------------------------------------------------------------------------------


def lists_of(officer: Officer) -> QuerySet[DisposalList]:
    """The lists of the bureaus an officer's posts are over; for an auditor those of his units."""
    over = _over(officer, (*DECIDERS, Role.AUDITOR))
    return DisposalList.objects.all() if over is None else DisposalList.objects.filter(over)


def waiting_for(officer: Officer) -> QuerySet[DisposalList]:
    """Lists proposed by others that the officer may decide."""
    rows = DisposalList.objects.filter(state=ListState.PROPOSED).exclude(proposer=officer)
    over = _over(officer, DECIDERS) if officer.has_perm(DECIDE) else Q(pk__in=())
    return rows if over is None else rows.filter(over)


def _over(officer: Officer, roles: tuple[Role, ...]) -> Q | None:
    """Lists of the units an officer's posts of these roles reach; None means all."""
    if officer.is_superuser:
        return None
    over = Q(pk__in=())
    for role, unit_id, level in posts_of(officer) if officer.is_active else ():
        if role in roles:
            if level == UnitLevel.PROVINCE:
                return None
            over |= below_post(unit_id, level, "unit__")
    return over


def bureau_of(officer: Officer) -> Unit | None:
    """The bureau for which an officer proposes: the highest his posts as legal officer or leader reach."""
    reached = sorted((level, unit_id) for role, unit_id, level in posts_of(officer) if role in DECIDERS)
    return Unit.objects.get(pk=reached[0][1]) if reached and officer.is_active else None


def holds_of(officer: Officer) -> QuerySet[Hold]:
    """Holds of matters the officer may see."""
    return Hold.objects.filter(matter__in=matters_of(officer))


# -- holds -------------------------------------------------------------------------------------------------------------


def held(matters: Iterable[int]) -> bool:
    """Whether one of the matters is on hold; nothing of it may be destroyed then."""
    return Hold.objects.filter(matter__in=list(matters), lifted_at=None).exists()


def anything_held() -> bool:
    """Whether any matter of the house is on hold; logs are kept as long."""
    return Hold.objects.filter(lifted_at=None).exists()


def _on_hold(path: str) -> Exists:
    return Exists(Hold.objects.filter(matter=OuterRef(path), lifted_at=None))


# -- what is past its time ---------------------------------------------------------------------------------------------


def pieces(kind: str, *, unit: Unit, before: datetime) -> list[Piece]:
    """What of a kind is past its time in a bureau: came about before the moment, is not on hold, and is still there.

    Restricted matters' own words are none of it: they are seen by their handlers only, and disposed of on their pages.
    """
    if kind == Kind.REFUSED_ROWS:
        rows = refusals(unit, before).values("batch").annotate(rows=Count("pk")).order_by("batch")
        held_batches = _held_batches([row["batch"] for row in rows])
        return [
            _piece(
                f"cases.batch:{row['batch']}", f"导入第 {row['batch']} 批的退回行", refusals(unit, before, row["batch"])
            )
            for row in rows
            if row["batch"] not in held_batches
        ]
    if kind == Kind.ANSWER_TEXTS:
        zone = ZoneInfo(settings.TIME_ZONE)
        free = answers(unit, before).filter(~_on_hold("matter_id"))
        months = free.annotate(month=TruncMonth("given_at", tzinfo=zone)).values_list("month", flat=True).distinct()
        return [
            _piece(f"answers:{month:%Y-%m}", f"{month:%Y 年 %m 月}的回访意见", of_month(free, f"{month:%Y-%m}"))
            for month in sorted(months.order_by())
        ]
    found = logs(before) if unit.parent_id is None else 0
    # Their digests are in their seals, which stay.
    return [Piece("logs", f"{before:%Y-%m-%d} 以前的日志", found, tally(())[1])] if found else []


def piece_now(kind: str, key: str, *, unit: Unit, before: datetime) -> tuple[Piece | None, bool]:
    """A piece as it is at this moment, None where nothing of it is left; and whether something of it is on hold."""
    if kind == Kind.REFUSED_ROWS:
        batch = int(key.partition(":")[2])
        found = _piece(key, "", refusals(unit, before, batch))
        return (found if found.count else None), bool(_held_batches([batch]))
    if kind == Kind.ANSWER_TEXTS:
        rows = of_month(answers(unit, before), key.partition(":")[2])
        found = _piece(key, "", rows)
        return (found if found.count else None), rows.filter(_on_hold("matter_id")).exists()
    count = logs(before)
    return (Piece(key, "", count, tally(())[1]) if count else None), anything_held()


def refusals(unit: Unit, before: datetime, batch: int | None = None) -> QuerySet[Refusal]:
    """Refused rows of batches that were over before the moment and brought in by the bureau's people; those brought in by
    nobody (by command) are the topmost unit's."""
    mine = Q(batch__by__unit__path__startswith=unit.path)
    if unit.parent_id is None:
        mine |= Q(batch__by=None)
    rows = Refusal.objects.filter(mine, batch__finished_at__lt=before).exclude(reason__startswith=MENTION)
    return (rows if batch is None else rows.filter(batch=batch)).order_by("pk")


def _held_batches(batches: list[int]) -> set[int]:
    """Of the batches those that brought something in of a matter on hold."""
    found = set(Matter.objects.filter(_on_hold("pk"), batch__in=batches).values_list("batch_id", flat=True))
    found |= set(Event.objects.filter(_on_hold("matter_id"), batch__in=batches).values_list("batch_id", flat=True))
    return {batch for batch in found if batch is not None}


def answers(unit: Unit, before: datetime) -> QuerySet[Feedback]:
    """Words of ratings given before the moment about matters of the bureau."""
    rows = Feedback.objects.filter(matter__unit__path__startswith=unit.path, given_at__lt=before)
    return rows.filter(matter__restricted=False).exclude(text="").exclude(text__startswith=MENTION).order_by("pk")


def of_month(rows: QuerySet[Feedback], month: str) -> QuerySet[Feedback]:
    """Of the ratings those of a local month, written 2026-03."""
    year, _, number = month.partition("-")
    zone = ZoneInfo(settings.TIME_ZONE)
    begins = datetime(int(year), int(number), 1, tzinfo=zone)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    return rows.filter(given_at__gte=begins, given_at__lt=ends)


def logs(before: datetime) -> int:
    """How many rows of the logs written before the moment may be removed by now."""
    return sum(remove_old(by=None, at=before, written_before=before, dry_run=True).rows.values())


def _piece(key: str, name: str, rows: QuerySet[Refusal] | QuerySet[Feedback]) -> Piece:
    columns = ("pk", "row", "column", "reason", "content") if rows.model is Refusal else ("pk", "text")
    count, digest = tally(rows.values_list(*columns).iterator(chunk_size=2000))
    return Piece(key, name, count, digest)
