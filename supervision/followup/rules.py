"""What the room knows without a database: conditions of entry, what makes a case complete, what stands against closing.

No Django, no clock on the wall; days are local days, working days are asked of a calendar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.statute import periods
from cases.statute.workdays import Calendar

# Without a rule or a template that says otherwise: a working week.
STAGNATION_DAYS = 5
# Half a year of working days; whoever waits longer does not follow.
MOST_WORKING_DAYS = 120

Value = str | bool | int


class WrongCondition(ValueError):
    """A condition of entry that cannot be understood; the message says which measure and how to put it right."""


# -- conditions of entry ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """When a matter is to be followed (进入条件): every measure that is set must hold; several rules are alternatives.

    `overdue_days` asks for an open warning at red on the matter or on what hangs on it, so many calendar days after the
    due moment (0: from that moment). `open_days` are calendar days since the matter was opened. `petition` asks for a
    petition or complaint that hangs on the matter.
    """

    kinds: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    facts: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    overdue_days: int | None = None
    open_days: int | None = None
    petition: bool = False


MEASURES = ("kinds", "families", "facts", "overdue_days", "open_days", "petition")


def parse_condition(data: Any) -> Condition:
    """A condition from what is stored or written in a seed. Refuses an empty one, which would take everything."""
    if not isinstance(data, Mapping) or not data:
        raise WrongCondition("进入条件不能为空，至少写一项：" + "、".join(MEASURES))
    if unknown := sorted(set(map(str, data)) - set(MEASURES)):
        raise WrongCondition(f"没有“{unknown[0]}”这项条件，可用的有：{'、'.join(MEASURES)}")
    petition = data.get("petition", False)
    if not isinstance(petition, bool):
        raise WrongCondition("petition 应写 true 或 false")
    condition = Condition(
        kinds=_words(data, "kinds"),
        families=_words(data, "families"),
        facts=_facts(data.get("facts", {})),
        overdue_days=_days(data, "overdue_days"),
        open_days=_days(data, "open_days"),
        petition=petition,
    )
    # A kind alone would follow every case of the bureau.
    if not condition.facts and condition.overdue_days is None and condition.open_days is None and not petition:
        raise WrongCondition("只写种类会把全部案件列入盯办，还须写明情形、超期、在办天数或者信访关联之一")
    return condition


def _words(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    words = data.get(name, ())
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) and word for word in words):
        raise WrongCondition(f"{name} 应为一列文字")
    return tuple(words)


def _days(data: Mapping[str, Any], name: str) -> int | None:
    days = data.get(name)
    if days is None:
        return None
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3650:
        raise WrongCondition(f"{name} 应为 0 至 3650 的天数")
    return days


def _facts(data: Any) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    if not isinstance(data, Mapping):
        raise WrongCondition("facts 应写成“情形: [值]”")
    found: list[tuple[str, tuple[Value, ...]]] = []
    for name, values in data.items():
        if not isinstance(name, str) or not name.isascii() or not name.replace("_", "").isalnum() or "__" in name:
            raise WrongCondition(f"情形“{name}”的代码应为英文字母、数字、下划线")
        if not isinstance(values, list | tuple) or not values:
            raise WrongCondition(f"情形 {name} 的值应写成一列，如 [true]")
        if not all(isinstance(value, str | bool | int) for value in values):
            raise WrongCondition(f"情形 {name} 的值应为文字、数字、true 或 false")
        found.append((name, tuple(values)))
    return tuple(found)


# -- the outline -----------------------------------------------------------------------------------------------------


def due_on(entered_on: date, working_days: int, calendar: Calendar) -> date:
    """The last day of an item that has so many working days from a day, which itself does not count.

    A year not announced is taken by its weekends: no limit in law hangs on it.
    """
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        raise ValueError(f"办理期限应为 1 至 {MOST_WORKING_DAYS} 个工作日")
    return periods.add_working_days(entered_on, working_days, calendar, provisional=True)


# -- completeness and closing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parties:
    """Which of the three responsible parties are named, and whether the named officer is there."""

    main: bool
    line: bool
    supervisory: bool
    officer: bool
    officer_there: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to be named before the case counts as followed; empty when complete."""
        lacking = [
            name
            for name, named in (
                ("主体责任单位", self.main),
                ("条线责任单位", self.line),
                ("监督责任单位", self.supervisory),
                ("盯办责任人", self.officer),
            )
            if not named
        ]
        if self.officer and not self.officer_there:
            lacking.append("在岗的盯办责任人（现责任人已离岗）")
        return tuple(lacking)

    @property
    def complete(self) -> bool:
        return not self.missing


def against_closing(*, open_items: int, open_instructions: int) -> tuple[str, ...]:
    """What stands against closing; empty when nothing does."""
    reasons = []
    if open_items:
        reasons.append(f"提纲还有 {open_items} 项没有完成，也没有注明理由划去")
    if open_instructions:
        reasons.append(f"还有 {open_instructions} 件批示没有回复")
    return tuple(reasons)


def progress_words(done: int, total: int) -> str:
    """How far an outline has come; struck items do not count."""
    return f"{done}/{total}" if total else "未列提纲"


def left_words(due: date, today: date) -> tuple[str, str, str]:
    """(text, sign, tone) of what is due on a day: days left on the calendar, or by how many it is over."""
    left = (due - today).days
    if left < 0:
        return f"超 {-left} 天", "■", "red"
    if left == 0:
        return "今天到期", "◆", "orange"
    return f"剩 {left} 天", "▲" if left <= 2 else "●", "yellow" if left <= 2 else "green"


def named_once(codes: Sequence[str]) -> str | None:
    """The first code that stands twice in a list; none where all differ."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            return code
        seen.add(code)
    return None
