"""Cases of the demonstration bureau under close follow-up: some at every stage, some standing still, some handed over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from cases.demo.people import LEADER, LEGAL_OFFICER, Staff
from cases.models import Matter, Officer, Unit
from supervision.followup import services
from supervision.followup.models import FollowedCase, OutlineItem

SECOND_LEGAL = "020002"
BRANCH = "HC03"
SQUAD = "HC01"
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
    criminal = _open_cases("criminal_case", staff, SQUAD)
    economic = _open_cases("criminal_case", staff, BRANCH)
    public_order = _open_cases("public_order_case", staff)
    officers, units = staff.officers, staff.units
    legal, second, leader = officers[LEGAL_OFFICER], officers[SECOND_LEGAL], officers[LEADER]

    def enter(matter: Matter, number: int, *, days: int, line: Unit | None, by: Officer = legal) -> FollowedCase:
        moment = max(at - timedelta(days=days), (matter.opened_at or at) + timedelta(hours=2))
        return services.enter(matter=matter, reason=REASONS[number % 6], by=by, at=min(moment, at), line_unit=line)

    # Nobody named for the line yet.
    for number, matter in enumerate(public_order[:2]):
        enter(matter, number, days=4 + number, line=None)
    # Moving: one well on its way, one with an instruction unanswered, one at which nothing has happened for weeks.
    moving = enter(criminal[0], 1, days=9, line=units[SQUAD])
    _finish(moving, 2, at=at - timedelta(days=2))
    instructed = enter(economic[0], 2, days=15, line=units[BRANCH])
    _finish(instructed, 1, at=at - timedelta(days=6))
    to = instructed.officer or legal
    day = timezone.localdate(at)
    services.give_instruction(
        case=instructed,
        text="请十日内查清资金去向，说明是否影响企业正常经营。",
        to=to,
        due_on=day - timedelta(days=1),
        by=leader,
        at=at - timedelta(days=6),
    )
    still = enter(criminal[1], 3, days=24, line=units[SQUAD])
    returned = enter(public_order[2], 5, days=8, line=units["HC02"])
    _finish(returned, 1, at=at - timedelta(days=5))
    done = OutlineItem.objects.select_related("case__matter").filter(case=returned, state="done").first()
    if done is not None:
        services.return_item(item=done, reason="缺一名证人的询问笔录，请补齐", by=legal, at=at - timedelta(days=3))
    # Asked for, and let go.
    review = enter(public_order[3], 4, days=12, line=units["HC02"])
    _finish_all(review, at=at - timedelta(days=2))
    review.refresh_from_db()
    services.ask_closing(
        case=review,
        conclusion="提纲各项已完成，证据齐全，拟作出处罚决定。",
        by=review.officer or legal,
        at=at - timedelta(hours=20),
    )
    over = enter(public_order[4], 0, days=20, line=units["HC02"])
    _finish_all(over, at=at - timedelta(days=7))
    over.refresh_from_db()
    services.ask_closing(case=over, conclusion="已全部办完。", by=legal, at=at - timedelta(days=6))
    over.refresh_from_db()
    services.consent_closing(case=over, opinion="材料齐全，同意。", by=second, at=at - timedelta(days=5))
    # Two told the leader of something, and the rules bring in what they ask for.
    replied = enter(criminal[2], 1, days=10, line=units[SQUAD], by=leader)
    given = services.give_instruction(
        case=replied,
        text="请法制大队提前介入，把好证据关。",
        to=second,
        due_on=day - timedelta(days=3),
        by=leader,
        at=at - timedelta(days=9),
    )
    services.reply_instruction(
        instruction=given, reply="已派员介入，提出补证意见六条。", by=second, at=at - timedelta(days=4)
    )
    services.enter_by_rules(at=at)
    services.watch(at=at)
    still.refresh_from_db()


def _open_cases(kind: str, staff: Staff, unit: str = "") -> list[Matter]:
    """Open matters of a kind that somebody handles, those longest open first."""
    rows = Matter.objects.open().filter(kind__code=kind, parent=None, restricted=False, officer__isnull=False)
    if unit:
        rows = rows.filter(unit=staff.units[unit])
    return list(rows.select_related("kind", "unit", "officer").order_by("opened_at", "pk"))


def _finish(case: FollowedCase, most: int, *, at: datetime) -> None:
    """The first items of the outline, done one after the other, the last of them at a moment."""
    case.refresh_from_db()
    items = OutlineItem.objects.select_related("case__matter", "case__officer").filter(case=case)[:most]
    for number, item in enumerate(items):
        moment = max(at - timedelta(hours=3 * (most - number - 1)), case.entered_at)
        by = item.case.officer
        if by is None:
            raise LookupError(f"{item.case} 没有盯办责任人")
        services.finish_item(
            item=item, result=RESULTS[number % 4], evidence=f"卷宗第 {number + 3} 至 {number + 9} 页", by=by, at=moment
        )


def _finish_all(case: FollowedCase, *, at: datetime) -> None:
    _finish(case, OutlineItem.objects.filter(case=case).count(), at=at)
