from collections import Counter
from datetime import datetime

from supervision.inspections import services
from supervision.inspections.models import Stage
from supervision.inspections.queries import still_stands, untold
from tests.cases.factories import day, moment
from tests.supervision.inspections.factories import DRAWN, PLANNED, County, add_item, check_at, draw, record

NEAR = moment("2026-04-10 10:00")
OVER = moment("2026-04-16 10:00")


def told(at: datetime) -> list[tuple[str, int]]:
    return [(one.key, one.officer_id) for one in untold(at=at)]


def test_the_legal_officers_hear_of_a_step_some_days_before_and_nobody_earlier(county: County) -> None:
    add_item(county)

    assert told(moment("2026-04-09 17:00")) == []
    [tiding] = list(untold(at=NEAR))
    assert tiding.officer_id == county.legal.pk
    assert tiding.text == "“年度双随机”的“旅馆业治安检查”应在 04-15 前随机抽取"
    assert list(untold(at=NEAR, urgent=True)) == []


def test_once_told_nothing_is_said_until_it_slipped_and_then_the_leader_hears_too(county: County) -> None:
    add_item(county)
    [(key, _)] = told(NEAR)
    assert services.mark_told([key], at=NEAR) == 1
    assert services.mark_told([key], at=NEAR) == 0
    assert told(moment("2026-04-15 17:00")) == []

    slipped = list(untold(at=OVER))

    assert Counter(one.officer_id for one in slipped) == Counter((county.legal.pk, county.leader.pk))
    assert "期限 04-15 已过" in slipped[0].text
    services.mark_told([slipped[0].key], at=OVER)
    assert told(moment("2026-04-20 10:00")) == []


def test_a_watch_that_was_missed_is_made_good(county: County) -> None:
    add_item(county)

    assert {key.rpartition(":")[2] for key, _ in told(moment("2026-04-18 10:00"))} == {"over"}


def test_of_what_is_done_nobody_hears(county: County) -> None:
    item = add_item(county)
    [(key, _)] = told(NEAR)
    assert still_stands([key, "inspections.step:x:y", "alerts.alert:1:z"]) == {key}

    draw(county, item)

    assert still_stands([key]) == set() and told(NEAR) == []
    assert services.tell_again([key], at=OVER) == 0


def test_of_a_day_that_was_moved_people_hear_anew(county: County) -> None:
    step = add_item(county).steps.get(stage=Stage.DRAW)
    [(key, _)] = told(NEAR)
    services.mark_told([key], at=NEAR)

    services.move_step(row=step, due_on=day("2026-04-30"), why="警力不足", by=county.legal, at=NEAR)

    assert still_stands([key]) == set()
    assert told(OVER) == []
    assert [one for one, _ in told(moment("2026-04-28 10:00"))] == [f"inspections.step:{step.pk}:2026-04-30:near"]


def test_results_are_told_of_before_the_first_of_them_is_due(county: County) -> None:
    drawn = draw(county, add_item(county, publish_by=day("2026-09-01")))
    record(check_at(drawn, 1), at=moment("2026-04-20 16:00"))
    record(check_at(drawn, 2), at=moment("2026-04-24 16:00"))

    [tiding] = [one for one in untold(at=moment("2026-05-15 10:00")) if ".draw:" in one.key]

    assert "最早的 05-20 到期" in tiding.text
    services.publish_result(
        check=check_at(drawn, 1), on=day("2026-05-15"), where="x", by=county.legal, at=moment("2026-05-15 11:00")
    )
    assert still_stands([tiding.key]) == set()


def test_who_follows_in_a_post_is_told_again(county: County) -> None:
    add_item(county)
    [(key, _)] = told(NEAR)
    services.mark_told([key], at=NEAR)

    assert services.tell_again([key], at=moment("2026-04-13 09:00")) == 1
    assert told(moment("2026-04-13 09:00")) == [(key, county.legal.pk)]
    assert PLANNED < DRAWN
