"""The case-handling centre of the demonstration bureau: visits that are over, good and bad, and people inside now."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.models import Matter, Officer
from supervision.custody import services
from supervision.custody.models import Centre, Fault, Room, Visit
from supervision.custody.services import Known

ROOMS = (
    ("人身检查室", "search", 1), ("信息采集室", "collection", 2), ("健康检查室", "examination", 1),
    ("候问室 1", "waiting", 2), ("候问室 2", "waiting", 2), ("询问讯问室 1", "questioning", 1),
    ("询问讯问室 2", "questioning", 1), ("询问讯问室 3", "questioning", 1), ("约束室", "sobering", 1),
)  # fmt: skip
MINUTE = timedelta(minutes=1)
# Minutes after the entry at which each step begins, where, and with a guard on record or not.
GOOD = (
    (0, "search", "人身检查室", True),
    (10, "collection", "信息采集室", True),
    (30, "questioning", "询问讯问室 1", True),
)
BARE = ((0, "search", "人身检查室", True), (40, "questioning", "询问讯问室 2", False))


def keep_custody(staff: Staff, *, at: datetime) -> None:
    """A centre with its rooms; up to `at` somebody passed through it as he should, somebody else too long, without
    collection and with no guard on record, of which one is ordered put right; two are inside."""
    legal = staff.officers[LEGAL_OFFICER]
    centre = services.add_centre(unit=staff.county, name="县局执法办案管理中心", by=legal)
    rooms = {
        name: services.add_room(centre=centre, name=name, kind=kind, capacity=capacity, by=legal)
        for name, kind, capacity in ROOMS
    }
    rows = Matter.objects.open().filter(kind__code="public_order_case", officer__isnull=False)
    cases = list(rows.select_related("kind", "unit", "officer").order_by("-opened_at", "pk")[:4])
    people = (
        ("王某", timedelta(days=9), GOOD, timedelta(hours=5)),
        ("李某", timedelta(days=6), BARE, timedelta(hours=9, minutes=20)),
        ("赵某", timedelta(minutes=100), GOOD, None),
        ("孙某", timedelta(minutes=30), GOOD[:2], None),
    )
    for number, (case, (name, ago, plan, length)) in enumerate(zip(cases, people, strict=False), start=1):
        assert case.officer is not None
        visit = _enter(centre, case, case.officer, name, number, at - ago)
        for after, kind, room, guarded in plan:
            _begin(visit, kind, rooms[room], visit.entered_at + after * MINUTE, case.officer, guarded=guarded)
        if length is not None:
            _leave(visit, visit.arrived_at + length, case.officer, good=plan is GOOD)
    unguarded = Fault.objects.to_judge().filter(rule="unguarded").select_related("visit", "clock").first()
    if unguarded is not None:
        services.confirm_fault(fault=unguarded, by=legal, at=at - timedelta(days=2))


def _enter(centre: Centre, case: Matter, by: Officer, name: str, number: int, arrived_at: datetime) -> Visit:
    entered_at = arrived_at + 5 * MINUTE
    known = Known(
        basis="inquiry", name=name, reference=f"手环 {number:03d}", arrived_at=arrived_at, entered_at=entered_at,
        document=f"和公（治）传字〔{number + 20}〕号",
    )  # fmt: skip
    return services.enter(case=case, centre=centre, known=known, by=by, at=entered_at)


def _begin(visit: Visit, kind: str, room: Room, begun_at: datetime, by: Officer, *, guarded: bool) -> None:
    guard = by if guarded else None
    services.begin_stage(visit=visit, kind=kind, room=room, begun_at=begun_at, guard=guard, by=by, at=begun_at)


def _leave(visit: Visit, left_at: datetime, by: Officer, *, good: bool) -> None:
    services.finish_stage(visit=visit, ended_at=left_at - MINUTE, recorded=good, by=by, at=left_at)
    if good:
        told_at = visit.entered_at + 20 * MINUTE
        services.tell_family(visit=visit, told_at=told_at, text="电话通知家属传唤的原因和处所", by=by, at=left_at)
    services.leave(visit=visit, left_at=left_at, outcome="询问完毕，离开办案区", by=by, at=left_at)
