"""What handlers of petitions and complaints are to be told, each thing once and to one of them who may see it.

What the clocks say of the days the law sets is told by the warnings (`supervision.alerts`); here stands what no clock
says, and the notice of art. 23 as long as no warning of it has been given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, Model, OuterRef, Q
from django.urls import reverse

from cases.duty import DutyRoster
from cases.models import Event, Handling, HandlingRole
from cases.queries import handlers_in_sight
from cases.tidings import Tiding
from supervision.alerts.models import Alert
from supervision.petitions.models import (
    Complaint,
    ComplaintStage,
    Contact,
    Decision,
    Measure,
    Petition,
    Recheck,
    Stage,
)
from supervision.petitions.unattended import asked_to_name, row_of, unattended

ABOUT = "信访"
PETITION_PAGE, COMPLAINT_PAGE = "petitions:petition", "petitions:complaint"


def _stands(kind: str) -> Exists:
    """Whether an event of the kind is on record of the matter behind a row, however it came there."""
    rows = Event.objects.standing().filter(matter=OuterRef("pk"), kind__code=kind, only_voids=False)
    return Exists(rows)


# A warning of the notice: on a clock that the notice ends.
_WARNED_OF_NOTICE = Exists(
    Alert.objects.standing().filter(
        clock__matter=OuterRef("pk"), clock__limit__definition__stops__0="petition_notified"
    )
)
_EXTENSION_UNTOLD = Q(_stands("petition_extended")) & ~Q(_stands("petition_told_extension"))


@dataclass(frozen=True, slots=True)
class Source:
    """A noun of this room somebody is told of: its rows that still stand, whose matter, for whom, in what words."""

    model: type[Model]
    # How to get from a row to the key of its petition or complaint, which is the key of the matter.
    petition: str
    officer: str
    open: Q
    words: Callable[[Any], str]
    # The higher, the more pressing: what the law dates before what was decided, before what the handlers planned.
    rank: int = 1
    # The column that says from when on it is to be told.
    since: str = "tell_since"
    page: str = PETITION_PAGE
    # What is not told for a while, as somebody else tells of it; it stands all the same.
    said_elsewhere: Q | None = None

    @property
    def matter(self) -> str:
        """What is read with a row, for its number."""
        return f"{self.petition.removesuffix('_id')}__matter" if self.petition != "pk" else "matter"


_UNRESOLVED = Stage.unresolved()

TOLD_OF: dict[str, Source] = {
    "notice": Source(
        Petition,
        "pk",
        "",
        ~Q(stage=Stage.DECLINED) & ~Q(_stands("petition_notified")),
        lambda row: f"信访事项 {row.matter.number} 尚未书面告知接收情况，告知期限将至",
        rank=3,
        said_elsewhere=Q(_WARNED_OF_NOTICE),
    ),
    "extension": Source(
        Petition,
        "pk",
        "",
        Q(stage=Stage.ACCEPTED) & _EXTENSION_UNTOLD,
        lambda row: f"信访事项 {row.matter.number} 的延长尚未告知信访人，告知以前仍按六十日计算",
        rank=3,
        since="tell_extension_since",
    ),
    "measure": Source(
        Measure,
        "plan__petition_id",
        "officer_id",
        Q(done_at=None, plan__petition__stage__in=_UNRESOLVED),
        lambda row: f"信访事项 {row.plan.petition.matter.number} 的化解措施今天到期：{row.what}",
    ),
    "contact": Source(
        Contact,
        "petition_id",
        "officer_id",
        Q(held_at=None),
        lambda row: f"信访事项 {row.petition.matter.number} 约定今天联系信访人：{row.get_service_display()}",
    ),
    "decision": Source(
        Decision,
        "meeting__petition_id",
        "officer_id",
        Q(replied_at=None),
        lambda row: f"信访事项 {row.meeting.petition.matter.number} 的议定事项今天应当回复：{row.what}",
        rank=2,
    ),
    "recheck": Source(
        Recheck,
        "resolution__petition_id",
        "",
        Q(done_at=None, resolution__reopened_at=None),
        lambda row: f"信访事项 {row.resolution.petition.matter.number} 化解后 {row.days} 日复查今天到期",
    ),
    "complaint_notice": Source(
        Complaint,
        "pk",
        "",
        Q(anonymous=False, disposed_at=None) & ~Q(stage=ComplaintStage.CLOSED) & ~Q(_stands("petition_notified")),
        lambda row: f"投诉举报 {row.matter.number} 尚未书面告知接收情况，告知期限将至",
        rank=3,
        page=COMPLAINT_PAGE,
        said_elsewhere=Q(_WARNED_OF_NOTICE),
    ),
    "complaint_extension": Source(
        Complaint,
        "pk",
        "",
        Q(stage__in=ComplaintStage.unanswered(), reopenings=None) & _EXTENSION_UNTOLD,
        lambda row: f"投诉举报 {row.matter.number} 的延长尚未告知投诉人，告知以前仍按六十日计算",
        rank=3,
        since="tell_extension_since",
        page=COMPLAINT_PAGE,
    ),
    "complaint_reply": Source(
        Complaint,
        "pk",
        "",
        Q(stage__in=(ComplaintStage.REGISTERED, *ComplaintStage.unanswered()), replied_at=None),
        lambda row: f"投诉举报 {row.matter.number} 尚未答复，交办单位要求 {row.reply_asked_on:%m-%d} 前答复",
        rank=2,
        since="tell_reply_since",
        page=COMPLAINT_PAGE,
    ),
}

# What nobody handles any more: told to who is asked to name somebody, without a number.
UNATTENDED = "unattended"
UNATTENDED_WORDS = "有一件仅经办人可见的事项已经没有人经办，请指定经办人"

# Who is told of what names nobody: those who do the work before those who lead it.
_ORDER = (
    HandlingRole.OFFICER,
    HandlingRole.LEGAL,
    HandlingRole.INSPECTOR,
    HandlingRole.BRANCH,
    HandlingRole.HEAD,
    HandlingRole.LEADER,
)


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What handlers are still to be told at `at`: notices, extensions, measures, contacts, replies, re-checks.

    Each is told to one person who handles it now and may see it, never to a deputy who does not. Of what nobody handles
    any more, whoever is asked to name somebody hears that there is one. Nothing here is urgent: no petition and no
    complaint leaves outside working time.
    """
    if urgent:
        return
    found: list[tuple[str, Any]] = []
    for noun, source in TOLD_OF.items():
        rows = source.model._default_manager.filter(source.open, **{f"{source.since}__lte": at})
        if source.said_elsewhere is not None:
            rows = rows.exclude(source.said_elsewhere)
        found += [(noun, row) for row in rows.select_related(source.matter).order_by(source.since, "pk")]
    matters = list(unattended().filter(_NOT_TOLD).annotate(last_named_at=Max("handlings__from_at")))
    if not found and not matters:
        return
    roster = DutyRoster(at)
    hears = _Hearing(roster, {_petition_of(noun, row) for noun, row in found})
    for noun, row in found:
        petition_id, source = _petition_of(noun, row), TOLD_OF[noun]
        hearer = hears.of(petition_id, getattr(row, source.officer) if source.officer else None)
        if hearer is not None:
            yield Tiding(
                key=f"petitions.{noun}:{row.pk}:due",
                officer_id=hearer,
                since=getattr(row, source.since),
                about=ABOUT,
                text=source.words(row),
                link=reverse(source.page, args=(petition_id,)),
                rank=source.rank,
            )
    for matter in matters:
        for officer in asked_to_name(matter, roster):
            yield Tiding(
                key=f"petitions.{UNATTENDED}:{matter.pk}:due",
                officer_id=officer.pk,
                # Named anew and left again it is told again; the same leader is not asked daily.
                since=matter.last_named_at or row_of(matter).registered_at,
                about=ABOUT,
                text=UNATTENDED_WORDS,
                link=reverse("petitions:unattended"),
                rank=3,
            )


