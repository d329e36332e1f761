"""What the screens and other rooms read of petitions. Everything is its handlers' alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse

from cases.models import Event, Handling, HandlingRole, Matter, Officer, Unit
from cases.models.scope import restricted_matters
from cases.queries import handlers_in_sight, in_unit
from cases.tidings import Tiding
from supervision.petitions.models import (
    Complaint,
    ComplaintLikeness,
    Contact,
    Decision,
    IdentityLook,
    Likeness,
    Measure,
    Petition,
    Recheck,
    Resolution,
    Stage,
    Verdict,
)
from supervision.petitions.models.complaint import ComplaintQuerySet
from supervision.petitions.models.petition import PetitionQuerySet
from supervision.petitions.rules import SMALL_NUMBER


def petitions_of(officer: Officer) -> PetitionQuerySet:
    """The petitions an officer handles now; nobody sees any other, nor how many there are."""
    return Petition.objects.standing().visible_to(officer)


def not_taken_up(officer: Officer) -> QuerySet[Matter]:
    """Petitions an officer handles that were entered elsewhere, as by an import, and are not led from here."""
    rows = Matter.objects.standing().filter(pk__in=restricted_matters(officer), kind__code="petition", petition=None)
    return rows.select_related("kind").order_by("-opened_at", "-pk")


def likenesses_of(officer: Officer, petition: Petition) -> QuerySet[Likeness]:
    """The pairs a petition is in of which the officer handles both; of any other pair he learns nothing."""
    mine = restricted_matters(officer)
    rows = Likeness.objects.filter(petition__in=mine, earlier__in=mine)
    return rows.filter(Q(petition=petition) | Q(earlier=petition)).select_related("petition__matter", "earlier__matter")


def looks_of(officer: Officer) -> QuerySet[IdentityLook]:
    """The looks at identities in petitions an officer handles."""
    return IdentityLook.objects.filter(petition__in=petitions_of(officer))


def handlers_of(petition: Petition) -> QuerySet[Handling]:
    """Who handles a petition now."""
    return Handling.objects.filter(matter=petition.pk, until_at=None).select_related("officer__unit").order_by("pk")


# -- complaints ------------------------------------------------------------------------------------------------------


def complaints_of(officer: Officer) -> ComplaintQuerySet:
    """The complaints an officer handles now; nobody sees any other, nor how many there are."""
    return Complaint.objects.standing().visible_to(officer)


def complaint_likenesses_of(officer: Officer, complaint: Complaint) -> QuerySet[ComplaintLikeness]:
    """The pairs a complaint is in of which the officer handles both; of any other pair he learns nothing."""
    mine = restricted_matters(officer)
    rows = ComplaintLikeness.objects.filter(complaint__in=mine, earlier__in=mine)
    rows = rows.filter(Q(complaint=complaint) | Q(earlier=complaint))
    return rows.select_related("complaint__matter", "earlier__matter")


# -- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `told` is false where so few would tell whom it is about."""

    numerator: int
    denominator: int

    @property
    def told(self) -> bool:
        return self.denominator >= SMALL_NUMBER


def resolution_share(unit: Unit, *, begins: datetime, ends: datetime, cutoff: datetime) -> Share:
    """化解率: of the petitions received in the half-open period, those at rest at the cutoff; one reopened is not."""
    rows = Petition.objects.standing().filter(_in(unit)).received_between(begins, ends)
    rests = Resolution.objects.filter(petition=OuterRef("pk"), resolved_at__lt=cutoff).filter(
        Q(reopened_at=None) | Q(reopened_at__gte=cutoff)
    )
    return Share(rows.filter(Exists(rests)).count(), rows.count())


def repeat_share(unit: Unit, *, begins: datetime, ends: datetime) -> Share:
    """重复信访率: of the petitions received in the half-open period, those a person confirmed as repeats."""
    rows = Petition.objects.standing().filter(_in(unit)).received_between(begins, ends)
    repeats = Likeness.objects.filter(petition=OuterRef("pk"), state="repeat")
    return Share(rows.filter(Exists(repeats)).count(), rows.count())


