"""Whatever happens in whatever order: one standing warning a clock, nothing over that is off the list, nothing twice."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cases.models import Clock, Matter, Officer, Role
from cases.services import CaseRefused, void_event
from supervision.alerts.models import Alert, AlertStep
from supervision.alerts.queries import standing_list
from supervision.alerts.refusals import AlertRefused
from supervision.alerts.services import acknowledge, climb, order_alert, order_due, sweep
from supervision.rectification.models import Order
from tests.cases.factories import make_bureau, make_case, make_catalogue, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun

BEGINS = moment("2026-03-03 08:00")

# What may happen, and how many hours after what happened before.
ACTS = ("sweep", "climb", "order", "answer", "order_by_hand", "extend", "test", "tested", "decide", "void")
happenings = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 200)), max_size=14)
few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


class World:
    """One case and those who act on it."""

    def __init__(self) -> None:
        make_catalogue()
        make_overrun()
        self.bureau = make_bureau()
        self.officer: Officer = make_officer("100001", self.bureau.station, Role.CASE_OFFICER)
        self.legal: Officer = make_officer("100003", self.bureau.legal, Role.LEGAL_OFFICER)
        self.case: Matter = make_case("A1", self.bureau.station, self.officer, filed="2026-03-02")

    def play(self, acts: Sequence[tuple[str, int]]) -> datetime:
        at = BEGINS
        for act, hours in acts:
            at += timedelta(hours=hours)
            self.act(act, at)
            self.check(at)
        return at

    def act(self, act: str, at: datetime) -> None:
        alert = Alert.objects.order_by("-pk").select_related("clock__limit", "clock__matter", "unit", "officer").first()
        day = at.astimezone(BEGINS.tzinfo).date()
        stages: dict[str, Callable[[], object]] = {
            "sweep": lambda: sweep(at=at),
            "climb": lambda: climb(at=at),
            "order": lambda: order_due(at=at),
            "answer": lambda: alert and acknowledge(alert=alert, reason="等", next_on=day, by=self.officer, at=at),
            "order_by_hand": lambda: alert and order_alert(alert=alert, text="请办结", by=self.legal, at=at),
            "extend": lambda: self.enter("longer", at, approver="head"),
            "test": lambda: self.enter("test_began", at),
            "tested": lambda: self.enter("test_ended", at),
            "decide": lambda: self.enter("decided", at),
            "void": lambda: self.void_last(at),
        }
        with contextlib.suppress(AlertRefused, CaseRefused):
            stages[act]()

    def enter(self, kind: str, at: datetime, **fields: str) -> None:
        when = f"{at.astimezone(BEGINS.tzinfo):%Y-%m-%d %H:%M}"
        record(self.case, kind, when, **fields)

    def void_last(self, at: datetime) -> None:
        event = self.case.events.exclude(kind__code="filed").filter(only_voids=False).order_by("-pk").first()
        if event is not None:
            void_event(event=event, reason="误录", by=self.officer, at=at)

    def check(self, at: datetime) -> None:
        standing = Alert.objects.standing().values_list("clock", flat=True)
        assert len(standing) == len(set(standing))
        over = set(Clock.objects.overdue(at).counted().values_list("pk", flat=True))
        assert set(standing_list(self.legal, at).values_list("pk", flat=True)) == over

    def rows(self) -> list[object]:
        return [
            *Alert.objects.order_by("pk").values(),
            *AlertStep.objects.order_by("pk").values(),
            *Order.objects.order_by("pk").values("source_number", "state"),
            *Clock.objects.order_by("pk").values("level", "next_level_at", "unsettled"),
        ]


def everything(at: datetime) -> None:
    sweep(at=at)
    order_due(at=at)
    climb(at=at)


class Whatever(TestCase):
    """Each example in a database of its own."""

    @few
    @given(acts=happenings)
    def test_a_second_run_of_every_stage_changes_nothing_and_what_stands_is_what_runs(
        self, acts: list[tuple[str, int]]
    ) -> None:
        world = World()
        at = world.play(acts)
        everything(at)
        before = world.rows()

        everything(at)

        assert world.rows() == before
        for alert in Alert.objects.standing().select_related("clock"):
            assert (alert.due_at, alert.level) == (alert.clock.due_at, alert.clock.level)
        red = Clock.objects.overdue(at).filter(alerts__ended_at=None, alerts__level=3).distinct().count()
        assert red == Clock.objects.overdue(at).count()

    @few
    @given(
        hours=st.lists(st.integers(0, 24 * 45), max_size=6),
        events=st.lists(st.tuples(st.sampled_from(("extend", "test", "tested")), st.integers(1, 24 * 40)), max_size=3),
    )
    def test_whenever_the_sweep_came_by_in_between_the_same_stands_in_the_end(
        self, hours: list[int], events: list[tuple[str, int]]
    ) -> None:
        world = World()
        end = BEGINS + timedelta(days=46)
        happens = [(BEGINS + timedelta(hours=hour), 1, "sweep") for hour in hours]
        happens += [(BEGINS + timedelta(hours=hour), 0, act) for act, hour in events]
        for at, _, act in sorted(happens):
            world.act(act, at)
        sweep(at=end)

        clock = Clock.objects.get(matter=world.case)
        standing = Alert.objects.standing().filter(clock=clock)
        reached = [at for at in (clock.yellow_at, clock.orange_at, clock.due_at) if at is not None and at <= end]
        running = clock.state == 1 and bool(reached)
        assert [alert.level for alert in standing] == ([len(reached)] if running else [])
        raised = AlertStep.objects.filter(clock=clock, due_at=clock.due_at, action="raised")
        assert sorted(raised.values_list("level", flat=True)) == (list(range(1, len(reached) + 1)) if running else [])