_NOT_TOLD = Q(petition__isnull=False, petition__unhandled_told_at=None) | Q(
    complaint__isnull=False, complaint__unhandled_told_at=None
)


class _Hearing:
    """Of each petition and complaint asked about, who handles it now and may see it, and who of them is there."""

    def __init__(self, roster: DutyRoster, petitions: set[int]) -> None:
        order = {role.value: place for place, role in enumerate(_ORDER)}
        self.roster = roster
        self.handlings: Mapping[int, Sequence[Handling]] = {
            pk: sorted(found, key=lambda one: order.get(one.role, len(order)))
            for pk, found in handlers_in_sight(petitions).items()
        }

    def of(self, petition_id: int, named: int | None) -> int | None:
        """Who is told: whoever is named for it, or the first who does the work. Is he away, his deputy if he handles it
        too, or another who does the work; and where all are away, himself. None where nobody handles it."""
        handlings = self.handlings.get(petition_id, ())
        able = [one.officer_id for one in handlings]
        if not able:
            return None
        first = named if named is not None and named in able else able[0]
        deputy = self.roster.stands_in(first)
        if deputy in able:
            return deputy
        working = [one.officer_id for one in handlings if one.role != HandlingRole.LEADER]
        return next((one for one in working if self.is_there(one)), first)

    def is_there(self, officer_id: int) -> bool:
        return self.roster.stands_in(officer_id) == officer_id


