"""The same facts under every text of one limit, side by side: what each would give, and which of them applies and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases import calculator
from cases.accounts import limit_json
from cases.calculator import Answer, Given, calculate
from cases.catalogue import Core
from cases.services import CaseRefused
from cases.statute import limits as statute
from cases.statute.limits import Transition

IN_FORCE = "起算日 {day} 在其施行期内"
NOT_YET = "起算日 {day} 早于施行日 {since}"
NO_LONGER = "起算日 {day} 晚于失效日 {until}"
OVERTAKEN = "起算时施行，自 {since} 起未办结的改按新文本"
OVERTAKES = "起算时尚未施行；{since} 施行时未办结、未届满，改按这一文本"
OTHER_CASES = "不是这种情形适用的文本"
NO_SUCH_PART = "这一文本没有“{kind}”的规定，没有计算"


@dataclass(frozen=True, slots=True)
class Compared:
    """One text of a limit and what it gives: an answer, or why there is none; whether it is the one that applies."""

    limit: statute.Limit
    applies: bool
    why: str
    answer: Answer | None
    refusal: str = ""

    def as_json(self) -> dict[str, Any]:
        """The answer's object with `applies`, `why` and `error`; without an answer, the limit and these."""
        given = self.answer.as_json() if self.answer is not None else limit_json(self.limit)
        return {**given, "applies": self.applies, "why": self.why, "error": self.refusal}


def answer_of(compared: Sequence[Compared]) -> Answer | None:
    """The answer of the text that applies; none where none does, or where it gives none."""
    return next((one.answer for one in compared if one.applies), None)


def compare(
    limit_code: str,
    start: Given | date | datetime,
    *,
    on: date | datetime | None = None,
    tier: str = "",
    events: Sequence[Given] = (),
    facts: Mapping[str, str] | None = None,
    law: Core | None = None,
) -> list[Compared]:
    """What each text of a limit's family gives for the same facts, the oldest first.

    Takes what `calculate` takes; `limit_code` may be any version or the family. Each text is asked as if it were in
    force whatever the day, leaving out what it does not know of. None for a limit that there is not.
    """
    core, told = (law, ()) if law is not None else calculator.law_in_force()
    family = next((one.family for one in core.limits if one.code == limit_code), limit_code)
    versions = sorted(core.family(family), key=lambda one: (one.in_force_from or date.min, one.code))
    if not versions:
        return []
    zone = core.zone_of(versions[0])
    day = _day(start.at if isinstance(start, Given) else start, zone)
    try:
        chosen = calculate(
            family, start, on=on, tier=tier, events=_known(events, versions), facts=facts, law=core
        ).limit.code
    except CaseRefused:
        chosen = next((one.code for one in versions if one.in_force_on(day)), "")
    applying = next((one for one in versions if one.code == chosen), None)
    found = []
    for one in versions:
        answer, refusal = _under(one, core, start, on, tier, events, facts)
        if answer is not None and told:
            answer = replace(answer, cautions=(*told, *answer.cautions))
        found.append(Compared(one, one is applying, _why(one, applying, day), answer, refusal))
    return found


def _under(
    one: statute.Limit,
    core: Core,
    start: Given | date | datetime,
    on: date | datetime | None,
    tier: str,
    events: Sequence[Given],
    facts: Mapping[str, str] | None,
) -> tuple[Answer | None, str]:
    """The answer of one text alone, or why it gives none."""
    alone = replace(one, in_force_from=None, in_force_until=None, transition=Transition.AT_START)
    known = _known(events, [one])
    unheard = [given.kind for given in events if given not in known]
    try:
        answer = calculate(
            one.code, start, on=on, tier=tier, events=known, facts=facts, law=core._replace(limits=(alone,))
        )
    except CaseRefused as refusal:
        return None, str(refusal)
    told = [NO_SUCH_PART.format(kind=core.event_names.get(kind, kind)) for kind in dict.fromkeys(unheard)]
    return replace(answer, limit=one, cautions=(*answer.cautions, *told)), ""


def _known(events: Sequence[Given], versions: Sequence[statute.Limit]) -> list[Given]:
    """The events that these texts know of."""
    heard = {kind for one in versions for kind in one.kinds_heard()}
    return [given for given in events if given.kind in heard]


def _why(one: statute.Limit, applying: statute.Limit | None, day: date) -> str:
    chosen = applying.code if applying is not None else ""
    if one.in_force_from is not None and day < one.in_force_from:
        return (OVERTAKES if one.code == chosen else NOT_YET).format(day=day, since=one.in_force_from)
    if one.in_force_until is not None and day > one.in_force_until:
        return NO_LONGER.format(day=day, until=one.in_force_until)
    if one.code == chosen or applying is None:
        return IN_FORCE.format(day=day)
    if applying.in_force_from is not None and day < applying.in_force_from:
        return OVERTAKEN.format(since=applying.in_force_from)
    return OTHER_CASES


def _day(when: date | datetime, zone: ZoneInfo) -> date:
    """The local day of a start."""
    if not isinstance(when, datetime):
        return when
    return when.astimezone(zone).date() if when.tzinfo is not None else when.date()
