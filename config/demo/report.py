"""The year of the report, lived through: files come in, clocks are wound, warnings raised, orders given, people answer."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from cases.demo.loading import CatalogueMissing
from cases.demo.people import Person, Staff, make_staff
from cases.duty import working_time
from cases.intake import IntakeMapping, IntakeReport, load_file
from cases.models import Matter, MatterKind, Unit
from cases.winding import wind_pending
from config.demo import report_files as files
from config.demo import report_plan as plan
from config.demo.report_agenda import Agenda
from config.demo.report_bureau import COUNTIES, IN_OFFICE_SINCE, Prefecture, lay_out
from config.demo.report_complaints import Complaints
from config.demo.report_orders import Orders
from config.demo.report_petitions import Petitions
from config.demo.report_proceedings import Proceedings
from config.demo.report_ratings import Ratings
from config.demo.report_size import PART, WHOLE, Size
from supervision.alerts.services import climb, order_due, sweep
from supervision.proceedings.services.bulk import DisputeFacts, take_up_disputes

# The officer of the city who brings the registers in.
REGISTRAR = "010101"
# A case may be looked into by hand so long after it was filed.
RECENT = timedelta(days=40)

Say = Callable[[str], None]


def size_there() -> Size | None:
    """In which size the prefecture has been loaded; none where the small bureau was, or nothing."""
    if not Unit.objects.filter(code=COUNTIES[0][0]).exists():
        return None
    last = plan.dispute_number(WHOLE.disputes)
    return WHOLE if Matter.objects.filter(kind__code="dispute", number=last).exists() else PART


def load_report(
    password_of: Callable[[Person], str], size: Size, say: Say = lambda text: None
) -> tuple[Prefecture, Staff]:
    """Everything of the year, up to its end; in the caller's transaction. Refuses a catalogue that it does not fit."""
    if not MatterKind.objects.exists():
        raise CatalogueMissing("事项种类")
    prefecture = lay_out()
    staff = make_staff(password_of, places=prefecture.places, people=prefecture.people, since=IN_OFFICE_SINCE)
    say(f"单位 {len(prefecture.places)} 个，民警 {len(prefecture.people)} 名")
    with TemporaryDirectory() as folder:
        _Year(prefecture, staff, Path(folder), size, say).live()
    return prefecture, staff


class _Year:
    """The bureau from the first to the last day, a look every few days; each part of it puts its acts in the agenda."""

    def __init__(self, prefecture: Prefecture, staff: Staff, folder: Path, size: Size, say: Say) -> None:
        self.prefecture, self.staff, self.folder, self.size, self.say = prefecture, staff, folder, size, say
        self.registrar = staff.officers[REGISTRAR]
        self.agenda = Agenda(working_time(plan.BEGINS))
        self.petitions = Petitions(prefecture, staff, self.agenda, size)
        self.complaints = Complaints(prefecture, staff, self.agenda, folder, size)
        self.ratings = Ratings(staff, self.agenda, folder, size)
        Proceedings(prefecture, staff, self.agenda)
        # Last, so that what the others order is answered with the rest.
        self.orders = Orders(prefecture, staff, self.agenda, size)

    def live(self) -> None:
        """Look after look: what was planned since the last one is done, files come in, the timetable runs, people answer."""
        cases = plan.cases(self.prefecture, self.size)
        looks = [*plan.looks(self.size.every), plan.LAST_LOOK]
        filed, petitions = _by_look(cases, looks), _by_look(self.petitions.register, looks)
        month, complained = plan.BEGINS, plan.BEGINS
        for number, at in enumerate(looks):
            last = at == looks[-1]
            self.agenda.run(at)
            self._bring(files.CASES, filed[at], at=at)
            self._bring(files.PETITIONS, petitions[at], at=at)
            if not last:
                self.petitions.came_in(self.petitions.register if number == len(looks) - 2 else petitions[at], at)
            if number % 3 == 2 or at == looks[-2]:
                self.complaints.bring_in(complained, at)
                complained = at
            if at.month != month.month and not last:
                self.ratings.draw(month.date(), at)
                month = at.replace(day=1)
            self._look(at, last=last)
            if not last:
                recent = [case for case in cases if at - RECENT < case.dates["立案时间"] <= at]
                self.orders.keep_up(at, recent, to_the_end=at == looks[-2])
                self.orders.answer_warnings(at)
            if number % 20 == 19:
                _tell_the_planner()
                self.say(f"{at:%m-%d}：案件、信访、投诉、回访已到当日，整改 {self.orders.known} 件")
        self._end_the_year(looks[-1])

    def _look(self, at: datetime, *, last: bool) -> None:
        """What the timetable does; what runs out in the night that ends the year is ordered in the next."""
        wind_pending(at=at)
        sweep(at=at)
        if not last:
            climb(at=at)
            order_due(at=at)

    def _end_the_year(self, at: datetime) -> None:
        """The registers of calls and disputes come in once, for the whole year; then all is counted to its end."""
        self._bring(files.INCIDENTS, plan.incidents(self.prefecture, self.size), at=at)
        disputes = plan.disputes(self.prefecture, self.size)
        self._bring(files.DISPUTES, disputes, at=at)
        self.say(f"警情 {self.size.incidents} 件、矛盾纠纷 {self.size.disputes} 件已导入")
        taken = take_up_disputes([_facts(row, case) for row, case in enumerate(disputes, 2)], by=self.registrar, at=at)
        if taken.refused:
            raise plan.ReportMissed(str(taken.refused[0]))
        wind_pending(at=at)
        sweep(at=plan.ENDS)
        _tell_the_planner()

    def _bring(self, mapping: IntakeMapping, rows: Sequence[plan.Case], *, at: datetime) -> IntakeReport | None:
        """Export a register as it stands, and import it."""
        if not rows:
            return None
        path = self.folder / f"{mapping.source}{at:%Y%m%d}.csv"
        files.write_register(path, mapping, rows, at=at)
        report = load_file(path, mapping, at=at, by=self.registrar)
        path.unlink()
        if not report.ok:
            raise plan.ReportMissed(f"{path.name}：{report.error or report.refusals[0]}")
        return report


def _tell_the_planner() -> None:
    """PostgreSQL gathers its statistics by itself only of what is committed; the year is one transaction, and a count over
    its rows, planned as if there were none, would take minutes."""
    if connection.vendor == "postgresql":
        # By name: the server's own tables are everybody's, and would stay locked until the year is over.
        tables = ", ".join(sorted(connection.introspection.django_table_names(only_existing=True)))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


def _by_look(cases: Sequence[plan.Case], looks: Sequence[datetime]) -> dict[datetime, list[plan.Case]]:
    """By look, the cases to which something has happened since the one before."""
    found: dict[datetime, list[plan.Case]] = {at: [] for at in looks}
    for case in cases:
        # What happens after the last look is not known in the year.
        places = {bisect_left(looks, at) for at in case.dates.values()}
        for place in sorted(places - {len(looks)}):
            found[looks[place]].append(case)
    return found


def _facts(row: int, case: plan.Case) -> DisputeFacts:
    """What the register of disputes says beside the events."""
    words = case.words
    due = words.get("回访期限")
    return DisputeFacts(
        row,
        case.number,
        words["纠纷类型"],
        words["风险等级"],
        words["来源"],
        recheck_due_on=date.fromisoformat(due) if due else None,
    )
