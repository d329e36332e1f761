"""Warnings answered and orders given, answered and verified in the year of the report.

How many orders there are and what becomes of them is told in whole numbers; which of them it happens to is drawn. What a
limit that ran out did not order by itself, the legal officers order by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from cases.demo.people import Staff
from cases.demo.stories import ZONE
from cases.duty import work_calendar
from cases.models import Level, LevelDemand, Matter, Officer
from cases.statute import periods
from config.demo.answers import DONE_TWICE, EXCUSES, REPLIES, RETURNED, evidence_paper
from config.demo.report_agenda import Act, Agenda
from config.demo.report_bureau import Prefecture
from config.demo.report_plan import BEGINS, ENDS, SEED, SLOW, Case, ReportMissed
from config.demo.report_size import Size
from supervision.alerts.models import Alert
from supervision.alerts.services import acknowledge_many
from supervision.rectification import services
from supervision.rectification.models import Order, Problem, Source

# Nothing is done after it in the year.
LATEST = ENDS - timedelta(hours=9)

# Of the warnings that wait at a look those to which somebody says a word.
ANSWERED = 0.2
# What is found in daily supervision; each rests on a text in force in the year.
FOUND = (
    "document_flaw",
    "document_flaw",
    "not_entered",
    "appraisal_not_served",
    "report_not_received",
    "property_not_handed_over",
    "property_left_open",
    "summons_times_missing",
    "not_enforced",
)
UNFOUNDED = "经核对原始记录，不存在该问题，系数据传输延迟"
PUT_OFF = "鉴定机构书面说明三日内出具意见，等意见后即可办结"
CHECKED = "材料齐全，已核对原件。"


class Orders:
    """The orders of the year: what becomes of each is drawn before it is given."""

    def __init__(self, prefecture: Prefecture, staff: Staff, agenda: Agenda, size: Size) -> None:
        self.prefecture, self.staff, self.agenda, self.size = prefecture, staff, agenda, size
        self.codes = {unit.pk: code for code, unit in staff.units.items()}
        self.dice = Random(f"{SEED}/orders")
        self.fates, self.last = self._draw()
        self.known = 0
        self.looked_into: set[str] = set()
        self.problems = {row.code: row for row in Problem.objects.filter(code__in=FOUND)}
        self.calendar = work_calendar(BEGINS)
        self.worked = agenda.worked

    def _draw(self) -> tuple[list[str], list[str]]:
        size = self.size
        fates = ["verified"] * size.verified + ["extended"] * size.extended
        fates += ["returned, verified"] * size.returned_first
        fates += [fate for fate, times in size.still_open.items() for _ in range(times)]
        fates += ["withdrawn"] * size.withdrawn
        self.dice.shuffle(fates)
        last = [fate for fate in fates if fate in size.still_open][: size.last]
        for fate in last:
            fates.remove(fate)
        return fates, last

    # -- warnings ----------------------------------------------------------------------------------------------------

    def answer_warnings(self, at: datetime) -> None:
        """Some of those who have a warning to answer say a word, in working time."""
        if not self.worked.is_open(at):
            return
        waiting = Alert.objects.open().filter(
            demands__gt=LevelDemand.NONE, level__lt=Level.RED, restricted=False, officer__isnull=False
        )
        by_officer: dict[int, list[int]] = defaultdict(list)
        for pk, officer_id in waiting.order_by("pk").values_list("pk", "officer_id"):
            if self.dice.random() < ANSWERED:
                by_officer[officer_id].append(pk)
        people = Officer.objects.in_bulk(by_officer)
        for turn, (officer_id, alerts) in enumerate(sorted(by_officer.items())):
            acknowledge_many(
                alerts=alerts,
                reason=EXCUSES[turn % len(EXCUSES)],
                next_on=timezone.localdate(at) + timedelta(days=3),
                by=people[officer_id],
                at=at,
            )

    # -- orders ------------------------------------------------------------------------------------------------------

    def keep_up(self, at: datetime, recent: Sequence[Case], *, to_the_end: bool = False) -> None:
        """Give by hand what daily supervision has found by now, and put down what becomes of all that is new."""
        total = self.size.orders + self.size.withdrawn
        wanted = total if to_the_end else int((total - self.size.kept_back) * ((at - BEGINS) / (ENDS - BEGINS)))
        # What only handlers see is left to them, and counts in no rate that others read.
        open_to_all = Order.objects.exclude(matter__restricted=True)
        there = open_to_all.count()
        if there > total:
            raise ReportMissed(f"整改 {there} 件，多于演示数据的 {total} 件")
        for case in self._fit(recent, wanted - there if self.worked.is_open(at) else 0):
            self._give(case, at)
        fresh = open_to_all.order_by("pk").select_related("unit", "officer", "matter", "problem")[self.known :]
        for order in list(fresh):
            self.known += 1
            self._put_down(order, self._fate_of(order))

    def _fit(self, recent: Sequence[Case], count: int) -> list[Case]:
        """So many cases that were not looked into before."""
        fit = [case for case in recent if case.number not in self.looked_into] if count > 0 else []
        found = self.dice.sample(fit, min(count, len(fit))) if fit else []
        self.looked_into |= {case.number for case in found}
        return found

    def _give(self, case: Case, at: datetime) -> None:
        legal = self.staff.officers[self.legal_of(case.unit)[0]]
        problem = self.problems[self.dice.choice(FOUND)]
        matter = Matter.objects.select_related("kind", "unit", "officer").get(
            number=case.number, kind__code=case.kind, withdrawn_at=None
        )
        services.issue_order(
            source=Source.SUPERVISOR,
            source_number=services.own_number(matter=matter, unit=matter.unit, problem=problem),
            problem=problem,
            unit=matter.unit,
            officer=matter.officer,
            text=f"抽查{matter.number}：{problem.name}。{problem.demand}",
            matter=matter,
            by=legal,
            at=at,
        )

    def legal_of(self, code: str) -> tuple[str, str]:
        return self.prefecture.legal[self.prefecture.county_of[code]]

    def _fate_of(self, order: Order) -> str:
        """The next one; a slow unit more often finds one that leaves its order open."""
        if not self.fates:
            return self.last.pop(0)
        if self.codes[order.unit_id] in SLOW and self.dice.random() < 0.4:
            place = next((n for n, fate in enumerate(self.fates) if fate in self.size.still_open), 0)
            return self.fates.pop(place)
        return self.fates.pop(0)

    def _put_down(self, order: Order, fate: str) -> None:
        _Story(self, order, fate).begin()


class _Story:
    """What happens to one order, one working day after the other."""

    def __init__(self, orders: Orders, order: Order, fate: str) -> None:
        self.orders, self.order, self.fate = orders, order, fate
        staff, prefecture, code = orders.staff, orders.prefecture, orders.codes[order.unit_id]
        leader = prefecture.leaders[prefecture.county_of[code]]
        self.leader: Officer = staff.officers[leader]
        self.replier: Officer = order.officer or staff.officers[prefecture.heads.get(code, leader)]
        legal = [staff.officers[number] for number in orders.legal_of(code)]
        self.verifier: Officer = next(one for one in legal if one not in (self.replier, order.officer))
        self.is_slow = code in SLOW
        self.dice = Random(f"{SEED}/order/{orders.known}")

    def begin(self) -> None:
        issued, first = self.order.issued_at, self.dice.choice((1, 1, 2))
        if self.fate == "withdrawn":
            self._at(issued, first, 10, self._withdraw)
        elif self.fate == "extended":
            self._at(issued, first, 11, self._extend)
        elif self.fate != "silent":
            self._at(issued, first, 10, self._reply)

    def _at(self, since: datetime, days: int, hour: int, act: Act) -> None:
        """Put an act down for an hour of the working day so many after another; what no day is left for in the year is left."""
        day = periods.add_working_days(timezone.localdate(since), days, self.orders.calendar)
        when = min(datetime.combine(day, time(hour), tzinfo=ZONE), LATEST)
        if when > since:
            self.orders.agenda.put(when, act)

    def _reply(self, at: datetime, text: str = "") -> None:
        text = text or self.dice.choice(REPLIES)
        paper = evidence_paper(self.order, text, timezone.localdate(at))
        self.order = services.reply_order(order=self.order, text=text, evidence=[paper], by=self.replier, at=at)
        if self.fate.startswith("returned") and text != DONE_TWICE:
            self._at(at, 1, 15, self._return)
        elif self.fate not in ("replied", "returned"):
            slow = 9 if self.is_slow else 0
            self._at(at, self.dice.choice((1, 1, 2)) + slow, 16, self._verify)

    def _return(self, at: datetime) -> None:
        self.order = services.return_order(order=self.order, reason=RETURNED, by=self.verifier, at=at)
        if self.fate == "returned, verified":
            self._at(at, 1, 11, lambda later: self._reply(later, DONE_TWICE))

    def _extend(self, at: datetime) -> None:
        self.order = services.extend_order(
            order=self.order,
            due_on=periods.add_working_days(self.order.due_on, 3, self.orders.calendar),
            reason=PUT_OFF,
            approver=self.leader,
            by=self.verifier,
            at=at,
        )
        self._at(at, self.dice.choice((2, 3)), 10, self._reply)

    def _withdraw(self, at: datetime) -> None:
        self.order = services.withdraw_order(order=self.order, reason=UNFOUNDED, by=self.verifier, at=at)

    def _verify(self, at: datetime) -> None:
        self.order = services.verify_order(order=self.order, text=CHECKED, by=self.verifier, at=at)
