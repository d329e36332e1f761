"""The collection: what other rooms have on record is entered in the archives of those it is about, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection
from django.db.models import Model, QuerySet

from supervision.archives.models import ArchiveEntry
from supervision.archives.services import facts, findings
from supervision.followup.services.rounds import walk

_COLLECT_LOCK: Final = 7_240_414


@dataclass(slots=True)
class CollectReport:
    """How many entries came in, and how many of those correct one that no longer holds."""

    entered: int = 0
    corrected: int = 0


class CollectFailed(Exception):
    """Some rows could not be entered; they wait for the next round, and all others are in, as `report` says."""

    def __init__(self, report: CollectReport, broken: Sequence[str]) -> None:
        super().__init__(f"{len(broken)} 处不能归集，其余已完成：{'、'.join(broken[:20])}")
        self.report = report
        self.broken = broken


@dataclass(frozen=True, slots=True)
class Origin:
    """One kind of row of another room: which are not entered yet at a moment, and what entries they make."""

    name: str
    owed: Callable[[datetime], QuerySet[Any]]
    entries: Callable[[Sequence[Any], datetime], list[ArchiveEntry]]
    related: tuple[str, ...] = field(default=())


# What is taken back comes first: what is so again since then is entered again in the same round.
ORIGINS: Final = (
    Origin("办结更正", facts.closings_taken_back, facts.taken_back),
    Origin("超期办结更正", facts.late_taken_back, facts.taken_back),
    Origin("超期预警更正", facts.red_taken_back, facts.red_corrections, ("alert", "alert__clock")),
    Origin("办结", facts.closings_owed, facts.closings, ("kind",)),
    Origin("超期办结", facts.late_owed, facts.late_ones, ("matter__kind", "limit")),
    Origin("超期预警", facts.red_owed, facts.red_ones, ("clock__matter__kind", "clock__limit")),
    Origin("整改", findings.steps_owed, findings.of_steps, ("order__problem", "order__clock__limit")),
    Origin("群众评价", findings.checks_owed, findings.of_checks),
    Origin("案件评查", findings.reviews_owed, findings.of_reviews),
)


def collect(*, at: datetime) -> CollectReport:
    """Enter what happened up to `at`, an aware moment, and is in no archive yet.

    1. Entries of matters, clocks and warnings that no longer hold (a fact was corrected, a clock stopped in time after
       all) get a correction; the entry stays.
    2. Matters closed, clocks that ended late, warnings that went red, of the limits that bind the unit itself.
    3. Orders as they were issued, handed to another, verified, asked for again, or withdrawn; those withdrawn as unfounded
       before they were entered are entered nowhere. What a complaint or petition led to is here, as what daily
       supervision found, and nowhere else (信访工作条例 30).
    4. Negative evaluations that were borne out, of the unit alone.
    5. Files that were reviewed, once the form is final: the verdict and what was found, never the score.
    6. At the end fail aloud, naming the rows the database refused.
    Nothing of a restricted matter. Found by what is stored, so a silence of any length is made good; chunks of one
    transaction, harmless twice, from two workers at once, and to kill at any line.
    """
    report, refused = CollectReport(), list[str]()
    for origin in ORIGINS:
        broken: list[int] = []
        walk(partial(_find, origin, at), _writer(origin, at, report), broken)
        # What another worker entered meanwhile was refused here and is owed no more.
        owed = set(origin.owed(at).filter(pk__in=broken).values_list("pk", flat=True)) if broken else set()
        refused += [f"{origin.name} {pk}" for pk in broken if pk in owed]
    if refused:
        raise CollectFailed(report, refused)
    return report


def _find(origin: Origin, at: datetime, after: int, most: int) -> list[int]:
    rows = origin.owed(at).filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])


def _alone() -> None:
    """One chunk at a time, whoever writes it: what is asked and what is entered belong together, or of two workers the
    second would enter as taken back and so again what the first has just entered. SQLite lets only one write anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COLLECT_LOCK])


def _writer(origin: Origin, at: datetime, report: CollectReport) -> Callable[[Sequence[int]], int]:
    """What writes the entries of some rows. It counts them only once all of a chunk are in."""

    def write(ids: Sequence[int]) -> int:
        _alone()
        # Asked again inside the transaction: of two workers the second finds less.
        rows: list[Model] = list(origin.owed(at).filter(pk__in=ids).select_related(*origin.related).order_by("pk"))
        made = origin.entries(rows, at)
        corrections = [one for one in made if one.corrects is not None]
        ArchiveEntry.objects.bulk_create([one for one in made if one.corrects is None])
        # Only now, as they may name one of those.
        ArchiveEntry.objects.bulk_create(corrections)
        report.entered += len(made)
        report.corrected += len(corrections)
        return len(made)

    return write
