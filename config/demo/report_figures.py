"""What the two yearly reports say, counted from the rows of the year: by the registry, by the rooms, and list by list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from cases.models import Officer, Unit
from cases.queries import matters_of
from config.demo.report_bureau import CITY
from config.demo.report_plan import BEGINS, ENDS, ReportMissed
from config.demo.report_size import Size
from supervision.evaluation.models import Side
from supervision.evaluation.queries import FigureCell, behind, figures_of
from supervision.evaluation.rules.periods import Period
from supervision.petitions.models import Complaint
from supervision.petitions.queries import borne_out_share, distinct_complaints, resolution_share
from supervision.proceedings import queries as proceedings
from supervision.proceedings.rules import Period as Days
from supervision.rectification.queries import orders_of

# Whose lists are counted where a room shows its rows to whoever may see them: the head of the whole bureau.
READER = "010001"
CASES = ("public_order_case", "administrative_case")

_YEAR = Period(BEGINS.date(), ENDS.date())
_DAYS = Days(BEGINS.date(), ENDS.date() - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Said:
    """A figure of the reports: of the registry by its code, or one only a room counts. None where they are silent."""

    code: str
    name: str
    numerator: int
    denominator: int | None


def said(size: Size) -> tuple[Said, ...]:
    """What the reports say at a size."""
    return (
        Said("expedited", "快办率", size.expedited, size.cases),
        Said("rectified_cohort", "整改率", size.put_right, size.orders),
        Said("petition_resolved", "信访化解率", size.petitions["resolved"], size.all_petitions),
        Said("mediated", "矛盾纠纷调解成功率", size.settled, size.disputes),
        Said("head_appearance", "负责人出庭应诉率", 10, 10),
        Said("complaint", "投诉举报件数", size.complaints, None),
        Said("complaint_borne_out", "其中查实", 1, None),
        Said("enterprise", "其中涉企", len(size.about_enterprises), size.complaints),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """One figure of the year for the whole bureau. `registry` is none where only the room counts it; `listed` are the rows
    on the lists behind both sides, `room` what the room's own question says, its denominator none where it asks for none."""

    said: Said
    registry: FigureCell | None
    listed: tuple[int, int]
    room: tuple[int, int | None]

    @property
    def numbers(self) -> tuple[int, int]:
        return (self.registry.numerator, self.registry.denominator) if self.registry else self.listed

    @property
    def is_one(self) -> bool:
        """Whether registry, room and lists say the same."""
        numerator, denominator = self.numbers
        return self.listed == self.numbers and self.room in ((numerator, denominator), (numerator, None))

    @property
    def is_as_said(self) -> bool:
        numerator, denominator = self.numbers
        return self.is_one and self.said.numerator == numerator and self.said.denominator in (None, denominator)

    def __str__(self) -> str:
        numerator, denominator = self.numbers
        of_room = f"{self.room[0]}" if self.room[1] is None else f"{self.room[0]}/{self.room[1]}"
        rate = f"（{self.registry.text}）" if self.registry else ""
        return (
            f"{self.said.name} {numerator}/{denominator}{rate}，明细 {self.listed[0]} 行、{self.listed[1]} 行，"
            f"业务模块自己数得 {of_room}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.said.code,
            "numerator": self.numbers[0],
            "denominator": self.numbers[1],
            "text": self.registry.text if self.registry else "",
            "listed": list(self.listed),
            "room": list(self.room),
        }


def count_figures(size: Size) -> list[Counted]:
    """The figures of the reports as the rows now have them, for the year 2024 and the whole bureau."""
    city, reader = Unit.objects.get(code=CITY), Officer.objects.get(police_number=READER)
    cells = {cell.indicator.code: cell for cell in figures_of(city, _YEAR, at=ENDS)}
    own = {one.measure.code: one for one in proceedings.figures(city, _DAYS, seen_by=reader)}
    counted = []
    for one in said(size):
        room = _ROOMS[one.code](city, reader, own)
        cell = cells.get(one.code)
        listed = _listed(cell, city) if cell else _listed_complaints()
        counted.append(Counted(one, cell, listed, room))
    return counted


def hold_to(size: Size) -> list[Counted]:
    """The same, refused where one of them is not what the reports say or not what its lists or its room say."""
    counted = count_figures(size)
    for one in counted:
        if not one.is_as_said:
            wanted = f"{one.said.numerator}/{one.said.denominator or '—'}"
            raise ReportMissed(f"{one}，应为 {wanted}")
    return counted


def _listed(cell: FigureCell, city: Unit) -> tuple[int, int]:
    """How many rows the lists behind either side of a figure have, read as lists are."""
    numbers = {
        side: sum(len(set(one.rows.values_list("pk", flat=True))) for one in lists)
        for side in Side
        for lists in (behind(cell.indicator, side, city, cell.period, cell.cutoff),)
    }
    return numbers[Side.NUMERATOR], numbers[Side.DENOMINATOR]


def _listed_complaints() -> tuple[int, int]:
    """How many complaints of the year there are about enterprises, and in all, read one by one."""
    distinct = Complaint.objects.standing().distinct_ones().received_between(BEGINS, ENDS)
    about = list(distinct.values_list("enterprise", flat=True))
    return sum(about), len(about)


# -- what the rooms say ----------------------------------------------------------------------------------------------

Own = dict[str, proceedings.Figure]


def _expedited(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    """The cases room keeps no such figure: the list of cases the head sees, and what the register said of each."""
    filed = matters_of(reader).filter(kind__code__in=CASES, opened_at__gte=BEGINS, opened_at__lt=ENDS)
    return filed.filter(Q(facts__expedited=True) | Q(facts__expedited="true")).count(), filed.count()


def _rectified(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    given = orders_of(reader).founded().filter(issued_at__gte=BEGINS, issued_at__lt=ENDS)
    return given.filter(verified_at__lt=ENDS).count(), given.count()


def _resolved(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    share = resolution_share(city, begins=BEGINS, ends=ENDS, cutoff=ENDS)
    return share.numerator, share.denominator


def _of_proceedings(code: str) -> Callable[[Unit, Officer, Own], tuple[int, int | None]]:
    """A figure of the room, if the list its page opens has as many rows."""

    def read(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
        seen = matters_of(reader)
        lists = [seen.filter(pk__in=proceedings.behind(code, _DAYS, counted=counted)) for counted in (True, False)]
        told, shown = (own[code].counted, own[code].of), (lists[0].count(), lists[1].count())
        if told != shown:
            raise ReportMissed(f"{own[code].measure.name} {told[0]}/{told[1]}，列表 {shown[0]} 行、{shown[1]} 行")
        return told

    return read


def _complaints(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    return distinct_complaints(city, begins=BEGINS, ends=ENDS), None


def _borne_out(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    share = borne_out_share(city, begins=BEGINS, ends=ENDS)
    return share.numerator, share.denominator


def _about_enterprises(city: Unit, reader: Officer, own: Own) -> tuple[int, int | None]:
    distinct = Complaint.objects.standing().distinct_ones().received_between(BEGINS, ENDS)
    return distinct.filter(enterprise=True).count(), distinct.count()


_ROOMS: dict[str, Callable[[Unit, Officer, Own], tuple[int, int | None]]] = {
    "expedited": _expedited,
    "rectified_cohort": _rectified,
    "petition_resolved": _resolved,
    "mediated": _of_proceedings("disputes_settled"),
    "head_appearance": _of_proceedings("head_appearance"),
    "complaint": _complaints,
    "complaint_borne_out": _borne_out,
    "enterprise": _about_enterprises,
}
