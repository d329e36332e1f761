"""The bridge from events to clocks: bulk is one by one, twice is once, and a kill at any line loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services, winding
from cases.models import (
    CalendarYear,
    Clock,
    ClockMove,
    ClockState,
    DayOff,
    Event,
    EventKind,
    Level,
    Limit,
    Matter,
    MatterKind,
    PendingWinding,
    WorkCalendar,
)
from cases.winding import WindingFailed, ask_winding, explain, wind_matters, wind_pending
from tests.cases.factories import ONE_SECOND, Bureau, add_limit, clock_of, day, make_case, moment, record

pytestmark = pytest.mark.django_db

AT = moment("2026-06-30")

# What is derived: everything of a clock but its keys.
DERIVED = [
    field.attname
    for field in Clock._meta.concrete_fields
    if field.name not in ("id", "matter", "start_event", "ended_by", "faults")
]


def derived(matter: Matter) -> list[tuple[Any, ...]]:
    """The clocks of a matter, with the events told by what they are instead of by key."""
    rows = Clock.objects.filter(matter=matter).order_by("limit__code", "start_event__occurred_at", "start_event_id")
    return [
        (
            *(getattr(clock, name) for name in DERIVED),
            clock.start_event.kind.code,
            clock.ended_by.kind.code if clock.ended_by else "",
            [(fault["code"], fault["text"]) for fault in clock.faults],
        )
        for clock in rows.select_related("start_event__kind", "ended_by__kind")
    ]


# What happened to a matter, in the order it happened; every shape a clock can take.
STORIES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "runs": [("filed", "2026-03-02", {})],
    "stopped in time": [("filed", "2026-03-02", {}), ("decided", "2026-03-20 10:00", {})],
    "stopped late": [("filed", "2026-03-02", {}), ("decided", "2026-04-20", {}), ("closed", "2026-04-21", {})],
    "paused and gone on": [
        ("filed", "2026-03-02", {}),
        ("test_began", "2026-03-10", {}),
        ("test_ended", "2026-03-25", {}),
    ],
    "paused": [("filed", "2026-03-02", {}), ("test_began", "2026-03-10", {})],
    "lengthened": [("filed", "2026-03-02", {}), ("longer", "2026-03-30", {"approver": "head"})],
    "lengthened too late": [("filed", "2026-03-02", {}), ("longer", "2026-04-03", {"approver": "head"})],
    "lengthened by the wrong level": [("filed", "2026-03-02", {}), ("longer", "2026-03-30", {"approver": "deputy"})],
    "lengthened by nobody known": [("filed", "2026-03-02", {}), ("longer", "2026-03-30", {})],
    "only a day known": [("filed", "2026-03-02", {"day_only": True}), ("decided", "2026-04-01", {"day_only": True})],
    "no start": [("decided", "2026-03-20", {})],
    "nothing": [],
}


def plant(number: str, story: list[tuple[str, str, dict[str, Any]]], bureau: Bureau) -> Matter:
    """A matter with its events as rows, unwound."""
    matter = make_case(number, bureau.station)
    kinds = {kind.code: kind for kind in EventKind.objects.all()}
    for kind, occurred, fields in story:
        when = moment(occurred)
        Event.objects.create(matter=matter, kind=kinds[kind], occurred_at=when, recorded_at=when, **fields)
    return matter


def wind(*matters: Matter) -> winding.WindingReport:
    return wind_matters([matter.pk for matter in matters], at=AT, cause="测试")


# -- bulk --------------------------------------------------------------------------------------------------------------


def test_winding_in_bulk_gives_what_winding_one_by_one_gives(bureau: Bureau, catalogue: None) -> None:
    singly = {}
    for number, story in STORIES.items():
        singly[number] = make_case(f"一{number}", bureau.station)
        for kind, occurred, fields in story:
            record(singly[number], kind, occurred, **fields)
    together = {number: plant(f"众{number}", story, bureau) for number, story in STORIES.items()}

    wind(*together.values())

    for number in STORIES:
        assert derived(together[number]) == derived(singly[number]), number
    assert {state for matter in together.values() for state in matter.clocks.values_list("state", flat=True)} >= {
        ClockState.RUNNING,
        ClockState.PAUSED,
        ClockState.STOPPED,
    }


def test_the_order_in_which_events_are_learnt_changes_nothing(bureau: Bureau, catalogue: None) -> None:
    for number, story in STORIES.items():
        forwards = plant(f"顺{number}", story, bureau)
        backwards = plant(f"逆{number}", story[::-1], bureau)

        wind(forwards, backwards)

        assert derived(forwards) == derived(backwards), number


def test_winding_again_writes_nothing(bureau: Bureau, catalogue: None) -> None:
    matters = [plant(number, story, bureau) for number, story in STORIES.items()]
    first = wind(*matters)
    before = [derived(matter) for matter in matters]

    again = wind(*matters)

    assert first.clocks_written == Clock.objects.count() == 10
    assert (again.matters, again.clocks_written, again.moves) == (len(STORIES), 0, 0)
    assert [derived(matter) for matter in matters] == before


def test_winding_the_same_matter_named_twice_winds_it_once(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", STORIES["runs"], bureau)

    assert wind(matter, matter).matters == 1
    assert Clock.objects.count() == 1


def test_winding_nothing_is_no_mistake(catalogue: None) -> None:
    assert wind().matters == 0


def test_fifty_matters_take_as_many_queries_as_one(bureau: Bureau, catalogue: None) -> None:
    story = [*STORIES["lengthened"], ("decided", "2026-04-20", {})]
    one = plant("A0", story, bureau)
    fifty = [plant(f"A{number}", story, bureau) for number in range(1, 51)]

    # The first winding under a ladder also writes down the manners it knows.
    winding.catalogue()
    with CaptureQueriesContext(connection) as for_one:
        wind(one)
    with CaptureQueriesContext(connection) as for_fifty:
        wind(*fifty)
    with CaptureQueriesContext(connection) as for_fifty_again:
        wind(*fifty)

    assert len(for_fifty) == len(for_one)
    assert len(for_fifty_again) <= len(for_one)


# -- what is written ---------------------------------------------------------------------------------------------------


def test_levels_come_from_the_ladder_of_the_limit(bureau: Bureau, catalogue: None) -> None:
    clock = clock_of(make_case("A1", bureau.station, filed="2026-03-02"))

    assert clock.yellow_at == clock.next_level_at == moment("2026-03-25")
    assert clock.orange_at == moment("2026-03-29")
    assert clock.due_at == moment("2026-04-02")
    assert clock.level == Level.GREEN


def test_an_hour_limit_is_due_to_the_second_and_has_no_due_day(bureau: Bureau, catalogue: None) -> None:
    clock = clock_of(make_case("V1", bureau.station, filed="2026-05-01 22:10:07", kind="visit"), "leave")

    assert clock.due_at == moment("2026-05-02 22:10:07")
    assert clock.due_on is None
    assert clock.yellow_at == moment("2026-05-02 16:10:07")
    assert clock.orange_at == moment("2026-05-02 19:46:07")


def test_a_day_off_at_the_end_keeps_its_unrolled_day(bureau: Bureau, catalogue: None) -> None:
    clock = clock_of(make_case("A1", bureau.station, filed="2026-04-02"))

    assert clock.nominal_on == day("2026-05-02")
    assert clock.due_on == day("2026-05-06")


def test_local_days_are_those_of_the_kind_of_matter(bureau: Bureau, catalogue: None) -> None:
    MatterKind.objects.filter(code="case").update(zone="Europe/Rome")

    clock = clock_of(make_case("A1", bureau.station, filed="2026-03-03 05:00"))

    assert clock.due_on == day("2026-04-01")
    assert clock.due_at == moment("2026-04-02 06:00")


def test_a_pause_without_an_end_leaves_the_clock_without_a_date(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    record(matter, "test_began", "2026-03-10")

    clock = clock_of(matter)
    assert clock.state == ClockState.PAUSED
    assert (clock.due_at, clock.due_on, clock.nominal_on, clock.next_level_at) == (None, None, None, None)


def test_a_draft_limit_starts_no_clock(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    assert [clock.limit.code for clock in matter.clocks.select_related("limit")] == ["decide"]


def test_a_date_in_a_year_not_announced_is_provisional(bureau: Bureau, catalogue: None) -> None:
    sure = clock_of(make_case("A1", bureau.station, filed="2026-12-01"))
    unsure = clock_of(make_case("A2", bureau.station, filed="2026-12-02"))

    assert (sure.due_on, sure.provisional) == (day("2026-12-31"), False)
    assert (unsure.due_on, unsure.provisional) == (day("2027-01-01"), True)


def test_a_year_that_is_announced_makes_its_dates_firm(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-12-02")
    calendar = WorkCalendar.objects.get()
    CalendarYear.objects.create(calendar=calendar, year=2027)
    DayOff.objects.create(calendar=calendar, day=day("2027-01-01"), name="元旦")

    wind_matters([matter.pk], at=moment("2026-12-03"), cause="公布放假安排")

    clock = clock_of(matter)
    assert (clock.due_on, clock.provisional) == (day("2027-01-04"), False)


def test_a_refused_extension_is_kept_with_the_clock_as_a_fault(bureau: Bureau, catalogue: None) -> None:
    late = plant("A1", STORIES["lengthened too late"], bureau)
    wrong = plant("A2", STORIES["lengthened by the wrong level"], bureau)
    wind(late, wrong)

    assert [fault["code"] for fault in clock_of(late).faults] == ["late"]
    assert "2026-04-03批准延长时期限已于2026-04-01届满" in clock_of(late).faults[0]["text"]
    assert [fault["code"] for fault in clock_of(wrong).faults] == ["approver"]
    assert "县局负责人" in clock_of(wrong).faults[0]["text"]
    assert clock_of(late).due_on == clock_of(wrong).due_on == day("2026-04-01")


def test_what_is_known_later_does_not_count_yet(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", STORIES["paused and gone on"], bureau)

    wind_matters([matter.pk], at=moment("2026-03-24"), cause="测试")
    assert clock_of(matter).state == ClockState.PAUSED

    wind_matters([matter.pk], at=moment("2026-03-25"), cause="测试")
    assert clock_of(matter).due_on == day("2026-04-16")


def test_a_new_version_of_a_limit_rules_what_starts_under_it(bureau: Bureau, catalogue: None) -> None:
    Limit.objects.filter(code="decide").update(
        definition={**Limit.objects.get(code="decide").definition, "in_force_until": "2026-03-09"}
    )
    old = Limit.objects.get(code="decide").definition
    add_limit(**{**old, "code": "decide_v2026", "length": 60, "in_force_from": "2026-03-10", "in_force_until": None})
    before, after = (plant(n, [("filed", on, {})], bureau) for n, on in (("A1", "2026-03-09"), ("A2", "2026-03-10")))

    wind(before, after)

    assert clock_of(before, "decide").due_on == day("2026-04-08")
    assert clock_of(after, "decide_v2026").due_on == day("2026-05-09")
    assert Clock.objects.count() == 2


# -- moves -------------------------------------------------------------------------------------------------------------


def test_a_date_that_moves_is_written_down_once_with_its_cause(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    record(matter, "longer", "2026-03-30 09:00", approver="head")
    wind(matter)

    move = ClockMove.objects.get()
    assert (move.old_due_at, move.new_due_at) == (moment("2026-04-02"), moment("2026-05-07"))
    assert (move.moved_at, move.reason) == (moment("2026-03-30 09:00"), "登记节点“批准延长”")


def test_a_pause_and_its_end_are_two_moves(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    record(matter, "test_began", "2026-03-10")
    record(matter, "test_ended", "2026-03-25")

    moves = list(ClockMove.objects.values_list("old_due_at", "new_due_at"))
    assert moves == [(moment("2026-04-02"), None), (None, moment("2026-04-17"))]


def test_a_new_clock_and_a_stopped_one_have_not_moved(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    record(matter, "decided", "2026-03-20")

    assert not ClockMove.objects.exists()


def test_a_clock_whose_start_no_longer_counts_is_void_and_stays_so(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    services.void_event(event=matter.events.get(), reason="误录", by=None, at=moment("2026-03-10"))

    again = wind(matter)

    assert again.clocks_written == 0
    assert clock_of(matter).state == ClockState.VOID
    assert ClockMove.objects.count() == 1


def test_the_clocks_of_a_withdrawn_matter_are_void(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    Matter.objects.filter(pk=matter.pk).update(withdrawn_at=moment("2026-03-03"))

    wind(matter)

    assert clock_of(matter).state == ClockState.VOID


def test_the_clocks_of_withdrawn_events_are_void(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    Event.objects.update(withdrawn_at=moment("2026-03-03"))

    wind(matter)

    assert clock_of(matter).state == ClockState.VOID


def test_a_clock_that_keeps_its_dates_keeps_its_level(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    Clock.objects.update(level=Level.YELLOW, next_level_at=moment("2026-03-29"))

    record(matter, "longer", "2026-03-26", approver="deputy")

    clock = clock_of(matter)
    assert clock.faults
    assert (clock.level, clock.next_level_at, clock.unsettled) == (Level.YELLOW, moment("2026-03-29"), False)


def test_a_clock_that_moves_starts_anew_at_green_and_asks_for_its_warning_to_be_settled(
    bureau: Bureau, catalogue: None
) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    Clock.objects.update(level=Level.YELLOW, next_level_at=moment("2026-03-29"))

    record(matter, "longer", "2026-03-26", approver="head")

    clock = clock_of(matter)
    assert (clock.level, clock.next_level_at, clock.unsettled) == (Level.GREEN, moment("2026-04-29"), True)


# -- work left to do ---------------------------------------------------------------------------------------------------


def ask(*matters: Matter, cause: str = "导入") -> None:
    ask_winding([matter.pk for matter in matters], cause=cause, at=AT)


def test_asking_twice_leaves_one_entry(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", STORIES["runs"], bureau)

    ask(matter)
    ask(matter, cause="更正")

    assert PendingWinding.objects.get().cause == "更正"


def test_pending_matters_are_wound_and_then_no_longer_pending(bureau: Bureau, catalogue: None) -> None:
    matters = [plant(f"A{number}", STORIES["runs"], bureau) for number in range(5)]
    ask(*matters)

    report = wind_pending(at=AT, chunk=2)

    assert (report.matters, report.clocks_written) == (5, 5)
    assert not PendingWinding.objects.exists()
    assert wind_pending(at=AT).matters == 0


def test_no_more_are_wound_than_asked_for_in_one_go(bureau: Bureau, catalogue: None) -> None:
    ask(*(plant(f"A{number}", STORIES["runs"], bureau) for number in range(5)))

    wind_pending(at=AT, chunk=2, limit=2)

    assert PendingWinding.objects.count() == 3


class Crash(Exception):
    """What a kill looks like from inside."""


def crash_at_call(number: int, plain: Callable[..., Any]) -> Callable[..., Any]:
    calls = []

    def act(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == number:
            plain(*args, **options)
            raise Crash
        return plain(*args, **options)

    return act


def test_a_crash_loses_no_pending_matter_and_keeps_the_chunks_before_it(
    bureau: Bureau, catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(*(plant(f"A{number}", STORIES["runs"], bureau) for number in range(6)))

    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(winding, "wind_matters", crash_at_call(2, winding.wind_matters))
        wind_pending(at=AT, chunk=2)

    assert Clock.objects.count() == 2
    assert PendingWinding.objects.count() == 4
    wind_pending(at=AT, chunk=2)
    assert Clock.objects.count() == 6
    assert not PendingWinding.objects.exists()


def test_a_matter_that_cannot_be_wound_does_not_stop_the_others_and_is_named_at_the_end(
    bureau: Bureau, catalogue: None
) -> None:
    first, broken, last = (plant(number, STORIES["runs"], bureau) for number in ("A1", "A2", "A3"))
    broken.kind = MatterKind.objects.create(code="odd", name="怪案")
    broken.save()
    add_limit(
        code="odd",
        name="怪期限",
        kinds=["odd"],
        starts=["filed"],
        length=5,
        unit="workday",
        calendar="moon",
        law="怪法",
    )
    ask(first, broken, last)

    with pytest.raises(WindingFailed, match="1 件事项的时钟无法计算：A2"):
        wind_pending(at=AT)

    assert set(Clock.objects.values_list("matter__number", flat=True)) == {"A1", "A3"}
    waiting = PendingWinding.objects.get()
    assert waiting.matter == broken
    assert waiting.error


def test_what_could_not_be_wound_waits_for_a_person_and_goes_on_when_asked_again(
    bureau: Bureau, catalogue: None
) -> None:
    matter = plant("A1", STORIES["runs"], bureau)
    PendingWinding.objects.create(matter=matter, cause="导入", asked_at=AT, error="没有日历")
    assert wind_pending(at=AT).matters == 0

    ask(matter)

    assert wind_pending(at=AT).matters == 1


# -- explanations ------------------------------------------------------------------------------------------------------


def test_an_explanation_ends_where_the_clock_ends(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", [*STORIES["paused and gone on"], ("longer", "2026-04-14", {"approver": "head"})], bureau)
    wind(matter)

    told = explain(clock_of(matter), known_at=AT)

    assert told is not None
    assert told.due_on == clock_of(matter).due_on == day("2026-05-18")
    steps = told.steps()
    assert [step.kind for step in steps] == ["length", "pause", "extension", "rollover"]
    assert sum((step.length for step in steps), timedelta()) == day("2026-05-18") - day("2026-03-02")


def test_an_explanation_can_be_had_as_of_an_earlier_day(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", STORIES["paused and gone on"], bureau)
    wind(matter)

    told = explain(clock_of(matter), known_at=moment("2026-03-09"))

    assert told is not None
    assert told.due_on == day("2026-04-01")


def test_before_its_start_was_known_a_clock_has_no_explanation(bureau: Bureau, catalogue: None) -> None:
    matter = plant("A1", STORIES["runs"], bureau)
    wind(matter)

    assert explain(clock_of(matter), known_at=moment("2026-03-02") - ONE_SECOND) is None
