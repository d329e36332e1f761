"""How matters come under follow-up, by hand and by rule."""

import threading
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import services as cases
from cases.models import Level, MatterKind, UnitKind, UnitLevel
from supervision.alerts.models import Alert
from supervision.alerts.services import acknowledge, order_alert, sweep
from supervision.followup.models import FollowedCase, Notice, OutlineItem, Stage, What
from supervision.followup.refusals import (
    ALREADY_FOLLOWED,
    CLOSED_MATTER,
    OFFICER_AWAY,
    REASON_NEEDED,
    RESTRICTED,
    FollowupRefused,
)
from supervision.followup.services import RoundFailed, consent_closing, enter, enter_by_rules, reopen
from tests.cases.factories import day, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun
from tests.supervision.followup.broken import refusing_followups_of
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    actions,
    ended,
    follow,
    items_of,
    make_county,
    make_matter,
    make_rule,
    make_template,
)

# The case filed on 2 February has run out on 4 March.
OVER = moment("2026-03-12 10:00")


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_a_matter_entered_by_hand_gets_parties_an_outline_with_due_days_and_a_first_step(county: County) -> None:
    case = follow(county)

    assert (case.stage, case.officer, case.main_unit) == (Stage.MOVING, county.officer, county.station)
    assert (case.line_unit, case.supervisory_unit) == (county.branch, county.bureau.legal)
    assert [(item.title, item.due_on) for item in items_of(case)] == [
        ("列明原因", day("2026-03-04")),
        ("补齐材料", day("2026-03-09")),
    ]
    assert actions(case) == ["entered"]
    assert case.stagnant_at == moment("2026-03-06 09:00")


def test_one_that_lacks_a_party_shows_as_incomplete_and_says_so(county: County) -> None:
    case = follow(county, complete=False)

    assert case.stage == Stage.INCOMPLETE
    assert FollowedCase.objects.with_officer_there().get().missing == ("条线责任单位",)
    assert set(Notice.objects.values_list("what", flat=True)) == {What.ENTERED, What.INCOMPLETE}


def test_one_whose_officer_has_left_the_service_is_entered_incomplete(county: County) -> None:
    matter = make_matter(county)
    county.officer.is_active = False
    county.officer.save()

    case = enter(matter=matter, reason="案情重大", by=county.legal, at=ENTERED, line_unit=county.branch)

    assert case.stage == Stage.INCOMPLETE
    assert "离岗" in FollowedCase.objects.with_officer_there().get().missing[0]


def test_a_matter_of_the_city_itself_is_supervised_by_the_legal_department_of_the_city(county: County) -> None:
    legal = cases.add_unit(
        code="C0", name="法制支队", level=UnitLevel.STATION, kind=UnitKind.LEGAL, parent=county.bureau.city
    )
    squad = cases.add_unit(
        code="C1", name="刑侦支队", level=UnitLevel.STATION, kind=UnitKind.SQUAD, parent=county.bureau.city
    )

    case = enter(matter=make_case("C-1", squad, filed="2026-02-02"), reason="重大", by=county.legal, at=ENTERED)

    assert case.supervisory_unit == legal


def test_the_outline_is_the_one_for_its_kind_where_there_is_one(county: County) -> None:
    own = make_template("own", ("查流水", 4), kinds=["case"])

    case = follow(county)

    assert case.template == own
    assert [item.title for item in items_of(case)] == ["查流水"]


def test_what_cannot_be_followed_is_refused(county: County) -> None:
    closed = make_matter(county, "C")
    record(closed, "closed", "2026-02-20")
    away = make_officer("200001", county.station)

    def refused(said: str, **asked: object) -> None:
        with pytest.raises(FollowupRefused) as refusal:
            enter(**{"reason": "重大", "by": county.legal, "at": ENTERED, **asked})  # type: ignore[arg-type]
        assert str(refusal.value) == said

    refused(RESTRICTED, matter=make_case("L", county.station, filed="2026-02-02", kind="letter"))
    closed.refresh_from_db()
    refused(CLOSED_MATTER, matter=closed)
    refused(REASON_NEEDED, matter=make_matter(county, "R"), reason="  ")
    refused(OFFICER_AWAY.format(officer=away), matter=make_matter(county, "O"), officer=away)
    refused(ALREADY_FOLLOWED, matter=follow(county, "F").matter)
    assert FollowedCase.objects.count() == 1


