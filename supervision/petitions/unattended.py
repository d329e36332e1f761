"""Petitions and complaints that nobody is left to handle, and who is asked to name somebody.

Only named handlers see one, so when the last of them has moved, left or been barred nobody would ever hear of it again.
The nearest leader who is not kept away from it is asked then. He is told that there is one, its number and its unit; not
what it says, nor of whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from cases.duty import DutyRoster, Rung
from cases.models import Barring, Handling, Matter, Officer, Post, Role, Unit
from cases.models.scope import barrings_of, posts_of
from cases.models.unit import STEP_WIDTH
from supervision.petitions.models import Complaint, ComplaintStage, Petition, Stage

_OPEN = Q(petition__stage__in=Stage.unresolved()) | Q(complaint__stage__in=ComplaintStage.in_hand())


def unattended() -> QuerySet[Matter]:
    """The petitions and complaints in hand that no officer handles who may see them, the oldest first; one question.

    The same rule as `cases.models.scope.restricted_matters`, asked of the rows: in use, with a post that works on cases,
    and barred neither himself nor through his unit or a unit he holds a post in.
    """
    posts = Post.objects.current().filter(officer=OuterRef("officer"))
    works = Q(officer__is_superuser=True) | Exists(posts.exclude(role__in=Role.administrators()))
    in_force = Barring.objects.in_force().filter(matter=OuterRef("matter"))
    by_unit = in_force.annotate(place=_path("officer__unit__path")).filter(place__startswith=F("unit__path"))
    over_post = Barring.objects.in_force().filter(matter=OuterRef(OuterRef("matter")))
    posts_barred = posts.filter(
        Exists(over_post.annotate(place=_path("unit__path")).filter(place__startswith=F("unit__path")))
    )
    attending = (
        Handling.objects.filter(works, matter=OuterRef("pk"), until_at=None, officer__is_active=True)
        .exclude(Exists(in_force.filter(officer=OuterRef("officer"))))
        .exclude(Exists(by_unit))
        .exclude(Exists(posts_barred))
    )
    rows = Matter.objects.standing().filter(_OPEN).exclude(Exists(attending))
    return rows.select_related("kind", "unit", "petition", "complaint").order_by("opened_at", "pk")


def _path(of: str) -> ExpressionWrapper:
    """A path of the row asked about, as text that may be compared."""
    return ExpressionWrapper(OuterRef(of), output_field=CharField())


def row_of(matter: Matter) -> Petition | Complaint:
    """The petition or complaint of a matter that `unattended` read."""
    found: Petition | Complaint | None = getattr(matter, "petition", None) or getattr(matter, "complaint", None)
    assert found is not None
    return found


def asked_to_name(matter: Matter, roster: DutyRoster) -> list[Officer]:
    """Who is asked to name a handler: the nearest leaders, or who stands in for them, that are not kept away from it."""
    for unit_id in _line(matter.unit):
        ids = roster.answering(Rung.LEADER, unit_id=unit_id, officer_id=None)
        found = [
            one
            for one in Officer.objects.filter(pk__in=ids, is_active=True).order_by("pk")
            if not barrings_of(one).filter(matter=matter).exists()
        ]
        if found:
            return found
    return []


def _line(unit: Unit) -> Iterator[int]:
    """The unit and those above it, nearest first."""
    ends = range(len(unit.path), 0, -STEP_WIDTH)
    known = dict(Unit.objects.filter(path__in=[unit.path[:end] for end in ends]).values_list("path", "pk"))
    return (known[unit.path[:end]] for end in ends if unit.path[:end] in known)


@dataclass(frozen=True, slots=True)
class Unattended:
    """One of them as whoever names a handler reads it: not a word of what it says."""

    matter: Matter
    row: Petition | Complaint

    @property
    def received_at(self) -> datetime:
        return self.row.received_at


def to_be_given(officer: Officer, at: datetime) -> list[Unattended]:
    """What an officer is asked to name a handler for at `at`; nothing for anybody but a leader or who stands in for one."""
    matters = list(unattended())
    if not matters:
        return []
    roster = DutyRoster(at)
    return [Unattended(matter, row_of(matter)) for matter in matters if officer in asked_to_name(matter, roster)]


def count_to_be_given(officer: Officer, at: datetime) -> int:
    """How many an officer is asked about, for the heads of the lists; asked of leaders only, so that the lists of others
    stay as they are."""
    if not any(role == Role.LEADER for role, _, _ in posts_of(officer)):
        return 0
    return len(to_be_given(officer, at))
