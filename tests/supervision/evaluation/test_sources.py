"""What may be counted: every moment and every condition of every source can be asked, and yes and no make all."""

import pytest

from cases.models import Grade, Unit
from supervision.evaluation.counting import count, count_by_unit, rows
from supervision.evaluation.rules.periods import read_period
from supervision.evaluation.sources import SOURCES
from supervision.followup import services as followup
from supervision.proceedings import services as proceedings
from supervision.proceedings.queries import figures
from supervision.proceedings.rules import Period as Days
from supervision.rectification.models import Problem
from supervision.returnvisits.queries import answers_given
from tests.cases.factories import SHANGHAI, Bureau, day, moment
from tests.supervision.evaluation.factories import term
from tests.supervision.followup.factories import follow, items_of
from tests.supervision.followup.factories import make_county as make_followed_county
from tests.supervision.proceedings.factories import AT, a_dispute, a_suit, a_transfer, accepted, ended, settled
from tests.supervision.proceedings.factories import make_county as make_proceeding_county
from tests.supervision.returnvisits import factories as visited

MARCH = read_period("2026-03")
TAKEN = moment("2026-04-01")

EVERY_MOMENT = [(name, at) for name, source in SOURCES.items() for at in source.moments]
EVERY_CONDITION = [(name, condition) for name, source in SOURCES.items() for condition in source.conditions]


@pytest.mark.parametrize(("source", "at"), EVERY_MOMENT)
def test_every_moment_can_be_counted_by_list_and_by_unit(bureau: Bureau, source: str, at: str) -> None:
    asked = term(source, at)

    assert count(asked, bureau.county, MARCH, TAKEN) == 0
    assert count_by_unit([asked], MARCH, TAKEN) == {asked.text: {}}


@pytest.mark.parametrize(("source", "condition"), EVERY_CONDITION)
def test_every_condition_can_be_asked_with_every_value(bureau: Bureau, source: str, condition: str) -> None:
    Problem.objects.get_or_create(code="slip", defaults={"name": "笔误", "fault": "文书", "article": "第一条"})
    declared = SOURCES[source]
    choices = declared.conditions[condition].choices
    values = [True, False] if choices is None else [[code] for code, _ in choices()]
    at = next(iter(declared.moments))

    counted = [count(term(source, at, **{condition: value}), bureau.county, MARCH, TAKEN) for value in values]

    assert values and counted == [0] * len(values)


# -- agreement with the rooms ----------------------------------------------------------------------------------------


def counted(source: str, at: str, unit: Unit, **where: object) -> int:
    return count(term(source, at, **where), unit, MARCH, TAKEN)


def test_disputes_suits_and_transfers_are_counted_as_their_room_counts_them(db: None) -> None:
    county = make_proceeding_county()
    settled(county, "JF1")
    a_dispute(county, "JF2")
    heard = a_suit(county, "SS1")
    proceedings.answer_review(review=heard, on=day("2026-03-10"), document_number="答字1号", by=county.legal, at=AT)
    heard.refresh_from_db()
    proceedings.hear_review(
        review=heard, on=day("2026-03-15"), head_appeared=True, absence_reason="", by=county.legal, at=AT
    )
    heard.refresh_from_db()
    ended(county, heard, "upheld")
    accepted(county, "YS1")
    a_transfer(county, "YS2")
    unit = county.bureau.county

    theirs = {
        one.measure.code: (one.counted, one.of) for one in figures(unit, Days(day("2026-03-01"), day("2026-03-31")))
    }

    ours = {
        "disputes_settled": (
            counted("disputes", "registered", unit, settled=True),
            counted("disputes", "registered", unit),
        ),
        "head_appearance": (
            counted("reviews", "heard", unit, track=["suit"], head_appeared=True),
            counted("reviews", "heard", unit, track=["suit"]),
        ),
        "acts_upheld": (
            counted("reviews", "decided", unit, outcome=["upheld", "dismissed"]),
            counted("reviews", "decided", unit, outcome=["upheld", "dismissed", "revoked", "changed", "unlawful"]),
        ),
        "transfers_accepted": (
            counted("transfers", "received", unit, direction=["in"], accepted=True),
            counted("transfers", "received", unit, direction=["in"]),
        ),
        "transfers_out_accepted": (
            counted("transfers", "received", unit, direction=["out"], accepted=True),
            counted("transfers", "received", unit, direction=["out"]),
        ),
    }
    assert ours == theirs
    assert ours["disputes_settled"] == (1, 2) and ours["head_appearance"] == (1, 1)


def test_a_dispute_settled_after_the_cutoff_was_not_settled_then(db: None) -> None:
    county = make_proceeding_county()
    settled(county, "JF1", on="2026-03-05")
    asked = term("disputes", "registered", settled=True)

    assert count(asked, county.bureau.station, MARCH, moment("2026-03-05")) == 0
    assert count(asked, county.bureau.station, MARCH, moment("2026-03-05 00:01")) == 1


def test_sampled_ratings_are_counted_as_their_room_counts_them(db: None) -> None:
    county = visited.make_county()
    for visit, grade in zip(visited.visits_in(visited.draw(county)), Grade, strict=False):
        visited.answer(county, visit, grade)

    theirs = answers_given(MARCH.begins(SHANGHAI), MARCH.ends(SHANGHAI))

    assert theirs
    for unit_id, tally in theirs.items():
        unit = county.bureau.station if unit_id == county.bureau.station.pk else county.bureau.sibling
        assert counted("ratings", "given", unit, valid=True, sampled=True) == tally.valid
        good = counted("ratings", "given", unit, valid=True, sampled=True, grade=["satisfied", "basically"])
        bad = counted("ratings", "given", unit, valid=True, sampled=True, grade=["dissatisfied", "very_dissatisfied"])
        assert (good, bad) == (tally.satisfied, tally.dissatisfied)


def test_an_item_of_an_outline_counts_when_its_due_day_is_over_and_on_time_until_that_midnight(db: None) -> None:
    county = make_followed_county()
    case = follow(county)
    first, second = items_of(case)
    followup.finish_item(
        item=first,
        result="已查清",
        evidence="",
        by=county.officer,
        at=moment(f"{first.due_on} 23:30"),
    )
    due, on_time = term("items", "due", struck=False), term("items", "due", struck=False, on_time=True)
    unit = county.bureau.station

    assert count(due, unit, MARCH, moment(f"{first.due_on} 23:59")) == 0
    assert count(due, unit, MARCH, TAKEN) == 2
    assert [row.pk for row in rows(on_time, unit, MARCH, TAKEN)] == [first.pk]
    followup.finish_item(item=second, result="已查清", evidence="", by=county.officer, at=moment("2026-03-30 10:00"))
    assert second.due_on < day("2026-03-30") and count(on_time, unit, MARCH, TAKEN) == 1
