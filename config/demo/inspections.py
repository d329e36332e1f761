"""A plan of double-random inspection in the demonstration bureau: one item drawn and partly public, one that slipped, one to come."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.demo.stories import ZONE
from cases.models import Role
from supervision.inspections import services
from supervision.inspections.models import Check, PlannedItem
from supervision.inspections.queries import local_day
from supervision.inspections.services import Found, Wanted

SEED = "20260601"
# Category, how many, and whose: places that the police inspect by their own regulations.
PLACES = (("旅馆业", 12, ("HC11", "HC12", "HC13", "HC14")), ("典当业", 4, ("HC11", "HC12")))
HOTELS = "《旅馆业治安管理办法》第十四条"
PAWNSHOPS = "《典当管理办法》第五十一条"


def inspect_places(staff: Staff, *, at: datetime) -> None:
    """A plan of the year made seventy days before `at`: hotels drawn and inspected, some results public, one withheld, one
    waiting; pawnshops whose draw was put off once and slipped again; a second item of hotels still ahead."""
    legal, day = staff.officers[LEGAL_OFFICER], local_day(at)
    at = in_the_morning(at)
    made_at = at - timedelta(days=70)
    for category, number, codes in PLACES:
        for n in range(number):
            unit = staff.units[codes[n % len(codes)]]
            services.list_target(
                code=f"{unit.code}-{category[:2]}-{n + 1:02d}", name=f"{unit.short_name}第{n + 1}号{category[:2]}",
                category=category, unit=unit, by=legal, at=made_at,
            )  # fmt: skip
    for officer in sorted(staff.officers.values(), key=lambda one: one.police_number):
        inspects = officer.posts.current().filter(role__in=(Role.CASE_OFFICER, Role.BRANCH_OFFICER)).exists()
        if inspects and officer.unit.path.startswith(staff.county.path):
            services.list_inspector(officer=officer, by=legal, at=made_at)
    plan = services.make_plan(
        title="治安行业场所双随机检查计划", year=made_at.year, unit=staff.county, by=legal, at=made_at
    )

    def item(name: str, category: str, ground: str, days: tuple[int, int, int, int]) -> PlannedItem | None:
        begins, draw, inspect, publish = (day + timedelta(days=one) for one in days)
        if not begins.year == draw.year == inspect.year == plan.year:
            return None
        wanted = Wanted(name, ground, 34, begins, draw, inspect, publish, category=category)
        return services.add_item(plan=plan, wanted=wanted, by=legal, at=made_at)

    hotels = item("旅馆业治安检查", "旅馆业", HOTELS, (-70, -50, -20, 5))
    pawnshops = item("典当业治安检查", "典当业", PAWNSHOPS, (-60, -30, 10, 30))
    item("旅馆业治安复查", "旅馆业", HOTELS, (0, 12, 25, 40))
    if hotels is not None:
        _inspect(staff, hotels, at)
    if pawnshops is not None:
        services.move_step(
            row=pawnshops.steps.get(stage="draw"), due_on=day - timedelta(days=4),
            why="抽调警力参加安保，推迟抽取", by=legal, at=at - timedelta(days=32),
        )  # fmt: skip


def in_the_morning(at: datetime) -> datetime:
    """The last ten in the morning that is not after `at`."""
    ten = at.astimezone(ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    return ten if ten <= at else ten - timedelta(days=1)


def _inspect(staff: Staff, item: PlannedItem, at: datetime) -> None:
    legal = staff.officers[LEGAL_OFFICER]
    drawn = services.draw_item(item=item, seed=SEED, by=legal, at=at - timedelta(days=52))
    rows = Check.objects.filter(draw=drawn).select_related("draw__item__plan", "target", "unit", "matter")
    fault = Found("inspected_fault", "《旅馆业治安管理办法》第六条", "抽查当日有三名旅客没有登记。")
    for number, check in enumerate(rows.order_by("position")):
        moment = at - timedelta(days=36 - number)
        inspector = check.inspectors.order_by("pk")[0].officer
        found = [fault] if number == 1 else []
        services.record_result(
            check=check, outcome="faults" if found else "clean", inspected_on=local_day(moment),
            text="查阅旅客登记、视频监控和值班记录。", findings=found, by=inspector, at=moment,
        )  # fmt: skip
        check.refresh_from_db()
        later = moment + timedelta(days=6)
        if number < 2:
            services.publish_result(
                check=check, on=local_day(later), where="和川县人民政府网站“双随机、一公开”专栏", by=legal, at=later
            )
        elif number == 2:
            services.withhold_result(check=check, why="对象正在配合侦查，按侦查保密要求暂不公示", by=legal, at=later)
