"""The complaints of the report: 134 about enforcement, of which two about enterprises and one borne out.

They come in every few days with the registers of the channels, through the import of their own room, which bars whoever
is complained about before anybody sees them; five come in twice and are taken together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from cases.demo.people import Staff
from cases.models import Officer
from config.demo.report_agenda import Agenda
from config.demo.report_bureau import Prefecture
from config.demo.report_files import write_csv
from config.demo.report_plan import DAY, ENDS, YEAR, Draw, ReportMissed
from config.demo.report_size import Size
from supervision.petitions.complaint_columns import columns_of
from supervision.petitions.models import Category, Complaint, Verdict
from supervision.petitions.services import (
    accept_complaint,
    close_complaint,
    find,
    import_complaints,
    order_for_complaint,
    reply_to_complaint,
    take_in,
    tell_received,
)

# The station people complain about far more often than about others of its size.
COMPLAINED_ABOUT = "XL18"

CHANNELS = {"12345": 40, "12389": 26, "110": 22, "visit": 16, "letter": 14, "online": 10, "12337": 6}
SUBJECTS = (
    "报案以后长时间没有告知办理进展",
    "接警后到达现场太慢",
    "窗口办理证明多次要求补材料",
    "调解时偏向对方当事人",
    "询问笔录没有让本人核对就要求签字",
    "扣押的电动车迟迟不发还",
    "电话态度生硬，没有解释清楚",
    "处罚决定书没有送达本人",
    "受案回执没有出具",
    "夜间巡逻车鸣笛扰民",
)
PLACES = ("东头", "南巷", "西街", "北村", "河边", "山脚", "路口", "市场", "小区", "厂区", "学校旁", "车站前")
NOT_SO = "调取接处警记录、执法记录仪视频和案卷核对，程序和时限符合规定，反映的情况不属实。"
CANNOT = "没有写明时间、地点，调取的记录无法对应。"
SO = "扣押期限届满后没有办理延长，也没有解除，超过四日。"
ORDERED = "检查发现扣押物品期限届满后没有办理延长或者解除，请立即办理并说明原因。"


@dataclass(slots=True)
class _Row:
    """A row of a channel's register, and what becomes of the complaint."""

    channel: str
    number: str
    received: datetime
    subject: str
    accused: str
    county: str
    place: int
    anonymous: bool
    enterprise: bool = False
    twin_of: _Row | None = None
    comes_again: bool = False


