"""An order and the form of its reply in Word, on the sheet of `cases.desk.sheet`."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from docx.enum.text import WD_ALIGN_PARAGRAPH

from cases.desk.sheet import (
    HEAD,
    RED,
    TITLE,
    TWO,
    a4,
    body,
    chinese_day,
    form_table,
    heading,
    line,
    red_rule,
    row,
    to_bytes,
)
from cases.models import Unit
from supervision.rectification.models import Action, Evidence, Order, OrderState, OrderStep


def order_paper(order: Order, steps: Sequence[OrderStep]) -> bytes:
    """The order as it is sent (整改通知书), with the day it is due now; the ledger's steps in their order."""
    paper = a4(order.number)
    authority = _authority(order.unit)
    line(paper, authority, font=TITLE, size=HEAD, align=WD_ALIGN_PARAGRAPH.CENTER, colour=RED, leading=44)
    red_rule(line(paper, order.number, align=WD_ALIGN_PARAGRAPH.CENTER))
    line(paper, "执法监督整改通知书", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=44)
    line(paper, f"（{order.get_grade_display()}）", align=WD_ALIGN_PARAGRAPH.CENTER)
    line(paper, f"{order.unit.name}：")
    about = f"办理的{order.matter.kind}（{order.matter.number}）" if order.matter is not None else ""
    body(paper, f"经{order.told_source}发现，你单位{about}存在下列问题，现通知整改。")
    heading(paper, "一、问题和事实")
    body(paper, f"{order.problem}。")
    body(paper, order.text)
    if order.repeated:
        body(paper, f"一年内同一单位、同一责任人已有同类问题 {order.repeats} 次。")
    heading(paper, "二、依据")
    body(paper, f"{order.ground}。")
    heading(paper, "三、要求")
    if order.problem.demand:
        body(paper, order.problem.demand)
    responsible = f"责任人：{order.officer}（{order.officer.police_number}）。" if order.officer is not None else ""
    evidence = "并附证据材料" if order.problem.needs_evidence else "有证据材料的一并附上"
    body(paper, f"{responsible}请于{chinese_day(order.due_on)}前（含当日）书面答复整改情况，{evidence}。")
    for step in steps:
        if step.action == Action.EXTENDED and step.due_on is not None:
            body(
                paper,
                f"（{chinese_day(timezone.localdate(step.at))}经{step.approver}批准，期限延至{chinese_day(step.due_on)}。）",
            )
    line(paper, "")
    line(paper, authority, align=WD_ALIGN_PARAGRAPH.RIGHT, right=4)
    line(paper, chinese_day(timezone.localdate(order.issued_at)), align=WD_ALIGN_PARAGRAPH.RIGHT, right=4)
    # The signature stands in one piece, and on a page that holds something of the text.
    for paragraph in paper.paragraphs[-4:-1]:
        paragraph.paragraph_format.keep_with_next = True
    return to_bytes(paper)


def reply_paper(order: Order, steps: Sequence[OrderStep], files: Sequence[Evidence]) -> bytes:
    """The form of the reply (整改情况报告表), filled in as far as things have come."""
    paper = a4(order.number)
    line(paper, "整改情况报告表", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=36)
    line(paper, order.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    table = form_table(paper)
    last = {step.action: step for step in steps}
    reply = last.get(Action.REPLIED)
    verdict = last.get(Action.VERIFIED) if order.state == OrderState.VERIFIED else None
    endorsed = last.get(Action.ENDORSED) if order.endorsed_by_id is not None else None
    attached = [file for file in files if reply is not None and file.step_id == reply.pk]
    due = (
        f"{chinese_day(order.due_on)}（原定{chinese_day(order.first_due_on)}）"
        if order.extensions
        else chinese_day(order.due_on)
    )
    for name, text, room in (
        ("责任单位", order.unit.name, 1),
        ("责任人", f"{order.officer}（{order.officer.police_number}）" if order.officer is not None else "", 1),
        ("事　　项", f"{order.matter.kind} {order.matter.number}" if order.matter is not None else "", 1),
        ("问　　题", f"{order.problem}（{order.ground}）", 1),
        ("整改期限", due, 1),
        ("整改情况", reply.text if reply is not None else "", 6),
        ("证据目录", "\n".join(f"{number}. {file.name}" for number, file in enumerate(attached, 1)), 2),
        ("答 复 人", _signed(reply), 2),
        ("单位负责人\n意　　见", _signed(endorsed, "同意。"), 3),
        ("法制部门\n核验意见", _signed(verdict, "已整改。"), 3),
    ):
        row(table, name, text, room)
    return to_bytes(paper)


def _authority(unit: Unit) -> str:
    """The bureau that speaks: the county's, else the city's, else the unit itself."""
    above = unit.county or unit.city or unit
    return above.name


def _signed(step: OrderStep | None, otherwise: str = "") -> str:
    """What somebody said, with his name and the day; empty, to be filled in by hand, where nobody has."""
    if step is None:
        return ""
    words = otherwise if step.action != Action.REPLIED and not step.text else ""
    words = step.text if step.action != Action.REPLIED and step.text else words
    day = chinese_day(timezone.localdate(step.at))
    return f"{words}\n{step.by or '系统'}　{day}".strip()
