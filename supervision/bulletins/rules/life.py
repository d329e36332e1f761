"""The life of a bulletin: its kinds, its states, which act may follow which, and its number. No database.

```
草稿 ─submit─▶ 待签批 ─sign_off─▶ 待签发 ─issue─▶ 已签发 ─archive─▶ 已归档
 ▲ ├─issue (goes out by itself)──────────────────▶ ▲
 │ └─drop──▶ 不发                                    └ correct: a new bulletin that names this one
 └─recall, send_back──┴────recall─────┘
```
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How often a bulletin comes out."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    SPECIAL = "special"

    @classmethod
    def planned(cls) -> tuple["Kind", ...]:
        """Those a timetable can owe."""
        return (cls.DAILY, cls.WEEKLY, cls.MONTHLY)

    @property
    def waits(self) -> bool:
        """Whether somebody must sign it where nothing else is settled: a look at the day goes out by itself."""
        return self in (Kind.MONTHLY, Kind.SPECIAL)

    @property
    def sign(self) -> str:
        """What tells its numbers apart from those of the other kinds."""
        return _SIGNS[self]


_SIGNS: Final = {Kind.DAILY: "日监", Kind.WEEKLY: "周评", Kind.MONTHLY: "月通", Kind.SPECIAL: "专通"}


class State(StrEnum):
    """How a bulletin stands. From issued on nothing of it changes but that it is archived."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ISSUED = "issued"
    ARCHIVED = "archived"
    DROPPED = "dropped"


class Act(StrEnum):
    """What may be done to a bulletin."""

    COMPOSE = "compose"
    COMMENT = "comment"
    SUBMIT = "submit"
    RECALL = "recall"
    SEND_BACK = "send_back"
    SIGN_OFF = "sign_off"
    ISSUE = "issue"
    ARCHIVE = "archive"
    CORRECT = "correct"
    DROP = "drop"


# The states each act may come from.
COMES_FROM: Final = {
    Act.COMPOSE: (State.DRAFT,),
    Act.COMMENT: (State.DRAFT,),
    Act.SUBMIT: (State.DRAFT,),
    Act.RECALL: (State.SUBMITTED, State.SIGNED),
    Act.SEND_BACK: (State.SUBMITTED,),
    Act.SIGN_OFF: (State.SUBMITTED,),
    # From a draft only where nobody need sign it.
    Act.ISSUE: (State.DRAFT, State.SIGNED),
    Act.ARCHIVE: (State.ISSUED,),
    Act.CORRECT: (State.ISSUED, State.ARCHIVED),
    Act.DROP: (State.DRAFT,),
}

OUT: Final = (State.ISSUED, State.ARCHIVED)
WAITING: Final = (State.SUBMITTED, State.SIGNED)


def number_text(head: str, kind: Kind, year: int, serial: int) -> str:
    """The number of a bulletin as it stands under the red head (公文处理工作条例 9（五）): 机关代字、年份、发文顺序号."""
    return f"{head}{kind.sign}〔{year}〕{serial}号"


# The parts of a bulletin in their order; under each an editor may write a remark. That of a campaign stands in no other.
SECTIONS: Final = {
    "overall": "总体情况",
    "campaign": "专项整治",
    "rates": "四率",
    "limits": "办案期限",
    "rectification": "整改",
    "followup": "盯办、信访与群众诉求",
    "standing": "表扬与批评",
    "problems": "突出问题",
    "due": "届满提示",
    "adjusted": "签发后调整",
    "next": "下步工作",
}
REMARK_AT_MOST: Final = 2000
