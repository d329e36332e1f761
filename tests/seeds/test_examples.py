"""Every example of the law against the shipped catalogue; and that no limit, tier, rung or refusal is without one."""

from collections.abc import Iterator
from datetime import date

import pytest

from cases.calculator import NOT_VERIFIED, Given, calculate
from cases.catalogue import Core
from cases.statute.clocks import Rulebook
from cases.statute.limits import Limit, Status
from tests.seeds.examples import Example, due_of, examples, wound
from tests.statute.facts import LATER, SHANGHAI

# Why these can have no example: the text gives no end, or was not read.
WITHOUT_AN_END = {
    "adm_mediation_clock_restart": "起算规则：只说从哪一天重新起算，没有长度",
    "comp_mps2018": "没有读到条文，长度待核",
    "dv_warning": "没有读到条文，长度待核",
    "interrogation_av_retention": "没有读到条文，长度待核",
    "xf_mps2023": "没有读到条文，长度待核",
}

# Days that a table of the law must not forget, as the last day, as a day passed over, or as a day of some event.
DAYS_THAT_MATTER = (
    ("a worked Saturday before the Spring Festival", "2026-02-14"),
    ("a worked Saturday after it", "2026-02-28"),
    ("a worked Sunday before Mid-Autumn", "2026-09-20"),
    ("a worked Saturday after National Day", "2026-10-10"),
    ("the first day after the Spring Festival", "2026-02-24"),
    ("the first day after National Day", "2026-10-08"),
    ("the second notice of 2015", "2015-09-06"),
    ("the second notice of 2019", "2019-05-05"),
    ("the second notice of 2020", "2020-02-03"),
)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_comes_out_as_the_article_has_it(law: Core, example: Example) -> None:
    clock = wound(law, example)

    assert due_of(clock) == example.due, f"{example.law}: {example.why}"
    assert " ".join(fault.code for fault in clock.faults if fault.refused) == example.refused
    assert clock.provisional is example.provisional
    if example.noted:
        assert example.noted in [fault.code for fault in clock.faults if not fault.refused]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_the_explanation_of_an_example_ends_where_its_clock_does(law: Core, example: Example) -> None:
    clock = wound(law, example)

    end = clock.due_on if clock.due_on is not None else clock.due_at
    if end is not None:
        assert clock.steps()[-1].after == end


def test_no_limit_with_an_end_is_without_an_example(law: Core) -> None:
    shown = {example.limit for example in examples()}

    assert {limit.code for limit in law.limits if limit.has_end} - shown == set()
    assert shown - {limit.code for limit in law.limits} == set()


def test_what_has_no_end_is_named_with_the_reason(law: Core) -> None:
    assert {limit.code for limit in law.limits if not limit.has_end} == set(WITHOUT_AN_END)


def test_the_tables_are_parted_as_the_limits_are(law: Core) -> None:
    """One file a field of law: what stands in a file has one field, and no two files the same."""
    fields: dict[str, set[str]] = {}
    for example in examples():
        fields.setdefault(example.field, set()).add(law.limit(example.limit).field_of_law)

    assert all(len(found) == 1 for found in fields.values()), fields
    assert len({min(found) for found in fields.values()}) == len(fields) == 10


def test_every_tier_is_reached_by_an_example(law: Core) -> None:
    reached = {(example.limit, clock.tier.code) for example in examples() if (clock := wound(law, example)).tier}

    assert {(limit.code, tier.code) for limit in law.limits for tier in limit.tiers} - reached == set()


def test_every_rung_of_every_ladder_is_climbed_by_an_example(law: Core) -> None:
    climbed = {
        (example.limit, number)
        for example in examples()
        for change in wound(law, example).reckoning.changes
        for number, rung in enumerate(law.limit(example.limit).extensions)
        if change.extension is rung
    }

    assert {(one.code, n) for one in law.limits for n in range(len(one.extensions))} - climbed == set()


def refusals_due(limit: Limit) -> Iterator[str]:
    """What can be wrong with the ladder and the tiers of a limit."""
    decided = [tier for tier in limit.tiers if tier.by]
    steps = [*limit.extensions, *decided]
    if steps:
        yield "late"
    if any(step.approvers for step in (*limit.extensions, *limit.tiers)) or limit.restart_approval:
        yield "approver"
    if any(step.grounds for step in steps):
        yield "ground"
    if any(step.requires for step in limit.extensions):
        yield "notice"
    if limit.extensions and all(step.times is not None for step in limit.extensions):
        yield "times"
    later = limit.extensions[1:] if limit.ladder_in_order else ()
    if any(step.grounds or step.event != limit.extensions[0].event for step in later) or any(
        t.follows for t in decided
    ):
        yield "order"
    if any(tier.total for tier in decided) and limit.extensions:
        yield "total"


def test_every_way_a_ladder_can_be_refused_has_an_example(law: Core) -> None:
    shown = {(example.limit, example.refused) for example in examples()}

    missing = {(limit.code, why) for limit in law.limits if limit.has_end for why in refusals_due(limit)} - shown

    assert missing == set()


def test_a_refusal_leaves_the_date_where_it_was(law: Core) -> None:
    """Taking the refused event away changes nothing: what is wrong is named, no date is moved.

    With a refused approval of a new count goes the new count.
    """
    refused = [example for example in examples() if example.refused]
    assert len(refused) > 90

    for example in refused:
        clock = wound(law, example)
        guilty = {fault.event for fault in clock.faults if fault.refused}
        told = example.occurrences()
        restarts = clock.limit.restarts if clock.limit.restart_approval else ()
        kept = [e for e in told if e.key == 1 or (e.key not in guilty and e.kind not in restarts)]
        without = wound(law, example, kept)

        assert due_of(without) == example.due, example.name


@pytest.mark.parametrize(("what", "day"), DAYS_THAT_MATTER)
def test_the_days_that_are_easily_got_wrong_are_among_the_examples(what: str, day: str) -> None:
    assert len([example for example in examples() if example.due == day]) >= 3, what


def test_custody_over_a_holiday_month_ends_and_midnight_are_among_the_examples(law: Core) -> None:
    held = [
        example.due
        for example in examples()
        if law.limit(example.limit).custody
        and len(example.due) == len("2026-02-17")
        and not law.calendars["cn"].is_working(date.fromisoformat(example.due))
    ]
    starts = [example.events.split(";")[0].split()[1] for example in examples()]

    assert {"2026-02-17", "2026-10-03"} <= set(held)
    assert sum(start[-2:] in ("29", "30", "31") for start in starts) > 30
    assert any(example.due.endswith(" 00:00") for example in examples())
    assert any("23:59" in example.events for example in examples())


def test_a_draft_starts_no_clock_and_the_calculator_says_what_its_text_would_give(law: Core) -> None:
    drafts = [example for example in examples() if law.limit(example.limit).status is Status.DRAFT]
    assert {example.limit for example in drafts} >= {"appraisal_rules_15wd", "prop_crim_seal_2y", "jcj_arrive_5min"}

    for example in drafts:
        limit, told = law.limit(example.limit), example.occurrences()
        book = Rulebook(law.limits, law.calendars, SHANGHAI, law.approvers)
        given = [Given(e.kind, e.day if e.day_only else e.at, approver=e.approver) for e in told]

        answer = calculate(example.limit, given[0], events=given[1:], facts=example.facts, law=law)

        assert limit.code not in {clock.limit.code for clock in book.wind(told, LATER, example.facts)}
        assert due_of(answer.clock) == example.due, example.name
        assert NOT_VERIFIED in answer.cautions
