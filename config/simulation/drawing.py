"""What happens in the simulated bureau: cases and their events, by dice with a given seed. Pure planning, no rows.

The shares are chosen to put every part of supervision to work, not measured on any bureau: most cases are done in time,
some late, some extended (in time and not), some paused by an appraisal that is entered days afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a bureau, how many cases over how many months from `begins` (an aware midnight), and the seed."""

    units: int
    cases: int
    months: int
    seed: int
    begins: datetime

    @property
    def days(self) -> int:
        return round(self.months * 365 / 12)


@dataclass(frozen=True, slots=True)
class Act:
    """One event: its kind, when it occurred, when it was entered, and what else is known of it."""

    kind: str
    at: datetime
    entered: datetime
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One matter with everything that will happen to it; `unit` and `officer` are places in the bureau's lists."""

    number: str
    kind: str
    unit: int
    officer: int
    acts: tuple[Act, ...]
    facts: dict[str, Any] = field(default_factory=dict)


def draw(plan: Plan, officers_a_unit: int) -> Iterator[Case]:
    """The cases of the year in the order they begin; the same plan gives the same cases."""
    dice = Random(plan.seed)
    starts = sorted(dice.uniform(0, plan.days) for _ in range(plan.cases))
    for number, days in enumerate(starts, 1):
        day = plan.begins + timedelta(days=int(days))
        draw_kind = dice.choices(tuple(_KINDS), weights=[share for share, _ in _KINDS.values()])[0]
        kind, acts, facts = _KINDS[draw_kind][1](dice, day)
        if kind in _FOLLOWED and dice.random() < 0.03:
            # An enterprise is party to it: taken into follow-up by rule.
            facts["enterprise"] = True
        yield Case(
            f"模{number:06d}",
            kind,
            dice.randrange(plan.units),
            dice.randrange(officers_a_unit),
            tuple(sorted(acts, key=lambda act: act.entered)),
            facts,
        )


Drawn = tuple[str, list[Act], dict[str, Any]]


def _work(dice: Random, day: datetime) -> datetime:
    """Some minute of the working day."""
    return datetime.combine(day, time(dice.randint(9, 16), dice.randint(0, 59)), tzinfo=day.tzinfo)


def _any(dice: Random, day: datetime) -> datetime:
    """Some minute of the day and night."""
    return datetime.combine(day, time(dice.randint(0, 23), dice.randint(0, 59)), tzinfo=day.tzinfo)


def _act(dice: Random, kind: str, at: datetime, *, days_late: int = 0, **fields: Any) -> Act:
    """Entered within two hours, or so many days late."""
    return Act(kind, at, at + timedelta(days=days_late, minutes=dice.randint(5, 110)), fields)


def _took(dice: Random, typical: float, spread: float) -> float:
    """Days: most near the typical, few much longer."""
    return max(dice.lognormvariate(0, spread) * typical, 0.5)


def _incident(dice: Random, day: datetime) -> Drawn:
    received = _any(dice, day)
    sorted_at = received + HOUR * _took(dice, 7, 0.8)
    return "incident", [_act(dice, "incident_received", received), _act(dice, "incident_sorted", sorted_at)], {}


def _public_order(dice: Random, day: datetime) -> Drawn:
    filed = _work(dice, day)
    acts = [_act(dice, "case_filed", filed)]
    took = _took(dice, 19, 0.45)
    if dice.random() < 0.14:
        # An appraisal, whose days do not count; entered when it begins, or only days afterwards.
        begun, lasted = filed + DAY * dice.randint(2, 12), dice.randint(8, 25)
        late = dice.choice((0, 0, 0, 3, 15))
        acts.append(_act(dice, "appraisal_commissioned", begun, days_late=late))
        acts.append(_act(dice, "appraisal_received", begun + DAY * lasted, days_late=max(late - lasted, 0)))
        took += lasted
    if took > 27 and dice.random() < 0.55:
        # Asked for in time, mostly.
        asked = filed + DAY * dice.choice((24, 26, 27, 27, 33))
        acts.append(
            _act(dice, "extension_approved", _work(dice, asked), approver="county_bureau", ground="案情重大、复杂")
        )
    decided = _work(dice, filed + DAY * took)
    acts.append(_act(dice, "decision_made", decided))
    acts.append(_act(dice, "case_executed", decided + DAY * dice.randint(1, 9)))
    return "public_order_case", acts, {}


