"""What the pages and the rounds read: who is to be told what, bulletins and their letters, notices, and how many."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Min, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.utils import timezone

from cases.desk.paging import Count as CappedCount
from cases.desk.paging import count_capped
from cases.models import Officer, Role, Unit
from cases.queries import units_kept_by
from supervision.bulletins import sources
from supervision.bulletins.models import (
    Bulletin,
    BulletinQuerySet,
    BulletinStep,
    Letter,
    LetterState,
    Notice,
    NoticeLine,
    Recipient,
)
from supervision.bulletins.models.notice import NoticeQuerySet
from supervision.bulletins.rules import LINES_SHOWN, percentile

# -- who is to be told what ------------------------------------------------------------------------------------------


def units_with_readers() -> list[tuple[Unit, datetime]]:
    """Units that somebody reads the bulletins of, with the moment the first of those readers was entered."""
    since = (
        Recipient.objects.active()
        .filter(unit=OuterRef("pk"))
        .order_by()
        .values("unit")
        .annotate(first=Min("entered_at"))
    )
    units = Unit.objects.in_force().annotate(readers_since=Subquery(since.values("first")))
    return [(unit, unit.readers_since) for unit in units.exclude(readers_since=None)]


def bulletins_of(officer: Officer) -> BulletinQuerySet:
    """The bulletins an officer may see, as a list shows them: without their contents."""
    return Bulletin.objects.visible_to(officer).light().select_related("unit")


@dataclass(frozen=True, slots=True)
class Sent:
    """How many letters a bulletin went out in, and how many of them have left."""

    letters: int
    left: int


def sent_of(bulletins: Iterable[Bulletin]) -> dict[int, Sent]:
    """The letters of these bulletins, by bulletin; one question."""
    rows = (
        Letter.objects.filter(bulletin__in=[one.pk for one in bulletins])
        .order_by()
        .values_list("bulletin")
        .annotate(letters=Count("pk"), left=Count("pk", filter=Q(state=LetterState.SENT)))
    )
    return {pk: Sent(letters, left) for pk, letters, left in rows}


def corrected_among(bulletins: Iterable[Bulletin]) -> set[int]:
    """Those of these bulletins that another corrects; one question."""
    rows = Bulletin.objects.filter(corrects__in=[one.pk for one in bulletins])
    return {pk for pk in rows.values_list("corrects_id", flat=True) if pk is not None}


def steps_of(bulletin: Bulletin) -> list[BulletinStep]:
    """What was done to a bulletin, in order."""
    return list(bulletin.steps.select_related("by"))


def letters_of(bulletin: Bulletin) -> list[Letter]:
    """Who was sent a bulletin, and how each letter stands."""
    return list(Letter.objects.filter(bulletin=bulletin).select_related("recipient__officer").order_by("pk"))


def readers_of(unit: Unit) -> int:
    """How many get the bulletins of a unit now."""
    return Recipient.objects.active().filter(unit=unit).count()


def belongs_to(officer: Officer, unit: Unit) -> bool:
    """Whether an officer, by his unit or by a post he holds now, belongs to a unit, to what lies below it or above it: its
    bulletins are nobody else's."""

    def in_line(path: str) -> bool:
        return path.startswith(unit.path) or unit.path.startswith(path)

    if in_line(officer.unit.path):
        return True
    return any(in_line(path) for path in officer.posts.current().values_list("unit__path", flat=True))


def ripe_letters(*, at: datetime, limit: int) -> list[Letter]:
    """What is to be sent now: urgent notices, then whatever has been waiting longest.

    Letters of one bulletin share it, so that what it says is read once however many get it.
    """
    turn = Case(When(notice__urgent=True, then=0), default=1)
    waiting: QuerySet[Letter] = Letter.objects.ripe(at).order_by(turn, "next_try_at", "pk")
    letters = list(waiting.select_related("recipient__officer", "notice__officer", "channel")[:limit])
    carried = Bulletin.objects.light().in_bulk({one.bulletin_id for one in letters if one.bulletin_id is not None})
    for one in letters:
        if one.bulletin_id is not None:
            one.bulletin = carried[one.bulletin_id]
    return letters