def test_the_database_keeps_one_open_follow_up_a_matter(county: County) -> None:
    case = follow(county)
    copy = FollowedCase.objects.get(pk=case.pk)
    copy.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_a_matter_may_be_followed_again_once_it_has_ended(county: County) -> None:
    first = ended(county)

    second = enter(matter=first.matter, reason="又有新情况", by=county.legal, at=ENTERED)

    assert second.stage == Stage.INCOMPLETE
    with pytest.raises(FollowupRefused, match=ALREADY_FOLLOWED):
        reopen(case=first, reason="补查", by=county.legal, at=ENTERED)


# -- by rule -----------------------------------------------------------------------------------------------------------


def entered_for(condition: dict[str, object], at: datetime = OVER) -> set[str]:
    make_rule("only", condition)
    enter_by_rules(at=at)
    return set(FollowedCase.objects.values_list("matter__number", flat=True))


def petition_about(matter: object, county: County) -> None:
    kind = MatterKind.objects.get(code="letter")
    MatterKind.objects.filter(pk=kind.pk).update(family="信访")
    cases.open_matter(kind="letter", number="XF-1", unit=county.bureau.legal, parent=matter)  # type: ignore[arg-type]


def test_every_measure_finds_what_it_asks_for_and_nothing_else(county: County) -> None:
    make_matter(county, "PLAIN", officer=None)
    make_matter(county, "ECONOMIC", facts={"economic": True})
    make_matter(county, "NOT-ECONOMIC", facts={"economic": False})
    make_case("YOUNG", county.station, filed="2026-03-11", facts={"economic": True})
    petition_about(make_matter(county, "PETITIONED"), county)
    found = {}

    for name, condition in {
        "fact": {"facts": {"economic": [True]}},
        "long": {"facts": {"economic": [True]}, "open_days": 30},
        "petition": {"petition": True},
    }.items():
        with transaction.atomic():
            found[name] = entered_for(condition)
            transaction.set_rollback(True)

    assert found == {"fact": {"ECONOMIC", "YOUNG"}, "long": {"ECONOMIC"}, "petition": {"PETITIONED"}}


@pytest.mark.parametrize(("days", "found"), [(0, {"RED", "PARENT"}), (7, {"RED", "PARENT"}), (8, {"PARENT"})])
def test_a_limit_overdue_by_so_many_days_brings_the_case_in_and_one_of_what_hangs_on_it_does_too(
    county: County, days: int, found: set[str]
) -> None:
    make_case("RED", county.station, county.officer, filed="2026-02-02")  # over since 5 March at midnight
    make_case("ORANGE", county.station, county.officer, filed="2026-02-12")
    parent = make_case("PARENT", county.station, county.officer, filed="2026-03-01")
    make_case("VISIT", county.station, filed="2026-03-01", kind="visit", parent=parent)
    sweep(at=OVER)

    assert entered_for({"overdue_days": days}) == found


def test_a_limit_that_ran_out_brings_the_case_in_whatever_was_said_about_it_or_ordered(county: County) -> None:
    make_case("SAID", county.station, county.officer, filed="2026-02-02")
    make_case("ORDERED", county.station, county.officer, filed="2026-02-02")
    sweep(at=OVER)
    said, ordered = Alert.objects.filter(level=Level.RED).select_related("clock__limit", "clock__matter", "officer")
    acknowledge(alert=said, reason="鉴定未回", next_on=day("2026-03-20"), by=county.officer, at=OVER)
    make_overrun()
    order_alert(alert=ordered, text="依法办结", by=county.legal, at=OVER)

    assert entered_for({"overdue_days": 7}) == {"SAID", "ORDERED"}


def test_a_restricted_or_closed_matter_is_never_taken_in_by_rule(county: County) -> None:
    make_case("L", county.station, filed="2026-02-02", kind="letter", facts={"media": True})
    closed = make_matter(county, "C", facts={"media": True})
    record(closed, "closed", "2026-02-20")

    assert entered_for({"facts": {"media": [True]}}) == set()


def test_a_second_round_changes_nothing(county: County) -> None:
    make_matter(county, facts={"media": True})
    make_rule("media", {"facts": {"media": [True]}})

    first, second = enter_by_rules(at=ENTERED), enter_by_rules(at=ENTERED)

    assert (first.entered, second.entered) == (1, 0)
    assert actions(FollowedCase.objects.get()) == ["entered"]
    assert OutlineItem.objects.count() == 2


def test_a_silence_is_made_good_and_the_days_run_from_when_it_was_found(county: County) -> None:
    make_matter(county, facts={"media": True})
    make_rule("media", {"facts": {"media": [True]}})

    enter_by_rules(at=moment("2026-03-09 08:00"))

    assert [item.due_on for item in items_of(FollowedCase.objects.get())] == [day("2026-03-11"), day("2026-03-16")]


