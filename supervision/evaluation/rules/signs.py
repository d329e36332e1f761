"""Signs that a figure may have been made rather than earned, told beside the rate for a person to judge (异常迹象).

None of them proves anything: a campaign closes many cases at a month's end, a citizen may speak for his whole street. So
each says what was seen, what would be usual, and what to look at; none changes a figure. Values in, a `Sign` out or
None; a sign names the rows it is about by the caller's keys. No law sets the thresholds: they are the house's choice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervision.evaluation.rates import percent
from supervision.evaluation.rules.intervals import Z_998, wilson

# Closings: the last days of a period, how many times their usual share they must hold, and how many there must be.
LAST_DAYS = 3
BUNCHED_TIMES = 1.5
FEWEST_CLOSINGS = 20

REOPENED_WITHIN_DAYS = 30
FEWEST_REOPENED = 2

VERIFIED_WITHIN = timedelta(minutes=10)
FEWEST_HASTY = 2

RATINGS_FROM_ONE = 3

CONVERTED_WITHIN = timedelta(days=3)
FEWEST_CONVERTED = 2

CAUTION = "以上仅为提示，请查阅所列事项后判断，不作为评价结论。"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was seen: `seen` of `out_of`, in words, with the rows to look at.

    `look` says what a person would check. `rows` are the caller's keys, in the order seen; none where the sign is about
    a whole distribution.
    """

    code: str
    name: str
    seen: int
    out_of: int
    words: str
    look: str
    rows: tuple[str, ...] = ()


# -- 期末集中结案 -------------------------------------------------------------------------------------------------


def bunched_closings(
    closed: Mapping[date, int],
    *,
    begins: date,
    ends: date,
    is_working: Callable[[date], bool],
    last_days: int = LAST_DAYS,
    times: float = BUNCHED_TIMES,
    fewest: int = FEWEST_CLOSINGS,
) -> Sign | None:
    """Closings bunched in the last days of a period; `ends` is the day after its last, days are local.

    Usual is the share of the period's working days that lie in those days (of all days, where none of them is worked).
    Told where the 99.8 % interval of the actual share lies wholly above the usual one, the actual share is at least
    `times` as much, and there are at least `fewest` closings. Refuses a period that is no longer than its last days.
    """
    days = [begins + timedelta(days=n) for n in range((ends - begins).days)]
    if len(days) <= last_days:
        raise ValueError("the period is no longer than its last days")
    late = days[-last_days:]
    total = sum(closed.get(day, 0) for day in days)
    seen = sum(closed.get(day, 0) for day in late)
    worked, worked_late = [day for day in days if is_working(day)], [day for day in late if is_working(day)]
    part, whole = (len(worked_late), len(worked)) if worked_late else (len(late), len(days))
    interval = wilson(seen, total, z=Z_998)
    if total < fewest or interval is None or interval.low <= part / whole or seen * whole < times * part * total:
        return None
    return Sign(
        code="bunched_closings",
        name="期末集中结案",
        seen=seen,
        out_of=total,
        words=(
            f"期末 {last_days} 日内结案 {seen} 件，占当期结案 {total} 件的 {percent(seen, total)}"
            f"（99.8% 置信区间 {_share(interval.low)} 至 {_share(interval.high)}）；"
            f"按工作日平均，这 {last_days} 日应占 {percent(part, whole)}。"
        ),
        look="查看这几日结案的事项：结案条件是否具备，结案后有无补办、重新立案，平时是否压件。",
    )


# -- 结案后重开 ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closing:
    """A matter closed on a day, and the day it was opened again, if it was."""

    key: str
    closed_on: date
    reopened_on: date | None = None


def reopened(
    closings: Iterable[Closing], *, within: int = REOPENED_WITHIN_DAYS, fewest: int = FEWEST_REOPENED
) -> Sign | None:
    """Matters opened again within so many days of their closing, the last of these days included."""
    closings = list(closings)
    rows = [
        closing.key
        for closing in closings
        if closing.reopened_on is not None and 0 <= (closing.reopened_on - closing.closed_on).days <= within
    ]
    if len(rows) < fewest:
        return None
    return Sign(
        code="reopened",
        name="结案后短期内重开",
        seen=len(rows),
        out_of=len(closings),
        words=f"当期结案 {len(closings)} 件，其中 {len(rows)} 件（{percent(len(rows), len(closings))}）在结案后 {within} 日内重新办理。",
        look="查看结案时的依据和重新办理的原因：是新的事实，还是当时并未办结。",
        rows=tuple(rows),
    )


# -- 整改核验 -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verification:
    """An order verified after a reply: both moments, and the digests of the files attached to the reply."""

    key: str
    replied_at: datetime
    verified_at: datetime
    digests: frozenset[str] = frozenset()


