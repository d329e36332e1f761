"""What the screens read of the warnings, cut to what the officer may see, and what people are to be told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster, Rung, answered_by
from cases.models import Clock, Level, LevelDemand, Officer, Post, Role
from cases.models.clock import ClockQuerySet
from cases.models.limit import LimitUnit
from cases.models.scope import posts_of
from cases.queries import clocks_of, handlers_in_sight, on_visible_clocks
from cases.tidings import Tiding
from supervision.alerts.models import Action, Alert, AlertQuerySet, AlertStep
from supervision.alerts.rules import Told, key_of, read_key

ABOUT = "预警"


def alerts_of(officer: Officer) -> AlertQuerySet:
    """The warnings on clocks an officer may see."""
    return Alert.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[AlertStep]:
    """What happened to the warnings on clocks an officer may see, void clocks too."""
    return AlertStep.objects.filter(on_visible_clocks(officer, "clock_id"), clock__matter__withdrawn_at=None)


def raised_since(officer: Officer, since: datetime) -> AlertQuerySet:
    """Warnings first raised from a moment on that still stand."""
    return alerts_of(officer).standing().filter(raised_at__gte=since)


def waiting_for(alerts: AlertQuerySet, officer: Officer) -> AlertQuerySet:
    """Of the warnings those that wait for the officer's own word: he answers at the rung they have come to.

    A warning without an officer is the head's, one whose unit has no head the legal officer's. What asks for nothing does
    not wait. Deputies see what they are told of, and the list of whom they stand in for stays his.
    """
    headed = Post.objects.current().filter(role=Role.UNIT_HEAD, unit=OuterRef("unit"), officer__is_active=True)
    passed_on = Q(rung=Rung.HEAD) & ~Q(Exists(headed))
    mine = Q(rung=Rung.OFFICER, officer=officer)
    mine |= answered_by(officer, Role.LEGAL_OFFICER) & (Q(rung=Rung.LEGAL) | passed_on)
    mine |= answered_by(officer, Role.LEADER) & Q(rung=Rung.LEADER)
    units = [unit_id for role, unit_id, _ in posts_of(officer) if role == Role.UNIT_HEAD]
    mine |= Q(unit__in=units) & (Q(rung=Rung.HEAD) | Q(rung=Rung.OFFICER, officer=None))
    return alerts.open().filter(mine, demands__gt=LevelDemand.NONE)


def left_by_unit(alerts: AlertQuerySet, officer: Officer) -> AlertQuerySet:
    """Of the warnings that ask for a word those that other officers of the units he heads have not answered yet."""
    units = [unit_id for role, unit_id, _ in posts_of(officer) if role == Role.UNIT_HEAD]
    asking = alerts.open().filter(demands__gt=LevelDemand.NONE)
    named = asking.filter(rung=Rung.OFFICER, unit__in=units, officer__isnull=False)
    return named.exclude(officer=officer)


def story_of(alert: Alert) -> list[AlertStep]:
    """Everything that happened to one warning, the first first; two questions, each answered by its index."""
    rows = AlertStep.objects.filter(clock=alert.clock_id, due_at=alert.due_at).select_related("by")
    raised = list(rows.filter(action=Action.RAISED))
    return sorted([*raised, *rows.exclude(action=Action.RAISED)], key=lambda step: step.pk)


def last_step(alert: Alert) -> AlertStep | None:
    """The last thing that happened to a warning."""
    steps = story_of(alert)
    return steps[-1] if steps else None


# -- the standing list -------------------------------------------------------------------------------------------------


def standing_list(officer: Officer, at: datetime) -> ClockQuerySet:
    """Everything that is over and counts (长期超期): nothing drops out of it but by ending, pausing or moving.

    It is asked of the clocks, not of the warnings: whatever was answered, ordered or withdrawn, what is over is on it.
    """
    return clocks_of(officer).overdue(at).counted()


def standing_alerts(clocks: Iterable[Clock]) -> dict[int, Alert]:
    """Of each clock the warning that stands on it; one question whatever their number."""
    rows = Alert.objects.standing().filter(clock__in=[clock.pk for clock in clocks])
    return {row.clock_id: row for row in rows.select_related("order", "said_by")}


# -- what people are to be told ----------------------------------------------------------------------------------------

# What cannot wait for working time: the liberty of a person, and limits that run by the hour.
_CANNOT_WAIT = Q(clock__limit__unit__in=(LimitUnit.MINUTE, LimitUnit.HOUR)) | Q(clock__limit__definition__custody=True)


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """Who is still to be told of which warnings at `at`, what has run out first; with `urgent` only what cannot wait.

    Whoever answers at the warning's rung now: so it follows the post, and a rung nobody holds passes to the next above.
    Of a restricted matter nobody hears but its named handlers.
    """
    roster = DutyRoster(at)
    handlers = _handlers()
    rows = (
        Alert.objects.untold()
        .filter(tell_since__lte=at)
        .select_related("clock__limit", "clock__matter", "unit")
        .order_by("tell_since", "pk")
    )
    if urgent:
        rows = rows.filter(_CANNOT_WAIT)
    for alert in rows.iterator(chunk_size=2000):
        clock = alert.clock
        presses = urgent or clock.limit.unit in (LimitUnit.MINUTE, LimitUnit.HOUR)
        presses = presses or bool(clock.limit.definition.get("custody"))
        answering: Iterable[int] = roster.answering(alert.rung, unit_id=alert.unit_id, officer_id=alert.officer_id)
        if clock.matter.restricted:
            named = handlers.get(clock.matter_id, ())
            answering = [one for one in answering if one in named] or named
        for officer_id in answering:
            yield Tiding(
                key_of(Told(alert.pk, alert.level, alert.rung)),
                officer_id,
                alert.tell_since or at,
                ABOUT,
                words_of(alert),
                reverse("alerts:alert", args=(alert.pk,)),
                urgent=presses,
                rank=alert.level,
            )


def words_of(alert: Alert) -> str:
    """A warning in one line."""
    clock = alert.clock
    level = Level(alert.level)
    due = f"{clock.due_on:%m-%d}" if clock.due_on else f"{timezone.localtime(alert.due_at):%m-%d %H:%M}"
    climbed = "，无人答复" if alert.rung else ""
    return f"{level.sign}{level.label}：{clock.matter.number} {clock.limit}，{due}届满，{alert.unit}{climbed}"


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys of this room, those whose news is still so: the warning waits for a word at that level and rung."""
    named = {text: told for text in keys if (told := read_key(text)) is not None}
    wanted = sorted({told.alert for told in named.values()})
    now: set[Told] = set()
    for begin in range(0, len(wanted), 5000):
        rows = Alert.objects.open().filter(pk__in=wanted[begin : begin + 5000])
        now.update(Told(*row) for row in rows.values_list("pk", "level", "rung"))
    return {text for text, told in named.items() if told in now}


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not."""
    named = {text: told.alert for text in keys if (told := read_key(text)) is not None}
    wanted, known = sorted(set(named.values())), dict[int, int]()
    for begin in range(0, len(wanted), 5000):
        known |= dict(Alert.objects.filter(pk__in=wanted[begin : begin + 5000]).values_list("pk", "clock__matter"))
    return {text: known[pk] for text, pk in named.items() if pk in known}


def _handlers() -> dict[int, list[int]]:
    """Who may be told of the restricted matters that somebody is to be told of: their handlers, none of them barred."""
    asked = Alert.objects.untold().filter(restricted=True).values("clock__matter")
    return {
        matter_id: list(dict.fromkeys(one.officer_id for one in found))
        for matter_id, found in handlers_in_sight(asked).items()
    }