def test_the_line_party_is_the_branch_of_the_county_whose_name_the_rule_knows(county: County) -> None:
    make_matter(county, facts={"economic": True})
    make_rule("economic", {"facts": {"economic": [True]}}, line_word="经济犯罪")

    enter_by_rules(at=ENTERED)

    case = FollowedCase.objects.get()
    assert (case.line_unit, case.stage) == (county.branch, Stage.MOVING)


def test_the_first_rule_that_fits_says_why_and_a_rule_out_of_use_does_not_take_part(county: County) -> None:
    make_matter(county, facts={"media": True, "minor": True})
    make_rule("off", {"facts": {"media": [True]}}, order=1, active=False)
    make_rule("second", {"facts": {"minor": [True]}}, order=3)
    make_rule("first", {"facts": {"media": [True]}}, order=2)

    enter_by_rules(at=ENTERED)

    assert FollowedCase.objects.get().reason == "原因first"


def test_one_that_was_let_go_does_not_come_back_for_the_same_reason(county: County) -> None:
    make_rule("over", {"overdue_days": 0})
    case = ended(county, at=OVER)
    sweep(at=OVER)

    assert enter_by_rules(at=OVER).entered == 0
    assert FollowedCase.objects.get() == case


def test_one_that_was_let_go_comes_back_for_a_limit_that_ran_out_since(county: County) -> None:
    make_rule("over", {"overdue_days": 0})
    case = ended(county, at=ENTERED)
    sweep(at=OVER)

    assert enter_by_rules(at=OVER).entered == 1
    assert FollowedCase.objects.filter(matter=case.matter).count() == 2


def test_a_broken_rule_and_a_broken_matter_do_not_stop_the_others_and_the_round_fails_aloud(county: County) -> None:
    make_rule("broken", {"nonsense": 1}, order=1)
    make_rule("media", {"facts": {"media": [True]}}, order=2)
    first, bad, last = (make_matter(county, number, facts={"media": True}) for number in ("M1", "M2", "M3"))

    with refusing_followups_of(bad), pytest.raises(RoundFailed, match=r"规则broken.*M2") as failure:
        enter_by_rules(at=ENTERED)

    assert failure.value.report.entered == 2
    assert set(FollowedCase.objects.values_list("matter_id", flat=True)) == {first.pk, last.pk}


def test_a_matter_that_was_mended_comes_in_the_next_time(county: County) -> None:
    make_rule("media", {"facts": {"media": [True]}})
    bad = make_matter(county, facts={"media": True})
    with refusing_followups_of(bad), pytest.raises(RoundFailed):
        enter_by_rules(at=ENTERED)

    assert enter_by_rules(at=ENTERED).entered == 1


def test_thirty_matters_take_as_many_queries_as_one(county: County) -> None:
    make_rule("media", {"facts": {"media": [True]}})
    make_matter(county, "ONE", facts={"media": True})
    with CaptureQueriesContext(connection) as for_one:
        enter_by_rules(at=ENTERED)
    for number in range(30):
        make_matter(county, f"M{number}", facts={"media": True})

    with CaptureQueriesContext(connection) as for_thirty:
        assert enter_by_rules(at=ENTERED).entered == 30

    assert len(for_thirty) == len(for_one)


@pytest.mark.django_db(transaction=True)
def test_two_rounds_and_a_hand_at_the_same_time_leave_one_follow_up_a_matter() -> None:
    county = make_county()
    make_rule("media", {"facts": {"media": [True]}})
    matters = [make_matter(county, f"M{number}", facts={"media": True}) for number in range(20)]
    barrier = threading.Barrier(3)
    wrong: list[BaseException] = []

    def by_hand() -> None:
        for matter in reversed(matters):
            try:
                enter(matter=matter, reason="领导交办", by=county.legal, at=ENTERED)
            except FollowupRefused as refusal:
                assert str(refusal) == ALREADY_FOLLOWED  # noqa: PT017

    def run(act: object) -> None:
        try:
            barrier.wait(10)
            act()  # type: ignore[operator]
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    acts = (lambda: enter_by_rules(at=ENTERED), lambda: enter_by_rules(at=ENTERED), by_hand)
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert FollowedCase.objects.count() == 20
    assert all(actions(case) == ["entered"] for case in FollowedCase.objects.all())
    assert OutlineItem.objects.count() == 40


def test_consent_is_not_needed_to_enter_but_to_leave(county: County) -> None:
    with pytest.raises(FollowupRefused):
        consent_closing(case=follow(county), opinion="", by=county.legal, at=ENTERED)
