"""Who sees which items and excesses, and what should have been released, on real rows."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Matter
from cases.services import record_event
from supervision.property import queries, services
from supervision.property.rules import Reason
from tests.cases.factories import day, moment
from tests.supervision.property.factories import AT, FROZEN, County, take

pytestmark = pytest.mark.django_db

# Three days after 12 March end on Monday the 16th, thirty after 10 March on 9 April.
EARLY = moment("2026-03-16 12:00")
OVER = moment("2026-04-10 12:00")


def test_an_item_and_what_was_found_is_seen_by_those_who_see_its_matter(county: County) -> None:
    item = take(county, owner="third")

    for officer in (county.officer, county.head, county.legal, county.inspector, county.leader):
        assert [one.pk for one in queries.items_of(officer)] == [item.pk]
        assert queries.excesses_of(officer).count() == 1
        assert queries.steps_of(officer).count() == 2
    for officer in (county.sibling, county.stranger):
        assert not queries.items_of(officer).exists()
        assert not queries.excesses_of(officer).exists()
        assert not queries.steps_of(officer).exists()
        assert not queries.release_overdue(officer, OVER).exists()


def unrelated(county: County) -> Matter:
    item = take(county)
    services.note_unrelated(item=item, on=day("2026-03-12"), reason="他人的", by=county.officer, at=EARLY)
    return item.matter


def unrelated_in_a_crime(county: County) -> Matter:
    item = take(county, case=county.crime)
    services.note_unrelated(item=item, on=day("2026-03-12"), reason="他人的", by=county.officer, at=EARLY)
    return item.matter


def left_open(county: County) -> Matter:
    item = take(county)
    for kind in ("decision_made", "case_executed"):
        record_event(matter=county.case, kind=kind, occurred_at=EARLY, by=county.officer, at=EARLY)
    return item.matter


def frozen_in_a_crime(county: County) -> Matter:
    return take(county, known=FROZEN, case=county.crime).matter


def returned(county: County) -> Matter:
    item = take(county)
    return services.return_item(item=item, ended_at=AT, text="清单", by=county.officer, at=AT).matter


@pytest.mark.parametrize(
    ("made", "at", "reasons", "why"),
    [
        (unrelated, "2026-03-16 12:00", [Reason.UNRELATED], "行政：立即退还（行政案件程序规定第一百一十五条）"),
        (unrelated_in_a_crime, "2026-03-16 12:00", [], "刑事：三日，周日顺延到 16 日（刑事诉讼法第一百四十五条）"),
        (unrelated_in_a_crime, "2026-03-17 00:00", [Reason.UNRELATED], "刑事：三日已过"),
        (left_open, "2026-03-17 12:00", [Reason.CASE_ENDED], "一并处理（行政案件程序规定第一百九十三条）"),
        (left_open, "2026-04-10 12:00", [Reason.EXPIRED, Reason.CASE_ENDED], "三十日已满（行政强制法第二十八条）"),
        (frozen_in_a_crime, "2026-09-10 23:00", [], "六个月（刑事程序规定第二百四十三条）"),
        (frozen_in_a_crime, "2026-09-11 00:00", [Reason.EXPIRED], "逾期视为自动解除（刑事程序规定第二百四十条）"),
        (returned, "2026-09-11 00:00", [], "已经退还"),
    ],
)
def test_what_should_have_been_released_is_listed_with_why(
    county: County, made: Callable[[County], Matter], at: str, reasons: list[Reason], why: str
) -> None:
    matter = made(county)

    listed = list(queries.release_overdue(county.legal, moment(at)).select_related("property_item", "parent"))

    assert [one.pk for one in listed] == ([matter.pk] if reasons else []), why
    row = queries.items_of(county.legal).select_related("property_item", "parent").get(pk=matter.pk)
    assert [reason for reason, _ in queries.reasons_of([row], moment(at))[matter.pk]] == reasons


def test_the_reasons_of_many_items_are_asked_at_once(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        take(county, f"扣{number}")
    rows = list(queries.release_overdue(county.legal, OVER).select_related("property_item", "parent"))

    with django_assert_num_queries(1):
        found = queries.reasons_of(rows, OVER)

    assert len(found) == 3


def test_what_was_taken_before_is_summed_once_for_all_items_of_a_case(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held = [take(county, f"冻{number}", FROZEN) for number in range(3)]

    with django_assert_num_queries(4):
        found = queries.facts_of(held, AT)

    assert [found[one.pk].funds_before for one in held] == [0, 10_000, 20_000]
