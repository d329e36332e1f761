import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Officer
from supervision.inspections.models import Draw, InspectionPlan, PlannedItem, Stage
from tests.cases.factories import day
from tests.supervision.inspections.factories import (
    County,
    add_item,
    check_at,
    draw,
    list_everything,
    make_plan,
    record,
)


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def test_a_plan_is_made_and_an_item_put_on_it(county: County) -> None:
    list_everything(county)
    client = browser(county.legal)
    assert client.get(reverse("inspections:new")).status_code == 200
    client.post(
        reverse("inspections:new"),
        {"title": "计划", "year": "2026", "unit": county.bureau.county.pk, "publish_workdays": "20"},
    )
    plan = InspectionPlan.objects.get()
    address = reverse("inspections:new_item", args=(plan.pk,))
    asked = {
        "name": "旅馆检查", "ground": "某条", "category": "旅馆业", "percent": "10", "each": "2", "outside": "on",
        "begins_on": "2026-12-01", "draw_by": "2026-12-10", "inspect_by": "2026-12-20", "publish_by": "2026-12-31",
    }  # fmt: skip

    assert client.get(address).status_code == 200
    wrong = client.post(address, {**asked, "draw_by": "2026-12-25"})
    assert wrong.status_code == 422 and "依次" in wrong.content.decode()
    client.post(address, asked)

    item = PlannedItem.objects.get()
    page = client.get(reverse("inspections:plan", args=(plan.pk,))).content.decode()
    assert (item.category, item.outside, item.each) == ("旅馆业", True, 2)
    assert "旅馆检查" in page and "2026-12-10" in page


def test_a_step_that_slipped_is_said_in_words_and_can_be_put_off(county: County) -> None:
    item = add_item(county)
    step = item.steps.get(stage=Stage.DRAW)
    client = browser(county.legal)
    address = reverse("inspections:plan", args=(item.plan_id,))
    # The pages tell the time themselves; the days of the item are long past.
    assert "逾期未办" in client.get(address).content.decode()

    refused = client.post(reverse("inspections:move", args=(step.pk,)), {"due_on": "2026-04-20", "why": "x"})

    assert refused.status_code == 422 and "已经过去" in refused.content.decode()


def test_a_draw_is_looked_at_done_and_shown(county: County) -> None:
    list_everything(county)
    item = add_item(county)
    client, address = browser(county.legal), reverse("inspections:item", args=(item.pk,))
    looked = client.get(address).content.decode()
    assert "总体 10 个，将抽取 3 个" in looked and not Draw.objects.exists()

    client.post(address, {"seed": "42"})

    page = client.get(f"{address}?again=1").content.decode()
    assert Draw.objects.get().seed == "42" and "与留存的完全相同" in page
    assert client.post(address, {"seed": "43"}).status_code == 422


def test_who_knows_the_seed_knows_what_is_drawn_so_others_see_it_when_all_is_inspected(county: County) -> None:
    drawn = draw(county, add_item(county, percent=100))
    inspector = browser(drawn.checks.get(position=1).inspectors.first().officer)
    address = reverse("inspections:item", args=(drawn.item_id,))
    assert drawn.frame_digest not in inspector.get(address).content.decode()
    for position in range(1, 11):
        record(check_at(drawn, position))

    assert drawn.frame_digest in inspector.get(address).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("legal", 200), ("inspector", 200), ("leader", 200), ("head", 404), ("outsider", 404), ("stranger", 404)],
)
def test_who_opens_a_plan(county: County, who: str, status: int) -> None:
    drawn = draw(county)

    client = browser(getattr(county, who))

    assert client.get(reverse("inspections:plan", args=(drawn.item.plan_id,))).status_code == status
    assert client.get(reverse("inspections:item", args=(drawn.item_id,))).status_code == status


def test_a_head_sees_the_plan_once_something_of_his_was_inspected(county: County) -> None:
    drawn = draw(county, add_item(county, percent=100))
    for position in range(1, 11):
        record(check_at(drawn, position))

    page = browser(county.head).get(reverse("inspections:plan", args=(drawn.item.plan_id,)))

    assert page.status_code == 200 and "列入抽查事项" not in page.content.decode()


@pytest.mark.parametrize("who", ["leader", "head", "outsider"])
def test_only_who_directs_writes(county: County, who: str) -> None:
    item = add_item(county)
    client = browser(getattr(county, who))

    assert client.get(reverse("inspections:new")).status_code == 403
    assert client.get(reverse("inspections:targets")).status_code == 403
    assert client.get(reverse("inspections:inspectors")).status_code == 403
    assert client.post(reverse("inspections:close", args=(item.plan_id,))).status_code == 403
    assert client.post(reverse("inspections:item", args=(item.pk,)), {}).status_code in (403, 404)
    assert not Draw.objects.exists()


def test_an_inspector_of_another_county_does_not_direct_the_plan_he_is_drawn_for(county: County) -> None:
    drawn = draw(county)
    stranger = county.stranger
    drawn.checks.get(position=1).inspectors.create(officer=stranger)
    client = browser(stranger)

    assert client.get(reverse("inspections:plan", args=(drawn.item.plan_id,))).status_code == 200
    assert client.get(reverse("inspections:new_item", args=(drawn.item.plan_id,))).status_code == 403
    assert client.post(reverse("inspections:close", args=(drawn.item.plan_id,))).status_code == 403


def test_the_list_of_plans_asks_a_fixed_number_of_questions(county: County) -> None:
    client, address = browser(county.legal), reverse("inspections:plans")
    draw(county)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for year in (2024, 2025):
        plan = make_plan(county, year=year)
        add_item(
            county, plan, begins_on=day(f"{year}-01-01"), draw_by=day(f"{year}-02-01"),
            inspect_by=day(f"{year}-03-01"), publish_by=day(f"{year}-04-01"),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as three:
        page = client.get(address).content.decode()

    assert len(one) == len(three) and "3 步逾期" in page
