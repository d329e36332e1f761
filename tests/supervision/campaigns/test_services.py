from typing import Any

import pytest
from django.db import DatabaseError, transaction

from cases.models import Matter, MatterKind
from supervision.campaigns import services
from supervision.campaigns.models import Action, Campaign, CampaignOrder, CampaignStep, Task
from supervision.campaigns.queries import figures_of, matters_in, orders_under, progress_of
from supervision.campaigns.rules import Filter, Standstill
from supervision.campaigns.services import CampaignRefused
from supervision.rectification.models import Order, Problem, Source
from supervision.reviews.services import Finding, file_form, watch
from tests.cases.factories import day, make_case, moment
from tests.supervision.campaigns.factories import BEGUN, MARCH, add_task, begin
from tests.supervision.reviews.factories import DRAWN, LATER, County, draw, form_of, make_files

OVER = Filter(("case",), day("2026-03-01"), day("2026-03-31"), standstill=Standstill.OVER)


def numbers(campaign: Campaign) -> set[str]:
    return set(matters_in(campaign, at=BEGUN).values_list("number", flat=True))


def order(county: County, campaign: Campaign, number: str = "A1") -> Order:
    return services.order_under(
        campaign=campaign, matter=Matter.objects.get(number=number), problem=Problem.objects.get(code="late"),
        text="超期没有说明", by=county.legal, at=BEGUN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": " "}, "请写明专项整治的名称"),
        ({"demand": ""}, "内容和要求"),
        ({"ends_on": day("2026-04-05")}, "开始日期晚于结束日期"),
        ({"members": []}, "至少选一个参加单位"),
        ({"looked_at": Filter((), day("2026-03-01"), day("2026-03-31"))}, "至少选一种事项"),
        ({"looked_at": Filter(("case",), day("2026-03-02"), day("2026-03-01"))}, "起日晚于止日"),
    ],
)
def test_what_is_no_campaign(county: County, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CampaignRefused, match=said):
        begin(county, **fields)

    assert not Campaign.objects.exists()


def test_restricted_kinds_and_the_units_of_others_are_left_alone(county: County) -> None:
    MatterKind.objects.create(code="closed", name="信访", restricted=True)

    with pytest.raises(CampaignRefused, match="仅经办人可见"):
        begin(county, looked_at=Filter(("closed",), day("2026-03-01"), day("2026-03-31")))
    with pytest.raises(CampaignRefused, match="不在县局以内"):
        begin(county, members=[county.bureau.other_station])


def test_a_campaign_looks_at_what_its_filter_says_in_the_units_that_take_part(county: County) -> None:
    make_files(county, late=1)
    make_case("OLD", county.station, filed="2026-02-02")
    make_case("ELSE", county.bureau.other_station, filed="2026-03-02")

    assert numbers(begin(county)) == {"A1", "A2", "A3", "B1", "B2"}
    assert numbers(begin(county, members=[county.station])) == {"A1", "A2", "A3"}
    assert numbers(begin(county, looked_at=OVER)) == {"A1"}


def test_an_order_under_a_campaign_is_counted_as_its_own_and_given_once(county: County) -> None:
    make_files(county)
    campaign = begin(county)

    issued = order(county, campaign)

    assert (issued.source, issued.unit, issued.matter.number if issued.matter else "") == (
        Source.SUPERVISOR, county.station, "A1",
    )  # fmt: skip
    assert CampaignOrder.objects.get().order == issued
    assert list(orders_under(campaign, county.legal)) == [issued]
    with pytest.raises(CampaignRefused):
        order(county, campaign)
    assert CampaignStep.objects.filter(action=Action.ORDERED).count() == 1


def test_a_matter_outside_the_filter_is_not_ordered_about(county: County) -> None:
    make_files(county)
    campaign = begin(county, members=[county.bureau.sibling])

    with pytest.raises(CampaignRefused, match="“A1”不在这一专项整治的排查范围"):
        order(county, campaign)

    assert not Order.objects.exists()


def test_what_a_linked_round_finds_is_the_campaigns(county: County) -> None:
    campaign = begin(county)
    held = draw(county)
    services.link_round(campaign=campaign, review_round=held, by=county.legal, at=DRAWN)
    form = form_of("A1")
    assert form.reviewer is not None
    file_form(
        form=form,
        add=[Finding("served", "flaw", 3, "第四日送达")],
        strike=[],
        opinion="阅。",
        by=form.reviewer,
        at=LATER,
    )
    assert not orders_under(campaign, county.legal).exists()

    watch(at=moment("2026-05-20 09:00"))

    assert [one.problem.code for one in orders_under(campaign, county.legal)] == ["served"]
    with pytest.raises(CampaignRefused, match="已经列入"):
        services.link_round(campaign=campaign, review_round=held, by=county.legal, at=LATER)