# -- notices ---------------------------------------------------------------------------------------------------------

# From here on the frame of the pages only says that there are more.
UNREAD_CAP = 99


def inbox_of(officer: Officer) -> NoticeQuerySet:
    """The officer's own notices."""
    return Notice.objects.of(officer)


def unread_count(officer: Officer) -> CappedCount:
    """How many of them he has not read."""
    return count_capped(inbox_of(officer).unread(), UNREAD_CAP)


@dataclass(frozen=True, slots=True)
class ShownLines:
    """The lines of a notice that are shown, which of them no longer stand, and what the others are about, counted."""

    lines: list[NoticeLine]
    settled: set[int]
    rest: list[tuple[str, int]]


def lines_shown(notice: Notice) -> ShownLines:
    """The most pressing lines of a notice as they stand now, without those its officer may no longer see; a question or two
    a room, however many lines there are."""
    lines = list(notice.lines.order_by("-rank", "about", "since", "pk")[:LINES_SHOWN])
    hidden = sources.kept_from(notice.officer, (line.key for line in lines))
    lines = [line for line in lines if line.key not in hidden]
    standing = sources.still_standing(line.key for line in lines if line.settled_at is None)
    counts = Counter(dict(notice.lines.order_by().values_list("about").annotate(n=Count("pk"))))
    counts.subtract(line.about for line in lines)
    return ShownLines(
        lines=lines,
        settled={line.pk for line in lines if line.key not in standing},
        rest=[(about, left) for about, left in counts.items() if left],
    )


@dataclass(frozen=True, slots=True)
class Noise:
    """How many messages people got, by person and day; both days included.

    A message is a notice, whatever ways it took. `people` are those who got any, `person_days` how often somebody got
    at least one on a day; the percentiles are taken over these. `spread` says on how many of them there were one, two,
    three, four or more. `letters` are those that left by mail or a gateway.
    """

    since: date
    until: date
    people: int
    person_days: int
    messages: int
    urgent: int
    lines: int
    p50: int
    p95: int
    most: int
    spread: tuple[int, int, int, int]
    letters: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat()}


def measure_noise(*, at: datetime, days: int, seen_by: Officer | None = None) -> Noise:
    """The noise of the last `days` local days, today included; for an officer that of the people in his scope, for a system
    administrator that of the people whose accounts he keeps: counts hold no case."""
    until = timezone.localdate(at)
    since = until - timedelta(days=days - 1)
    notices = Notice.objects.all()
    if seen_by is not None and seen_by.posts.current().filter(role=Role.SYSTEM_ADMIN).exists():
        notices = notices.filter(officer__unit__in=units_kept_by(seen_by))
    elif seen_by is not None:
        notices = Notice.objects.visible_to(seen_by)
    notices = notices.filter(day__gte=since, day__lte=until)
    rows = list(
        notices.order_by()
        .values("officer_id", "day")
        .annotate(messages=Count("pk"), pressing=Count("pk", filter=Q(urgent=True)), told=Sum("size"))
    )
    counts = [row["messages"] for row in rows]
    spread = Counter(min(count, 4) for count in counts)
    return Noise(
        since=since,
        until=until,
        people=len({row["officer_id"] for row in rows}),
        person_days=len(rows),
        messages=sum(counts),
        urgent=sum(row["pressing"] for row in rows),
        lines=sum(row["told"] for row in rows),
        p50=percentile(counts, 50),
        p95=percentile(counts, 95),
        most=max(counts, default=0),
        spread=(spread[1], spread[2], spread[3], spread[4]),
        letters=Letter.objects.filter(notice__in=notices, state=LetterState.SENT).count(),
    )
