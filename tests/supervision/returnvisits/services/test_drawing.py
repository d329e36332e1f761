"""How a round comes about, and how it ends."""

from typing import Any

import pytest

from cases.models import Grade, Handling, HandlingRole
from supervision.returnvisits import refusals, services
from supervision.returnvisits.models import Notice, RoundUnit, Visit, VisitRound, VisitState, VisitStep, What
from supervision.returnvisits.services import ReturnVisitRefused
from tests.cases.factories import day, moment
from tests.supervision.returnvisits.factories import (
    DRAWN,
    LATER,
    REPLY_UNTIL,
    SEED,
    County,
    answer,
    draw,
    make_matters,
    negative,
    scope_of,
    visits_in,
)

AFTER = moment("2026-03-17 09:00")


def test_a_round_keeps_what_it_was_drawn_from_and_how(county: County) -> None:
    drawn = draw(county)

    assert (drawn.seed, drawn.seed_given, drawn.method, drawn.frame_size) == (SEED, True, "sha256-rank/1", 5)
    assert len(drawn.frame_digest) == 64
    parts = {part.unit: (part.frame_size, part.drawn) for part in RoundUnit.objects.filter(round=drawn)}
    assert parts == {county.station: (3, 2), county.bureau.sibling: (2, 2)}
    assert len(visits_in(drawn)) == 4
    assert VisitStep.objects.get(round=drawn).by == county.legal


def test_without_a_seed_one_is_taken_by_chance_and_said_so(county: County) -> None:
    make_matters(county)

    seeds = [draw(county, seed=" ", per_unit=1) for _ in range(2)]

    assert seeds[0].seed != seeds[1].seed
    assert not seeds[0].seed_given


def test_the_same_seed_draws_the_same_matters(county: County) -> None:
    first = {visit.matter_id for visit in visits_in(draw(county, per_unit=1))}
    Notice.objects.all().delete()
    # As if nothing had been drawn yet.
    Visit.objects.update(drawn_at=moment("2024-01-01"))

    assert {visit.matter_id for visit in visits_in(draw(county, per_unit=1))} == first


def test_visits_are_given_out_in_turn_and_nobody_asks_about_his_own(county: County) -> None:
    named, *_ = make_matters(county)
    Handling.objects.create(matter=named, officer=county.legal, role=HandlingRole.LEGAL, from_at=DRAWN)

    drawn = draw(county, per_unit=5, callers=(county.legal, county.head, county.second_legal))

    callers = {visit.matter.number: visit.caller for visit in visits_in(drawn)}
    assert callers["A1"] == county.second_legal
    assert county.head not in {callers[number] for number in ("A1", "A2", "A3")}
    assert len(set(callers.values())) > 1


def test_where_every_caller_has_a_part_in_it_a_visit_waits_for_one(county: County) -> None:
    drawn = draw(county, callers=(county.head,))

    assert {visit.caller for visit in visits_in(drawn, county.station)} == {None}
    assert {visit.caller for visit in visits_in(drawn, county.bureau.sibling)} == {county.head}


def test_each_caller_is_to_be_told_once(county: County) -> None:
    drawn = draw(county, callers=(county.legal, county.second_legal))

    told = Notice.objects.filter(round=drawn, what=What.CALLS).values_list("caller", flat=True)
    assert set(told) == {county.legal.pk, county.second_legal.pk}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": " "}, refusals.NO_TITLE),
        ({"per_unit": 0}, "1 至 500"),
        ({"per_unit": 501}, "1 至 500"),
        ({"reply_until": day("2026-03-02")}, "答复截止日"),
        ({"reply_until": day("2026-06-01")}, "答复截止日"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(county: County, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ReturnVisitRefused, match=said):
        draw(county, **fields)

    assert not VisitRound.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"from_on": day("2026-02-28"), "until_on": day("2026-02-01")}, refusals.PERIOD_BACKWARDS),
        ({"until_on": day("2026-03-02")}, "还没有过完"),
        ({"kinds": ()}, refusals.NO_KINDS),
        ({"kinds": ("letter",)}, "仅经办人可见"),
        ({"kinds": ("visit",)}, "没有可以回访的事项"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(county: County, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ReturnVisitRefused, match=said):
        draw(county, scope=scope_of(county, **fields))


def test_a_caller_who_is_not_there_is_refused(county: County) -> None:
    county.second_legal.posts.update(until_on=day("2026-03-01"))

    with pytest.raises(ReturnVisitRefused, match="民警100002的账号已停用或者没有任职"):
        draw(county, callers=(county.second_legal,))


# -- the end -----------------------------------------------------------------------------------------------------------


def test_once_the_day_of_reply_is_over_what_waits_ends_as_not_reached(county: County) -> None:
    drawn = draw(county)
    answer(county, visits_in(drawn)[0])

    services.close_round(visit_round=drawn, by=county.legal, at=AFTER)

    states = sorted(visit.state for visit in visits_in(drawn))
    assert states == [VisitState.REACHED, *[VisitState.UNREACHED] * 3]
    assert (drawn.closed_at, drawn.closed_by) == (AFTER, county.legal)
    assert VisitStep.objects.filter(round=drawn, action="unreached").count() == 3


def test_before_that_day_is_over_a_round_with_visits_waiting_is_not_closed(county: County) -> None:
    drawn = draw(county)

    with pytest.raises(ReturnVisitRefused, match="还有 4 件没有结果"):
        services.close_round(visit_round=drawn, by=county.legal, at=moment(f"{REPLY_UNTIL} 23:00"))

    drawn.refresh_from_db()
    assert drawn.is_open


def test_a_round_with_an_open_check_is_not_closed(county: County) -> None:
    check = negative(county)

    with pytest.raises(ReturnVisitRefused, match="1 件负面评价没有核查完"):
        services.close_round(visit_round=check.visit.round, by=county.legal, at=AFTER)

    assert Visit.objects.filter(state=VisitState.WAITING).count() == 3


def test_in_a_closed_round_nothing_changes_any_more(county: County) -> None:
    drawn = draw(county)
    visit = answer(county, visits_in(drawn)[0])
    services.close_round(visit_round=drawn, by=county.legal, at=AFTER)
    left = visits_in(drawn)[1]

    for act in (
        lambda: services.close_round(visit_round=drawn, by=county.legal, at=AFTER),
        lambda: services.issue_slip(visit=left, by=county.legal, at=AFTER),
        lambda: answer(county, left, Grade.SATISFIED),
        lambda: services.invalidate_answer(visit=visit, reason="不是本人", by=county.legal, at=LATER),
    ):
        with pytest.raises(ReturnVisitRefused, match=refusals.ROUND_CLOSED):
            act()
