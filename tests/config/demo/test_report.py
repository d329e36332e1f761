"""The year of the report: what the two yearly reports say is what the rooms and the registry count from its rows.

The whole takes minutes, so a part of it is loaded here by the same code, once for the whole file; that the whole is planned
in the numbers of the reports is held below, and loading it refuses what does not come to them.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from pytest_django import DjangoDbBlocker

from cases.models import Batch, BatchState, Clock, Event, Feedback, Matter, Officer, PendingWinding, Unit
from config.demo import report_plan
from config.demo.report_bureau import lay_out
from config.demo.report_figures import hold_to, said
from config.demo.report_plan import BEGINS, ENDS, KEEN_ON_EXPEDITING, SHY_OF_EXPEDITING, ReportMissed, digest_of
from config.demo.report_size import PART, WHOLE
from supervision.alerts.models import Action, AlertStep
from supervision.bulletins.models import Bulletin, Letter
from supervision.evaluation.models import Side
from supervision.evaluation.queries import FigureCell, behind, figures_of
from supervision.evaluation.rates import Rate
from supervision.evaluation.rules.periods import Period
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.queries import borne_out_share, distinct_complaints, resolution_share
from supervision.proceedings import queries as proceedings
from supervision.proceedings.models import Dispute, ProceedingStep
from supervision.proceedings.rules import Period as Days
from supervision.rectification.models import Evidence, Order, OrderStep
from tests.cases.factories import moment

YEAR = Period(date(2024, 1, 1), date(2025, 1, 1))


def load() -> dict[str, Any]:
    document = StringIO()
    call_command("load_demo", "--size", "report-part", "--json", stdout=document)
    loaded: dict[str, Any] = json.loads(document.getvalue())
    return loaded


@pytest.fixture(scope="module")
def report(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The prefecture, loaded once; what the command said of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        call_command("plan_roles", verbosity=0)
        loaded = load()
        with django_db_blocker.block():
            yield loaded
        transaction.set_rollback(True)


# Of one group: where tests are given out among several processes, the year is still loaded once.
loaded_once = [pytest.mark.xdist_group("report"), pytest.mark.django_db]


def of_the_year(test: Any) -> Any:
    for mark in loaded_once:
        test = mark(test)
    return test


def city() -> Unit:
    return Unit.objects.get(code="YC")


def figure(code: str, unit: Unit | None = None) -> FigureCell:
    """A figure of the year, of the city unless another unit is named."""
    [found] = [cell for cell in figures_of(unit or city(), YEAR, at=ENDS) if cell.indicator.code == code]
    return found


# -- what the reports say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "numerator", "denominator", "text"),
    [
        # City: 24.6 % of the administrative cases handled by the expedited procedure.
        ("expedited", 406, 1_650, "24.60%"),
        # City: 91.6 % of what was ordered was put right.
        ("rectified_cohort", 229, 250, "91.60%"),
        # City: 67 % of the petition matters resolved.
        ("petition_resolved", 35, 52, "67.30%"),
        # County: 88 % of the disputes recorded mediated.
        ("mediated", 964, 1_091, "88.35%"),
        # County: ten hearings, the responsible head appeared in all.
        ("head_appearance", 10, 10, "100.00%"),
        # County: complaints; here for every call and case of the year.
        ("complaint", 45, 1_650 + 600 + 60, "1.94%"),
    ],
)
@of_the_year
def test_the_registry_counts_what_the_reports_say(
    report: dict[str, Any], code: str, numerator: int, denominator: int, text: str
) -> None:
    cell = figure(code)

    assert (cell.numerator, cell.denominator, cell.text) == (numerator, denominator, text)
    assert cell.provisional_reason == ""
    for side, number in ((Side.NUMERATOR, numerator), (Side.DENOMINATOR, denominator)):
        lists = behind(cell.indicator, side, city(), YEAR, ENDS)
        assert sum(one.rows.count() for one in lists) == number


@of_the_year
def test_the_command_prints_each_figure_with_its_list_and_what_the_room_counts(report: dict[str, Any]) -> None:
    paper = StringIO()
    call_command("load_demo", "--size", "report-part", stdout=paper)

    assert paper.getvalue().splitlines() == [
        "演示单位早已装入，没有改动。",
        "2024 全年全市，从明细数得：",
        "  快办率 406/1650（24.60%），明细 406 行、1650 行，业务模块自己数得 406/1650",
        "  整改率 229/250（91.60%），明细 229 行、250 行，业务模块自己数得 229/250",
        "  信访化解率 35/52（67.30%），明细 35 行、52 行，业务模块自己数得 35/52",
        "  矛盾纠纷调解成功率 964/1091（88.35%），明细 964 行、1091 行，业务模块自己数得 964/1091",
        "  负责人出庭应诉率 10/10（100.00%），明细 10 行、10 行，业务模块自己数得 10/10",
        "  投诉举报件数 45/2310（1.94%），明细 45 行、2310 行，业务模块自己数得 45",
        "  其中查实 1/43（2.32%），明细 1 行、43 行，业务模块自己数得 1/43",
        "  其中涉企 2/45，明细 2 行、45 行，业务模块自己数得 2/45",
    ]


@of_the_year
def test_the_figures_command_finds_every_figure_as_its_list(report: dict[str, Any]) -> None:
    document = StringIO()
    call_command("figures", "--year", "2024", "--unit", "YC", "--check", "--json", stdout=document)
    told = json.loads(document.getvalue())

    counted = {cell["indicator"]: (cell["numerator"], cell["denominator"]) for cell in told["figures"]}
    assert counted["expedited"] == (406, 1_650)
    assert counted["mediated"] == (964, 1_091)
    assert (told["checked"], told["list_differs"]) == (len(told["figures"]), 0)


@of_the_year
def test_a_year_that_does_not_come_to_what_is_said_is_refused(report: dict[str, Any]) -> None:
    assert all(one.is_as_said for one in hold_to(PART))
    with pytest.raises(ReportMissed, match=r"快办率 406/1650.*应为 4057/16490"):
        hold_to(WHOLE)


@of_the_year
def test_one_dispute_taken_back_and_the_year_is_no_longer_as_the_reports_say(report: dict[str, Any]) -> None:
    Matter.objects.filter(number="纠纷〔2024〕00001号").update(withdrawn_at=ENDS)

    with pytest.raises(ReportMissed, match=r"矛盾纠纷调解成功率 96[34]/1090"):
        hold_to(PART)


@of_the_year
def test_the_rooms_count_the_same_themselves(report: dict[str, Any]) -> None:
    resolved = resolution_share(city(), begins=BEGINS, ends=ENDS, cutoff=ENDS)
    counted = {
        one.measure.code: (one.counted, one.of)
        for one in proceedings.figures(city(), Days(date(2024, 1, 1), date(2024, 12, 31)))
    }
    orders = Order.objects.founded().filter(issued_at__gte=BEGINS, issued_at__lt=ENDS)

    assert (resolved.numerator, resolved.denominator) == (35, 52)
    assert counted["disputes_settled"] == (964, 1_091)
    assert counted["head_appearance"] == (10, 10)
    assert (orders.filter(verified_at__lt=ENDS).count(), orders.count()) == (229, 250)


@of_the_year
def test_of_45_complaints_two_are_about_enterprises_and_one_is_borne_out(report: dict[str, Any]) -> None:
    distinct = Complaint.objects.standing().distinct_ones()

    assert distinct_complaints(city(), begins=BEGINS, ends=ENDS) == distinct.count() == 45
    assert distinct.filter(enterprise=True).count() == 2
    assert borne_out_share(city(), begins=BEGINS, ends=ENDS).numerator == 1
    # Two came in twice, and count once.
    assert Complaint.objects.filter(stage="merged", same_as__isnull=False).count() == 2


@of_the_year
def test_a_county_is_the_sum_of_its_units_and_the_city_that_of_its_counties(report: dict[str, Any]) -> None:
    counties = list(Unit.objects.filter(parent=city()))
    for code in ("expedited", "rectified_cohort", "mediated", "petition_resolved"):
        cells = [figure(code, county) for county in counties]

        whole = figure(code)
        assert sum(cell.numerator for cell in cells) == whole.numerator
        assert sum(cell.denominator for cell in cells) == whole.denominator
        assert all(cell.denominator for cell in cells)


# -- how it comes to that ----------------------------------------------------------------------------------------------


@of_the_year
def test_the_thousands_came_in_by_file_and_no_row_was_refused(report: dict[str, Any]) -> None:
    batches = Batch.objects.all()

    assert set(batches.values_list("state", flat=True)) == {BatchState.LOADED}
    assert batches.aggregate(most=Max("rows_refused"))["most"] == 0
    by_file = Matter.objects.filter(batch__isnull=False)
    assert by_file.count() == 1_650 + 60 + 600 + 1_091 + 52
    assert Dispute.objects.filter(matter__batch__isnull=False).count() == 1_091
    assert ProceedingStep.objects.filter(action="settled", event__kind__code="dispute_settled").count() == 964


@of_the_year
def test_everything_lies_in_the_year_and_every_month_has_some(report: dict[str, Any]) -> None:
    spans = Matter.objects.aggregate(first=Min("opened_at"), last=Max("opened_at"))
    months = Counter(
        opened.astimezone(BEGINS.tzinfo).month
        for opened in Matter.objects.filter(kind__code="public_order_case").values_list("opened_at", flat=True)
    )

    assert BEGINS <= spans["first"] < spans["last"] < ENDS
    assert not Event.objects.filter(Q(occurred_at__gte=ENDS) | Q(recorded_at__gte=ENDS)).exists()
    assert not OrderStep.objects.filter(at__gte=ENDS).exists()
    assert set(months) == set(range(1, 13))


@of_the_year
def test_clocks_are_wound_and_warnings_swept_to_the_end_of_the_year(report: dict[str, Any]) -> None:
    assert not PendingWinding.objects.exists()
    assert not Clock.objects.filter(unsettled=True).exists()
    assert not Clock.objects.filter(next_level_at__lte=ENDS).exists()
    assert Clock.objects.filter(late=True).count() > 30
    months = {
        found.astimezone(BEGINS.tzinfo).month
        for found in AlertStep.objects.filter(action=Action.RAISED).values_list("found_at", flat=True)
    }
    assert months >= set(range(2, 13))
    assert AlertStep.objects.filter(action=Action.ACKNOWLEDGED).count() > 10
    assert AlertStep.objects.filter(action=Action.CLIMBED).exists()


@of_the_year
def test_orders_follow_from_limits_evaluations_complaints_and_daily_supervision(report: dict[str, Any]) -> None:
    open_to_all = Order.objects.exclude(matter__restricted=True)
    sources = Counter(open_to_all.values_list("source", flat=True))

    assert open_to_all.count() == 254
    assert sources["alert"] > 30
    assert sources["supervisor"] > 100
    assert sources["evaluation"] > 2
    assert open_to_all.filter(state="withdrawn").count() == 4
    assert Evidence.objects.values("sha256").distinct().count() == Evidence.objects.count() > 250
    # Nobody verifies as soon as he is answered: hardly any is marked as hasty.
    assert Order.objects.hasty().count() < 5
    for order, times in _times_of_steps().items():
        assert times == sorted(times), order


def _times_of_steps() -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for order, at in OrderStep.objects.order_by("order", "number").values_list("order", "at"):
        found.setdefault(order, []).append(at)
    return found


@of_the_year
def test_petitions_stand_at_every_stage_and_each_in_hand_has_its_leading_official(report: dict[str, Any]) -> None:
    stages = Counter(Petition.objects.values_list("stage", flat=True))

    assert {"resolved": 35, "reopened": 1, "declined": 2}.items() <= stages.items()
    assert {"registered", "accepted", "answered"} <= set(stages)
    led = Petition.objects.exclude(stage__in=("registered", "declined"))
    assert not led.annotate(leads_now=Count("leads", filter=Q(leads__until_at=None))).exclude(leads_now=1).exists()


@of_the_year
def test_people_were_asked_each_month_and_most_were_content(report: dict[str, Any]) -> None:
    satisfaction, negative = figure("satisfaction"), figure("negative")

    assert satisfaction.denominator == Feedback.objects.filter(valid=True).count() > 300
    assert satisfaction.numerator + negative.numerator == satisfaction.denominator
    assert 85 < float(satisfaction.value or 0) < 98
    assert Feedback.objects.filter(valid=False).exists()


@of_the_year
def test_nobody_restricted_is_seen_and_the_accounts_open(report: dict[str, Any]) -> None:
    leader = Officer.objects.get(police_number="010001")

    assert not Matter.objects.visible_to(leader).filter(kind__code="complaint").exists()
    assert Matter.objects.visible_to(leader).filter(kind__code="dispute").count() == 1_091
    paper = Path(report["accounts"]).read_text(encoding="utf-8")
    assert "010001" in paper and "110011" in paper


@of_the_year
def test_the_bulletins_of_december_wait_as_drafts_and_no_letter_was_queued(report: dict[str, Any]) -> None:
    drafts = Bulletin.objects.values_list("unit__code", "begins_on", "state")

    assert set(drafts) == {("HC", date(2024, 12, 1), "draft"), ("YC", date(2024, 12, 1), "draft")}
    assert not Letter.objects.exists()


# -- loading -----------------------------------------------------------------------------------------------------------


@of_the_year
def test_loading_again_changes_nothing_and_the_other_size_is_refused(report: dict[str, Any]) -> None:
    again = load()

    assert again["loaded"] is False
    assert {name: again[name] for name in ("matters", "events", "clocks", "orders", "digest")} == {
        name: report[name] for name in ("matters", "events", "clocks", "orders", "digest")
    }
    for other in ("small", "report"):
        with pytest.raises(CommandError, match="另一种规模"):
            call_command("load_demo", "--size", other, stdout=StringIO())


# -- the plan ----------------------------------------------------------------------------------------------------------


def plan_digest() -> str:
    prefecture = lay_out()
    drawn = (report_plan.cases, report_plan.incidents, report_plan.disputes)
    parts = (part(prefecture, WHOLE) for part in drawn)
    lines = [str(prefecture), *(line for rows in parts for line in digest_of(rows))]
    return sha256("\n".join(lines).encode()).hexdigest()


def test_the_same_year_is_planned_each_time() -> None:
    assert plan_digest() == plan_digest()


def test_the_whole_is_held_to_the_numbers_of_the_reports() -> None:
    assert {one.code: (one.numerator, one.denominator) for one in said(WHOLE)} == {
        "expedited": (4_057, 16_490),
        "rectified_cohort": (916, 1_000),
        "petition_resolved": (103, 153),
        "mediated": (9_644, 10_914),
        "head_appearance": (10, 10),
        "complaint": (134, None),
        "complaint_borne_out": (1, None),
        "enterprise": (2, 134),
    }


def test_the_whole_is_planned_in_the_numbers_of_the_reports() -> None:
    prefecture = lay_out()
    cases = [one for one in report_plan.cases(prefecture, WHOLE) if one.kind != "criminal_case"]
    disputes = report_plan.disputes(prefecture, WHOLE)

    assert (sum(one.words.get("是否快速办理") == "是" for one in cases), len(cases)) == (4_057, 16_490)
    assert (sum("化解日期" in one.dates for one in disputes), len(disputes)) == (9_644, 10_914)
    assert all(one.dates["立案时间"] < ENDS for one in cases)
    assert all(at < ENDS for one in disputes for at in one.dates.values())


def test_months_are_uneven_the_spring_festival_is_quiet_and_summer_is_not() -> None:
    months = Counter(one.dates["立案时间"].month for one in report_plan.cases(lay_out(), WHOLE))

    assert set(months) == set(range(1, 13))
    assert months[7] > 1.5 * months[2]


def test_three_stations_stand_out_in_how_often_they_expedite() -> None:
    prefecture = lay_out()
    filed: Counter[str] = Counter()
    expedited: Counter[str] = Counter()
    for one in report_plan.cases(prefecture, WHOLE):
        if one.kind != "criminal_case" and one.unit not in prefecture.squads.values():
            filed[one.unit] += 1
            expedited[one.unit] += "是否快速办理" in one.words
    rates = {unit: float(Rate(expedited[unit], count).value or 0) for unit, count in filed.items()}
    usual = median(rates.values())

    apart = {unit for unit, rate in rates.items() if abs(rate - usual) > 12}
    assert apart == {*KEEN_ON_EXPEDITING, *SHY_OF_EXPEDITING}


def test_numbers_of_people_and_units_are_used_once_and_each_has_a_home() -> None:
    prefecture = lay_out()
    codes = [place.code for place in prefecture.places]

    assert len(set(codes)) == len(codes) == 85
    assert len({person.number for person in prefecture.people}) == len(prefecture.people) == 378
    assert {person.home for person in prefecture.people} <= set(codes)
    for code in (*(one for row in prefecture.stations.values() for one in row), *prefecture.squads.values()):
        assert prefecture.officers[code] and prefecture.heads[code]


def test_nothing_of_a_case_happens_before_it_is_filed_but_its_report() -> None:
    prefecture = lay_out()

    for case in report_plan.cases(prefecture, WHOLE):
        filed = case.dates["立案时间"]
        assert BEGINS <= case.dates["接报案时间"] <= filed < ENDS
        assert all(at >= filed for name, at in case.dates.items() if name not in ("接报案时间", "立案时间"))


def test_no_one_is_decided_before_what_pauses_his_clock_ends() -> None:
    for case in report_plan.cases(lay_out(), WHOLE):
        if "收到鉴定意见日期" in case.dates:
            assert case.dates["处理决定时间"] > case.dates["收到鉴定意见日期"]


def test_the_last_look_is_in_working_hours_of_the_last_day() -> None:
    looks = list(report_plan.looks(WHOLE.every))

    assert looks == sorted(looks)
    assert looks[-1] == moment("2024-12-31 16:00")
    assert len(looks) == 123
