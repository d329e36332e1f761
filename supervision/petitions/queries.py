"""What the screens and other rooms read of petitions. Everything is its handlers' alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from cases.models import Handling, Matter, Officer, Unit
from cases.models.scope import restricted_matters
from cases.queries import in_unit
from supervision.petitions.models import (
    Complaint,
    ComplaintLikeness,
    IdentityLook,
    Likeness,
    LikenessGround,
    Petition,
    Resolution,
    Verdict,
)
from supervision.petitions.models.complaint import ComplaintQuerySet
from supervision.petitions.models.petition import PetitionQuerySet
from supervision.petitions.rules import SMALL_NUMBER
from supervision.petitions.tidings import matters_behind, still_stands, untold

__all__ = ["matters_behind", "still_stands", "untold"]


def petitions_of(officer: Officer) -> PetitionQuerySet:
    """The petitions an officer handles now; nobody sees any other, nor how many there are."""
    return Petition.objects.standing().visible_to(officer)


def not_taken_up(officer: Officer) -> QuerySet[Matter]:
    """Petitions an officer handles that were entered elsewhere, as by an import, and are not led from here."""
    rows = Matter.objects.standing().filter(pk__in=restricted_matters(officer), kind__code="petition", petition=None)
    return rows.select_related("kind").order_by("-opened_at", "-pk")


# A likeness of words alone is most often none; that of people hardly ever.
_PERSON_FIRST = Case(When(ground=LikenessGround.PERSON, then=Value(0)), default=Value(1))


def likenesses_of(officer: Officer, petition: Petition) -> QuerySet[Likeness]:
    """The pairs a petition is in of which the officer handles both, those of the same people first, then the most alike; of
    any other pair he learns nothing."""
    mine = restricted_matters(officer)
    rows = Likeness.objects.filter(petition__in=mine, earlier__in=mine)
    rows = rows.filter(Q(petition=petition) | Q(earlier=petition)).select_related("petition__matter", "earlier__matter")
    return rows.order_by(_PERSON_FIRST, "-shared", "pk")


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
