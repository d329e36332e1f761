"""Living through the drawn year: what comes in is entered, clocks are wound, warnings raised, orders answered, people told.

Everything is done by the verbs of the rooms, at moments handed to them; nothing reads the time. What is counted at the
end is counted from rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from django.db.models import Count

from cases.duty import working_time
from cases.models import Clock, Level, Officer
from cases.statute.working_time import WorkingTime
from cases.winding import Catalogue, catalogue, wind_matters
from config.simulation.bureau import OFFICERS_A_UNIT, Recorder, Staff, make_staff, open_cases
from config.simulation.drawing import Act, Plan, draw
from config.simulation.following import Following
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.alerts.queries import standing_list
from supervision.alerts.services import acknowledge_many, climb, order_due, sweep
from supervision.bulletins.queries import measure_noise
from supervision.bulletins.services import compose_notices
from supervision.rectification.evidence import Received
from supervision.rectification.models import ContentType, Order, OrderState
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import reply_order, return_order, verify_order

# When somebody looks, each day. The product looks every minute; what matters happens at these.
ROUNDS: Final = (time(0), time(9), time(11), time(14), time(17), time(21))
ANSWERED_AT: Final = time(11)
VERIFIED_AT: Final = time(14)
FOLLOWED_AT: Final = (time(0), time(14))

# The shares of what waits that people get to on a working day; the rest is silence, and climbs.
ANSWER = 0.55
REPLY = 0.45
VERIFY = 0.6
RETURN = 0.15


@dataclass(slots=True)
class Tally:
    """What was looked at each morning and must never be."""

    days: int = 0
    overdue_seen: int = 0
    missing: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)


def what_broke(figures: Mapping[str, Any]) -> list[str]:
    """What must always hold and, by these figures, did not; in words, empty when all held."""
    rules = {
        "overdue_missing_from_standing_list": "有 {} 次超期不在长期超期清单上",
        "clocks_with_two_open_alerts": "有 {} 次一个时钟同时有两件预警",
        "refused": "有 {} 次办理被拒绝",
    }
    return [words.format(figures[key]) for key, words in rules.items() if figures[key]]


class Year:
    """One simulated bureau, from its first day to its last."""

    def __init__(self, plan: Plan, say: Callable[[str], None] = lambda text: None) -> None:
        self.plan = plan
        self.say = say
        self.dice = Random(plan.seed + 1)
        self.tally = Tally()
        self.staff: Staff
        self.law: Catalogue
        self.worked: WorkingTime
        self.following: Following

    def live(self) -> dict[str, Any]:
        """Go through the whole of it; the figures as JSON-ready values."""
        plan = self.plan
        self.staff = make_staff(plan.units, (plan.begins - timedelta(days=365)).date())
        cases = list(draw(plan, OFFICERS_A_UNIT))
        ids = open_cases(cases, self.staff)
        waiting = sorted(
            ((act.entered, ids[case.number], act) for case in cases for act in case.acts), key=lambda one: one[:2]
        )
        self.law, self.worked = catalogue(), working_time(plan.begins)
        self.following = Following(self.staff, self.dice)
        self._go_through(waiting)
        return self._figures(plan.begins + timedelta(days=plan.days))

    # -- a day -------------------------------------------------------------------------------------------------------

    def _go_through(self, waiting: Sequence[tuple[datetime, int, Act]]) -> None:
        recorder, done = Recorder(), 0
        for number in range(self.plan.days):
            day = self.plan.begins + timedelta(days=number)
            for hour in ROUNDS:
                at = datetime.combine(day, hour, tzinfo=day.tzinfo)
                until = done
                while until < len(waiting) and waiting[until][0] <= at:
                    until += 1
                if until > done:
                    entered = recorder.enter([(matter, act) for _, matter, act in waiting[done:until]])
                    wind_matters(sorted(entered), at=at, cause="登记节点", law=self.law)
                    done = until
                self._round(at, hour)
            self._look(day + timedelta(days=1))
            if number % 30 == 29:
                self.say(f"第 {number + 1} 天，预警 {Alert.objects.count()} 件，整改 {Order.objects.count()} 件")

    def _round(self, at: datetime, hour: time) -> None:
        sweep(at=at)
        climb(at=at)
        order_due(at=at)
        if hour in FOLLOWED_AT:
            self.following.round(at)
        if hour == ANSWERED_AT and self.worked.is_open(at):
            self._answer(at)
        if hour == VERIFIED_AT and self.worked.is_open(at):
            self._verify(at)
            self.following.work(at)
        compose_notices(at=at)

    # -- what people do ----------------------------------------------------------------------------------------------

    def _answer(self, at: datetime) -> None:
        """Some of those who have something to answer do: a word on a warning, a reply to an order."""
        by_officer: dict[int, list[int]] = {}
        for pk, officer_id in Alert.objects.open().order_by("pk").values_list("pk", "officer_id"):
            if officer_id is not None and self.dice.random() < ANSWER:
                by_officer.setdefault(officer_id, []).append(pk)
        people = Officer.objects.in_bulk(by_officer)
        for officer_id, alerts in by_officer.items():
            next_on = (at + timedelta(days=self.dice.randint(1, 5))).date()
            acknowledge_many(alerts=alerts, reason="正在办理", next_on=next_on, by=people[officer_id], at=at)
        for order in self._orders(Order.objects.to_answer(), REPLY):
            if order.officer is not None:
                reply_order(order=order, text="已办结并改正", evidence=[_photo(order)], by=order.officer, at=at)

    def _verify(self, at: datetime) -> None:
        legal = self.staff.legal[0]
        for order in self._orders(Order.objects.filter(state=OrderState.REPLIED), VERIFY):
            try:
                if self.dice.random() < RETURN:
                    return_order(order=order, reason="没有写明改正情况", by=legal, at=at)
                else:
                    verify_order(order=order, by=legal, at=at)
            except RectificationRefused as refusal:
                self.tally.wrong.append(str(refusal))

    def _orders(self, rows: Any, share: float) -> Iterable[Order]:
        found = rows.select_related("officer", "problem", "matter").order_by("pk")
        return [order for order in found if self.dice.random() < share]

    # -- what must always hold ---------------------------------------------------------------------------------------

    def _look(self, midnight: datetime) -> None:
        """At the end of each day: is what is over on the list, and is no clock warned of twice?"""
        over = set(
            Clock.objects.overdue(midnight).counted().filter(matter__restricted=False).values_list("pk", flat=True)
        )
        listed = set(standing_list(self.staff.legal[0], midnight).values_list("pk", flat=True))
        doubled = Alert.objects.standing().values("clock").annotate(times=Count("pk")).filter(times__gt=1)
        self.tally.days += 1
        self.tally.overdue_seen += len(over)
        self.tally.missing += len(over - listed)
        self.tally.twice += doubled.count()

    # -- the figures -------------------------------------------------------------------------------------------------

    def _figures(self, ends: datetime) -> dict[str, Any]:
        noise = measure_noise(at=ends - timedelta(minutes=1), days=self.plan.days)
        raised = AlertStep.objects.filter(action=Action.RAISED).values_list("level").annotate(times=Count("pk"))
        steps = dict(AlertStep.objects.order_by().values_list("action").annotate(times=Count("pk")))
        orders = Counter(Order.objects.values_list("state", flat=True))
        issued, verified = sum(orders.values()), orders[OrderState.VERIFIED]
        founded = issued - orders[OrderState.WITHDRAWN]
        return {
            "units": self.plan.units,
            "cases": self.plan.cases,
            "months": self.plan.months,
            "seed": self.plan.seed,
            "days": self.tally.days,
            "people": self.staff.people,
            "clocks": Clock.objects.count(),
            "ended_late": Clock.objects.filter(late=True).counted().count(),
            "alerts_by_level": {Level(level).label: times for level, times in sorted(raised)},
            "alert_steps": {Action(action).label: times for action, times in sorted(steps.items())},
            "alerts_standing": Alert.objects.standing().count(),
            "alerts_withdrawn": Alert.objects.filter(state=AlertState.WITHDRAWN).count(),
            "orders": issued,
            "orders_verified": verified,
            "rectified": f"{verified}/{founded}",
            "orders_overdue": Order.objects.overdue(ends).count(),
            **self.following.figures(),
            "messages": noise.messages,
            "messages_urgent": noise.urgent,
            "messages_per_person_day_p95": noise.p95,
            "messages_per_person_day_max": noise.most,
            "messages_per_person_day_spread": list(noise.spread),
            "overdue_looked_at": self.tally.overdue_seen,
            "overdue_missing_from_standing_list": self.tally.missing,
            "clocks_with_two_open_alerts": self.tally.twice,
            "refused": len(self.tally.wrong) + len(self.following.refused),
        }


def _photo(order: Order) -> Received:
    """A file that stands for the evidence: the row is real, no bytes are stored for a bureau that does not exist."""
    digest = f"{order.pk:064x}"
    return Received(
        name="改正情况.pdf",
        size=1,
        sha256=digest,
        content_type=ContentType.PDF,
        path=f"simulated/{digest}",
        scanned=False,
    )
