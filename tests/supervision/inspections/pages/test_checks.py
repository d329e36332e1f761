import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from supervision.inspections.models import Check, CheckState, Finding
from supervision.rectification.models import Order
from tests.supervision.inspections.factories import (
    County,
    add_item,
    check_at,
    draw,
    first_check,
    inspector_of,
    record,
)
from tests.supervision.inspections.pages.test_plans import browser

ROWS = {"row-TOTAL_FORMS": "3", "row-INITIAL_FORMS": "0"}


def test_an_inspector_puts_on_record_what_he_found(county: County) -> None:
    check = first_check(draw(county))
    client, address = browser(inspector_of(check)), reverse("inspections:check", args=(check.pk,))
    assert "由您检查" in client.get(address).content.decode()
    asked = {
        "act": "record", "outcome": "faults", "inspected_on": "2026-04-10", "text": "查阅登记簿。", **ROWS,
        "row-0-problem": "inspected", "row-0-article": "第六条", "row-0-text": "未登记",
    }  # fmt: skip

    half = client.post(address, {**asked, "row-0-text": ""})
    assert half.status_code == 422 and "三格都要填" in half.content.decode()
    client.post(address, asked)

    check.refresh_from_db()
    assert (check.state, Finding.objects.count(), Order.objects.count()) == (CheckState.INSPECTED, 1, 1)
    assert "查阅登记簿" in client.get(address).content.decode()


def test_results_are_published_or_withheld_on_the_page(county: County) -> None:
    drawn = draw(county)
    for position in (1, 2):
        record(check_at(drawn, position))
    client = browser(county.legal)
    first, second = (reverse("inspections:check", args=(check_at(drawn, one).pk,)) for one in (1, 2))

    assert client.post(second, {"act": "withhold", "why": ""}).status_code == 422
    client.post(first, {"act": "publish", "on": "2026-04-21", "where": "县政府网站"})
    client.post(second, {"act": "withhold", "why": "涉及国家秘密"})

    assert [one.state for one in Check.objects.order_by("position")] == ["published", "withheld", "drawn"]
    assert "涉及国家秘密" in client.get(reverse("inspections:checks")).content.decode()


def test_results_over_their_day_are_on_a_list_of_their_own(county: County) -> None:
    drawn = draw(county)
    record(check_at(drawn, 1))
    client, address = browser(county.legal), reverse("inspections:checks")

    page = client.get(f"{address}?late=1").content.decode()

    assert check_at(drawn, 1).subject in page and check_at(drawn, 2).subject not in page and "公示超期" in page


def test_an_inspector_steps_aside_himself_and_nobody_else_for_him(county: County) -> None:
    check = first_check(draw(county, add_item(county, outside=False)))
    one, other = (row.officer for row in check.inspectors.order_by("pk"))
    client, address = browser(one), reverse("inspections:check", args=(check.pk,))

    refused = client.post(address, {"act": "aside", "officer": other.police_number, "why": "x"})
    assert refused.status_code == 422 and "只能申请本人回避" in refused.content.decode()
    done = client.post(address, {"act": "aside", "officer": one.police_number, "why": "亲属"})

    assert done.headers["Location"] == reverse("inspections:checks")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("who", ["head", "outsider", "stranger"])
def test_nobody_is_warned_of_what_is_drawn(county: County, who: str) -> None:
    drawn = draw(county, add_item(county, percent=100))
    client = browser(getattr(county, who))

    page = client.get(reverse("inspections:checks")).content.decode()

    assert "旅馆业治安检查" not in page and "没有双随机检查" in page
    assert client.get(reverse("inspections:check", args=(first_check(drawn).pk,))).status_code == 404


def test_a_head_sees_what_was_inspected_in_his_unit_and_not_in_the_next(county: County) -> None:
    drawn = draw(county, add_item(county, percent=100))
    for position in range(1, 11):
        record(check_at(drawn, position))

    page = browser(county.head).get(reverse("inspections:checks")).content.decode()

    assert "S1旅馆" in page and "B1旅馆" not in page
    assert str(county.pool[0]) not in page


def test_the_list_asks_a_fixed_number_of_questions(county: County) -> None:
    item = add_item(county, percent=1)
    draw(county, item)
    client, address = browser(county.legal), reverse("inspections:checks")
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    draw(county, add_item(county, item.plan, name="多", percent=30))
    with CaptureQueriesContext(connection) as four:
        client.get(address)

    assert Check.objects.count() == 4 and len(one) == len(four)
