"""The form of one file (一案一表) and the report of a round, in Word, on the sheet of `cases.desk.sheet`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH

from cases.desk.sheet import (
    TITLE,
    TWO,
    a4,
    body,
    chinese_day,
    form_table,
    grid,
    grid_row,
    heading,
    line,
    row,
    to_bytes,
)
from cases.models import Officer
from supervision.reviews.models import Line, ReviewForm, Stage
from supervision.reviews.queries import RoundTally

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def form_paper(form: ReviewForm, lines: Sequence[Line], *, named: bool) -> bytes:
    """The form as far as it is filled in, the lines in their order, what was struck with why; room to write by hand where
    nothing stands. Reviewers have names only where `named`: the unit is not told who reviewed."""
    paper = a4(f"案件评查表 {form.matter.number}")
    line(paper, "案件评查表", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=36)
    line(paper, f"{form.round.number}　{form.round.template}", align=WD_ALIGN_PARAGRAPH.CENTER)
    table = form_table(paper)
    result = f"{form.get_verdict_display()}，{form.score} 分" if form.found is not None else ""
    objection = f"{form.objection}\n{_signed(form.objected_by, form.objected_at)}" if form.objection else ""
    for name, text, room in (
        ("案　　件", f"{form.matter.kind} {form.matter.number}", 1),
        ("办案单位", form.unit.name, 1),
        ("经 办 人", str(form.officer or ""), 1),
        ("评查结果", "\n".join(_told(number, one) for number, one in enumerate(lines, 1)), 5),
        ("结　　论", result, 1),
        ("评查意见", _opinion(form.opinion, form.reviewer if named else None, form.filed_at), 3),
        ("复评意见", _opinion(form.second_opinion, form.second_reviewer if named else None, form.settled_at), 2),
        ("异　　议", objection, 2),
        ("裁定意见", _opinion(form.decision, form.decided_by if named else None, form.decided_at), 2),
    ):
        row(table, name, text, room)
    return to_bytes(paper)


def _told(number: int, one: Line) -> str:
    source = "（系统比对）" if one.stage == Stage.COMPUTED else ""
    where = f"；卷内：{one.evidence}" if one.evidence else ""
    ground = f"，依据{one.citation}" if one.citation else ""
    told = f"{number}. {one.group}：{one.title}，{one.get_weight_display()}，{one.signed_points} 分{ground}。"
    struck = f" 已划去：{one.struck_why}。" if not one.stands else ""
    return f"{told}{one.text}{where}{source}{struck}"


def _opinion(text: str, by: Officer | None, at: datetime | None) -> str:
    return f"{text}\n{_signed(by, at)}".strip() if text else ""


def _signed(by: Officer | None, at: datetime | None) -> str:
    day = chinese_day(timezone.localdate(at)) if at is not None else ""
    return f"{by or ''}　{day}".strip("　")


def round_paper(tally: RoundTally) -> bytes:
    """The report of a round: what was drawn from and how, how far it has come, what it came to by unit, kind and check item,
    and what became of it. Files by their numbers, nobody by name, and no scores added up."""
    held = tally.round
    title = f"{held.title.removesuffix('评查')}评查报告"
    paper = a4(title)
    line(paper, title, font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=36)
    line(paper, held.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    heading(paper, "一、抽取")
    which = f"（{held.get_matters_display()}）" if held.matters else ""
    body(
        paper,
        f"范围为{held.unit.name}及以下单位{chinese_day(held.from_on)}至{chinese_day(held.until_on)}"
        f"（按{held.get_basis_display()}）的{'、'.join(tally.kinds)}{which}，总体{held.frame_size}件，"
        f"抽取{held.files}件，每单位至少{held.least}件，复评比例{held.second_percent}%。",
    )
    body(paper, f"种子{held.seed}，方法{held.method}；据此和总体摘要可以重抽核对。总体摘要（SHA-256）：")
    # A digest is one long word: set to both edges it would tear the line before it apart.
    line(paper, held.frame_digest)
    heading(paper, "二、结果")
    progress = tally.progress
    left = progress.forms - progress.final
    body(
        paper,
        f"已确定{progress.final}件：无问题{progress.clean}件，瑕疵{progress.flawed}件，过错{progress.faulty}件。"
        + (f"还有{left}件没有确定，不在以下各表内。" if left else ""),
    )
    _numbers(paper, "办案单位", ("已确定", "无问题", "瑕疵", "过错"), tally.by_unit)
    heading(paper, "三、查出的问题")
    if tally.by_item:
        _numbers(paper, "评查项目", ("瑕疵", "过错"), tally.by_item)
    else:
        body(paper, "没有查出问题。")
    heading(paper, "四、异议和整改")
    body(
        paper,
        f"办案单位提出异议{tally.objections}件，裁定后划去{tally.struck}处。下达整改{tally.orders}件，"
        f"其中已经核验销号{tally.verified}件。",
    )
    return to_bytes(paper)


def _numbers(paper: Paper, first: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> None:
    """A table of numbers, one row a name, with their sum."""
    table = grid(paper, (first, *heads))
    for name, numbers in rows:
        grid_row(table, (name, *map(str, numbers)))
    if len(rows) > 1:
        grid_row(table, ("合计", *(str(sum(column)) for column in zip(*(numbers for _, numbers in rows), strict=True))))