def test_the_figures_are_counted_from_matters_and_orders_by_unit(county: County) -> None:
    make_files(county, late=1)
    campaign = begin(county)
    order(county, campaign)

    figures = figures_of(campaign, county.legal, at=BEGUN)

    rows = [(one.matters, one.late, one.orders, one.verified, one.overdue) for one in (*figures.units, figures.whole)]
    assert rows == [(3, 1, 1, 0, 0), (2, 0, 0, 0, 0), (5, 1, 1, 0, 0)]
    assert figures.kinds == [("程序", 1)]
    assert figures_of(campaign, county.legal, at=moment("2026-05-30 09:00")).whole.overdue == 1


def test_a_head_counts_his_own_unit_only(county: County) -> None:
    make_files(county)
    campaign = begin(county)
    order(county, campaign, "B1")

    figures = figures_of(campaign, county.head, at=BEGUN)

    assert [(one.unit, one.matters, one.orders) for one in figures.units] == [(str(county.station), 3, 0)]
    assert figures_of(campaign, county.stranger, at=BEGUN).units == []


# -- steps -------------------------------------------------------------------------------------------------------------


def test_a_step_is_asked_for_put_off_and_done(county: County) -> None:
    task = add_task(county, begin(county))
    assert task.warn_on == day("2026-04-10")

    services.move_task(task=task, due_on=day("2026-04-30"), why="警力不足", by=county.legal, at=BEGUN)
    done = services.finish_task(task=task, note="已自查 12 件", by=county.legal, at=moment("2026-04-28 09:00"))

    assert (done.first_due_on, done.due_on, done.done_on, done.moves, done.slipped) == (
        day("2026-04-15"), day("2026-04-30"), day("2026-04-28"), 1, True,
    )  # fmt: skip
    with pytest.raises(CampaignRefused, match="已经办完"):
        services.finish_task(task=task, note="再次", by=county.legal, at=BEGUN)


@pytest.mark.parametrize(
    ("due_on", "why", "said"),
    [
        ("2026-04-30", " ", "请写明理由"),
        ("2026-04-15", "x", "和原来的一样"),
        ("2026-04-05", "x", "已经过去"),
        ("2026-07-01", "x", "期间 2026-04-06 至 2026-06-30 以内"),
    ],
)
def test_how_a_step_may_not_be_moved(county: County, due_on: str, why: str, said: str) -> None:
    task = add_task(county, begin(county))

    with pytest.raises(CampaignRefused, match=said):
        services.move_task(task=task, due_on=day(due_on), why=why, by=county.legal, at=BEGUN)


def test_a_step_is_named_once_and_moved_as_it_was_seen(county: County) -> None:
    campaign = begin(county)
    task = add_task(county, campaign)
    seen = Task.objects.get(pk=task.pk)
    services.move_task(task=task, due_on=day("2026-04-20"), why="x", by=county.legal, at=BEGUN)

    with pytest.raises(CampaignRefused, match="已有名称"):
        add_task(county, campaign)
    with pytest.raises(CampaignRefused, match="刚才已有人改动"):
        services.move_task(task=seen, due_on=day("2026-04-21"), why="x", by=county.legal, at=BEGUN)


def test_a_campaign_ends_with_a_summary_when_all_is_done_and_changes_no_more(county: County) -> None:
    make_files(county)
    campaign = begin(county)
    task = add_task(county, campaign)
    with pytest.raises(CampaignRefused, match="还有 1 步没有办完"):
        services.close_campaign(campaign=campaign, summary="好", by=county.legal, at=BEGUN)
    services.finish_task(task=task, note="完", by=county.legal, at=BEGUN)

    closed = services.close_campaign(campaign=campaign, summary="整改到位。", by=county.legal, at=BEGUN)

    assert (closed.summary, closed.closed_by) == ("整改到位。", county.legal)
    for act in (lambda: order(county, campaign), lambda: add_task(county, campaign, name="另一步")):
        with pytest.raises(CampaignRefused, match="已经结束"):
            act()


def test_progress_counts_steps_and_those_over(county: County) -> None:
    campaign = begin(county)
    add_task(county, campaign)
    late = add_task(county, campaign, name="集中评查", due_on=day("2026-04-20"))
    services.finish_task(task=late, note="完", by=county.legal, at=moment("2026-04-22 09:00"))

    found = progress_of([campaign], today=day("2026-04-22"))[campaign.pk]

    assert (found.tasks, found.done, found.over, found.slipped) == (2, 1, 1, 1)


def test_the_ledger_is_only_added_to(county: County) -> None:
    begin(county)

    for change in (CampaignStep.objects.all().delete, lambda: CampaignStep.objects.update(text="x")):
        with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic():
            change()

    assert MARCH.kinds == ("case",)
