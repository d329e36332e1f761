"""A round of return visits in the demonstration bureau: answers by each way, in each state, and negative ones looked into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.demo.stories import ZONE
from cases.models import Grade
from supervision.rectification.models import Problem
from supervision.returnvisits import services
from supervision.returnvisits.models import Basis, Channel, Check, Visit, VisitRound
from supervision.returnvisits.queries import Scope
from supervision.returnvisits.services.checking import Demand

SECOND_LEGAL = "020002"
INSPECTOR = "020102"
KINDS = ("incident", "public_order_case", "administrative_case", "criminal_case")
# Fixed, so that the demonstration is the same on every machine.
SEED = "20260101"
PER_UNIT = 4


def ask_people(staff: Staff, *, at: datetime) -> VisitRound:
    """Draw a round nine days before `at` of what came in during the two months before, and bring its visits as far as such
    rounds are by then: most answered, some not reached, some waiting, one negative answer borne out, one not, one open."""
    county, legal, second = staff.county, staff.officers[LEGAL_OFFICER], staff.officers[SECOND_LEGAL]
    day = timezone.localdate(at)

    def ago(days: int, hour: int = 10, minute: int = 0) -> datetime:
        return datetime.combine(day - timedelta(days=days), time(hour, minute), tzinfo=ZONE)

    drawn = services.draw_round(
        title="近两个月接处警和案件回访",
        scope=Scope(county, KINDS, Basis.OPENED, day - timedelta(days=70), day - timedelta(days=10)),
        per_unit=PER_UNIT,
        reply_until=day + timedelta(days=6),
        callers=(legal, second),
        seed=SEED,
        by=legal,
        at=ago(9, 9),
    )
    rows = Visit.objects.filter(round=drawn, caller__isnull=False).order_by("pk")
    visits = list(rows.select_related("round", "matter", "unit", "caller", "feedback"))
    for number, visit in enumerate(visits):
        _ACTS[number % len(_ACTS)](visit, number, ago)
    _look_into(staff, ago)
    services.watch(at=at)
    return drawn


Ago = Callable[..., datetime]


def _answered(
    channel: Channel, grade: Grade, text: str = "", invalid_reason: str = ""
) -> Callable[[Visit, int, Ago], None]:
    def act(visit: Visit, number: int, ago: Ago) -> None:
        services.record_answer(
            visit=visit,
            channel=channel,
            grade=grade,
            text=text,
            valid=not invalid_reason,
            invalid_reason=invalid_reason,
            by=visit.caller,
            at=ago(8 - number % 6, 10 + number % 6, number * 7 % 60),
        )

    return act


def _by_slip(visit: Visit, number: int, ago: Ago) -> None:
    assert visit.caller is not None
    token = services.issue_slip(visit=visit, by=visit.caller, at=ago(8, 15))
    services.answer_by_slip(token=token, grade=Grade.SATISFIED, text="办事很快，谢谢。", at=ago(4, 19, number % 60))


def _printed(visit: Visit, number: int, ago: Ago) -> None:
    assert visit.caller is not None
    services.issue_slip(visit=visit, by=visit.caller, at=ago(7, 15, number % 60))


def _not_reached(visit: Visit, number: int, ago: Ago) -> None:
    caller = visit.caller
    assert caller is not None
    for days, outcome in ((8, "无人接听"), (6, "无人接听"), (3, "号码已停用")):
        visit = services.note_attempt(visit=visit, outcome=outcome, by=caller, at=ago(days, 11, number % 60))
    services.give_up(visit=visit, reason="号码已停用，案卷里没有别的联系方式", by=caller, at=ago(3, 11, 30))


def _tried(visit: Visit, number: int, ago: Ago) -> None:
    assert visit.caller is not None
    services.note_attempt(visit=visit, outcome="在开会，约定晚上再打", by=visit.caller, at=ago(2, 16, number % 60))


def _unfit(visit: Visit, number: int, ago: Ago) -> None:
    assert visit.caller is not None
    services.set_aside(visit=visit, reason="没有可以询问的当事人", by=visit.caller, at=ago(6, 9, number % 60))


def _left(visit: Visit, number: int, ago: Ago) -> None:
    """Still waits, as it was drawn."""


_ACTS: tuple[Callable[[Visit, int, Ago], None], ...] = (
    _answered(Channel.TELEPHONE, Grade.SATISFIED, "处理及时"),
    _answered(Channel.TELEPHONE, Grade.DISSATISFIED, "报案后等了一个多星期没人回话，打电话也没人管"),
    _answered(Channel.MESSAGE, Grade.BASICALLY),
    _by_slip,
    _not_reached,
    _answered(Channel.TELEPHONE, Grade.BASICALLY, "态度好，就是等得久了一点"),
    _answered(Channel.MESSAGE, Grade.SATISFIED),
    _left,
    _answered(Channel.TELEPHONE, Grade.SATISFIED, invalid_reason="接听的不是本人"),
    _answered(Channel.TELEPHONE, Grade.SATISFIED),
    _tried,
    _unfit,
    _answered(Channel.MESSAGE, Grade.VERY_DISSATISFIED, "去了三趟都说材料不齐，一次也没讲清楚"),
    _printed,
)


def _look_into(staff: Staff, ago: Ago) -> None:
    """The first check is borne out, the second not, the third has its checker, whatever comes after has none yet."""
    legal, inspector = staff.officers[LEGAL_OFFICER], staff.officers[INSPECTOR]
    rows = (
        Check.objects.open().order_by("pk").select_related("visit__round", "visit__matter", "visit__feedback", "unit")
    )
    checks = list(rows)
    if checks:
        number = checks[0].visit.matter.number
        problem = Problem.objects.get(code="served_badly")
        found = "受理后没有按承诺告知进展，群众来电没有登记和回复，情况属实。"
        asked = f"{number}受理后没有按承诺告知办理进展。请补告进展，并检查来电登记和回复。"
        services.conclude_check(
            check=checks[0], upheld=True, text=found, by=legal, at=ago(2, 15), demand=Demand(problem, asked)
        )
    if len(checks) > 1:
        found = "调取窗口录像和一次性告知单核对，第一次已书面一次告知全部材料，并有签收，不属实。"
        services.conclude_check(check=checks[1], upheld=False, text=found, by=inspector, at=ago(1, 11))
    if len(checks) > 2:
        services.assign_check(check=checks[2], to=legal, by=legal, at=ago(1, 9))
