"""Disputes that were brought in by file, taken up by the thousand: the bulk door of the room.

The general import knows the matter and what happened to it (`cases.intake`); what a register says besides, what about, how
grave, what came of it, is told here. The stage is read off the events by the very order in which the verbs of the room
would have led there, so that nothing comes in that could not have been entered by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils import timezone

from cases.intake import RowProblem
from cases.models import Event, Matter, Officer, Unit
from cases.queries import matters_of
from supervision.proceedings.models import Action, Channel, Dispute, DisputeStage, ProceedingStep, Risk, Sort
from supervision.proceedings.refusals import RECHECK_TOO_EARLY, TEXT_NEEDED
from supervision.proceedings.services.ledger import TEXT_WIDTH

CHUNK = 1000

NUMBER, SORT, RISK, CHANNEL = "编号", "纠纷类型", "风险等级", "来源"
MEDIATED_BY, RESULT, RECHECK = "调解单位代码", "结果", "回访期限"

NO_SUCH_DISPUTE = "您可以看到的矛盾纠纷中没有编号“{number}”，请先导入事项和节点"
TWICE = "编号与第{row}行相同"
UNKNOWN_WORD = "“{word}”不是{what}，可写：{known}"
UNKNOWN_UNIT = "没有代码为“{code}”的在用单位"
TOO_LONG = "超过{most}字"
NOT_RECORDED = "没有“登记矛盾纠纷”的节点，请先导入"
OUT_OF_ORDER = "“{event}”（{day}）不合办理次序，请核对节点"
RECHECK_MISSING = "已化解的要写明回访期限"
RECHECK_UNWANTED = "还没有化解，不写回访期限"
DIFFERS = "已经登记，内容与登记的不同，没有覆盖；需要时请在系统内办理"

# What an event makes of a dispute: the stages it may come from, the stage it leads to, and the step it stands for.
_COURSE: dict[str, tuple[tuple[DisputeStage, ...], DisputeStage, Action]] = {
    "dispute_mediation_began": ((DisputeStage.OPEN,), DisputeStage.MEDIATING, Action.MEDIATION),
    "dispute_settled": ((DisputeStage.MEDIATING,), DisputeStage.SETTLED, Action.SETTLED),
    "dispute_unsettled": (DisputeStage.unended(), DisputeStage.UNSETTLED, Action.UNSETTLED),
    "dispute_relapsed": ((DisputeStage.SETTLED,), DisputeStage.MEDIATING, Action.RELAPSED),
}
_RECORDED = "dispute_recorded"
_RESULT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """What one row of a register says of a dispute beside its events.

    Sort, risk and channel answer to code and name. Without `mediated_by` (a unit's code) the matter's own unit mediated;
    without `result` the note of the event that ended it is the result.
    """

    row: int
    number: str
    sort: str
    risk: str
    channel: str
    mediated_by: str = ""
    result: str = ""
    recheck_due_on: date | None = None


@dataclass(slots=True)
class TakenUp:
    """What became of the rows: read, taken up, there already, refused by row and column."""

    rows: int = 0
    taken: int = 0
    unchanged: int = 0
    refused: list[RowProblem] = field(default_factory=list)


def take_up_disputes(facts: Sequence[DisputeFacts], *, by: Officer, at: datetime) -> TakenUp:
    """Lead from here disputes that came in by import, each as far as its events have brought it; `at` is an aware moment.

    A fixed number of questions a thousand rows, one transaction each. A row that is refused hinders no other: a number the
    officer does not see, words that are not of the lists, events that no verb of the room could have made one after the
    other, an end without a result, a settlement without the day on which it is looked at again. Twice changes nothing.
    """
    report = TakenUp(rows=len(facts))
    first: dict[str, int] = {}
    good: list[DisputeFacts] = []
    for one in facts:
        if first.setdefault(one.number, one.row) != one.row:
            report.refused.append(RowProblem(one.row, NUMBER, TWICE.format(row=first[one.number])))
        else:
            good.append(one)
    codes = {one.mediated_by for one in good if one.mediated_by}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=codes, valid_until=None)}
    for begin in range(0, len(good), CHUNK):
        with transaction.atomic():
            _Chunk(good[begin : begin + CHUNK], units, report, by, at).take()
    report.refused.sort(key=lambda problem: problem.row)
    return report


class _Chunk:
    """Some rows of a register, held against what is on record."""

    def __init__(
        self, facts: Sequence[DisputeFacts], units: dict[str, Unit], report: TakenUp, by: Officer, at: datetime
    ) -> None:
        self.facts, self.units, self.report, self.by, self.at = facts, units, report, by, at
        numbers = [one.number for one in facts]
        seen = matters_of(by).filter(kind__code="dispute", number__in=numbers).values("pk")
        # Locked, so that of two who take up the same register the second finds the rows of the first.
        held = Matter.objects.select_for_update(of=("self",)).filter(pk__in=seen).select_related("kind", "unit")
        self.matters = {matter.number: matter for matter in held.order_by("pk")}
        ids = [matter.pk for matter in self.matters.values()]
        self.known = Dispute.objects.in_bulk(ids)
        self.events: dict[int, list[Event]] = defaultdict(list)
        rows = Event.objects.standing().filter(matter__in=ids, only_voids=False, kind__code__in=(_RECORDED, *_COURSE))
        for event in rows.select_related("kind").order_by("occurred_at", "pk"):
            self.events[event.matter_id].append(event)

    def take(self) -> None:
        disputes: list[Dispute] = []
        steps: list[ProceedingStep] = []
        for one in self.facts:
            row = _Row(one)
            matter = self.matters.get(one.number)
            if matter is None:
                row.wrong(NUMBER, NO_SUCH_DISPUTE.format(number=one.number))
            else:
                self._read(row, matter)
            self.report.refused += row.problems
            if row.problems or row.dispute is None:
                continue
            if row.known:
                self.report.unchanged += 1
                continue
            disputes.append(row.dispute)
            steps += row.steps
        Dispute.objects.bulk_create(disputes, batch_size=500)
        ProceedingStep.objects.bulk_create(steps, batch_size=500)
        self.report.taken += len(disputes)

    def _read(self, row: _Row, matter: Matter) -> None:
        facts, dispute = row.facts, Dispute(matter=matter)
        dispute.sort = row.word(Sort, facts.sort, SORT)
        dispute.risk = row.word(Risk, facts.risk, RISK)
        dispute.channel = row.word(Channel, facts.channel, CHANNEL)
        row.dispute = dispute
        if row.problems:
            return
        if (known := self.known.get(matter.pk)) is not None:
            row.known = True
            if (known.sort, known.risk, known.channel) != (dispute.sort, dispute.risk, dispute.channel):
                row.wrong(NUMBER, DIFFERS)
            return
        mediator = self.units.get(facts.mediated_by) if facts.mediated_by else matter.unit
        if mediator is None:
            row.wrong(MEDIATED_BY, UNKNOWN_UNIT.format(code=facts.mediated_by))
            return
        self._follow(row, matter, mediator)

    def _follow(self, row: _Row, matter: Matter, mediator: Unit) -> None:
        """Bring the dispute as far as its events say, step by step; each is what the verb of its name would have done."""
        dispute, facts, zone = row.dispute, row.facts, ZoneInfo(matter.kind.zone)
        assert dispute is not None
        events = self.events.get(matter.pk, [])
        if not events or events[0].kind.code != _RECORDED:
            row.wrong(NUMBER, NOT_RECORDED)
            return
        first, *rest = events
        text = f"{dispute.get_sort_display()}，风险{dispute.get_risk_display()}，{dispute.get_channel_display()}"
        row.steps.append(self._step(matter, Action.REGISTERED, text, first))
        for event in rest:
            day = timezone.localdate(event.occurred_at, zone)
            course = _COURSE.get(event.kind.code)
            if course is None or dispute.stage not in course[0]:
                row.wrong(NUMBER, OUT_OF_ORDER.format(event=event.kind, day=day))
                return
            _, dispute.stage, action = course
            dispute.ended_on, dispute.result = None, ""
            said = event.note
            if action == Action.MEDIATION:
                dispute.mediated_by, dispute.mediation_began_on, said = mediator, day, str(mediator)
            elif action != Action.RELAPSED:
                # What is told of the row is how it ended last; an earlier end that did not hold has its own note.
                said = (facts.result if event is rest[-1] else "").strip() or event.note.strip()
                dispute.ended_on, dispute.result = day, said
                if not said:
                    row.wrong(RESULT, TEXT_NEEDED.format(what="结果"))
                elif len(said) > _RESULT_LENGTH:
                    row.wrong(RESULT, TOO_LONG.format(most=_RESULT_LENGTH))
            row.steps.append(self._step(matter, action, said, event))
        self._set_recheck(row, dispute)

    def _set_recheck(self, row: _Row, dispute: Dispute) -> None:
        due = row.facts.recheck_due_on
        if dispute.stage != DisputeStage.SETTLED:
            if due is not None:
                row.wrong(RECHECK, RECHECK_UNWANTED)
            return
        if due is None:
            row.wrong(RECHECK, RECHECK_MISSING)
        elif dispute.ended_on is not None and due < dispute.ended_on:
            row.wrong(RECHECK, RECHECK_TOO_EARLY.format(day=due, ended=dispute.ended_on))
        dispute.recheck_due_on = due

    def _step(self, matter: Matter, action: Action, text: str, event: Event) -> ProceedingStep:
        return ProceedingStep(matter=matter, action=action, by=self.by, at=self.at, text=text[:TEXT_WIDTH], event=event)


class _Row:
    """One row on its way in: what it comes to, and everything that is wrong with it."""

    def __init__(self, facts: DisputeFacts) -> None:
        self.facts = facts
        self.problems: list[RowProblem] = []
        self.dispute: Dispute | None = None
        self.steps: list[ProceedingStep] = []
        self.known = False

    def wrong(self, column: str, reason: str) -> None:
        self.problems.append(RowProblem(self.facts.row, column, reason))

    def word(self, choices: type[models.TextChoices], word: str, column: str) -> str:
        """The code of a word of a list, which may be written by code or by name."""
        known = {str(value): str(value) for value in choices.values}
        known |= {str(label): str(value) for value, label in choices.choices}
        if word not in known:
            names = "、".join(str(label) for label in choices.labels)
            self.wrong(column, UNKNOWN_WORD.format(word=word, what=column, known=names))
        return known.get(word, "")
