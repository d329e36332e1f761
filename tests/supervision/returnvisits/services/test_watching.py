"""The watch, and who is told of what."""

from supervision.returnvisits import services
from supervision.returnvisits.models import Notice, What
from supervision.returnvisits.queries import still_stands, untold
from supervision.returnvisits.tasks import watch_task
from tests.cases.factories import moment
from tests.supervision.returnvisits.factories import LATER, County, answer, check_of, draw, negative, visits_in

# A check opened on 3 March is due on the 10th.
LATE = moment("2026-03-11 09:00")
AFTER = moment("2026-03-17 09:00")


def told(at: object) -> set[tuple[str, int]]:
    return {(one.key.rpartition(":")[2], one.officer_id) for one in untold(at=at)}  # type: ignore[arg-type]


def test_callers_are_told_of_their_calls_and_legal_officers_of_checks_without_a_checker(county: County) -> None:
    negative(county)

    assert told(LATER) == {
        ("calls", county.legal.pk),
        ("check", county.legal.pk),
        ("check", county.second_legal.pk),
    }


def test_nothing_of_it_is_urgent_and_the_unit_hears_nothing_from_here(county: County) -> None:
    negative(county)
    services.watch(at=LATE)

    assert list(untold(at=LATE, urgent=True)) == []
    assert not {county.head.pk, county.officer.pk} & {officer for _, officer in told(LATE)}


def test_what_is_told_names_no_answer(county: County) -> None:
    negative(county, text="等了一个月没有人回话")

    assert all("一个月" not in one.text and "A1" not in one.text for one in untold(at=LATER))


def test_a_check_that_runs_over_is_told_once_to_its_checker_and_the_legal_officers(county: County) -> None:
    check = negative(county)
    services.assign_check(check=check, to=county.inspector, by=county.legal, at=LATER)

    assert services.watch(at=moment("2026-03-10 23:00")).told == 0
    first, again = services.watch(at=LATE), services.watch(at=LATE)

    assert (first.told, again.told) == (1, 0)
    over = {officer for what, officer in told(LATE) if what == "check_over"}
    assert over == {county.inspector.pk, county.legal.pk, county.second_legal.pk}


def test_calls_that_wait_after_the_day_of_reply_are_told_once_a_caller(county: County) -> None:
    draw(county, callers=(county.legal, county.second_legal))

    assert services.watch(at=moment("2026-03-16 20:00")).told == 0
    assert (services.watch(at=AFTER).told, services.watch(at=AFTER).told) == (2, 0)
    assert Notice.objects.filter(what=What.CALLS_OVER).count() == 2


def test_word_whose_ground_has_gone_is_dropped_and_does_not_stand(county: County) -> None:
    drawn = draw(county)
    keys = [one.key for one in untold(at=LATER)]
    for visit in visits_in(drawn):
        answer(county, visit)

    assert still_stands(keys) == set()
    assert services.watch(at=LATER).moot == 1
    assert not Notice.objects.exists()


def test_what_was_told_is_not_told_again_unless_asked_for(county: County) -> None:
    draw(county)
    keys = [one.key for one in untold(at=LATER)]
    assert still_stands(keys) == set(keys)

    assert services.mark_told(keys, at=LATER) == 1
    assert services.mark_told(keys, at=LATER) == 0
    assert list(untold(at=LATER)) == []

    assert services.tell_again([*keys, "alerts.alert:1:x", "returnvisits.notice:x"], at=LATE) == 1
    assert [one.since for one in untold(at=LATE)] == [LATE]


def test_a_concluded_check_is_told_no_more(county: County) -> None:
    check = negative(county)
    services.conclude_check(check=check, upheld=False, text="不属实", by=county.legal, at=LATER)

    assert {what for what, _ in told(LATE)} == {"calls"}
    assert services.watch(at=LATE).told == 0
    assert not check_of(check.visit).is_overdue(LATE)


def test_the_watch_runs_as_a_task(county: County) -> None:
    negative(county)

    # The wall clock of the tests is long after March 2026, or before: harmless either way.
    assert watch_task() >= 0
    assert watch_task() == 0
