"""What the screens, the figures and the bulletins read: frames, rounds, visits, checks, cut to what the officer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.models import Feedback, Handling, Matter, Officer, Unit
from cases.models.matter import MatterQuerySet
from cases.models.scope import posts_of
from cases.queries import in_unit
from cases.statute import periods
from supervision.returnvisits import rules
from supervision.returnvisits.models import (
    Basis,
    Check,
    CheckQuerySet,
    Finding,
    RoundUnit,
    Visit,
    VisitQuerySet,
    VisitRound,
    VisitRoundQuerySet,
    VisitState,
    VisitStep,
)
from supervision.returnvisits.telling import still_stands, untold

__all__ = ["still_stands", "untold"]


def local_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def local_day(at: datetime) -> date:
    """The day of the bureau that a moment lies in."""
    return at.astimezone(local_zone()).date()


# -- rows ------------------------------------------------------------------------------------------------------------


def rounds_of(officer: Officer) -> VisitRoundQuerySet:
    """The rounds an officer may see: under his units, and those his unit was drawn from in."""
    return VisitRound.objects.visible_to(officer)


def visits_of(officer: Officer) -> VisitQuerySet:
    """The visits an officer may see; what of them he may read is another question (`reads_answers`)."""
    return Visit.objects.visible_to(officer)


def checks_of(officer: Officer) -> CheckQuerySet:
    """The checks an officer may see."""
    return Check.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[VisitStep]:
    """What happened in the rounds and visits an officer may see; nothing for whoever may not read answers, as who called
    when and what came of it tells who was asked."""
    if not reads_answers(officer):
        return VisitStep.objects.none()
    visits = Q(visit=None, round__in=rounds_of(officer)) | Q(visit__in=visits_of(officer))
    return VisitStep.objects.filter(visits)


def reads_answers(officer: Officer) -> bool:
    """Whether the words of answers, and how they came, are for him: the legal department and the inspectors."""
    return officer.has_perm("returnvisits.see_answers")


def grade_is_told(visit: Visit, check: Check | None) -> bool:
    """Whether the unit may know the grade by now: its round is over, or the negative evaluation has been looked into. Until
    then a dissatisfied answer looks like any other, so that nobody asks around who gave it."""
    if visit.state != VisitState.REACHED:
        return False
    return not visit.round.is_open or (check is not None and check.finding in Finding.concluded())


def is_involved(officer: Officer, matter: Matter, unit: Unit | int) -> bool:
    """Whether an officer may neither ask about a matter nor check what was said: he handles it or is named on it now, or
    belongs to its unit or answers for it."""
    units = {unit if isinstance(unit, int) else unit.pk, matter.unit_id}
    if matter.officer_id == officer.pk or officer.unit_id in units:
        return True
    if officer.posts.current().filter(unit__in=units).exists():
        return True
    return Handling.objects.filter(matter=matter, officer=officer, until_at=None).exists()


def uninvolved(visits: VisitQuerySet, officer: Officer) -> VisitQuerySet:
    """The visits in whose matters an officer has no part, as `is_involved` says it of one."""
    units = {officer.unit_id, *officer.posts.current().values_list("unit_id", flat=True)}
    named = Handling.objects.filter(matter=OuterRef("matter"), officer=officer, until_at=None)
    return visits.exclude(
        Q(unit__in=units) | Q(matter__unit__in=units) | Q(matter__officer__isnull=False, matter__officer=officer)
    ).exclude(Exists(named))


def may_be_called_on(officer: Officer) -> bool:
    """Whether an officer is there: an account in use and a post."""
    return officer.is_active and bool(posts_of(officer))


# -- the frame -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """What a round is to be drawn from: kinds of matter, days (both included, local) and the unit with those below it."""

    unit: Unit
    kinds: tuple[str, ...]
    basis: Basis
    from_on: date
    until_on: date


@dataclass(slots=True)
class PartOfFrame:
    """What of a frame lies in one unit, and how many would be drawn of it."""

    unit: Unit
    size: int
    drawn: int


def matters_in(scope: Scope) -> MatterQuerySet:
    """The matters of a scope that may be asked about: standing head matters, open to all who supervise, about which nobody
    was asked within the year before the period's end."""
    begins = periods.start_of_day(scope.from_on, local_zone())
    ends = periods.end_of_day(scope.until_on, local_zone())
    moment = "closed_at" if scope.basis == Basis.CLOSED else "opened_at"
    asked = Visit.objects.filter(matter=OuterRef("pk"), drawn_at__gte=ends - rules.ASKED_AGAIN_AFTER)
    return (
        Matter.objects.standing()
        .filter(
            in_unit(scope.unit),
            restricted=False,
            parent=None,
            kind__code__in=scope.kinds,
            kind__restricted=False,
            **{f"{moment}__gte": begins, f"{moment}__lt": ends},
        )
        .exclude(Exists(asked))
    )


@dataclass(slots=True)
class Frame:
    """A frame as it stands in the database: candidates, and the matter behind each."""

    candidates: list[rules.Candidate]
    matters: dict[rules.Candidate, int]
    units: dict[str, Unit]

    def parts(self, per_unit: int) -> list[PartOfFrame]:
        """Unit by unit, in order of the tree."""
        sizes: dict[str, int] = defaultdict(int)
        for one in self.candidates:
            sizes[one.unit] += 1
        parts = [PartOfFrame(self.units[code], size, min(size, per_unit)) for code, size in sizes.items()]
        return sorted(parts, key=lambda part: part.unit.path)


