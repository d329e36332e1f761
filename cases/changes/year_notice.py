"""The holiday notice of a year, or a supplement to one, as a change of the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from cases.catalogue.checking import Year
from cases.catalogue.concerned import Concerned
from cases.catalogue.days import DayChanges, compare_days
from cases.changes.refusals import InvalidProposal
from cases.changes.rules import Notice, check_notice, days_of
from cases.models import CalendarYear, DayOff, Officer, WorkCalendar
from cases.statute.workdays import WEEKDAY_NAMES, Calendar
from cases.winding import Hypothesis

NO_CALENDAR = "没有“{code}”这一日历"
NOTHING_NEW = "与已载入的安排相同，没有变动"
NOT_ANNOUNCED = "{year}年的放假安排还没有载入，不能先作补充，请先录入全年安排"


class YearNotice:
    """A year's notice: with it the year is announced. A full one replaces what was listed, a supplement adds to it."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload
        self.code: str = payload["calendar"]
        self.year: int = payload["year"]
        self.notice: str = payload["notice"]
        self.supplement: bool = payload["supplement"]

    @cached_property
    def calendar(self) -> WorkCalendar:
        row = WorkCalendar.objects.filter(code=self.code).first()
        if row is None:
            raise InvalidProposal([("calendar", NO_CALENDAR.format(code=self.code))])
        return row

    @cached_property
    def _years(self) -> dict[int, CalendarYear]:
        return {row.year: row for row in self.calendar.years.all()}

    @cached_property
    def _existing(self) -> dict[date, DayOff]:
        return {row.day: row for row in self.calendar.days.all()}

    @cached_property
    def _changes(self) -> DayChanges:
        listed = Year(self.year, self.notice, tuple(days_of(self.payload)))
        notices = {number: row.notice for number, row in self._years.items()}
        return compare_days(self.calendar, self._existing, [listed], notices, keep=self.supplement)

    @property
    def _announces(self) -> bool:
        return self.year not in self._years

    def title(self) -> str:
        word = "放假安排的补充" if self.supplement else "放假安排"
        return f"{self.calendar}日历：{self.year}年{word}"

    def details(self) -> Sequence[tuple[str, str]]:
        days = days_of(self.payload)
        told = [("日历", str(self.calendar)), ("年份", f"{self.year}年"), ("通知文号", self.notice or "未填")]
        for name, working in (("放假", False), ("上班", True)):
            listed = [
                f"{one.day}（{WEEKDAY_NAMES[one.day.weekday()]}，{one.name}）" for one in days if one.working is working
            ]
            told.append((f"{name} {len(listed)} 天", "、".join(listed) or "无"))
        return told

    def check(self, *, at: datetime) -> None:
        off_now = [day for day, row in self._existing.items() if not row.working]
        read = Notice(self.year, self.notice, days_of(self.payload))
        problems = check_notice(read, supplement=self.supplement, off_now=off_now)
        if self.supplement and self._announces:
            problems.append(("year", NOT_ANNOUNCED.format(year=self.year)))
        if not problems and not self._announces and not self._changes.count:
            problems.append(("off", NOTHING_NEW))
        if problems:
            raise InvalidProposal(problems)

    def suppose(self) -> Hypothesis:
        special = self._changes.applied_to(self._existing)
        return Hypothesis(calendars={self.code: Calendar(self.code, special, {*self._years, self.year})})

    def concern(self, concerned: Concerned) -> None:
        concerned.take_days(self.code, self._changes.turned, self._announces)

    def write(self, *, by: Officer | None, at: datetime) -> None:
        row = self._years.get(self.year)
        if row is None:
            CalendarYear.objects.create(calendar=self.calendar, year=self.year, notice=self.notice)
        elif self.notice and self.notice not in row.notice:
            told = f"{row.notice}；{self.notice}" if self.supplement and row.notice else self.notice
            CalendarYear.objects.filter(pk=row.pk).update(notice=told[:200])
        self._changes.write()
