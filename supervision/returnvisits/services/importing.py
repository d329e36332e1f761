"""Replies by short message, as a file of the bureau's message gateway: read, looked through, taken in.

The file carries the code of the visit and never a number; a row that names anything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from cases.intake import IntakeMapping, RowProblem
from cases.intake.files import RawRow
from cases.intake.mapping import Field
from cases.intake.opening import open_table
from cases.intake.refused import IntakeRefused
from cases.intake.xlsx_file import cell_text
from cases.models import Officer
from supervision.returnvisits import rules
from supervision.returnvisits.models import Channel, Visit, VisitState
from supervision.returnvisits.queries import uninvolved, visits_of
from supervision.returnvisits.refusals import HANDLES_IT, ROUND_CLOSED, ReturnVisitRefused
from supervision.returnvisits.services.visiting import record_answer

CODE, REPLY, TEXT = "回访编号", "回复", "意见"
CHUNK = 500
MOST_ROWS = 5_000

NO_CODE = "没有填写"
NOT_A_CODE = "“{code}”不是回访编号，应为 HF 开头的编号；请核对末位字母"
NO_SUCH_VISIT = "没有编号为 {code} 的回访，或者不在您的范围之内"
TWICE = "本文件第 {row} 行已有同一编号；多次回复以哪一次为准请先核对，只留一行"
NOT_A_REPLY = "“{reply}”看不出满意程度；应为 1 至 4，或者满意、基本满意、不满意、很不满意"
TOO_LONG = "意见有 {length} 字，最多 {most} 字"
OTHER_ANSWER = "该件已有另一份评价（{channel}），没有改动"
NO_ANSWER_WANTED = "该件为“{state}”，不再收评价"
TOO_MANY_ROWS = "文件有 {rows} 行，一次最多 {most} 行，请分开导入"

# Laid out as every file that is brought in: first row heads, encoding recognised.
LAYOUT = IntakeMapping(
    name="短信回访",
    source="短信回访",
    shape="matter",
    kind=Field(),
    number=Field(columns=(CODE,)),
    unit=Field(),
    steps=(),
    facts={"reply": Field(columns=(REPLY,)), "text": Field(columns=(TEXT,))},
)


@dataclass(slots=True)
class RepliesReport:
    """What a file came to: rows read, answers taken in (or that would be), rows that were in already, rows refused."""

    dry_run: bool
    rows: int = 0
    taken: int = 0
    negative: int = 0
    unchanged: int = 0
    refused: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reply:
    row: int
    visit: int
    grade: rules.Satisfaction
    text: str


def load_replies(path: Path, *, by: Officer, at: datetime, dry_run: bool = False) -> RepliesReport:
    """Take the replies of a file in, row by row; with `dry_run` only say what would come of it.

    Columns 回访编号、回复、意见. A row that cannot be taken is refused by number and column and hinders no other; a row that
    is in already changes nothing, so that the same file may come twice. Refuses as a whole a file that cannot be read, lacks
    a column or is too long.
    """
    try:
        table = open_table(path, LAYOUT)
    except IntakeRefused as refusal:
        raise ReturnVisitRefused(str(refusal)) from refusal
    if table.total is not None and table.total > MOST_ROWS:
        raise ReturnVisitRefused(TOO_MANY_ROWS.format(rows=table.total, most=MOST_ROWS))
    report = RepliesReport(dry_run)
    places = {name: table.heads.index(name) for name in (CODE, REPLY, TEXT)}
    seen: dict[int, int] = {}
    waiting: list[_Reply] = []
    for raw in table.rows():
        report.rows += 1
        if (reply := _read(raw, places, seen, report)) is not None:
            waiting.append(reply)
        if len(waiting) >= CHUNK:
            with transaction.atomic():
                _take(waiting, report, by, at)
            waiting = []
    with transaction.atomic():
        _take(waiting, report, by, at)
    report.refused.sort(key=lambda problem: problem.row)
    return report


def _read(raw: RawRow, places: dict[str, int], seen: dict[int, int], report: RepliesReport) -> _Reply | None:
    """What a row says, or nothing, with everything that is wrong with it noted."""
    problems = [RowProblem(raw.number, column, reason) for column, reason in raw.problems]
    cells = {
        name: cell_text(raw.cells[place]) if place < len(raw.cells) and raw.cells[place] is not None else ""
        for name, place in places.items()
    }
    if not problems:
        problems = [RowProblem(raw.number, column, reason) for column, reason in _wrong(cells)]
    visit = rules.read_code(cells[CODE])
    if visit is not None and not problems and visit in seen:
        problems.append(RowProblem(raw.number, CODE, TWICE.format(row=seen[visit])))
    grade = rules.read_reply(cells[REPLY])
    if problems or visit is None or grade is None:
        report.refused += problems
        return None
    seen[visit] = raw.number
    return _Reply(raw.number, visit, grade, cells[TEXT].strip())


def _wrong(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    if not cells[CODE].strip():
        yield CODE, NO_CODE
    elif rules.read_code(cells[CODE]) is None:
        yield CODE, NOT_A_CODE.format(code=cells[CODE][:40])
    if rules.read_reply(cells[REPLY]) is None:
        yield REPLY, NOT_A_REPLY.format(reply=cells[REPLY][:40]) if cells[REPLY].strip() else NO_CODE
    if len(cells[TEXT]) > rules.MOST_TEXT:
        yield TEXT, TOO_LONG.format(length=len(cells[TEXT]), most=rules.MOST_TEXT)


def _take(replies: list[_Reply], report: RepliesReport, by: Officer, at: datetime) -> None:
    """A chunk of replies, in one transaction; one that is refused leaves no trace in it."""
    if not replies:
        return
    rows = visits_of(by).filter(pk__in=[one.visit for one in replies])
    visits = {visit.pk: visit for visit in rows.select_related("round", "matter", "feedback")}
    may = set(uninvolved(rows, by).values_list("pk", flat=True))
    for reply in replies:
        visit = visits.get(reply.visit)
        reason, column = _against(visit, reply, by, may), CODE
        if reason == "":
            report.unchanged += 1
            continue
        if reason is None and visit is not None:
            try:
                if not report.dry_run:
                    record_answer(
                        visit=visit, channel=Channel.MESSAGE, grade=reply.grade, text=reply.text, by=by, at=at
                    )
            except ReturnVisitRefused as refusal:
                reason = str(refusal)
            else:
                report.taken += 1
                report.negative += rules.is_negative(reply.grade)
                continue
        report.refused.append(RowProblem(reply.row, column, reason or ""))


def _against(visit: Visit | None, reply: _Reply, by: Officer, may: set[int]) -> str | None:
    """Why a reply is not taken: a sentence; the empty text where it is in already; none where it may be taken."""
    if visit is None:
        return NO_SUCH_VISIT.format(code=rules.code_of(reply.visit))
    feedback = visit.feedback
    if feedback is not None:
        same = visit.channel == Channel.MESSAGE and (feedback.grade, feedback.text) == (reply.grade, reply.text)
        return "" if same else OTHER_ANSWER.format(channel=visit.get_channel_display())
    if visit.state not in VisitState.answerable():
        return NO_ANSWER_WANTED.format(state=visit.get_state_display())
    if not visit.round.is_open:
        return ROUND_CLOSED
    if visit.pk not in may:
        return HANDLES_IT.format(officer=by)
    return None
