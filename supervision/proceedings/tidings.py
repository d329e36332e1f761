"""What people are to be told of disputes, reviews and transfers, and who; nothing that the warnings tell already.

Every day the law sets is a clock, and clocks near their end are told of by `supervision.alerts`. Left for here are the
days people set themselves: a settlement to look at again, a hearing to go to and to put on record; and the answer of
another agency, for which the law sets no day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster, Rung
from cases.models import Clock, Officer
from cases.queries import handlers_in_sight
from cases.tidings import Tiding
from supervision.proceedings.models import Dispute, DisputeStage, Review, ReviewStage, Transfer, TransferStage

ABOUT = "纠纷复议移送"

# Somebody else tells of it: a duty of ours is running.
_CLOCK_RUNS = Exists(Clock.objects.running().counted().filter(matter=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Source:
    """A thing somebody is told of: its rows that still stand, at which rung, and in what words.

    `head_too`: the head named for a hearing is told beside whoever handles it.
    """

    model: type[Model]
    open: Q
    words: Callable[[Any], str]
    rung: Rung = Rung.OFFICER
    rank: int = 1
    head_too: bool = False
    said_elsewhere: Q | None = None


def _head_words(review: Review) -> str:
    if review.hearing_head is None:
        return "尚未确定到场的负责人，请确定"
    return f"{review.hearing_head}{review.coming_word}"


_TO_BE_HEARD = Q(stage__in=ReviewStage.unended(), hearing_set_on__isnull=False, hearing_on=None)

TOLD_OF: Mapping[str, Source] = {
    "recheck": Source(
        Dispute,
        Q(stage=DisputeStage.SETTLED, rechecked_on=None),
        lambda row: f"纠纷 {row.matter.number} 化解后的回访 {row.recheck_due_on:%m-%d} 到期",
    ),
    "hearing": Source(
        Review,
        _TO_BE_HEARD,
        lambda row: (
            f"{row.matter.number} 定于 {row.hearing_set_on:%m-%d} 在{row.body}{row.hearing_word}，{_head_words(row)}"
        ),
        Rung.LEGAL,
        3,
        head_too=True,
    ),
    "heard": Source(
        Review,
        _TO_BE_HEARD,
        lambda row: (
            f"{row.matter.number} 定于 {row.hearing_set_on:%m-%d} 的{row.hearing_word}还没有登记，请登记负责人是否到场"
        ),
        Rung.LEGAL,
        2,
    ),
    "answer": Source(
        Transfer,
        Q(stage=TransferStage.HANDED),
        lambda row: f"移送 {row.matter.number} 还没有是否接受的决定（{row.agency}），请催问或者登记",
        said_elsewhere=Q(_CLOCK_RUNS),
    ),
}


def noun_of(row: Any, at: datetime) -> str:
    """What a row has to tell at a moment: of a hearing before its day and on it, that it comes, and after it the record."""
    if isinstance(row, Dispute):
        return "recheck"
    if isinstance(row, Transfer):
        return "answer"
    return "hearing" if row.hearing_set_on >= timezone.localdate(at) else "heard"


def day_of(row: Any) -> date | None:
    """The local day that a row tells of; none where there is none any more."""
    if isinstance(row, Dispute):
        return row.recheck_due_on
    if isinstance(row, Review):
        return row.hearing_set_on
    return timezone.localdate(row.matter.opened_at) if row.matter.opened_at is not None else None


def key_of(row: Any, noun: str) -> str:
    """With its day, and of a hearing that comes with the head named, so that people are told anew of one that is moved or
    that another head comes to; empty where it has no day."""
    day = day_of(row)
    if day is None:
        return ""
    head = f"-{row.hearing_head_id}" if noun == "hearing" and row.hearing_head_id is not None else ""
    return f"proceedings.{noun}:{row.pk}:{day:%Y-%m-%d}{head}"


def read_key(key: str) -> tuple[str, int, str] | None:
    """Noun, row and day (with the head) of a key of this room; none for any other."""
    head, _, rest = key.partition(":")
    number, _, day = rest.partition(":")
    room, _, noun = head.partition(".")
    return (noun, int(number), day) if room == "proceedings" and noun in TOLD_OF and number.isdecimal() else None


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at `at`: of settlements to look at again and of answers that do not come whoever
    handles them, of hearings the legal department and the head named. Nothing of it is urgent.

    Of a restricted matter nobody hears but its named handlers.
    """
    if urgent:
        return
    rows = [row for model in (Dispute, Review, Transfer) for row in _waiting(model, at)]
    if not rows:
        return
    roster = DutyRoster(at)
    named = {
        matter_id: [one.officer_id for one in found]
        for matter_id, found in handlers_in_sight(row.pk for row in rows if row.matter.restricted).items()
    }
    for row in rows:
        noun = noun_of(row, at)
        source = TOLD_OF[noun]
        for officer_id in _hearers(row, source, roster, named):
            yield Tiding(
                key=key_of(row, noun),
                officer_id=officer_id,
                since=row.tell_since,
                about=ABOUT,
                text=source.words(row),
                link=reverse("proceedings:proceeding", args=(row.pk,)),
                rank=source.rank,
            )


