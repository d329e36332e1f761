"""What people said when asked, each month about the cases of the month before; unhappy answers are looked into."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from django.utils import timezone

from cases.demo.people import Staff
from cases.models import Grade
from config.demo.report_agenda import Agenda
from config.demo.report_files import write_csv
from config.demo.report_plan import DAY, SEED, SLOW
from config.demo.report_size import Size
from supervision.rectification.models import Problem
from supervision.returnvisits import services
from supervision.returnvisits.models import Basis, Channel, Check, Visit, VisitRound, VisitState
from supervision.returnvisits.queries import Scope
from supervision.returnvisits.services.checking import Demand
from supervision.returnvisits.services.importing import CODE, REPLY, TEXT

KINDS = ("public_order_case", "administrative_case")
CALLERS = ("010101", "010102")
CHECKER = "010102"
ANSWERED_BY_MESSAGE, ANSWERED_BY_TELEPHONE = 0.72, 0.12

# Weights of the four words, for most units and for those that keep people waiting.
USUAL, POOR = (62, 32, 5, 1), (30, 40, 22, 8)
SAID = {
    Grade.SATISFIED: ("", "", "处理及时", "办事很快"),
    Grade.BASICALLY: ("", "", "等得久了一点"),
    Grade.DISSATISFIED: ("等了太久没有消息", "不知道办到哪一步了"),
    Grade.VERY_DISSATISFIED: ("去了几趟都没有办成",),
}
UPHELD = "受理后没有按承诺告知进展，情况属实。"
DEMANDED = "{number}受理后没有按承诺告知办理进展。请补告进展，并检查来电登记和回复。"
UNFOUNDED = "核对告知记录和送达回证，已按期告知，不属实。"


class Ratings:
    """A round of return visits each month: drawn, asked by message and telephone, looked into, closed."""

    def __init__(self, staff: Staff, agenda: Agenda, folder: Path, size: Size) -> None:
        self.staff, self.agenda, self.folder, self.size = staff, agenda, folder, size
        self.callers = [staff.officers[number] for number in CALLERS]
        self.dice = Random(f"{SEED}/ratings")
        self.slow = {staff.units[code].pk for code in SLOW}

    def draw(self, month: date, at: datetime) -> None:
        """Draw a round of what was filed in the month that begins on a day, and put down the rest of its course."""
        until = (month + timedelta(days=31)).replace(day=1) - DAY
        drawn = services.draw_round(
            title=f"{month:%Y年%-m月}案件回访",
            scope=Scope(self.staff.units["YC"], KINDS, Basis.OPENED, month, until),
            per_unit=self.size.asked,
            reply_until=timezone.localdate(at) + timedelta(days=12),
            callers=self.callers,
            seed=f"{month:%Y%m}",
            by=self.callers[0],
            at=at,
        )
        put = self.agenda.put
        for caller in self.callers:
            services.list_for_messages(visit_round=drawn, by=caller, at=at)
        put(at + DAY * 3, lambda later: self._replies(drawn, later))
        put(at + DAY * 5, lambda later: self._telephone(drawn, later))
        put(at + DAY * 9, lambda later: self._look_into(drawn, later))
        put(at + DAY * 15, lambda later: self._close(drawn, later))

    def _word(self, visit: Visit) -> Grade:
        return Grade(self.dice.choices(tuple(Grade), POOR if visit.unit_id in self.slow else USUAL)[0])

    def _waiting(self, drawn: VisitRound, place: int) -> list[Visit]:
        rows = Visit.objects.filter(round=drawn, state=VisitState.WAITING, caller=self.callers[place])
        return list(rows.select_related("round", "matter", "feedback").order_by("pk"))

    def _replies(self, drawn: VisitRound, at: datetime) -> None:
        """What the message gateway brought back, one file a caller."""
        for place, caller in enumerate(self.callers):
            rows = []
            for visit in self._waiting(drawn, place):
                if self.dice.random() < ANSWERED_BY_MESSAGE:
                    grade = self._word(visit)
                    rows.append({CODE: visit.code, REPLY: str(grade.value), TEXT: self.dice.choice(SAID[grade])})
            path = self.folder / f"replies{drawn.pk}-{place}.csv"
            write_csv(path, (CODE, REPLY, TEXT), rows)
            services.load_replies(path, by=caller, at=at)
            path.unlink()

    def _telephone(self, drawn: VisitRound, at: datetime) -> None:
        for place, caller in enumerate(self.callers):
            for visit in self._waiting(drawn, place):
                fate = self.dice.random()
                if fate < ANSWERED_BY_TELEPHONE:
                    grade = self._word(visit)
                    services.record_answer(
                        visit=visit,
                        channel=Channel.TELEPHONE,
                        grade=grade,
                        text=self.dice.choice(SAID[grade]),
                        by=caller,
                        at=at,
                    )
                elif fate < ANSWERED_BY_TELEPHONE * 1.3:
                    services.record_answer(
                        visit=visit,
                        channel=Channel.TELEPHONE,
                        grade=Grade.SATISFIED,
                        text="",
                        by=caller,
                        at=at,
                        valid=False,
                        invalid_reason="接听的不是本人",
                    )

    def _look_into(self, drawn: VisitRound, at: datetime) -> None:
        problem = Problem.objects.get(code="served_badly")
        rows = Check.objects.open().filter(visit__round=drawn).order_by("pk")
        for check in rows.select_related("visit__round", "visit__matter", "visit__feedback", "unit"):
            upheld = self.dice.random() < 0.25
            demand = Demand(problem, DEMANDED.format(number=check.visit.matter.number)) if upheld else None
            services.conclude_check(
                check=check,
                upheld=upheld,
                text=UPHELD if upheld else UNFOUNDED,
                by=self.staff.officers[CHECKER],
                at=at,
                demand=demand,
            )

    def _close(self, drawn: VisitRound, at: datetime) -> None:
        drawn.refresh_from_db()
        services.close_round(visit_round=drawn, by=self.callers[0], at=at)
