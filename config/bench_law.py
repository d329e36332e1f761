"""The benchmark of the law itself: microseconds a clock and a date, and how often that is the plainest way.

Pure Python on one core, no database. The limits are those shipped, the calendar too.
"""

import gc
import importlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time
from types import ModuleType
from zoneinfo import ZoneInfo

from cases.catalogue import Core, load_core
from cases.statute import periods
from cases.statute.clocks import Rulebook
from cases.statute.events import Occurrence
from cases.statute.limits import Limit
from cases.statute.workdays import Calendar
from config.bench import Ratio

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
FIRST = date(2026, 1, 5)
LATER = datetime(2040, 1, 1, tzinfo=UTC)
# A library of holidays, a requirement of the tests only.
LIBRARY = "chinese_calendar"
NO_LIBRARY = "没有安装 chinesecalendar（测试依赖），日期函数没有与它逐日询问相比"

# 治安管理处罚法 第一百一十八条 with appraisal, hearing and both extensions, on the days told from the start.
CASE = (
    ("case_filed", 0, ""),
    ("appraisal_commissioned", 8, ""),
    ("appraisal_received", 23, ""),
    ("hearing_notified", 20, ""),
    ("hearing_ended", 30, ""),
    ("extension_approved", 40, "county_bureau"),
    ("extension_approved", 70, "county_bureau"),
)
# 刑事诉讼法 第一百五十六条以下: three rungs, an appraisal, and the request before each end.
CUSTODY = (
    ("arrested", 0, ""),
    ("psychiatric_appraisal_commissioned", 10, ""),
    ("psychiatric_appraisal_received", 20, ""),
    ("custody_extension_requested", 60, ""),
    ("custody_extended", 62, "city_procuratorate"),
    ("custody_extension_requested", 90, ""),
    ("custody_extended", 95, "province_procuratorate"),
    ("custody_extended", 150, "province_procuratorate"),
)
PLAIN = ("crim_grievance_30d", "adm_case_90d", "adm_revoke_publication_3wd", "crim_supplement_1m")

Story = tuple[Rulebook, list[list[Occurrence]]]


def counting(rows: int, rounds: int = 5) -> list[Ratio]:
    """`rows` matters of a plain limit and a fifth as many with pauses and ladders, against a loop that only adds a length
    and looks a day up; dates against a holiday library asked day by day, where one is installed."""
    law = load_core(SEEDS)
    calendar = law.calendars["cn"]
    days = [FIRST + (n * 37 % 200) * DAY for n in range(rows)]
    bare = _least(partial(_bare, days, {day for day in calendar.special if not calendar.special[day].working}), rounds)
    results = []
    told = (("law_plain", _plain(law, days)), ("law_case", _case(law, days)), ("law_custody", _custody(law, days)))
    for name, stories in told:
        clocks = _wound(stories)
        seconds = _least(partial(_wound, stories), rounds)
        results.append(Ratio(name, seconds / clocks, bare / rows, micros=1e6 * seconds / clocks))
    library = _library()
    return results + ([] if library is None else _dates(library, calendar, days, rounds))


def unmeasured() -> list[str]:
    """What could not be compared here, in words."""
    return [] if _library() is not None else [NO_LIBRARY]


def _library() -> ModuleType | None:
    try:
        return importlib.import_module(LIBRARY)
    except ImportError:
        return None


def _least(act: Callable[[], object], rounds: int) -> float:
    """Seconds of this process in the quickest round, after one to warm up, the collector held still."""
    act()
    taken = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            begins = process_time()
            act()
            taken.append(process_time() - begins)
    finally:
        gc.enable()
    return min(taken)


# -- winding ---------------------------------------------------------------------------------------------------------


def _plain(law: Core, days: Sequence[date]) -> list[Story]:
    """A start for each day, one plain limit each, half of them stopped."""
    stories = []
    for number, code in enumerate(PLAIN):
        limit = law.limit(code)
        told = [
            _told(((limit.starts[0], 0, ""), (limit.stops[0], 9, ""))[: 1 + n % 2], day)
            for n, day in enumerate(days[number :: len(PLAIN)])
        ]
        stories.append((_book(law, [limit]), told))
    return stories


def _case(law: Core, days: Sequence[date]) -> list[Story]:
    """A case with two pauses and two extensions."""
    return [(_book(law, [law.limit("psa_case_30d_v2025")]), [_told(CASE, day) for day in days[::5]])]


def _custody(law: Core, days: Sequence[date]) -> list[Story]:
    """A custody with its three rungs: five clocks, itself and a request before each of its four ends."""
    limits = [law.limit("crim_custody_2m"), law.limit("crim_custody_extend_request_7d")]
    return [(_book(law, limits), [_told(CUSTODY, day) for day in days[::5]])]


def _book(law: Core, limits: Sequence[Limit]) -> Rulebook:
    return Rulebook(limits, law.calendars, SHANGHAI, law.approvers)


def _told(story: Sequence[tuple[str, int, str]], first: date) -> list[Occurrence]:
    events = []
    for key, (kind, after, approver) in enumerate(story, 1):
        day = first + after * DAY
        at = datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI).astimezone(UTC)
        events.append(Occurrence(key, kind, at, day, at, approver=approver))
    return events


FACTS = {"unit_kind": "station"}


def _wound(stories: Sequence[Story]) -> int:
    """Wind every matter; how many clocks there are."""
    return sum(len(book.wind(events, LATER, FACTS)) for book, told in stories for events in told)


def _bare(days: Sequence[date], off: set[date]) -> int:
    """The least any of it can cost: add a length, look one day up."""
    found = 0
    for day in days:
        if day + timedelta(days=30) in off:
            found += 1
    return found


# -- dates -----------------------------------------------------------------------------------------------------------


def _dates(library: ModuleType, calendar: Calendar, days: Sequence[date], rounds: int) -> list[Ratio]:
    asked = days[:2000]
    ours = (
        ("date_roll_forward", lambda: [periods.roll_forward(day, calendar) for day in asked]),
        ("date_15_workdays", lambda: [periods.add_working_days(day, 15, calendar) for day in asked]),
    )
    plain = (lambda: [_walked(library, day) for day in asked], lambda: [_counted(library, day, 15) for day in asked])
    results = []
    for (name, mine), theirs in zip(ours, plain, strict=True):
        assert mine() == theirs(), f"{name}: the library counts otherwise"
        each = _least(mine, rounds) / len(asked)
        results.append(Ratio(name, each, _least(theirs, 1) / len(asked), micros=1e6 * each))
    return results


def _walked(library: ModuleType, day: date) -> date:
    while not library.is_workday(day):
        day += DAY
    return day


def _counted(library: ModuleType, day: date, count: int) -> date:
    while count:
        day += DAY
        count -= library.is_workday(day)
    return day
