"""Frames, scope and figures."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Feedback, Grade, Officer
from cases.roles import plan_roles
from supervision.returnvisits import services
from supervision.returnvisits.models import Basis, Channel, RoundUnit, Visit, VisitRound
from supervision.returnvisits.queries import (
    answers_given,
    checks_of,
    draw_again,
    frame_of,
    is_involved,
    progress_of,
    rounds_of,
    steps_of,
    tallies_of_round,
    uninvolved,
    unsampled_answers,
    visits_of,
)
from supervision.returnvisits.services.checking import Demand
from tests.cases.factories import make_case, moment, record
from tests.supervision.returnvisits.factories import (
    LATER,
    County,
    answer,
    check_of,
    draw,
    make_matters,
    negative,
    scope_of,
    visits_in,
)


def again(officer: Officer) -> Officer:
    """The officer as the next request reads him, with the permissions of his role."""
    return Officer.objects.get(pk=officer.pk)


# -- the frame ---------------------------------------------------------------------------------------------------------


def keys(county: County, **fields: object) -> set[str]:
    return {one.key.partition("\t")[2] for one in frame_of(scope_of(county, **fields)).candidates}


def test_the_frame_holds_the_matters_of_the_period_and_the_unit_with_those_below(county: County) -> None:
    make_matters(county)
    make_case("LATE", county.station, filed="2026-03-01")
    make_case("OTHER", county.bureau.other_station, filed="2026-02-03")

    assert keys(county) == {"A1", "A2", "A3", "B1", "B2"}
    assert keys(county, unit=county.station) == {"A1", "A2", "A3"}


def test_the_last_day_of_the_period_counts_to_its_midnight(county: County) -> None:
    make_case("LAST", county.station, filed="2026-02-28 23:59")
    make_case("NEXT", county.station, filed="2026-03-01 00:00")

    assert keys(county) == {"LAST"}


def test_by_the_day_of_closing_only_what_was_closed_then_is_in_the_frame(county: County) -> None:
    first, _, *_ = make_matters(county)
    record(first, "closed", "2026-02-20")

    assert keys(county, basis=Basis.CLOSED) == {"A1"}


def test_what_only_its_handlers_see_what_hangs_on_another_and_what_was_taken_back_is_not_drawn(county: County) -> None:
    parent, taken, *_ = make_matters(county)
    make_case("CHILD", county.station, filed="2026-02-05", parent=parent)
    type(taken).objects.filter(pk=taken.pk).update(withdrawn_at=LATER)
    make_case("SECRET", county.station, filed="2026-02-05", kind="letter")

    assert keys(county, unit=county.station, kinds=("case", "letter")) == {"A1", "A3"}


def test_nobody_is_asked_about_the_same_matter_twice_in_a_year(county: County) -> None:
    drawn = draw(county, per_unit=1)
    asked = {visit.matter.number for visit in visits_in(drawn)}

    assert keys(county) == {"A1", "A2", "A3", "B1", "B2"} - asked


# -- drawing again -----------------------------------------------------------------------------------------------------


def test_a_round_is_drawn_again_from_what_was_kept_though_the_matters_have_changed(county: County) -> None:
    drawn = draw(county)
    make_case("A9", county.station, filed="2026-02-09")

    found = draw_again(drawn)

    assert found.same_frame and found.same_sample
    assert len(found.sample) == 4


def test_a_frame_tampered_with_is_noticed(county: County) -> None:
    drawn = draw(county)
    part = RoundUnit.objects.get(round=drawn, unit=county.station)
    RoundUnit.objects.filter(pk=part.pk).update(frame=[*part.frame[:-1], "case\tA9"])

    assert not draw_again(drawn).same_frame


def test_a_sample_tampered_with_is_noticed(county: County) -> None:
    drawn = draw(county)
    outside = make_case("A9", county.station, filed="2026-02-09")
    Visit.objects.filter(pk=visits_in(drawn)[0].pk).update(matter=outside)

    found = draw_again(drawn)
    assert found.same_frame and not found.same_sample


# -- who sees what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "numbers"),
    [
        ("legal", {"A", "B"}),
        ("inspector", {"A", "B"}),
        ("leader", {"A", "B"}),
        ("head", {"A"}),
        ("sibling_head", {"B"}),
        ("officer", set()),
        ("stranger", set()),
    ],
)
def test_visits_are_seen_by_those_over_their_unit_and_never_by_who_handles_the_matter(
    county: County, who: str, numbers: set[str]
) -> None:
    draw(county)
    officer = getattr(county, who)

    assert {visit.matter.number[0] for visit in visits_of(officer).select_related("matter")} == numbers
    assert rounds_of(officer).exists() == bool(numbers)


def test_whoever_left_sees_nothing(county: County) -> None:
    draw(county)
    Officer.objects.filter(pk=county.legal.pk).update(is_active=False)

    assert not visits_of(again(county.legal)).exists()


def test_the_unit_sees_a_check_only_when_something_was_found_and_no_ledger(county: County) -> None:
    plan_roles()
    check = negative(county)
    assert checks_of(again(county.legal)).get() == check
    assert not checks_of(again(county.head)).exists()

    services.conclude_check(check=check, upheld=False, text="不属实", by=county.legal, at=LATER)

    assert checks_of(again(county.head)).get() == check
    assert not checks_of(again(county.sibling_head)).exists()
    assert steps_of(again(county.legal)).exists()
    assert not steps_of(again(county.head)).exists()
    assert not steps_of(again(county.leader)).exists()


def test_who_handles_or_belongs_to_the_unit_is_involved_and_nobody_else(county: County) -> None:
    visit = visits_in(draw(county), county.station)[0]

    involved = {
        name
        for name in ("legal", "inspector", "leader", "head", "officer", "sibling_head")
        if is_involved(getattr(county, name), visit.matter, visit.unit)
    }

    assert involved == {"head", "officer"}
    for name in ("legal", "inspector", "leader", "head", "officer", "sibling_head"):
        free = uninvolved(Visit.objects.filter(pk=visit.pk), getattr(county, name))
        assert free.exists() == (name not in involved)


# -- figures -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(county: County) -> VisitRound:
    """Of the station one satisfied, one dissatisfied and borne out; of its sibling one invalid, one that cannot be asked."""
    drawn = draw(county)
    mine, theirs = visits_in(drawn, county.station), visits_in(drawn, county.bureau.sibling)
    answer(county, mine[0], Grade.BASICALLY)
    answer(county, mine[1], Grade.VERY_DISSATISFIED)
    services.conclude_check(
        check=check_of(mine[1]),
        upheld=True,
        text="属实",
        by=county.legal,
        at=LATER,
        demand=Demand(county.problem, "改正"),
    )
    answer(county, theirs[0], Grade.DISSATISFIED, valid=False, invalid_reason="不是本人")
    services.set_aside(visit=theirs[1], reason="没有当事人", by=county.legal, at=LATER)
    return drawn


def test_a_round_is_counted_unit_by_unit(county: County, answered: VisitRound) -> None:
    found = tallies_of_round(answered)

    mine, theirs = found[county.station.pk], found[county.bureau.sibling.pk]
    assert (mine.drawn, mine.asked, mine.reached, mine.valid) == (2, 2, 2, 2)
    assert (mine.satisfied, mine.dissatisfied, mine.upheld) == (1, 1, 1)
    assert (theirs.drawn, theirs.unfit, theirs.asked, theirs.reached, theirs.valid) == (2, 1, 1, 1, 0)
    assert (theirs.invalid, theirs.invalid_negative, theirs.dissatisfied) == (1, 1, 0)


def test_a_period_counts_the_answers_given_in_it_half_open(county: County, answered: VisitRound) -> None:
    assert answers_given(LATER, moment("2026-04-01"))[county.station.pk].valid == 2
    assert answers_given(moment("2026-03-01"), LATER) == {}


def test_ratings_without_a_sample_are_kept_apart(county: County, answered: VisitRound) -> None:
    matter = visits_in(answered, county.station)[0].matter
    Feedback.objects.create(matter=matter, grade=Grade.SATISFIED, channel="窗口", given_at=LATER)
    march = moment("2026-03-01"), moment("2026-04-01")

    assert unsampled_answers(*march) == {county.station.pk: (1, 1)}
    assert answers_given(*march)[county.station.pk].valid == 2


def test_figures_and_progress_take_one_and_two_questions_whatever_the_number_of_rounds(county: County) -> None:
    drawn = draw(county, per_unit=1)
    second = draw(county, per_unit=1)

    # Posts and permissions of an officer are read once.
    progress_of([drawn], seen_by=county.legal)

    with CaptureQueriesContext(connection) as one:
        tallies_of_round(drawn)
        progress_of([drawn], seen_by=county.legal)
    with CaptureQueriesContext(connection) as two:
        tallies_of_round(second)
        progress_of([drawn, second], seen_by=county.legal)

    assert len(one) == len(two) == 3
    assert progress_of([drawn], seen_by=county.legal)[drawn.pk].waiting == 2
    assert progress_of([drawn], seen_by=county.head)[drawn.pk].waiting == 1


def test_the_channel_of_an_answer_is_kept_in_the_words_of_the_ratings(county: County) -> None:
    visit = answer(county, visits_in(draw(county))[0], channel=Channel.MESSAGE)

    assert visit.feedback is not None
    assert (visit.feedback.channel, visit.feedback.source_number) == ("短信回访", visit.code)