def frame_of(scope: Scope) -> Frame:
    """The whole frame of a scope; two questions whatever its size."""
    rows = matters_in(scope).order_by("pk").values_list("pk", "unit__code", "kind__code", "number")
    matters = {rules.Candidate(unit, rules.matter_key(kind, number)): pk for pk, unit, kind, number in rows.iterator()}
    codes = {one.unit for one in matters}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    return Frame(list(matters), matters, units)


def kept_frame(visit_round: VisitRound) -> list[rules.Candidate]:
    """The frame a round was drawn from, as it was kept."""
    parts = RoundUnit.objects.filter(round=visit_round).values_list("unit__code", "frame")
    return [rules.Candidate(code, key) for code, keys in parts for key in keys]


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """A round drawn once more from what was kept: whether the digest still fits and the same matters come out."""

    digest: str
    same_frame: bool
    same_sample: bool
    sample: list[rules.Candidate]


def draw_again(visit_round: VisitRound) -> DrawnAgain:
    """Draw a round once more from its kept frame and seed, and hold it against its visits."""
    frame = kept_frame(visit_round)
    sample = rules.draw(frame, seed=visit_round.seed, per_unit=visit_round.per_unit)
    rows = Visit.objects.filter(round=visit_round).values_list("unit__code", "matter__kind__code", "matter__number")
    visits = {rules.Candidate(unit, rules.matter_key(kind, number)) for unit, kind, number in rows}
    digest = rules.frame_digest(frame)
    return DrawnAgain(digest, digest == visit_round.frame_digest, set(sample) == visits, sample)


# -- figures ---------------------------------------------------------------------------------------------------------

_COUNTS: dict[str, Any] = {
    "drawn": Count("pk"),
    "unfit": Count("pk", filter=Q(state=VisitState.UNFIT)),
    "asked": Count("pk", filter=Q(asked_at__isnull=False) & ~Q(state=VisitState.UNFIT)),
    "reached": Count("pk", filter=Q(state=VisitState.REACHED)),
    "valid": Count("pk", filter=Q(feedback__valid=True)),
    "satisfied": Count("pk", filter=Q(feedback__valid=True, feedback__grade__lte=rules.Satisfaction.BASICALLY)),
    "dissatisfied": Count("pk", filter=Q(feedback__valid=True, feedback__grade__gte=rules.Satisfaction.DISSATISFIED)),
    "invalid": Count("pk", filter=Q(feedback__valid=False)),
    "invalid_negative": Count(
        "pk", filter=Q(feedback__valid=False, feedback__grade__gte=rules.Satisfaction.DISSATISFIED)
    ),
    "upheld": Count("pk", filter=Q(feedback__valid=True, looked_into__finding=Finding.UPHELD)),
}


def tallies(visits: QuerySet[Visit]) -> dict[int, rules.Tally]:
    """What the visits came to, by the id of the unit they were drawn of; one question."""
    rows = visits.order_by().values_list("unit_id").annotate(**_COUNTS)
    return {unit_id: rules.Tally(**dict(zip(_COUNTS, counts, strict=True))) for unit_id, *counts in rows}


def tallies_of_round(visit_round: VisitRound) -> dict[int, rules.Tally]:
    """What a round came to, by unit."""
    return tallies(Visit.objects.filter(round=visit_round))


def answers_given(begins: datetime, ends: datetime) -> dict[int, rules.Tally]:
    """Sampled answers given in the half-open period, by the id of the unit: numerators and denominators of 群众满意率
    (`satisfied` of `valid`) and 负面评价率 (`dissatisfied` of `valid`). All that was drawn counts as drawn in the period
    its answer lies in, so `drawn`, `asked` and `reached` are those of answered visits only; of a sample as a whole ask
    `tallies_of_round`."""
    return tallies(Visit.objects.filter(feedback__given_at__gte=begins, feedback__given_at__lt=ends))


def unsampled_answers(begins: datetime, ends: datetime) -> dict[int, tuple[int, int]]:
    """(satisfied, valid) by the id of the matter's unit of the ratings that came without a sample, in the half-open period:
    whoever rates unasked is not like whoever is asked, so these are kept apart and never added to the others."""
    rows = (
        Feedback.objects.filter(given_at__gte=begins, given_at__lt=ends, valid=True, visit=None)
        .order_by()
        .values("matter__unit_id")
        .annotate(
            satisfied=Count("pk", filter=Q(grade__lte=rules.Satisfaction.BASICALLY)),
            valid=Count("pk"),
        )
    )
    return {row["matter__unit_id"]: (row["satisfied"], row["valid"]) for row in rows}


@dataclass(slots=True)
class Progress:
    """How far a round has come: drawn, still waiting, checks open."""

    drawn: int = 0
    waiting: int = 0
    checks: int = 0


def progress_of(rounds: Sequence[VisitRound], *, seen_by: Officer) -> dict[int, Progress]:
    """How far each of the rounds has come in what an officer may see of it, by id; two questions whatever their number."""
    ids = [one.pk for one in rounds]
    found = {pk: Progress() for pk in ids}
    counted = visits_of(seen_by).filter(round__in=ids).order_by().values_list("round_id")
    for pk, drawn, waiting in counted.annotate(
        drawn=Count("pk"), waiting=Count("pk", filter=Q(state=VisitState.WAITING))
    ):
        found[pk].drawn, found[pk].waiting = drawn, waiting
    open_checks = checks_of(seen_by).open().filter(visit__round__in=ids).order_by().values_list("visit__round_id")
    for pk, checks in open_checks.annotate(checks=Count("pk")):
        found[pk].checks = checks
    return found


def checks_by_visit(visits: Iterable[Visit]) -> dict[int, Check]:
    """The checks of the visits, by the id of the visit; one question."""
    return {row.visit_id: row for row in Check.objects.filter(visit__in=[visit.pk for visit in visits])}
