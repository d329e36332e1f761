"""What is read of hand-overs, cut to what an officer may see; what he may hand over, and who may take it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from cases.duty import DutyRoster, Rung
from cases.models import Absence, Barring, Officer, Post, Role, Unit, UnitLevel
from cases.models.matter import MatterQuerySet
from cases.models.scope import barrings_of, below_post, posts_of
from cases.models.unit import STEP_WIDTH
from cases.queries import matters_of
from cases.tidings import Tiding
from supervision.followup.models import FollowedCaseQuerySet
from supervision.followup.queries import followed_of
from supervision.handovers import rules
from supervision.handovers.models import Handover, HandoverItem, HandoverItemQuerySet, HandoverQuerySet, Outcome, State
from supervision.handovers.refusals import AWAY, NO_POST, NOT_YOURS, OFFICER_GONE, TO_ELSEWHERE, UNIT_GONE
from supervision.rectification.models import OrderQuerySet
from supervision.rectification.queries import orders_of

ABOUT = "移交"
KEY = "handovers.handover"
# More people than this nobody looks through; a number is then typed as it is known.
PEOPLE_OFFERED = 300
# Whoever distributes the work of a unit, and whoever supervises it.
GIVERS = (Role.UNIT_HEAD, Role.LEGAL_OFFICER)


# -- rows ------------------------------------------------------------------------------------------------------------


def handovers_of(officer: Officer) -> HandoverQuerySet:
    """The hand-overs of which an officer may see a line."""
    return Handover.objects.visible_to(officer)


def items_of(officer: Officer) -> HandoverItemQuerySet:
    """The lines an officer may see."""
    return HandoverItem.objects.visible_to(officer)


def tallies(officer: Officer, handovers: Iterable[Handover]) -> dict[int, dict[str | None, int]]:
    """Of each hand-over how many lines the officer may see, by outcome; one question whatever their number."""
    found: dict[int, dict[str | None, int]] = {row.pk: {} for row in handovers}
    rows = items_of(officer).filter(handover__in=list(found)).order_by().values_list("handover", "outcome")
    for pk, outcome, count in rows.annotate(count=Count("pk")):
        found[pk][outcome] = count
    return found


# -- what may be handed over, and to whom ----------------------------------------------------------------------------


def hands_over(officer: Officer) -> Q | None:
    """The condition on rows with unit columns, and on units, in which an officer may hand over: the units he heads with
    all below, the bureau of which he is a legal officer. None for everybody else."""
    if officer.is_superuser:
        return Q()
    within: Q | None = None
    for role, unit_id, level in posts_of(officer):
        if role not in GIVERS:
            continue
        if level == UnitLevel.PROVINCE:
            return Q()
        within = below_post(unit_id, level) if within is None else within | below_post(unit_id, level)
    return within if officer.is_active else None


def units_handing(officer: Officer) -> QuerySet[Unit]:
    """The units an officer may hand over from, those merged away too; in the order of the tree."""
    within = hands_over(officer)
    units = Unit.objects.order_by("path")
    return units.none() if within is None else units.filter(within)


def people_around(officer: Officer) -> list[Officer]:
    """Whom the officer may hand to: those in office where he hands over, by number; none where they are too many to choose
    from."""
    posts = Post.objects.current().filter(unit__in=units_handing(officer)).exclude(role__in=Role.administrators())
    people = Officer.objects.filter(is_active=True, pk__in=posts.values("officer")).select_related("unit")
    found = list(people.order_by("police_number")[: PEOPLE_OFFERED + 1])
    return found if len(found) <= PEOPLE_OFFERED else []


def matters_to_hand(officer: Officer) -> MatterQuerySet:
    """The open matters an officer may hand over; never what only its handlers see."""
    within = hands_over(officer)
    rows = matters_of(officer).open().filter(restricted=False)
    return rows.none() if within is None else rows.filter(within)


def orders_to_hand(officer: Officer) -> OrderQuerySet:
    """The orders awaiting the unit's reply that an officer may hand over; never those about what only handlers see."""
    within = hands_over(officer)
    rows = orders_of(officer).to_answer().filter(restricted=False)
    return rows.none() if within is None else rows.filter(within)


