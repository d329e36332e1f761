"""The working-day calendar of one country or bureau, as the yearly notices set it.

A calendar is frozen: facts in, answers out. Weekends and festivals are days off; a make-up Saturday or Sunday is a
working day. A year is *announced* when its notice is in; asking about any other year raises, unless the caller asks
for a provisional answer, which then knows weekends only.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)
WEEKDAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

# How far the tables reach past the last announced year, for provisional answers.
PROVISIONAL_YEARS = 3


class UnannouncedYear(LookupError):
    """A date reaches into a year whose holiday notice is not in the calendar."""

    def __init__(self, calendar: str, year: int) -> None:
        super().__init__(f"日历“{calendar}”没有{year}年的放假安排，日期只能暂定")
        self.calendar = calendar
        self.year = year


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not what its weekday says, or a festival: its kind, its name and the notice that set it."""

    day: date
    working: bool
    name: str
    notice: str = ""


class Calendar:
    """A frozen calendar: which days are worked, in which years that is known.

    Three tables over the known span answer every question in constant time: the next working day from a day, how many
    working days lie before a day, and which day is the n-th working day.
    """

    __slots__ = ("_first", "_last", "_next", "_nth", "_rank", "_span", "_sure", "announced", "code", "special")

    def __init__(self, code: str, special: Iterable[SpecialDay], announced: Iterable[int]) -> None:
        self.code = code
        self.special: Mapping[date, SpecialDay] = {s.day: s for s in special}
        self.announced = frozenset(announced)
        if not self.announced:
            raise ValueError("日历至少要有一个已公布的年份")
        self._first = date(min(self.announced) - 1, 1, 1).toordinal()
        self._last = date(max(self.announced) + PROVISIONAL_YEARS, 12, 31).toordinal()
        self._build()

    def _build(self) -> None:
        days = [date.fromordinal(ordinal) for ordinal in range(self._first, self._last + 1)]
        self._span = len(days)
        self._nth = [day for day in days if self._worked(day)]
        self._rank = array("i", [0])
        for day in days:
            self._rank.append(self._rank[-1] + self._worked(day))
        following = days[-1] + ONE_DAY
        while not self._worked(following):
            following += ONE_DAY
        self._next = days
        for offset in range(self._span - 1, -1, -1):
            if self._worked(days[offset]):
                following = days[offset]
            else:
                days[offset] = following
        # Asked more than anything else, and mostly about years whose notice is in: for these one look is enough.
        own = (date.fromordinal(ordinal) for ordinal in range(self._first, self._last + 1))
        self._sure = {day: answer for day, answer in zip(own, days, strict=True) if self.knows(day, answer)}

    def _worked(self, day: date) -> bool:
        special = self.special.get(day)
        return special.working if special is not None else day.weekday() < SATURDAY

    def knows(self, first: date, last: date | None = None) -> bool:
        """Whether every year from `first` to `last` has been announced."""
        until = first.year if last is None else last.year
        if until == first.year:
            return until in self.announced
        return all(year in self.announced for year in range(min(first.year, until), max(first.year, until) + 1))

    def _require(self, first: date, last: date) -> None:
        if self.knows(first, last):
            return
        for year in range(min(first.year, last.year), max(first.year, last.year) + 1):
            if year not in self.announced:
                raise UnannouncedYear(self.code, year)

    def is_working(self, day: date, *, provisional: bool = False) -> bool:
        """Whether `day` is worked. Raises UnannouncedYear unless a provisional answer will do."""
        if not provisional:
            self._require(day, day)
        return self._worked(day)

    def why(self, day: date) -> str:
        """In words, what kind of day this is: its weekday and, where a notice says so, its name."""
        special = self.special.get(day)
        weekday = WEEKDAY_NAMES[day.weekday()]
        if special is None:
            return weekday
        return f"{weekday}，{special.name}{'调休上班' if special.working else '放假'}"

    def first_working_from(self, day: date, *, provisional: bool = False) -> date:
        """The day itself if it is worked, otherwise the first worked day after it."""
        sure = self._sure.get(day)
        if sure is not None:
            return sure
        offset = day.toordinal() - self._first
        if 0 <= offset < self._span:
            answer = self._next[offset]
        else:
            answer = day
            while not self._worked(answer):
                answer += ONE_DAY
        if not provisional:
            self._require(day, answer)
        return answer

    def last_working_until(self, day: date, *, provisional: bool = False) -> date:
        """The day itself if it is worked, otherwise the last worked day before it."""
        answer = day
        while not self._worked(answer):
            answer -= ONE_DAY
        if not provisional:
            self._require(answer, day)
        return answer

    def nth_working_after(self, day: date, count: int, *, provisional: bool = False) -> date:
        """The `count`-th working day after `day`; with a negative count, before it. Nought is refused."""
        if count == 0:
            raise ValueError("第零个工作日没有意义")
        offset = day.toordinal() - self._first
        if 0 <= offset < self._span:
            index = self._rank[offset + 1] + count - 1 if count > 0 else self._rank[offset] + count
            if 0 <= index < len(self._nth):
                answer = self._nth[index]
                if not provisional:
                    self._require(day, answer)
                return answer
        return self._walk(day, count, provisional)

    def _walk(self, day: date, count: int, provisional: bool) -> date:
        """Day by day, for the rare question that leaves the tables."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        answer, left = day, abs(count)
        while left:
            answer += step
            left -= self._worked(answer)
        if not provisional:
            self._require(day, answer)
        return answer

    def working_between(self, after: date, until: date, *, provisional: bool = False) -> int:
        """How many working days lie after `after` up to and including `until`; nought if `until` is not later."""
        if until <= after:
            return 0
        if not provisional:
            self._require(after, until)
        low, high = after.toordinal() - self._first, until.toordinal() - self._first
        if low >= 0 and high < self._span:
            return self._rank[high + 1] - self._rank[low + 1]
        return sum(self._worked(after + n * ONE_DAY) for n in range(1, high - low + 1))
