from datetime import datetime

from supervision.campaigns import services
from supervision.campaigns.queries import still_stands, untold
from tests.cases.factories import day, moment
from tests.supervision.campaigns.factories import add_task, begin
from tests.supervision.reviews.factories import County

NEAR = moment("2026-04-10 10:00")
OVER = moment("2026-04-16 10:00")


def told(at: datetime) -> set[tuple[str, int]]:
    return {(one.key, one.officer_id) for one in untold(at=at)}


def legal_officers(county: County) -> set[int]:
    return {county.legal.pk, county.second_legal.pk, county.third_legal.pk}


def test_people_hear_before_the_day_and_once_more_when_it_slipped(county: County) -> None:
    task = add_task(county, begin(county))
    near = f"campaigns.task:{task.pk}:2026-04-15:near"
    assert told(moment("2026-04-09 17:00")) == set() and list(untold(at=NEAR, urgent=True)) == []
    assert told(NEAR) == {(near, pk) for pk in legal_officers(county)}
    assert services.mark_told([near], at=NEAR) == 1 and services.mark_told([near], at=NEAR) == 0
    assert told(moment("2026-04-15 17:00")) == set()

    slipped = list(untold(at=OVER))

    assert {one.officer_id for one in slipped} == {*legal_officers(county), county.leader.pk}
    assert slipped[0].text == "“超期办案专项整治”的“自查自纠”没有按期完成，期限 04-15 已过"
    services.mark_told([slipped[0].key], at=OVER)
    assert told(moment("2026-04-20 10:00")) == set()


def test_of_what_is_done_or_moved_nothing_stands(county: County) -> None:
    campaign = begin(county)
    task = add_task(county, campaign)
    other = add_task(county, campaign, name="另一步")
    keys = {key for key, _ in told(NEAR)}
    assert still_stands([*keys, "campaigns.task:x:y", "alerts.alert:1"]) == keys

    services.finish_task(task=task, note="完", by=county.legal, at=NEAR)
    services.move_task(task=other, due_on=day("2026-04-30"), why="x", by=county.legal, at=NEAR)

    assert still_stands(keys) == set()
    assert services.tell_again(list(keys), at=OVER) == 0
