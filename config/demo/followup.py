"""Cases of the demonstration bureau under close follow-up: some at every stage, some standing still, some handed over."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.demo.people import LEADER, LEGAL_OFFICER, Staff
from cases.demo.stories import PUBLIC_ORDER_SQUAD, SQUAD, ZONE
from cases.models import Matter, Officer, Unit
from supervision.followup import services
from supervision.followup.models import FollowedCase, OutlineItem, OutlineTemplate

SECOND_LEGAL = "020002"
BRANCH = "HC03"
# What the cases are followed for by hand; the rules add their own.
REASONS = (
    "涉案金额较大，群众反映强烈",
    "久侦未结，领导关注",
    "涉及企业生产经营",
    "多次退回补充侦查",
    "涉案人员较多，影响面大",
    "媒体关注",
)
RESULTS = ("已查清，材料附卷", "已补齐手续", "已调取并核对", "已询问三人，形成笔录")


def follow_cases(staff: Staff, *, at: datetime) -> None:
    """Follow some cases by hand, each brought as far as its stage, then let rules and watch do theirs.

    `at` is the moment up to which everything has happened.
    """
    # The station whose officer and head have accounts on the paper comes first, the squad that is the line itself last.
    criminal = _open_cases("criminal_case", staff, last=(BRANCH, SQUAD))
    economic = _open_cases("criminal_case", staff, first=BRANCH)
    public_order = _open_cases("public_order_case", staff, first="HC11")
    officers, units = staff.officers, staff.units
    legal, second, leader = officers[LEGAL_OFFICER], officers[SECOND_LEGAL], officers[LEADER]
    day = timezone.localdate(at)

    def ago(days: int, hour: int = 10) -> datetime:
        return datetime.combine(day - timedelta(days=days), time(hour, 20 + days), tzinfo=ZONE)

    def enter(matter: Matter, number: int, *, days: int, line: Unit | None, by: Officer = legal) -> FollowedCase:
        template = OutlineTemplate.objects.get(code="economic") if line == units[BRANCH] else None
        reason = REASONS[number % len(REASONS)]
        return services.enter(matter=matter, reason=reason, by=by, at=ago(days, 9), line_unit=line, template=template)

    # Nobody named for the line yet.
    for number, matter in enumerate(public_order[:2]):
        enter(matter, number, days=2 + number, line=None)
    # Moving: one well on its way, one with an instruction unanswered, one at which nothing has happened for weeks.
    _finish(enter(criminal[0], 1, days=5, line=units[SQUAD]), 2, at=ago(1))
    instructed = enter(economic[0], 2, days=15, line=units[BRANCH])
    _finish(instructed, 2, at=ago(6, 15))
    services.give_instruction(
        case=instructed,
        text="请五日内查清资金去向，说明是否影响企业正常经营。",
        to=instructed.officer or legal,
        due_on=day - timedelta(days=1),
        by=leader,
        at=ago(6, 16),
    )
    enter(criminal[1], 3, days=24, line=units[SQUAD])
    returned = enter(public_order[2], 5, days=4, line=units[PUBLIC_ORDER_SQUAD])
    _finish(returned, 2, at=ago(2, 11))
    back = OutlineItem.objects.select_related("case__matter").get(case=returned, order=2)
    services.return_item(item=back, reason="缺一名证人的询问笔录，请补齐", by=legal, at=ago(1, 16))
    # Asked for, and let go.
    review = enter(public_order[3], 4, days=12, line=units[PUBLIC_ORDER_SQUAD])
    _ask(review, "提纲各项已完成，证据齐全，拟作出处罚决定。", at=ago(1, 17))
    over = enter(public_order[4], 0, days=20, line=units[PUBLIC_ORDER_SQUAD])
    _ask(over, "已全部办完。", at=ago(8, 17))
    services.consent_closing(case=over, opinion="材料齐全，同意。", by=second, at=ago(7))
    # The leader's own, answered in time.
    replied = enter(criminal[2], 1, days=10, line=units[SQUAD], by=leader)
    text = "请法制大队提前介入，把好证据关。"
    given = services.give_instruction(
        case=replied, text=text, to=second, due_on=day - timedelta(days=3), by=leader, at=ago(9)
    )
    reply = "已派员介入，提出补证意见六条。"
    services.reply_instruction(instruction=given, reply=reply, by=second, at=ago(4, 15))
    services.enter_by_rules(at=at)
    services.watch(at=at)


def _open_cases(kind: str, staff: Staff, *, first: str = "", last: tuple[str, ...] = ()) -> list[Matter]:
    """Open matters of a kind that somebody handles, those longest open first within the places asked for."""
    rows = Matter.objects.open().filter(kind__code=kind, parent=None, restricted=False, officer__isnull=False)
    codes = {unit.pk: code for code, unit in staff.units.items()}

    def place(matter: Matter) -> int:
        code = codes[matter.unit_id]
        return -1 if code == first else last.index(code) + 1 if code in last else 0

    return sorted(rows.select_related("kind", "unit", "officer").order_by("opened_at", "pk"), key=place)


def _finish(case: FollowedCase, most: int, *, at: datetime) -> Officer:
    """The first items of the outline, done one after the other by the named officer, the last of them at a moment."""
    by = case.officer
    if by is None:
        raise LookupError(f"{case} 没有盯办责任人")
    items = OutlineItem.objects.select_related("case__matter").filter(case=case)[:most]
    for number, item in enumerate(items):
        services.finish_item(
            item=item,
            result=RESULTS[number % len(RESULTS)],
            evidence=f"卷宗第 {number * 8 + 3} 至 {number * 8 + 9} 页",
            by=by,
            at=max(at - timedelta(minutes=47 * (most - number - 1)), case.entered_at),
        )
    return by


def _ask(case: FollowedCase, conclusion: str, *, at: datetime) -> None:
    """Everything done the day before, and closing asked for."""
    by = _finish(case, OutlineItem.objects.filter(case=case).count(), at=at - timedelta(days=1, hours=1))
    services.ask_closing(case=case, conclusion=conclusion, by=by, at=at)
