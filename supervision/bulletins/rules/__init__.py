"""The arithmetic of a bulletin and the life of a letter, without a database.

`life` holds the kinds and states of a bulletin and what may be done to it, `planning` when one is owed.

A period is half-open: it holds its first moment and not its last. No function here asks what time it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import ceil
from typing import Final

from cases.statute.working_time import WorkingHours, WorkingTime

# -- months ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month, named by its first day."""

    first: date

    def __post_init__(self) -> None:
        if self.first.day != 1:
            raise ValueError("月份以其第一天为名")

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.replace(day=1))

    @property
    def following(self) -> "Month":
        return Month.of(self.first + timedelta(days=31))

    @property
    def previous(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def name(self) -> str:
        return f"{self.first.year}年{self.first.month}月"


@dataclass(frozen=True, slots=True)
class Span:
    """The local days a bulletin is about, from `first` up to and without `until`."""

    first: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.first:
            raise ValueError("期间至少要有一天")

    @classmethod
    def of_month(cls, month: Month) -> "Span":
        return cls(month.first, month.following.first)

    @classmethod
    def of_week(cls, day: date) -> "Span":
        """The week that holds the day, from Monday to Sunday."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=7))

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def month(self) -> Month | None:
        """The calendar month it is, if it is one."""
        month = Month.of(self.first)
        return month if self.until == month.following.first and self.first == month.first else None

    @property
    def name(self) -> str:
        """As a title has it: 2026年3月, 2026年3月2日, 2026年3月2日至8日."""
        if self.month is not None:
            return self.month.name
        return f"{self.first.year}年{self.days}"

    @property
    def short(self) -> str:
        """As a sentence has it: 3月, 3月2日, 3月2日至8日."""
        return f"{self.first.month}月" if self.month is not None else self.days

    @property
    def days(self) -> str:
        """Its days, without the year where both ends share it."""
        first, last = self.first, self.last
        begin = f"{first.month}月{first.day}日"
        if first == last:
            return begin
        if first.year != last.year:
            return f"{begin}至{last.year}年{last.month}月{last.day}日"
        return f"{begin}至{last.day}日" if first.month == last.month else f"{begin}至{last.month}月{last.day}日"

    def overlaps(self, other: "Span") -> bool:
        return self.first < other.until and other.first < self.until


@dataclass(frozen=True, slots=True)
class Period:
    """[begins, ends), counted as far as `cutoff`; aware moments."""

    begins: datetime
    ends: datetime
    cutoff: datetime

    @property
    def over(self) -> bool:
        return self.cutoff == self.ends


def period_of(span: Span, *, zone: tzinfo, at: datetime) -> Period:
    """The days from midnight to midnight, local time of `zone`, as they can be counted at `at`.

    A period that is over is counted to its end however late one counts; one still running, to `at`.
    """
    begins, ends = (datetime.combine(day, time.min, tzinfo=zone) for day in (span.first, span.until))
    return Period(begins, ends, min(max(at, begins), ends))


def overrun(*, due_on: date | None, due_at: datetime, at: datetime) -> str:
    """How long something is late at `at` (local), in words: days for what is due on a day, else hours, then days."""
    if due_on is not None:
        return f"超 {max((at.date() - due_on).days, 0)} 天"
    hours = (at - due_at) // timedelta(hours=1)
    if hours < 1:
        return "超不足 1 小时"
    return f"超 {hours} 小时" if hours < 48 else f"超 {hours // 24} 天"


# -- letters ---------------------------------------------------------------------------------------------------------

# Where a letter says that it may be a second copy; nothing stands there in the first one.
NOTICE_PLACE: Final = "<!--notice-->"


class LetterState(StrEnum):
    """How a letter stands.

    Queued -> sending -> sent, or failed with the error, or queued again for later. Doubtful: whoever was sending it
    is gone and left no note, so it may have arrived; it will be sent again and say so. Dropped: what it had to say no
    longer stood when its turn came, or somebody else says it; only letters of notices are.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    DROPPED = "dropped"


# The states each verb may come from.
CLAIMABLE: Final = (LetterState.QUEUED, LetterState.DOUBTFUL)
REQUEUABLE: Final = (LetterState.FAILED,)
ABSORBABLE: Final = (LetterState.QUEUED,)

# Longer than any letter takes: every step on the wire ends after the mail time-out (20 s), and there are a few of them.
CLAIM_LASTS: Final = timedelta(minutes=10)

# RFC 5321, 4.5.4.1: give up after four to five days at the earliest; two tries in the first hour, then more slowly.
GIVE_UP_AFTER: Final = timedelta(days=5)
# Each try that ended in doubt may have been a copy in somebody's inbox: after so many a person is asked.
DOUBTS_ALLOWED: Final = 5
_WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
_LONGEST_WAIT: Final = timedelta(hours=1)


def wait_after(tries: int) -> timedelta:
    """How long to wait after the `tries`-th try (from 1) that failed for now."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else _LONGEST_WAIT


class Verdict(StrEnum):
    """What a mail server's answer means for a letter."""

    LATER = "later"
    NEVER = "never"
    UNKNOWN = "unknown"


# RFC 5321, 4.2.1: 4yz is a refusal for now, 5yz one for good.
_REFUSED_FOR_NOW: Final = range(400, 500)
CLOSING: Final = 421


def verdict_on(code: int) -> Verdict:
    """Whether a refusal with this reply code is one for now or for good."""
    return Verdict.LATER if code in _REFUSED_FOR_NOW else Verdict.NEVER


# -- notices ---------------------------------------------------------------------------------------------------------

# When the daily notice goes out where nobody chose another hour, on the wall; before the opening it means the opening.
TOLD_AT: Final = time(8, 30)
# Lines of a notice that are shown; the others are counted.
LINES_SHOWN: Final = 50


def hour_in(hours: WorkingHours, chosen: time) -> time:
    """The chosen hour if it is worked, otherwise the opening."""
    return chosen if hours.opens <= chosen < hours.closes else hours.opens


def daily_is_due(*, at: datetime, chosen: time, worked: WorkingTime) -> bool:
    """Whether the daily notice may leave at `at`: in working time, and not before the chosen hour of that day.

    What comes about at night or on a day off therefore waits for the next working day, and so does what comes about
    after the day's notice has gone; a morning that was missed is made good on the same day.
    """
    return worked.is_open(at) and at.astimezone(worked.zone).time() >= hour_in(worked.hours, chosen)


def headline_of(abouts: Iterable[str]) -> str:
    """What a notice is about, counted, in the order in which it comes up first: 预警 5 条、整改 2 条."""
    counts: dict[str, int] = {}
    for about in abouts:
        counts[about] = counts.get(about, 0) + 1
    return "、".join(f"{about} {count} 条" for about, count in counts.items())


def percentile(numbers: Sequence[int], share: int) -> int:
    """The smallest of the numbers that at least `share` percent of them do not exceed (nearest rank); 0 of none."""
    if not numbers:
        return 0
    return sorted(numbers)[max(ceil(len(numbers) * share / 100), 1) - 1]
