"""An officer leaves: twelve cases, two orders, a followed case. Afterwards he has nothing left and the colleague all of it."""

from cases.models import Clock, Officer
from cases.queries import clocks_of, matters_of
from config.today import today
from supervision.alerts.services import sweep
from supervision.followup.queries import holdings_of
from supervision.handovers.models import Handover, State
from supervision.rectification.models import Order
from tests.cases.factories import clock_of, record
from tests.supervision.handovers.conftest import Opened
from tests.supervision.handovers.factories import AT, OVERDUE, House, case, follow, order
from tests.supervision.handovers.test_pages import LIST, handed_over, previewed, text


def in_hand(house: House, officer: Officer) -> tuple[int, int, str]:
    """His open cases, orders to answer, and what he has in followed cases."""
    seen = matters_of(Officer.objects.get(pk=officer.pk)).open().filter(officer=officer).count()
    orders = Order.objects.to_answer().filter(officer=officer).count()
    return seen, orders, str(holdings_of(officer, seen_by=house.legal))


def test_an_officer_leaves(house: House, desk: Opened) -> None:
    matters = [case(house, f"A-{n:02}", filed=f"2026-02-{n + 2:02}") for n in range(11)]
    matters.append(follow(house).matter)
    # One waits for an expert, so that its limit stands still.
    record(matters[3], "test_began", "2026-02-20")
    order(house, "S-1")
    order(house, "S-2")
    late = case(house, "LATE", filed=OVERDUE, officer=house.head)
    sweep(at=AT)
    due = {clock.pk: (clock.due_at, clock.state) for clock in Clock.objects.filter(matter__in=matters)}
    assert in_hand(house, house.leaver) == (12, 2, "盯办案件 1 件、提纲事项 0 项、批示 0 件")
    assert today(house.leaver, AT)

    client = desk(house.head)
    page, told = previewed(client, house)
    assert "可以移交 事项 12 件、整改 2 件、盯办 1 件" in page
    sheet = text(client.get(handed_over(client, page, told)["Location"]))
    sweep(at=AT)

    row = Handover.objects.get()
    assert (row.state, row.moved, row.kept) == (State.DONE, 15, 0) and "未移交（" not in sheet
    assert in_hand(house, house.leaver) == (0, 0, "盯办案件 0 件、提纲事项 0 项、批示 0 件")
    assert in_hand(house, house.taker) == (12, 2, "盯办案件 1 件、提纲事项 0 项、批示 0 件")
    assert not clocks_of(Officer.objects.get(pk=house.leaver.pk)).open().exists()
    assert not today(Officer.objects.get(pk=house.leaver.pk), AT)
    assert today(Officer.objects.get(pk=house.taker.pk), AT)
    assert {clock.pk: (clock.due_at, clock.state) for clock in Clock.objects.filter(matter__in=matters)} == due
    late.refresh_from_db()
    assert (late.officer, clock_of(late).officer) == (house.head, house.head)
    # The colleague reads what he took over.
    assert row.number in text(desk(house.taker).get(f"{LIST}?mine=to"))


def test_what_had_run_out_stays_with_the_old_unit_and_is_its_overdue_still(house: House, desk: Opened) -> None:
    late = case(house, "LATE", filed=OVERDUE)
    sweep(at=AT)
    client = desk(house.legal)
    page, told = previewed(client, house, to_unit=str(house.bureau.sibling.pk), to_officer="")

    handed_over(client, page, told)

    late.refresh_from_db()
    clock = clock_of(late)
    assert late.unit == house.bureau.sibling
    assert (clock.unit, clock.officer) == (house.station, house.leaver)
