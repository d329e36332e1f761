"""The form of one file in Word (一案一表), on the sheet of `cases.desk.sheet`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from docx.enum.text import WD_ALIGN_PARAGRAPH

from cases.desk.sheet import TITLE, TWO, a4, chinese_day, form_table, line, row, to_bytes
from cases.models import Officer
from supervision.reviews.models import Line, ReviewForm, Stage


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