def away(keys: Iterable[str], *, at: datetime) -> dict[str, int]:
    """Of the keys those whose hearer is away, with nobody else of the handlers there to be told, and who he is."""
    rows = [(key, noun, row) for noun, _, key, row in _rows_named(keys)]
    if not rows:
        return {}
    hears = _Hearing(DutyRoster(at), {_petition_of(noun, row) for _, noun, row in rows})
    found: dict[str, int] = {}
    for key, noun, row in rows:
        officer = TOLD_OF[noun].officer
        hearer = hears.of(_petition_of(noun, row), getattr(row, officer) if officer else None)
        if hearer is not None and not hears.is_there(hearer):
            found[key] = hearer
    return found


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of these keys those still true: not done, not reopened, and of what nobody handled, that still nobody does."""
    found: set[str] = set()
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        wanted = {pk: key for key in keys if (pk := pk_of(key, noun)) is not None}
        if not wanted:
            continue
        rows = source.model._default_manager.filter(source.open, pk__in=wanted)
        found |= {wanted[pk] for pk in rows.values_list("pk", flat=True)}
    if left := {pk: key for key in keys if (pk := pk_of(key, UNATTENDED)) is not None}:
        found |= {left[pk] for pk in unattended().filter(pk__in=left).values_list("pk", flat=True)}
    return found


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not.

    That nobody handles one tells of none: it says neither its number nor its kind, and who is told does not see it.
    """
    found: dict[str, int] = {}
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        wanted = {pk: key for key in keys if (pk := pk_of(key, noun)) is not None}
        if wanted:
            rows = source.model._default_manager.filter(pk__in=wanted).values_list("pk", source.petition)
            found |= {wanted[pk]: petition for pk, petition in rows}
    return found


def pk_of(key: str, noun: str) -> int | None:
    """The row a key of this room is about; none for a key of another noun or room."""
    head, _, rest = key.partition(":")
    number, _, what = rest.partition(":")
    return int(number) if head == f"petitions.{noun}" and what == "due" and number.isdecimal() else None


def _rows_named(keys: Iterable[str]) -> Iterator[tuple[str, Source, str, Any]]:
    """The rows that keys of this room name, each with its noun and key, as long as they stand."""
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        wanted = {pk: key for key in keys if (pk := pk_of(key, noun)) is not None}
        if wanted:
            for row in source.model._default_manager.filter(source.open, pk__in=wanted).select_related(source.matter):
                yield noun, source, wanted[row.pk], row


def _petition_of(noun: str, row: Any) -> int:
    value = row
    for name in TOLD_OF[noun].petition.split("__"):
        value = getattr(value, name)
    return int(value)