def distinct_complaints(unit: Unit, *, begins: datetime, ends: datetime) -> int:
    """投诉件数: complaints about a unit or what is below it received in the half-open period, each counted once."""
    return _about(unit).received_between(begins, ends).count()


def borne_out_share(unit: Unit, *, begins: datetime, ends: datetime) -> Share:
    """投诉查实率: of the complaints about a unit found in the half-open period, those borne out wholly or in part."""
    rows = _about(unit).filter(found_at__gte=begins, found_at__lt=ends)
    return Share(rows.filter(verdict__in=Verdict.borne_out()).count(), rows.count())


def _about(unit: Unit) -> ComplaintQuerySet:
    return Complaint.objects.standing().distinct_ones().filter(accused_unit__path__startswith=unit.path)


def _in(unit: Unit) -> Q:
    within = in_unit(unit)
    return Q(**{f"matter__{name}": value for name, value in within.children})  # type: ignore[misc]


# -- tidings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A noun of this room somebody is told of: its rows that still stand, whose petition, for whom, in what words."""

    model: type[Model]
    petition: str
    officer: str
    open: Q
    words: Callable[[Any], str]
    # The higher, the more pressing: what the law dates before what was decided, before what the handlers planned.
    rank: int = 1


_UNRESOLVED = Stage.unresolved()

TOLD_OF: dict[str, Source] = {
    "notice": Source(
        Petition,
        "pk",
        "",
        # However the notice came to be on record.
        ~Q(stage=Stage.DECLINED)
        & ~Q(
            Exists(
                Event.objects.standing().filter(matter=OuterRef("pk"), kind__code="petition_notified", only_voids=False)
            )
        ),
        lambda row: f"信访事项 {row.matter.number} 尚未书面告知接收情况，告知期限将至",
        rank=3,
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
}
_MATTER_OF = {
    "notice": "matter",
    "measure": "plan__petition__matter",
    "contact": "petition__matter",
    "decision": "meeting__petition__matter",
    "recheck": "resolution__petition__matter",
}
ABOUT = "信访"

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
    """What handlers are still to be told at `at`: notices, measures, contacts, replies and re-checks that are due.

    Each is told to one person who handles the petition now, never to a deputy who does not, nor to anybody barred.
    Nothing here is urgent: no petition leaves outside working time.
    """
    if urgent:
        return
    found: list[tuple[str, Any]] = [
        (noun, row)
        for noun, source in TOLD_OF.items()
        for row in source.model._default_manager.filter(source.open, tell_since__lte=at)
        .select_related(_MATTER_OF[noun])
        .order_by("tell_since", "pk")
    ]
    handlers = _handlers_by_petition({_petition_of(noun, row) for noun, row in found})
    for noun, row in found:
        petition_id, source = _petition_of(noun, row), TOLD_OF[noun]
        able = handlers.get(petition_id, ())
        if not able:
            continue
        named = getattr(row, source.officer) if source.officer else able[0]
        yield Tiding(
            key=f"petitions.{noun}:{row.pk}:due",
            officer_id=named if named in able else able[0],
            since=row.tell_since,
            about=ABOUT,
            text=source.words(row),
            link=reverse("petitions:petition", args=(petition_id,)),
            rank=source.rank,
        )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of these keys those still true: not done, not reopened, and somebody there to be told."""
    found: set[str] = set()
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        wanted = {pk: key for key in keys if (pk := pk_of(key, noun)) is not None}
        if not wanted:
            continue
        rows = source.model._default_manager.filter(source.open, pk__in=wanted)
        found |= {wanted[pk] for pk in rows.values_list("pk", flat=True)}
    return found


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not."""
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


def _petition_of(noun: str, row: Any) -> int:
    value = row
    for name in TOLD_OF[noun].petition.split("__"):
        value = getattr(value, name)
    return int(value)


def _handlers_by_petition(petitions: set[int]) -> dict[int, Sequence[int]]:
    """By petition who handles it now and may see it, those who do the work first."""
    order = {role.value: place for place, role in enumerate(_ORDER)}
    return {
        pk: [one.officer_id for one in sorted(found, key=lambda one: order.get(one.role, len(order)))]
        for pk, found in handlers_in_sight(petitions).items()
    }