class Complaints:
    """The complaints of the year, and the acts on them put down in the agenda as they come in."""

    def __init__(self, prefecture: Prefecture, staff: Staff, agenda: Agenda, folder: Path, size: Size) -> None:
        self.prefecture, self.staff, self.agenda, self.folder, self.size = prefecture, staff, agenda, folder, size
        self.draw = Draw(prefecture, "complaints")
        self.registrar: Officer = staff.officers["010101"]
        self.rows = self._plan()
        self.complaints: dict[str, Complaint] = {}

    def _plan(self) -> list[_Row]:
        draw = self.draw
        weights = [
            one * (5 if code == COMPLAINED_ABOUT else 1) for code, one in zip(draw.stations, draw.weights, strict=True)
        ]
        days = sorted(draw.work(draw.day_but_the_last()) for _ in range(self.size.complaints))
        rows = []
        for place, received in enumerate(days):
            accused = draw.dice.choices(draw.stations, weights)[0]
            channel = draw.dice.choices(tuple(CHANNELS), tuple(CHANNELS.values()))[0]
            subject = f"{draw.dice.choice(PLACES)}一件事：{draw.dice.choice(SUBJECTS)}（{place + 1}）"
            rows.append(
                _Row(
                    channel,
                    f"{channel[:3].upper()}-{YEAR}{place + 1:05d}",
                    received,
                    "扣押企业货车超过期限没有解除" if place == self.size.borne_out else subject,
                    accused,
                    self.prefecture.county_of[accused],
                    place,
                    draw.dice.random() < 0.5,
                    place in self.size.about_enterprises,
                )
            )
        return rows + [self._again(one) for one in rows[10 : 10 + 20 * self.size.twice : 20]]

    def _again(self, first: _Row) -> _Row:
        """The same complaint through another channel two days later, counted no more once they are taken together."""
        first.comes_again = True
        channel = "12345" if first.channel != "12345" else "12389"
        return _Row(
            channel,
            f"{channel}-{YEAR}9{first.place:04d}",
            first.received + 2 * DAY,
            f"{first.subject}，请督促",
            first.accused,
            first.county,
            first.place,
            anonymous=True,
            twin_of=first,
        )

    # -- coming in ---------------------------------------------------------------------------------------------------

    def bring_in(self, since: datetime, at: datetime) -> None:
        """Import what came in since the last time, channel by channel, and put down what is done about each."""
        for channel in CHANNELS:
            rows = [row for row in self.rows if row.channel == channel and since < row.received <= at]
            if rows:
                self._import(channel, rows, at)
                for row in rows:
                    self._put_down(row, at)

    def _import(self, channel: str, rows: list[_Row], at: datetime) -> None:
        heads = {column.field: column.heads[0] for column in columns_of(channel)}
        path = self.folder / f"{channel}-{at:%Y%m%d}.csv"
        write_csv(
            path, list(heads.values()), ({heads[name]: word for name, word in self._cells(row).items()} for row in rows)
        )
        report = import_complaints(path, channel=channel, by=self.registrar, at=at)
        path.unlink()
        if report.rows_refused or report.new != len(rows):
            raise ReportMissed(str(report.refusals[0]) if report.refusals else f"{path.name} 没有全部收下")
        found = Complaint.objects.filter(channel=channel).select_related("matter__kind")
        self.complaints |= {row.channel_number: row for row in found}

    def _cells(self, row: _Row) -> dict[str, str]:
        cells = {
            "number": row.number,
            "received_on": f"{row.received:%Y-%m-%d}",
            "subject": row.subject,
            "accused_unit": row.accused,
            "enterprise": "是" if row.enterprise else "否",
            "unit": f"{row.county}00",
            "handlers": self.prefecture.legal[row.county][0],
        }
        if not row.anonymous:
            cells |= {"name": f"投诉人{row.place + 1}", "phone": f"10001{row.place + 1:06d}"}
        return cells

    # -- what is done ------------------------------------------------------------------------------------------------

    def _put_down(self, row: _Row, at: datetime) -> None:
        put, draw = self.agenda.put, self.draw
        if row.twin_of is not None:
            put(at + DAY, lambda later: self._take_in(row, later))
            return
        if not row.anonymous:
            put(at, lambda later: self._tell(row, later))
        begun = at + timedelta(days=2)
        put(begun, lambda later: self._accept(row, later))
        # Of one that comes in twice nothing is found before both are known.
        found = begun + DAY * (draw.dice.randint(6, 24) + (20 if row.comes_again else 0))
        # What is not found out by then is found out in the year after.
        if found >= ENDS - DAY:
            return
        put(found, lambda later: self._find(row, later))
        put(found + DAY * 3, lambda later: self._reply(row, later))
        if row.place % 2:
            put(found + DAY * 9, lambda later: self._close(row, later))

    def _held(self, row: _Row) -> Complaint:
        return self.complaints[row.number.replace(" ", "")]

    def _legal(self, row: _Row) -> Officer:
        return self.staff.officers[self.prefecture.legal[row.county][0]]

    def _take_in(self, row: _Row, at: datetime) -> None:
        assert row.twin_of is not None
        take_in(complaint=self._held(row), into=self._held(row.twin_of), by=self._legal(row), at=at)

    def _tell(self, row: _Row, at: datetime) -> None:
        tell_received(complaint=self._held(row), on=timezone.localdate(at), by=self._legal(row), at=at)

    def _accept(self, row: _Row, at: datetime) -> None:
        category = Category.CLAIM if row.place % 3 == 0 else Category.ACCUSATION
        on = timezone.localdate(at)
        accept_complaint(complaint=self._held(row), category=category, on=on, by=self._legal(row), at=at)

    def _find(self, row: _Row, at: datetime) -> None:
        legal = self._legal(row)
        verdict, reason = (
            (Verdict.CANNOT, CANNOT) if row.anonymous and row.place % 7 == 0 else (Verdict.NOT_VERIFIED, NOT_SO)
        )
        if row.place == self.size.borne_out:
            verdict, reason = Verdict.VERIFIED, SO
        find(complaint=self._held(row), verdict=verdict, reason=reason, by=legal, at=at)
        if row.place == self.size.borne_out:
            order_for_complaint(complaint=self._held(row), problem="seizure_overlong", text=ORDERED, by=legal, at=at)

    def _reply(self, row: _Row, at: datetime) -> None:
        on = timezone.localdate(at)
        reply_to_complaint(
            complaint=self._held(row), on=on, evaluation_asked=not row.anonymous, by=self._legal(row), at=at
        )

    def _close(self, row: _Row, at: datetime) -> None:
        on = timezone.localdate(at)
        close_complaint(complaint=self._held(row), on=on, note="已答复，投诉人没有异议", by=self._legal(row), at=at)
