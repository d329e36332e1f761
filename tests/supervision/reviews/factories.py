"""A county whose legal department reviews files: cases of two stations, some of them late, and a form to review them by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Matter, Officer, Role, Unit
from cases.roles import plan_roles
from supervision.rectification.models import Problem
from supervision.reviews import services
from supervision.reviews.models import Basis, ReviewForm, ReviewRound, Template
from supervision.reviews.queries import Scope
from supervision.reviews.services import Plan
from tests.cases.factories import Bureau, add_limit, day, make_bureau, make_case, make_catalogue, make_officer, moment
from tests.cases.factories import record as record_event

# Tuesday 7 April 2026, ten in the morning, of a year that is announced in the calendar of the tests.
DRAWN = moment("2026-04-07 10:00")
LATER = moment("2026-04-08 10:00")
SEED = "42"

ITEMS: list[dict[str, Any]] = [
    {"code": "late", "group": "期限", "text": "超过办案期限", "law": "治安管理处罚法", "article": "第一百一十八条", "most": 15,
     "merit": False, "problem": "late", "limits": ["decide_5d"]},
    {"code": "served", "group": "送达", "text": "处罚决定书未按期送达", "law": "治安管理处罚法", "article": "第一百一十六条",
     "most": 5, "merit": False, "problem": "served", "limits": []},
    {"code": "hearing", "group": "告知听证", "text": "未告知听证权利", "law": "治安管理处罚法", "article": "第一百一十七条",
     "most": 60, "merit": False, "problem": "hearing", "limits": []},
    {"code": "merit", "group": "加分", "text": "办案规范，可以作为范例", "law": "", "article": "", "most": 5, "merit": True,
     "problem": "", "limits": []},
]  # fmt: skip


@dataclass(frozen=True)
class County:
    """Those who review, those who are reviewed, and who may know nothing of it."""

    bureau: Bureau
    legal: Officer
    second_legal: Officer
    third_legal: Officer
    inspector: Officer
    leader: Officer
    head: Officer
    officer: Officer
    sibling_head: Officer
    stranger: Officer
    template: Template

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    plan_roles()
    bureau = make_bureau()
    make_catalogue()
    add_limit(
        code="decide_5d", name="作出处理决定", kinds=["case"], starts=["filed"], stops=["decided"], length=5, unit="day",
        law="某法", article="第五条", status="verified", in_force_from="2020-01-01", nature="authority_duty",
    )  # fmt: skip
    for number, (code, name) in enumerate((("late", "超期"), ("served", "送达不及时"), ("hearing", "未告知听证"))):
        Problem.objects.create(code=code, name=name, fault="程序", law="某法", article=f"第{number}条", workdays=3)
    return County(
        bureau=bureau,
        legal=make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        second_legal=make_officer("100002", bureau.legal, Role.LEGAL_OFFICER),
        third_legal=make_officer("100009", bureau.legal, Role.LEGAL_OFFICER),
        inspector=make_officer("100003", bureau.county, Role.INSPECTOR),
        leader=make_officer("100004", bureau.county, Role.LEADER),
        head=make_officer("100005", bureau.station, Role.UNIT_HEAD),
        officer=make_officer("100006", bureau.station, Role.CASE_OFFICER),
        sibling_head=make_officer("100007", bureau.sibling, Role.UNIT_HEAD),
        stranger=make_officer("100008", bureau.other_station, Role.LEGAL_OFFICER),
        template=Template.objects.create(code="t1", name="案件评查表", version="1", items=ITEMS),
    )


def make_files(county: County, *, station: int = 3, sibling: int = 2, late: int = 0) -> list[Matter]:
    """Cases of both stations, filed and decided in March; the first `late` of the station eight days after, the others in
    two."""
    made = []
    for number in range(1, station + 1):
        case = make_case(f"A{number}", county.station, county.officer, filed="2026-03-02")
        record_event(case, "decided", "2026-03-10" if number <= late else "2026-03-04")
        made.append(case)
    for number in range(1, sibling + 1):
        case = make_case(f"B{number}", county.bureau.sibling, filed="2026-03-02")
        record_event(case, "decided", "2026-03-04")
        made.append(case)
    return made


def scope_of(county: County, **fields: Any) -> Scope:
    return Scope(
        **{
            "unit": county.bureau.county,
            "kinds": ("case",),
            "basis": Basis.OPENED,
            "from_on": day("2026-03-01"),
            "until_on": day("2026-03-31"),
            **fields,
        }
    )


def draw(
    county: County,
    *,
    plan: Plan | None = None,
    reviewers: tuple[Officer, ...] | None = None,
    at: datetime = DRAWN,
    **fields: Any,
) -> ReviewRound:
    """A round of all five files, none of them drawn for a second review; without files of its own it makes them."""
    if not Matter.objects.exists():
        make_files(county)
    return services.draw_round(
        **{
            "title": "三月评查",
            "template": county.template,
            "scope": scope_of(county),
            "plan": plan or Plan(files=5, second_percent=0, seed=SEED),
            "reviewers": reviewers or (county.legal, county.second_legal),
            "by": county.inspector,
            "at": at,
            **fields,
        }
    )


def form_of(number: str) -> ReviewForm:
    rows = ReviewForm.objects.select_related(
        "round", "matter", "unit", "officer", "reviewer", "second_reviewer", "objected_by", "decided_by"
    )
    return rows.get(matter__number=number)