def _expedited(dice: Random, day: datetime) -> Drawn:
    arrived = _any(dice, day)
    decided = arrived + HOUR * _took(dice, 26, 0.35)
    acts = [
        _act(dice, "suspect_arrived", arrived),
        _act(dice, "case_filed", arrived + HOUR / 2),
        _act(dice, "decision_made", decided),
        _act(dice, "case_executed", decided + DAY),
    ]
    return "public_order_case", acts, {"expedited": True}


def _administrative(dice: Random, day: datetime) -> Drawn:
    filed = _work(dice, day)
    decided = _work(dice, filed + DAY * _took(dice, 52, 0.4))
    return (
        "administrative_case",
        [
            _act(dice, "case_filed", filed),
            _act(dice, "decision_made", decided),
            _act(dice, "case_executed", decided + DAY * dice.randint(1, 15)),
        ],
        {},
    )


def _criminal(dice: Random, day: datetime) -> Drawn:
    received = _any(dice, day)
    filed = received + DAY * _took(dice, 1.6, 0.6)
    return "criminal_case", [_act(dice, "incident_received", received), _act(dice, "case_filed", filed)], {}


def _custody(dice: Random, day: datetime) -> Drawn:
    detained = _any(dice, day)
    acts = [
        _act(dice, "detained", detained),
        _act(dice, "detention_interrogated", detained + HOUR * _took(dice, 9, 0.4)),
        _act(dice, "family_notified_of_detention", detained + HOUR * _took(dice, 12, 0.4)),
        _act(dice, "sent_to_detention_centre", detained + HOUR * _took(dice, 11, 0.4)),
    ]
    if dice.random() < 0.8:
        requested = detained + DAY * _took(dice, 2.2, 0.3)
        acts += [
            _act(dice, "arrest_requested", requested),
            _act(dice, "arrest_approved", requested + DAY * 5),
            _act(dice, "arrested", requested + DAY * 5.2),
            _act(dice, "arrest_interrogated", requested + DAY * 5.7),
            _act(dice, "family_notified_of_arrest", requested + DAY * 5.8),
            _act(dice, "arrest_receipt_sent", requested + DAY * _took(dice, 6.5, 0.1)),
            _act(dice, "transferred_for_prosecution", requested + DAY * (5.2 + _took(dice, 48, 0.15))),
        ]
    else:
        acts.append(_act(dice, "measure_lifted", detained + DAY * _took(dice, 2.4, 0.2)))
    return "coercive_measure", acts, {}


def _seizure(dice: Random, day: datetime) -> Drawn:
    taken = _work(dice, day)
    took = _took(dice, 20, 0.45)
    acts = [_act(dice, "property_seized", taken)]
    if took > 27 and dice.random() < 0.6:
        acts.append(_act(dice, "seizure_extended", _work(dice, taken + DAY * 25), approver="county_leader"))
    acts.append(_act(dice, dice.choice(("property_returned", "property_disposed")), _work(dice, taken + DAY * took)))
    return "seized_item", acts, {"case_kind": "public_order_case"}


_FOLLOWED = ("public_order_case", "administrative_case", "criminal_case")

_KINDS = {
    "incident": (22, _incident),
    "public_order": (38, _public_order),
    "expedited": (10, _expedited),
    "administrative": (12, _administrative),
    "criminal": (8, _criminal),
    "custody": (4, _custody),
    "seizure": (6, _seizure),
}