def _waiting(model: type[Any], at: datetime) -> Iterator[Any]:
    sources = [source for source in TOLD_OF.values() if source.model is model]
    wanted = sources[0].open
    rows = model._base_manager.filter(wanted, tell_since__lte=at, matter__withdrawn_at=None)
    if sources[0].said_elsewhere is not None:
        rows = rows.exclude(sources[0].said_elsewhere)
    more = ("hearing_head",) if model is Review else ()
    return iter(rows.select_related("matter__unit", "matter__officer", *more).order_by("tell_since", "pk"))


def _hearers(row: Any, source: Source, roster: DutyRoster, named: Mapping[int, list[int]]) -> list[int]:
    """Who is told: whoever handles the matter, or who answers at the rung where nobody does; and the head named."""
    matter = row.matter
    has_officer = matter.officer is not None and matter.officer.is_active
    rung = Rung.OFFICER if has_officer else max(source.rung, Rung.HEAD)
    found = list(roster.answering(rung, unit_id=matter.unit_id, officer_id=matter.officer_id))
    if source.head_too and row.hearing_head is not None:
        found += _head(row.hearing_head, roster)
    if matter.restricted:
        own = named.get(matter.pk, [])
        found = [one for one in found if one in own] or own
    return list(dict.fromkeys(found))


def _head(head: Officer, roster: DutyRoster) -> list[int]:
    """The head himself, who is to come in person, and while he is away whoever stands in for him."""
    return [roster.stands_in(head.pk)] if head.is_active else []


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of these keys those still so: not looked at, heard or answered meanwhile, and the day not moved."""
    found: set[str] = set()
    for noun, rows in _named(keys).items():
        source = TOLD_OF[noun]
        open_rows = source.model._base_manager.filter(source.open, pk__in=rows).select_related("matter")
        found |= {key_of(row, noun) for row in open_rows} & {key for of_row in rows.values() for key in of_row}
    return found


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not; a row has the number of its matter."""
    return {key: told[1] for key in keys if (told := read_key(key)) is not None}


def rows_told(keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The rows that keys of this room name, with their noun, where their day is still the one the key says."""
    for noun, rows in _named(keys).items():
        asked = {key for of_row in rows.values() for key in of_row}
        for row in TOLD_OF[noun].model._base_manager.filter(pk__in=rows).select_related("matter"):
            if key_of(row, noun) in asked:
                yield noun, row


def _named(keys: Iterable[str]) -> dict[str, dict[int, list[str]]]:
    found: dict[str, dict[int, list[str]]] = {}
    for key in keys:
        if (told := read_key(key)) is not None:
            found.setdefault(told[0], {}).setdefault(told[1], []).append(key)
    return found