def hasty_verifications(
    verifications: Iterable[Verification], *, within: timedelta = VERIFIED_WITHIN, fewest: int = FEWEST_HASTY
) -> Sign | None:
    """Orders verified within minutes of the reply: whoever verified can hardly have read it."""
    verifications = list(verifications)
    rows = [v.key for v in verifications if timedelta(0) <= v.verified_at - v.replied_at <= within]
    if len(rows) < fewest:
        return None
    minutes = int(within.total_seconds() // 60)
    return Sign(
        code="hasty_verifications",
        name="整改核验过快",
        seen=len(rows),
        out_of=len(verifications),
        words=f"当期核验整改 {len(verifications)} 件，其中 {len(rows)} 件（{percent(len(rows), len(verifications))}）在答复后 {minutes} 分钟内即通过核验。",
        look="查看答复内容和证明材料，是否实际核对。",
        rows=tuple(rows),
    )


def same_file_twice(verifications: Iterable[Verification]) -> Sign | None:
    """One file attached to the replies of several orders. Told from the first: no threshold makes it usual."""
    verifications = list(verifications)
    orders_of: dict[str, set[str]] = defaultdict(set)
    for verification in verifications:
        for digest in verification.digests:
            orders_of[digest].add(verification.key)
    shared = {key for orders in orders_of.values() if len(orders) > 1 for key in orders}
    if not shared:
        return None
    rows = tuple(dict.fromkeys(v.key for v in verifications if v.key in shared))
    files = sum(len(orders) > 1 for orders in orders_of.values())
    return Sign(
        code="same_file_twice",
        name="同一材料用于多件整改",
        seen=len(rows),
        out_of=len({v.key for v in verifications}),
        words=f"有 {files} 份内容完全相同的材料，被 {len(rows)} 件整改的答复共用。",
        look="查看该材料能否同时证明这几件都已整改；统一开展的培训、通报可以共用。",
        rows=rows,
    )


# -- 评价来源 -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating and the digest of the number it came from; never the number itself. None: not known."""

    key: str
    number_digest: str | None


def ratings_from_one_number(ratings: Iterable[Rating], *, most: int = RATINGS_FROM_ONE) -> Sign | None:
    """Ratings of which `most` or more came from one number. The number is not told, the ratings are."""
    ratings = list(ratings)
    by_number: dict[str, list[str]] = defaultdict(list)
    for rating in ratings:
        if rating.number_digest is not None:
            by_number[rating.number_digest].append(rating.key)
    many = [keys for keys in by_number.values() if len(keys) >= most]
    if not many:
        return None
    rows = tuple(key for keys in sorted(many, key=lambda keys: (-len(keys), keys)) for key in keys)
    return Sign(
        code="ratings_from_one_number",
        name="同一号码多次评价",
        seen=len(rows),
        out_of=len(ratings),
        words=(
            f"有 {len(many)} 个号码各评价了 {most} 次以上，共 {len(rows)} 次，"
            f"占当期评价 {len(ratings)} 次的 {percent(len(rows), len(ratings))}；最多的一个号码评价了 {max(map(len, many))} 次。"
        ),
        look="查看是否为同一人办理的多件事项，或者由他人代为评价。",
        rows=rows,
    )


# -- 临期转换 -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conversion:
    """A matter turned into another kind at a moment, and when the limit that ran on it until then was due."""

    key: str
    converted_at: datetime
    due_at: datetime


def late_conversions(
    conversions: Iterable[Conversion], *, within: timedelta = CONVERTED_WITHIN, fewest: int = FEWEST_CONVERTED
) -> Sign | None:
    """Matters turned into another kind so shortly before their limit ran out; at the due moment itself is in time."""
    conversions = list(conversions)
    rows = [c.key for c in conversions if timedelta(0) <= c.due_at - c.converted_at <= within]
    if len(rows) < fewest:
        return None
    return Sign(
        code="late_conversions",
        name="临期转换种类",
        seen=len(rows),
        out_of=len(conversions),
        words=f"当期转换种类 {len(conversions)} 件，其中 {len(rows)} 件（{percent(len(rows), len(conversions))}）在原期限届满前 {within.days} 日内转换。",
        look="查看转换的依据和文书，是否为避开期限。",
        rows=tuple(rows),
    )


# -- 暂停过长 -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paused:
    """A clock: the length of its limit, extensions included, and the sum of its pauses."""

    key: str
    limit: timedelta
    paused: timedelta


def long_pauses(clocks: Iterable[Paused]) -> Sign | None:
    """Clocks that stood still for longer than they may run. Told from the first: it should not happen at all."""
    clocks = list(clocks)
    rows = [clock for clock in clocks if clock.paused > clock.limit]
    if not rows:
        return None
    longest = max(rows, key=lambda clock: (clock.paused, clock.key))
    return Sign(
        code="long_pauses",
        name="暂停时间超过期限",
        seen=len(rows),
        out_of=len(clocks),
        words=(
            f"有暂停的时钟 {len(clocks)} 个，其中 {len(rows)} 个累计暂停超过期限本身；"
            f"最长的暂停 {_length(longest.paused)}，期限为 {_length(longest.limit)}。"
        ),
        look="查看每次暂停的事由、文书和恢复时间。",
        rows=tuple(clock.key for clock in rows),
    )


def _share(share: float) -> str:
    """An end of an interval, to two decimals; it is an estimate and may be rounded."""
    return f"{share * 100:.2f}%"


def _length(length: timedelta) -> str:
    """Days, hours and minutes, as far as there are any: 30 日 2 小时, 45 分钟. What is less than a minute is left out."""
    minutes = int(length.total_seconds() // 60)
    parts = ((minutes // 1440, "日"), (minutes // 60 % 24, "小时"), (minutes % 60, "分钟"))
    return " ".join(f"{many} {name}" for many, name in parts if many) or "不足 1 分钟"
