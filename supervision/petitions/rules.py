"""What the regulations say of a petition, without any rows: routes, ranks, re-checks, likeness. 信访工作条例 (2022)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# 信访工作条例 第二十条: those who come together choose at most so many to speak for them.
MOST_REPRESENTATIVES = 5

# A matter put to rest is looked at again after so many days; a practice of bureaus, not of the regulations.
RECHECK_DAYS = (30, 90, 180)

# Kept at least so long after it was put to rest. The regulations name no term: this is the bureau's own to confirm.
RETENTION_YEARS = 10

# A figure over fewer petitions than this would tell whom it is about, so it is not told.
SMALL_NUMBER = 5

# From this share of common pairs of characters on, two subjects are shown to a person as perhaps the same.
LIKE_FROM = 0.6


# -- category and route ----------------------------------------------------------------------------------------------

SUGGESTION, ACCUSATION, CLAIM = "suggestion", "accusation", "claim"


@dataclass(frozen=True, slots=True)
class Route:
    """A way the regulations prescribe for a petition: its category, article, and whether another procedure takes it."""

    code: str
    category: str
    article: str
    name: str
    leads_elsewhere: bool = False


ROUTES = (
    Route("suggestion", SUGGESTION, "第二十九条", "建议意见：研究论证，反馈"),
    Route("accusation", ACCUSATION, "第三十条", "检举控告：依规依纪依法办理，不得透露给被反映的人员、单位"),
    Route("claim_legal", CLAIM, "第三十一条第一项", "申诉求决：导入诉讼、复议、监督或者公安机关法律程序", True),
    Route("claim_arbitration", CLAIM, "第三十一条第二项", "申诉求决：导入仲裁", True),
    Route("claim_party", CLAIM, "第三十一条第三项", "申诉求决：导入党员申诉、申请复审等程序", True),
    Route("claim_administrative", CLAIM, "第三十一条第四项", "申诉求决：导入行政复议、裁决、许可、处罚等程序", True),
    Route("claim_duty", CLAIM, "第三十一条第五项", "申诉求决：申请查处违法行为、履行保护职责，依法履行或者答复"),
    Route("claim_other", CLAIM, "第三十一条第六项", "申诉求决：调查核实，出具信访处理意见书（六十日）"),
)
_BY_CODE = {route.code: route for route in ROUTES}


def route_of(code: str) -> Route:
    """The route of that code; refuses one the regulations do not have."""
    return _BY_CODE[code]


# -- leading officials -----------------------------------------------------------------------------------------------

# The rank a post gives who leads a petition: role and level of the unit (1 province, 2 city, 3 county, 4 station).
_RANKS = {
    ("unit_head", 4): 10,
    ("leader", 4): 30,
    ("unit_head", 3): 30,
    ("leader", 3): 30,
    ("unit_head", 2): 40,
    ("leader", 2): 40,
    ("unit_head", 1): 50,
    ("leader", 1): 50,
}


def rank_of(posts: Iterable[tuple[str, int]]) -> int:
    """The highest rank that the posts (role, level of the unit they reach) give; 0 for none that leads."""
    return max((_RANKS.get(post, 0) for post in posts), default=0)


# -- dates -----------------------------------------------------------------------------------------------------------


def rechecks_after(resolved_on: date) -> tuple[tuple[int, date], ...]:
    """The re-checks of a resolution: after how many days, and on what day."""
    return tuple((days, resolved_on + timedelta(days=days)) for days in RECHECK_DAYS)


def retained_until(resolved_on: date) -> date:
    """The first day on which a petition put to rest may be disposed of."""
    try:
        return resolved_on.replace(year=resolved_on.year + RETENTION_YEARS)
    except ValueError:
        return resolved_on.replace(year=resolved_on.year + RETENTION_YEARS, month=3, day=1)


# -- likeness of subjects --------------------------------------------------------------------------------------------

_NOT_SAID = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]+")
# What nearly every petition says says nothing about which one it is.
_EMPTY_WORDS = re.compile(
    "反映|信访人|派出所|公安局|公安机关|民警|要求|请求|希望|认为|问题|情况|本人|有关|对于|一直|至今|再次|多次|依法|督促|尽快|下文|说法"
)


def pairs_of(subject: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a subject, without the words every petition has."""
    text = _NOT_SAID.sub(" ", _EMPTY_WORDS.sub(" ", subject))
    return frozenset(part[i : i + 2] for part in text.split() for i in range(len(part) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the two subjects is said in both, from 0 to 1 (Dice)."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0
