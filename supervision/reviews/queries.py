"""What the screens and the rooms above read: frames, rounds, forms, and who may review what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from cases.models import Barring, Clock, ClockState, Handling, Matter, MatterKind, Officer, Role, Unit
from cases.models.limit import LimitStatus
from cases.models.matter import MatterQuerySet
from cases.models.scope import below_post, posts_of
from cases.queries import in_unit
from cases.statute import periods
from supervision.rectification.models import Order, OrderState
from supervision.reviews import rules
from supervision.reviews.models import (
    Basis,
    FormState,
    Kinship,
    Line,
    Matters,
    ReviewForm,
    ReviewFormQuerySet,
    ReviewRound,
    ReviewRoundQuerySet,
    ReviewStep,
    Stage,
    Stratum,
    Verdict,
    Weight,
)
from supervision.reviews.models.round import Item
from supervision.reviews.telling import matters_behind as matters_behind
from supervision.reviews.telling import still_stands as still_stands
from supervision.reviews.telling import untold as untold

BATCH = 1000
# Whose work reviewing is.
REVIEWERS = (Role.LEGAL_OFFICER, Role.INSPECTOR)


def local_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def local_day(at: datetime) -> date:
    """The day of the bureau that a moment lies in."""
    return at.astimezone(local_zone()).date()


# -- rows ----------------------------------------------------------------------------------------------------------------


def rounds_of(officer: Officer) -> ReviewRoundQuerySet:
    """The rounds an officer may see."""
    return ReviewRound.objects.visible_to(officer)


def forms_of(officer: Officer) -> ReviewFormQuerySet:
    """The forms an officer may see."""
    return ReviewForm.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[ReviewStep]:
    """What happened in the rounds and on the forms an officer may see."""
    forms = Q(form__in=forms_of(officer))
    return ReviewStep.objects.filter(Q(form=None, round__in=rounds_of(officer)) | forms)


# -- the frame -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """What a round is drawn from: kinds of matter, days (both included, local), which of the files, and the unit with those
    below it."""

    unit: Unit
    kinds: tuple[str, ...]
    basis: Basis
    from_on: date
    until_on: date
    matters: Matters = Matters.ANY


def matters_in(scope: Scope, *, at: datetime) -> MatterQuerySet:
    """The files of a scope as they stand at the aware moment `at`: standing head matters, open to all who supervise."""
    begins = periods.start_of_day(scope.from_on, local_zone())
    ends = periods.end_of_day(scope.until_on, local_zone())
    moment = "closed_at" if scope.basis == Basis.CLOSED else "opened_at"
    rows = Matter.objects.standing().filter(
        in_unit(scope.unit),
        restricted=False,
        parent=None,
        kind__code__in=scope.kinds,
        kind__restricted=False,
        **{f"{moment}__gte": begins, f"{moment}__lt": ends},
    )
    if scope.basis == Basis.LONG_OPEN:
        rows = rows.filter(closed_at=None, opened_at__lt=at - timedelta(days=rules.LONG_OPEN_DAYS))
    if scope.matters:
        rows = rows.filter(**{f"facts__{scope.matters.value}": True})
    return rows


@dataclass(slots=True)
class Frame:
    """A frame as it stands in the database: candidates, the matter behind each, and their units."""

    candidates: list[rules.Candidate]
    matters: dict[rules.Candidate, int]
    units: dict[str, Unit]

    @property
    def sizes(self) -> dict[rules.Stratum, int]:
        """How many there are of each stratum, in order of unit and kind."""
        sizes: dict[rules.Stratum, int] = defaultdict(int)
        for one in sorted(self.candidates):
            sizes[rules.stratum_of(one)] += 1
        return sizes


def frame_of(scope: Scope, *, at: datetime) -> Frame:
    """The whole frame of a scope; two questions whatever its size."""
    rows = matters_in(scope, at=at).order_by("pk").values_list("pk", "unit__code", "kind__code", "number")
    matters = {rules.Candidate(unit, rules.matter_key(kind, number)): pk for pk, unit, kind, number in rows.iterator()}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in={one.unit for one in matters})}
    return Frame(list(matters), matters, units)


def kept_frame(review_round: ReviewRound) -> list[rules.Candidate]:
    """The frame a round was drawn from, as it was kept."""
    strata = Stratum.objects.filter(round=review_round).values_list("unit__code", "kind", "frame")
    return [rules.Candidate(unit, rules.matter_key(kind, one)) for unit, kind, ones in strata for one in ones]


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """A round drawn once more from what was kept: whether the digest still fits and the same files come out."""

    digest: str
    same_frame: bool
    same_sample: bool
    sample: list[rules.Candidate]


def draw_again(review_round: ReviewRound) -> DrawnAgain:
    """Draw a round once more from its kept frame and seed, and hold it against its forms.

    A form names its file by the unit it was drawn of, which does not change when the file is handed over later.
    """
    frame = kept_frame(review_round)
    sample = rules.draw(frame, seed=review_round.seed, files=review_round.files, least=review_round.least)
    rows = ReviewForm.objects.filter(round=review_round).values_list(
        "unit__code", "matter__kind__code", "matter__number"
    )
    forms = {rules.Candidate(unit, rules.matter_key(kind, number)) for unit, kind, number in rows}
    digest = rules.frame_digest(frame)
    return DrawnAgain(digest, digest == review_round.frame_digest, set(sample) == forms, sample)


# -- who may review ------------------------------------------------------------------------------------------------------


def may_review(officer: Officer) -> bool:
    """Whether an officer is there and reviewing is his work: an account in use and a post of the legal department or of
    inspection."""
    return officer.is_active and any(role in REVIEWERS for role, _, _ in posts_of(officer))


def reviewers_under(unit: Unit) -> QuerySet[Officer]:
    """Everybody below a unit whose work reviewing is, by police number."""
    posts = below_post(unit.pk, unit.level, "posts__unit__") | Q(posts__unit=unit)
    rows = Officer.objects.filter(posts, is_active=True, posts__until_on=None, posts__role__in=REVIEWERS)
    return rows.distinct().select_related("unit__county", "unit__city").order_by("police_number")


def known_reviewers(officers: Sequence[Officer]) -> list[rules.Reviewer]:
    """The officers as the rules know them: units, bureau and kin as they are now; two questions whatever their number."""
    units: dict[int, set[str]] = {one.pk: {one.unit.code} for one in officers}
    for pk, code in Officer.objects.filter(pk__in=units, posts__until_on=None).values_list("pk", "posts__unit__code"):
        units[pk] |= {code} if code else set()
    kin: dict[int, set[str]] = defaultdict(set)
    told = Q(officer__in=units) | Q(kin__in=units)
    for declared, number, other, other_number in Kinship.objects.filter(told).values_list(
        "officer", "officer__police_number", "kin", "kin__police_number"
    ):
        kin[declared].add(other_number)
        kin[other].add(number)
    return [
        rules.Reviewer(one.police_number, frozenset(units[one.pk]), bureau_of(one.unit), frozenset(kin[one.pk]))
        for one in officers
    ]


def bureau_of(unit: Unit) -> str:
    """The code of the bureau a unit belongs to: its county's, else its city's, else its own."""
    above = unit.county or unit.city or unit
    return above.code


def handled_by(matters: Collection[int], officers: Sequence[Officer]) -> dict[int, rules.Handled]:
    """What of the matters keeps these officers away, by id; a fixed number of questions for each thousand matters."""
    found: dict[int, rules.Handled] = {}
    wanted = sorted(matters)
    numbers = {one.pk: one.police_number for one in officers}
    places: dict[int, set[str]] = {one.pk: {one.unit.path} for one in officers}
    for pk, path in Officer.objects.filter(pk__in=places, posts__until_on=None).values_list("pk", "posts__unit__path"):
        places[pk].add(path or "")
    for begin in range(0, len(wanted), BATCH):
        chunk = wanted[begin : begin + BATCH]
        handlers: dict[int, set[str]] = defaultdict(set)
        # Whoever handled it once, or recorded something of it, knows it as his own.
        for pk, number in Handling.objects.filter(matter__in=chunk).values_list("matter", "officer__police_number"):
            handlers[pk].add(number)
        barred: dict[int, set[str]] = defaultdict(set)
        for pk, path, officer in (
            Barring.objects.in_force().filter(matter__in=chunk).values_list("matter", "unit__path", "officer")
        ):
            for one in officers:
                if officer == one.pk or (path is not None and any(place.startswith(path) for place in places[one.pk])):
                    barred[pk].add(numbers[one.pk])
        rows = Matter.objects.filter(pk__in=chunk).select_related("unit__county", "unit__city", "officer")
        for matter in rows:
            own = {matter.officer.police_number} if matter.officer is not None else set()
            found[matter.pk] = rules.Handled(
                matter.unit.code,
                bureau_of(matter.unit),
                frozenset(handlers[matter.pk] | own),
                frozenset(barred[matter.pk]),
            )
    return found


def must_recuse(officer: Officer, form: ReviewForm) -> bool:
    """Whether an officer may neither review a file nor decide what is said against its review."""
    [reviewer] = known_reviewers([officer])
    return rules.must_recuse(reviewer, handled_by([form.matter_id], [officer])[form.matter_id])


# -- what the system knows by itself -------------------------------------------------------------------------------------


def late_clocks(matters: Collection[int], at: datetime) -> list[tuple[int, Clock]]:
    """(file, clock) of every limit of the files, and of what belongs to them, that was or is over: those that bind the unit
    itself, verified or at second hand; in their order."""
    wanted = sorted(matters)
    found: list[tuple[int, Clock]] = []
    for begin in range(0, len(wanted), BATCH):
        chunk = wanted[begin : begin + BATCH]
        late = Q(state=ClockState.STOPPED, late=True) | Q(state=ClockState.RUNNING, ended_at=None, due_at__lte=at)
        clocks = (
            Clock.objects.counted()
            .filter(late, Q(matter__in=chunk) | Q(matter__parent__in=chunk))
            .filter(restricted=False, matter__withdrawn_at=None)
            .filter(limit__status__in=(LimitStatus.VERIFIED, LimitStatus.SECONDARY))
        )
        for clock in clocks.select_related("limit", "matter__kind").order_by("pk"):
            head = clock.matter_id if clock.matter.parent_id is None else clock.matter.parent_id
            found.append((head, clock))
    return found


def item_for(clock: Clock, items: Sequence[Item]) -> Item | None:
    """The item of a form that a limit belongs to: that which names its family, else that for all others."""
    named = (one for one in items if clock.limit.family in one.limits or clock.limit.code in one.limits)
    return next(named, next((one for one in items if "*" in one.limits), None))


# -- figures -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Progress:
    """How far a round has come, and what it came to: forms, those in each state, those of each verdict among the final."""

    forms: int = 0
    drawn: int = 0
    second: int = 0
    settled: int = 0
    objected: int = 0
    final: int = 0
    clean: int = 0
    flawed: int = 0
    faulty: int = 0


def progress_of(rounds: Iterable[ReviewRound], *, seen_by: Officer) -> dict[int, Progress]:
    """How far each of the rounds has come in what an officer may see of it, by id; one question whatever their number."""
    found = {one.pk: Progress() for one in rounds}
    rows = forms_of(seen_by).filter(round__in=list(found)).order_by().values_list("round_id")
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in FormState}
    counts |= {one.value: Count("pk", filter=Q(state=FormState.FINAL, verdict=one)) for one in Verdict}
    for pk, *numbers in rows.annotate(forms=Count("pk"), **counts):
        found[pk] = Progress(**dict(zip(("forms", *counts), numbers, strict=True)))
    return found


@dataclass(frozen=True, slots=True)
class RoundTally:
    """What a round came to, counted over its final forms: by unit (final, clean, flawed, faulty) and by check item (flaws,
    faults), objections and the lines struck on deciding them, orders and how many of them are verified."""

    round: ReviewRound
    kinds: list[str]
    progress: Progress
    by_unit: list[tuple[str, tuple[int, ...]]]
    by_item: list[tuple[str, tuple[int, ...]]]
    objections: int
    struck: int
    orders: int
    verified: int


def tally_of(held: ReviewRound, *, seen_by: Officer) -> RoundTally:
    """The numbers of a round's report in what an officer may see of it; a fixed number of questions."""
    forms = forms_of(seen_by).filter(round=held)
    final = forms.filter(state=FormState.FINAL)
    verdicts = {one.value: Count("pk", filter=Q(verdict=one)) for one in Verdict}
    units = final.order_by("unit__path").values_list("unit__name", "unit__path").annotate(n=Count("pk"), **verdicts)
    lines = Line.objects.filter(form__in=final)
    weights = {one.value: Count("pk", filter=Q(weight=one)) for one in Weight.findings()}
    standing = lines.standing().filter(weight__in=Weight.findings()).order_by("group", "title")
    items = standing.values_list("group", "title").annotate(**weights)
    ordered = Order.objects.filter(pk__in=lines.exclude(order=None).values("order"))
    state = ordered.aggregate(n=Count("pk"), verified=Count("pk", filter=Q(state=OrderState.VERIFIED)))
    kinds = dict(MatterKind.objects.filter(code__in=held.kinds).values_list("code", "name"))
    return RoundTally(
        round=held,
        kinds=list(kinds.values()),
        progress=progress_of([held], seen_by=seen_by)[held.pk],
        by_unit=[(name, tuple(numbers)) for name, _, *numbers in units],
        by_item=[(f"{group}：{title}", tuple(numbers)) for group, title, *numbers in items],
        objections=final.exclude(objected_at=None).count(),
        struck=lines.filter(struck_stage=Stage.DECISION).count(),
        orders=state["n"],
        verified=state["verified"],
    )
