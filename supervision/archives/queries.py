"""What is read of the archives: cut to whose they are and to whose post opens them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cases.models import Officer, Role, Unit
from cases.models.scope import posts_of
from cases.models.unit import STEP_WIDTH
from cases.queries import in_unit, matters_of
from supervision.archives import rules
from supervision.archives.models import (
    OF_THE_BUREAU,
    OF_THE_UNIT,
    ArchiveEntry,
    ArchiveLook,
    ArchiveReply,
    EntryQuerySet,
    LookQuerySet,
    arose_below,
    below_reading_posts,
)
from supervision.rectification.queries import orders_of
from supervision.returnvisits.queries import checks_of


def entries_of(viewer: Officer) -> EntryQuerySet:
    """The entries an officer may see: his own, and what his post opens."""
    return ArchiveEntry.objects.visible_to(viewer)


def archive_of_officer(viewer: Officer, officer: Officer) -> EntryQuerySet:
    """The archive of an officer, as far as the viewer may see it."""
    return entries_of(viewer).filter(officer=officer)


def archive_of_unit(viewer: Officer, unit: Unit) -> EntryQuerySet:
    """The archive of a unit and those below it, as far as the viewer may see it."""
    # The ledger keeps the names of the units above it then; of a unit that moved, or has taken in another, it is read by
    # the units that are below it now.
    moved = Unit.objects.filter(regrafted_at__isnull=False)
    if moved.exists():
        return entries_of(viewer).filter(unit__in=Unit.objects.under(unit))
    return entries_of(viewer).filter(in_unit(unit))


def officers_open_to(viewer: Officer) -> QuerySet[Officer]:
    """Whose archives an officer's post opens, by police number; himself not among them, as his own is always open.

    A head opens those of his people; who supervises a bureau those of its officers, who has left the service among them,
    and of who has moved away what arose there.
    """
    own_people = below_reading_posts(viewer, OF_THE_UNIT, "unit__") & Q(is_active=True)
    people = below_reading_posts(viewer, OF_THE_BUREAU, "unit__")
    arose_there = ArchiveEntry.objects.filter(arose_below(viewer, OF_THE_BUREAU), officer=OuterRef("pk"))
    rows = Officer.objects.filter(own_people | people | Q(Exists(arose_there)))
    return rows.exclude(pk=viewer.pk).select_related("unit").order_by("police_number")


def units_open_to(viewer: Officer) -> QuerySet[Unit]:
    """The units whose archives an officer's post opens, in the order of the tree; those merged away among them."""
    return Unit.objects.filter(below_reading_posts(viewer, OF_THE_UNIT + OF_THE_BUREAU)).order_by("path")


def units_headed(viewer: Officer) -> list[int]:
    """The units an officer is the head of."""
    return [unit_id for role, unit_id, _ in posts_of(viewer) if role == Role.UNIT_HEAD]


def may_reply(viewer: Officer, entry: ArchiveEntry) -> bool:
    """Whether an entry is the officer's own, or of a unit he is the head of."""
    return entry.officer_id == viewer.pk or (entry.unit_id is not None and entry.unit_id in units_headed(viewer))


def looks_of(viewer: Officer) -> LookQuerySet:
    """The looks an officer may know of: those at his own archive, and those his post shows him."""
    return ArchiveLook.objects.visible_to(viewer)


def looks_at_mine(viewer: Officer) -> LookQuerySet:
    """Who looked at an officer's own archive, and at those of the units he is the head of."""
    return looks_of(viewer).filter(Q(officer=viewer) | Q(unit__in=units_headed(viewer)))


def open_look(viewer: Officer, whose: Officer | Unit, at: datetime) -> ArchiveLook | None:
    """The viewer's last look at an archive, if that still opens it at the aware moment `at`."""
    subject = Q(officer=whose) if isinstance(whose, Officer) else Q(unit=whose)
    return _open_looks(viewer, at).filter(subject).order_by("-looked_at", "-pk").first()


def has_opened(viewer: Officer, entry: ArchiveEntry, at: datetime) -> bool:
    """Whether an entry lies in an archive that is open to the viewer at `at`: his own, or one he said why he looks at."""
    if entry.officer_id == viewer.pk:
        return True
    whose = Q(officer=entry.officer_id) if entry.officer_id is not None else Q(pk__in=())
    if entry.unit is not None:
        path = entry.unit.path
        line = [path[:end] for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH)]
        whose |= Q(unit__path__in=line)
    return _open_looks(viewer, at).filter(whose).exists()


def _open_looks(viewer: Officer, at: datetime) -> LookQuerySet:
    """The viewer's looks that still open something at `at`."""
    return ArchiveLook.objects.filter(by=viewer, looked_at__gt=at - rules.LOOK_LASTS, looked_at__lte=at)


def told_in_full(entries: EntryQuerySet) -> EntryQuerySet:
    """With what a page shows beside each: who entered it, who said what to it, and its source."""
    replies = Prefetch("replies", ArchiveReply.objects.select_related("by"))
    return entries.select_related("unit", "by", "matter", "order").prefetch_related(replies)


def corrections_of(entries: Iterable[ArchiveEntry]) -> dict[int, list[ArchiveEntry]]:
    """By entry what corrects it, what corrects that, and so on; as many questions as the longest row of them and one."""
    found: dict[int, list[ArchiveEntry]] = {}
    first = {entry.pk: entry.pk for entry in entries}
    while first:
        rows = told_in_full(ArchiveEntry.objects.filter(corrects__in=first).order_by("pk"))
        onward: dict[int, int] = {}
        for row in rows:
            origin = first[row.corrects_id] if row.corrects_id is not None else row.pk
            found.setdefault(origin, []).append(row)
            onward[row.pk] = origin
        first = onward
    return found


class Sources(NamedTuple):
    """Of the sources of some entries those that a viewer may open, by id."""

    matters: frozenset[int]
    orders: frozenset[int]
    checks: frozenset[int]


def sources_open_to(viewer: Officer, entries: Iterable[ArchiveEntry]) -> Sources:
    """Which matters, orders and checks behind the entries the viewer may see; three questions whatever their number."""
    shown = list(entries)
    matters = matters_of(viewer).filter(pk__in={one.matter_id for one in shown if one.matter_id})
    orders = orders_of(viewer).filter(pk__in={one.order_id for one in shown if one.order_id})
    checks = checks_of(viewer).filter(pk__in={one.check_row_id for one in shown if one.check_row_id})
    may_check = viewer.has_perm("returnvisits.view_check")
    return Sources(
        frozenset(matters.values_list("pk", flat=True)),
        frozenset(orders.values_list("pk", flat=True)),
        frozenset(checks.values_list("pk", flat=True)) if may_check else frozenset(),
    )
