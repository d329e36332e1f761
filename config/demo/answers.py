"""What the people of the demonstration bureau say about warnings and orders: some in time, some late, some never."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape

from django.core.files.base import ContentFile
from django.utils import timezone

from cases.demo.people import LEADER, LEGAL_OFFICER, Staff
from cases.demo.stories import ZONE
from cases.duty import DutyRoster, Rung, work_calendar, working_time
from cases.models import Level, LevelDemand, Matter, Officer
from cases.statute import periods
from config.demo.followup import SECOND_LEGAL
from supervision.alerts.models import Alert
from supervision.alerts.services import acknowledge
from supervision.rectification import services
from supervision.rectification.evidence import Received, receive
from supervision.rectification.models import Grade, Order, Source
from supervision.rectification.rules import State

# -- warnings ----------------------------------------------------------------------------------------------------------

EXCUSES = (
    "等待鉴定意见，鉴定机构答复本周内出具",
    "当事人外出未归，已约定到所时间",
    "材料已报审核，正在补正",
    "还差一名证人的询问，已联系",
)
# Which cases find somebody who answers, by the last figure of their number: the officer at once, the head when it has
# come to him. Of the others nobody says a word.
OFFICER_ANSWERS, HEAD_ANSWERS = (1, 5), (2,)


def answer_warnings(moment: datetime) -> None:
    """Say a word about some of the warnings that wait at a moment; outside working time nobody does.

    The officers promise three days, the heads one, so that some promises are over and the warning climbs on. What is
    over has its order or was entered late; of that nobody says anything yet.
    """
    if not working_time(moment).is_open(moment):
        return
    waiting = Alert.objects.open().filter(
        demands__gt=LevelDemand.NONE, level__lt=Level.RED, rung__in=(Rung.OFFICER, Rung.HEAD)
    )
    rows = list(
        waiting.filter(raised_at__lt=moment - timedelta(hours=12)).select_related("clock__matter").order_by("pk")
    )
    roster = DutyRoster(moment) if rows else None
    for alert in rows:
        figure = _last_figure(alert.clock.matter)
        if roster is None or figure not in (OFFICER_ANSWERS if alert.rung == Rung.OFFICER else HEAD_ANSWERS):
            continue
        for number in roster.answering(alert.rung, unit_id=alert.unit_id, officer_id=alert.officer_id)[:1]:
            acknowledge(
                alert=alert,
                reason=EXCUSES[figure % len(EXCUSES)],
                next_on=timezone.localdate(moment) + timedelta(days=3 if alert.rung == Rung.OFFICER else 1),
                by=Officer.objects.get(pk=number),
                at=moment,
            )


def _last_figure(matter: Matter) -> int:
    return int(matter.number.rstrip("号")[-1])


# -- orders ------------------------------------------------------------------------------------------------------------

REPLIES = (
    "已作出决定并送达，经过和原因见所附说明。",
    "已补齐手续，责任民警作了书面检讨，材料见附件。",
    "已办结。超期系人员轮训期间交接不清，已重新分工。",
)
DONE_TWICE = "已按退回意见补齐送达回证，见附件。"
RETURNED = "没有附送达回证，请补齐后重新答复"
# What becomes of an order, in turn: how far it comes of reply, return, reply again, verification.
OLD_FATES = ("verified", "returned, verified", "verified", "replied", "silent")
NEW_FATES = ("silent", "returned", "replied")
# By the officer's number: one sent back to him, one whose reply his head and the legal officer have not seen yet.
SHOWN_FATES = {"031002": "returned", "031003": "replied"}
LISTED = "扣押的手机由办案民警自行保管，至今没有移交保管室。请立即移交，附移交清单，并说明经过。"


def answer_orders(staff: Staff, *, at: datetime) -> None:
    """Have the orders issued up to `at` answered, sent back, verified and put off, and give one by hand that is listed.

    Everything happens in working hours before `at`, each order by its own story in the order they were issued. Orders on
    restricted matters are left to their handlers.
    """
    _list_one(staff, at)
    rows = list(
        Order.objects.filter(source=Source.ALERT, matter__restricted=False, officer__isnull=False)
        .select_related("problem", "unit", "officer", "matter")
        .order_by("issued_at", "matter__number")
    )
    today = timezone.localdate(at)
    old = [row for row in rows if row.due_on < today]
    new = [row for row in rows if row.due_on >= today]
    stories = [
        *((order, OLD_FATES[turn % len(OLD_FATES)]) for turn, order in enumerate(old)),
        *((order, NEW_FATES[turn % len(NEW_FATES)]) for turn, order in enumerate(new)),
    ]
    # The last of each, so that the accounts on the paper have something of the kind.
    shown = {order.officer_id: number for number, (order, _) in enumerate(stories) if order in old}
    for number, fate in SHOWN_FATES.items():
        if (place := shown.get(staff.officers[number].pk)) is not None:
            stories[place] = (stories[place][0], fate)
    for turn, (order, fate) in enumerate(stories):
        _Story(order, turn, staff, at).live(fate)
    silent = [row for row in new if row.state == State.ISSUED]
    _extend(silent[-1:], staff, at)


class _Story:
    """What happens to one order, a working day after the other; nothing of it after `at`."""

    def __init__(self, order: Order, turn: int, staff: Staff, at: datetime) -> None:
        self.order, self.turn, self.at = order, turn, at
        self.second = staff.officers[SECOND_LEGAL]
        self.calendar = work_calendar(at)

    def live(self, fate: str) -> None:
        if fate == "silent" or not self._reply(1, REPLIES[self.turn % len(REPLIES)]):
            return
        days = 2
        if fate.startswith("returned"):
            if (when := self._on(2, time(10, 20))) is None:
                return
            self.order = services.return_order(order=self.order, reason=RETURNED, by=self.second, at=when)
            if not fate.endswith("verified") or not self._reply(4, DONE_TWICE):
                return
            days = 5
        if fate.endswith("verified") and (when := self._on(days, time(16, 5))) is not None:
            text = "材料齐全，已核对原件。"
            self.order = services.verify_order(order=self.order, text=text, by=self.second, at=when)

    def _reply(self, days: int, text: str) -> bool:
        when, by = self._on(days, time(15, 10)), self.order.officer
        if when is None or by is None:
            return False
        paper = evidence_paper(self.order, text, when.date())
        self.order = services.reply_order(order=self.order, text=text, evidence=[paper], by=by, at=when)
        return True

    def _on(self, days: int, hour: time) -> datetime | None:
        """That hour of the working day so many after the issue; none where it has not come yet."""
        day = periods.add_working_days(timezone.localdate(self.order.issued_at), days, self.calendar, provisional=True)
        when = datetime.combine(day, hour, tzinfo=ZONE) + timedelta(minutes=self.turn)
        return when if when < self.at else None


def _list_one(staff: Staff, at: datetime) -> None:
    """One listed order, given by hand the working day before to a station, whose head has to answer it."""
    unit = staff.units["HC11"]
    matter = (
        Matter.objects.open()
        .filter(kind__code="public_order_case", unit=unit, restricted=False)
        .order_by("opened_at", "pk")
        .first()
    )
    day = timezone.localdate(at) - timedelta(days=1)
    services.issue_order(
        source=Source.SUPERVISOR,
        source_number="和公法督〔2026〕7号",
        problem="property_not_handed_over",
        unit=unit,
        officer=None,
        text=LISTED,
        grade=Grade.LISTED,
        matter=matter,
        workdays=3,
        by=staff.officers[LEGAL_OFFICER],
        at=datetime.combine(day, time(16, 30), tzinfo=ZONE),
    )


def _extend(orders: list[Order], staff: Staff, at: datetime) -> None:
    """Put them off by three working days, as the leader has approved."""
    for order in orders:
        services.extend_order(
            order=order,
            due_on=periods.add_working_days(order.due_on, 3, work_calendar(at), provisional=True),
            reason="鉴定机构书面说明三日内出具意见，等意见后即可办结",
            approver=staff.officers[LEADER],
            by=staff.officers[LEGAL_OFFICER],
            at=max(at - timedelta(minutes=30), order.issued_at),
        )


# -- evidence ----------------------------------------------------------------------------------------------------------

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
}


def evidence_paper(order: Order, text: str, day: date) -> Received:
    """A short Word file about an order, taken in as any evidence is; the same bytes whenever it is made."""
    number = order.matter.number if order.matter is not None else order.number
    lines = (f"{number}整改情况说明", text, f"{order.unit}　{day:%Y年%m月%d日}", "（演示材料）")
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    document = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in (*_PARTS.items(), ("word/document.xml", document)):
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            package.writestr(zipfile.ZipInfo(name), f"{head}{part}", zipfile.ZIP_DEFLATED)
    return receive(ContentFile(paper.getvalue(), name=f"{number}整改情况说明.docx"))