def followed_to_hand(officer: Officer) -> FollowedCaseQuerySet:
    """The open followed cases an officer may hand over."""
    within = hands_over(officer)
    rows = followed_of(officer).open().filter(restricted=False)
    return rows.none() if within is None else rows.filter(within)


def why_not_received(*, unit: Unit, officer: Officer | None, by: Officer, at: datetime) -> str:
    """Why nothing can be handed to a unit and officer at a moment, in a sentence; empty where it can.

    Not by who may not hand over; not to a unit merged away or out of his reach, an account out of use, who holds no post
    in that unit, or is away on the local day.
    """
    if hands_over(by) is None:
        return NOT_YOURS
    if unit.valid_until is not None:
        return UNIT_GONE.format(unit=unit, on=f"{unit.valid_until:%Y-%m-%d}")
    if not units_handing(by).filter(pk=unit.pk).exists():
        return TO_ELSEWHERE.format(unit=unit)
    if officer is None:
        return ""
    if not officer.is_active:
        return OFFICER_GONE.format(officer=officer)
    if not officer.posts.current().filter(unit=unit).exclude(role__in=Role.administrators()).exists():
        return NO_POST.format(officer=officer, unit=unit)
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    away = Absence.objects.on(today).filter(officer=officer).order_by("-until_on").first()
    return AWAY.format(officer=officer, until=f"{away.until_on:%Y-%m-%d}") if away is not None else ""


def barred_among(matters: Collection[int], *, unit: Unit, officer: Officer | None) -> tuple[set[int], set[int]]:
    """Of the matters those from which the unit is kept away, by itself or with one above it, and those from which the
    officer is."""
    within = [unit.path[:end] for end in range(STEP_WIDTH, len(unit.path) + 1, STEP_WIDTH)]
    of_unit = Barring.objects.in_force().filter(matter__in=matters, unit__path__in=within)
    of_officer: set[int] = set()
    if officer is not None:
        of_officer = set(barrings_of(officer).filter(Q(matter__in=matters)).values_list("matter_id", flat=True))
    return set(of_unit.values_list("matter_id", flat=True)), of_officer


# -- what is to be told ----------------------------------------------------------------------------------------------


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """Who received something at a moment and has not heard of it: the receiver, or the head of the unit where none is
    named, or who stands in for either. One tiding a hand-over. Nothing of this room is `urgent`."""
    if urgent:
        return
    rows = list(
        Handover.objects.filter(tell_since__lte=at, told_at=None)
        .select_related("from_officer", "from_unit", "to_unit", "to_officer")
        .order_by("tell_since", "pk")
    )
    if not rows:
        return
    roster = DutyRoster(at)
    moved = HandoverItem.objects.filter(handover__in=rows, outcome=Outcome.MOVED).order_by("pk")
    things: dict[int, list[str]] = {}
    for pk, what in moved.values_list("handover", "what"):
        things.setdefault(pk, []).append(what)
    for row in rows:
        assert row.tell_since is not None
        for hearer in roster.answering(Rung.OFFICER, unit_id=row.to_unit_id, officer_id=row.to_officer_id):
            yield Tiding(
                key=key_of(row),
                officer_id=hearer,
                since=row.tell_since,
                about=ABOUT,
                text=_words(row, things.get(row.pk, [])),
                link=reverse("handovers:handover", args=(row.pk,)),
                rank=1,
            )


def _words(row: Handover, things: list[str]) -> str:
    giver = f"{row.giver}的" if row.from_officer is not None or row.from_unit is not None else ""
    whom = "您" if row.to_officer is not None else f"{row.to_unit}，请分派经办人"
    return f"{row.number}：{giver}{rules.counted(things)}已移交给{whom}（{row.get_reason_display()}）"


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose hand-over is done."""
    known = named(keys)
    done = Handover.objects.filter(pk__in=known, state=State.DONE).values_list("pk", flat=True)
    return {known[pk] for pk in done}


def key_of(row: Handover) -> str:
    return f"{KEY}:{row.pk}:done"


def named(keys: Iterable[str]) -> dict[int, str]:
    """Which hand-overs keys name; keys of other rooms and mangled ones are left out."""
    found = {}
    for key in keys:
        noun, _, rest = key.partition(":")
        number, _, _ = rest.partition(":")
        if noun == KEY and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = key
    return found
