"""The verbs of the room: what each does to the rows, and what each refuses, in words an officer can read."""

from datetime import datetime

import pytest

from cases import services
from cases.models import (
    CalendarYear,
    Clock,
    ClockMove,
    ClockState,
    Event,
    Handling,
    HandlingRole,
    Matter,
    Officer,
    PendingWinding,
    Post,
    Role,
    Unit,
    UnitLevel,
)
from cases.services import CaseRefused
from tests.cases.factories import ONE_SECOND, Bureau, clock_of, day, make_case, make_officer, moment, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(bureau: Bureau, catalogue: None, officer: Officer) -> Matter:
    """A case of the officer at the station, filed on 2 March; due on 1 April."""
    return make_case("A1", bureau.station, officer, filed="2026-03-02")


# -- units and officers ------------------------------------------------------------------------------------------------


def test_a_unit_gets_a_path_below_its_parents(bureau: Bureau) -> None:
    new = services.add_unit(code="X9", name="新设派出所", level=UnitLevel.STATION, parent=bureau.county)

    assert new.path.startswith(bureau.county.path)
    assert new.path not in {bureau.legal.path, bureau.station.path, bureau.sibling.path}
    assert new.scope_ids == {**bureau.station.scope_ids, "unit_id": new.pk, "station_id": new.pk}


def test_a_unit_is_not_put_under_one_of_its_own_level(bureau: Bureau) -> None:
    with pytest.raises(CaseRefused, match="城关分所的层级应当低于上级单位城关派出所"):
        services.add_unit(code="X10", name="城关分所", level=UnitLevel.STATION, parent=bureau.station)

    assert not Unit.objects.filter(code="X10").exists()


def test_a_police_number_is_given_once(officer: Officer, bureau: Bureau) -> None:
    with pytest.raises(CaseRefused, match="警号“100001”已有人使用"):
        services.add_officer(police_number="100001", name="另一人", unit=bureau.station)


def test_a_post_already_held_is_not_given_again(officer: Officer, bureau: Bureau) -> None:
    services.assign_post(officer=officer, unit=bureau.station, role=Role.CASE_OFFICER, from_on=day("2026-06-01"))

    assert officer.posts.get().from_on == day("2025-01-01")


def test_a_post_ends_once(officer: Officer) -> None:
    post = officer.posts.get()
    services.end_post(post=post, until_on=day("2026-06-01"))

    with pytest.raises(CaseRefused, match="没有担任这一职务"):
        services.end_post(post=post, until_on=day("2026-07-01"))

    assert Post.objects.get().until_on == day("2026-06-01")


# -- matters -----------------------------------------------------------------------------------------------------------


def test_a_matter_carries_the_columns_of_its_unit(case: Matter, bureau: Bureau) -> None:
    case.refresh_from_db()

    assert {f"{name}_id": getattr(case, f"{name}_id") for name in ("unit", "city", "county", "station")} == (
        bureau.station.scope_ids
    )


def test_a_matter_of_a_restricted_kind_is_restricted_unless_said_otherwise(bureau: Bureau, catalogue: None) -> None:
    assert make_case("L1", bureau.station, kind="letter").restricted
    assert not make_case("L2", bureau.station, kind="letter", restricted=False).restricted
    assert make_case("A9", bureau.station, restricted=True).restricted


def test_a_matter_of_an_unknown_kind_is_refused(bureau: Bureau, catalogue: None) -> None:
    with pytest.raises(CaseRefused, match="没有“dream”这种事项"):
        make_case("A1", bureau.station, kind="dream")


def test_a_number_in_use_is_refused(case: Matter, bureau: Bureau) -> None:
    with pytest.raises(CaseRefused, match="编号“A1”已有同类事项"):
        make_case("A1", bureau.sibling)

    assert Matter.objects.count() == 1


def test_a_matter_joins_a_case_once(case: Matter, bureau: Bureau) -> None:
    part = services.open_matter(kind="case", number="A2", unit=bureau.station)
    other = services.open_matter(kind="case", number="A3", unit=bureau.station)

    services.join_case(matter=part, case=case)

    assert part.parent == case
    with pytest.raises(CaseRefused, match="已有所属事项"):
        services.join_case(matter=part, case=other)


def test_a_part_nor_the_matter_itself_nor_a_closed_one_is_joined_to(case: Matter, bureau: Bureau) -> None:
    part = services.open_matter(kind="case", number="A2", unit=bureau.station, parent=case)
    hidden = services.open_matter(kind="case", number="A3", unit=bureau.station, restricted=True)
    other = services.open_matter(kind="case", number="A4", unit=bureau.station)

    for matter, joined in ((other, part), (other, other), (other, hidden), (case, other)):
        with pytest.raises(CaseRefused, match="不能作为"):
            services.join_case(matter=matter, case=joined)


def test_a_handler_is_named_once_in_a_role(case: Matter, officer: Officer) -> None:
    first = services.name_handler(matter=case, officer=officer, role=HandlingRole.LEGAL, at=moment("2026-03-03"))
    again = services.name_handler(matter=case, officer=officer, role=HandlingRole.LEGAL, at=moment("2026-03-04"))

    assert first == again
    assert Handling.objects.get().from_at == moment("2026-03-03")


# -- events ------------------------------------------------------------------------------------------------------------


def test_recording_an_event_winds_the_clocks_at_once(case: Matter) -> None:
    clock = clock_of(case)

    assert (clock.state, clock.due_on) == (ClockState.RUNNING, day("2026-04-01"))
    assert clock.due_at == moment("2026-04-02")
    assert not PendingWinding.objects.exists()


def test_an_event_remembers_when_it_happened_when_it_was_learnt_and_from_whom(case: Matter, officer: Officer) -> None:
    event = record(case, "decided", "2026-03-20 10:00", at="2026-03-21 09:30", by=officer, document_number="公决字1号")

    event.refresh_from_db()
    assert event.occurred_at == moment("2026-03-20 10:00")
    assert event.recorded_at == moment("2026-03-21 09:30")
    assert (event.by, event.document_number) == (officer, "公决字1号")


def test_of_an_event_whose_day_alone_is_known_the_midnight_is_kept(case: Matter) -> None:
    event = record(case, "test_began", "2026-03-10 15:40", at="2026-03-10 16:00", day_only=True)

    event.refresh_from_db()
    assert event.occurred_at == moment("2026-03-10")


def test_an_event_of_today_whose_hour_is_not_known_lies_not_ahead(case: Matter) -> None:
    record(case, "test_began", "2026-03-10 23:59", at="2026-03-10 08:00", day_only=True)

    assert clock_of(case).state == ClockState.PAUSED


def test_the_deciding_event_stops_the_clock(case: Matter) -> None:
    decision = record(case, "decided", "2026-03-20 10:00")

    clock = clock_of(case)
    assert (clock.state, clock.ended_by, clock.late) == (ClockState.STOPPED, decision, False)
    assert clock.ended_at == moment("2026-03-20 10:00")
    assert clock.next_level_at is None


def test_a_decision_on_the_last_day_is_in_time_and_on_the_next_is_late(bureau: Bureau, catalogue: None) -> None:
    on_time, late = (make_case(number, bureau.station, filed="2026-03-02") for number in ("A1", "A2"))

    record(on_time, "decided", "2026-04-01 23:59:59")
    record(late, "decided", "2026-04-02 00:00:00")

    assert not clock_of(on_time).late
    assert clock_of(late).late


def test_closing_says_when_the_matter_closed(case: Matter) -> None:
    record(case, "closed", "2026-03-20 10:00")

    case.refresh_from_db()
    assert case.opened_at == moment("2026-03-02")
    assert case.closed_at == moment("2026-03-20 10:00")


def test_a_matter_opened_again_after_its_closing_is_open(case: Matter) -> None:
    record(case, "closed", "2026-03-20")
    record(case, "filed", "2026-03-25")

    case.refresh_from_db()
    assert case.opened_at == moment("2026-03-02")
    assert case.closed_at is None


def test_an_event_of_an_unknown_kind_is_refused(case: Matter) -> None:
    with pytest.raises(CaseRefused, match="没有“dreamt”这种节点"):
        record(case, "dreamt", "2026-03-03")


def test_an_event_that_has_not_happened_yet_is_refused_and_nothing_is_written(case: Matter) -> None:
    with pytest.raises(CaseRefused, match="节点时间2026-03-05 08:00晚于录入时间"):
        record(case, "decided", "2026-03-05 08:00", at="2026-03-05 07:59")

    assert case.events.count() == 1


def test_moments_without_a_time_zone_are_refused(case: Matter) -> None:
    naive = datetime(2026, 3, 5)  # noqa: DTZ001  # what is to be refused

    with pytest.raises(CaseRefused, match="时间必须带时区"):
        services.record_event(matter=case, kind="decided", occurred_at=naive, by=None, at=moment("2026-03-06"))


def test_a_source_number_on_record_is_refused(case: Matter, bureau: Bureau) -> None:
    record(case, "test_began", "2026-03-03", source="警综", source_number="7")

    with pytest.raises(CaseRefused, match="来源编号“7”已经登记过"):
        record(case, "test_ended", "2026-03-04", source="警综", source_number="7")

    assert case.events.count() == 2


def test_an_event_whose_clocks_cannot_be_wound_is_kept_and_its_matter_waits(case: Matter) -> None:
    CalendarYear.objects.all().delete()

    record(case, "longer", "2026-03-20", approver="head")

    assert case.events.count() == 2
    waiting = PendingWinding.objects.get()
    assert waiting.matter == case
    assert waiting.error
    assert clock_of(case).due_on == day("2026-04-01")


# -- corrections -------------------------------------------------------------------------------------------------------


def test_a_correction_takes_the_place_of_the_event_it_voids(case: Matter) -> None:
    wrong = case.events.get()

    right = record(case, "filed", "2026-03-04", at="2026-03-10", voids=wrong)

    clocks = {clock.start_event: clock for clock in Clock.objects.filter(matter=case)}
    assert clocks[wrong].state == ClockState.VOID
    assert clocks[right].state == ClockState.RUNNING
    assert clocks[right].due_on == day("2026-04-03")
    assert set(Event.objects.standing()) == {right}


def test_the_event_that_was_voided_stays_on_record_as_it_was(case: Matter) -> None:
    wrong = case.events.get()

    record(case, "filed", "2026-03-04", at="2026-03-10", voids=wrong)

    kept = Event.objects.get(pk=wrong.pk)
    assert (kept.occurred_at, kept.recorded_at) == (wrong.occurred_at, wrong.recorded_at)
    assert case.events.count() == 2


def test_correcting_the_stop_moves_the_end(case: Matter) -> None:
    wrong = record(case, "decided", "2026-03-20")

    record(case, "decided", "2026-04-03", voids=wrong)

    clock = clock_of(case)
    assert clock.ended_at == moment("2026-04-03")
    assert clock.late


def test_striking_out_the_start_voids_the_clock(case: Matter) -> None:
    services.void_event(event=case.events.get(), reason="录错案件", by=None, at=moment("2026-03-10"))

    clock = clock_of(case)
    assert clock.state == ClockState.VOID
    assert clock.next_level_at is None
    move = clock.moves.get()
    assert (move.old_due_at, move.new_due_at, move.reason) == (moment("2026-04-02"), None, "起算节点已作废")


def test_striking_out_the_stop_lets_the_clock_run_again(case: Matter) -> None:
    decision = record(case, "decided", "2026-03-20")

    services.void_event(event=decision, reason="误录", by=None, at=moment("2026-03-21"))

    clock = clock_of(case)
    assert (clock.state, clock.ended_at, clock.ended_by) == (ClockState.RUNNING, None, None)
    assert clock.due_on == day("2026-04-01")


def test_striking_out_a_striking_out_brings_the_clock_back_and_says_so(case: Matter) -> None:
    strike = services.void_event(event=case.events.get(), reason="误录", by=None, at=moment("2026-03-10"))

    services.void_event(event=strike, reason="原记录无误", by=None, at=moment("2026-03-11"))

    clock = clock_of(case)
    assert (clock.state, clock.due_on) == (ClockState.RUNNING, day("2026-04-01"))
    last = clock.moves.order_by("-pk")[0]
    assert (last.old_due_at, last.new_due_at) == (None, moment("2026-04-02"))


def test_a_striking_out_has_no_effect_of_its_own(case: Matter) -> None:
    strike = services.void_event(event=case.events.get(), reason="误录", by=None, at=moment("2026-03-10"))

    assert strike.only_voids
    assert not Clock.objects.filter(start_event=strike).exists()
    case.refresh_from_db()
    assert case.opened_at is None


@pytest.mark.parametrize("reason", ["", "   "])
def test_striking_out_needs_a_reason(case: Matter, reason: str) -> None:
    with pytest.raises(CaseRefused, match="作废必须写明理由"):
        services.void_event(event=case.events.get(), reason=reason, by=None, at=moment("2026-03-10"))


def test_an_event_is_corrected_once_and_then_its_correction(case: Matter) -> None:
    first = case.events.get()
    second = record(case, "filed", "2026-03-04", voids=first)

    with pytest.raises(CaseRefused, match="请从最新的一条更正"):
        record(case, "filed", "2026-03-05", voids=first)
    with pytest.raises(CaseRefused, match="请从最新的一条更正"):
        services.void_event(event=first, reason="误录", by=None, at=moment("2026-03-10"))
    third = record(case, "filed", "2026-03-05", voids=second)

    assert set(Event.objects.standing()) == {third}


def test_an_event_of_another_matter_is_not_corrected(case: Matter, bureau: Bureau) -> None:
    other = make_case("A2", bureau.station, filed="2026-03-02")

    with pytest.raises(CaseRefused, match="只能更正同一事项的节点"):
        record(case, "filed", "2026-03-04", voids=other.events.get())


# -- hand-overs --------------------------------------------------------------------------------------------------------


def hand_over(matter: Matter, to_unit: Unit, to_officer: Officer | None, occurred: str) -> Event:
    when = moment(occurred)
    return services.transfer_matter(
        matter=matter, to_unit=to_unit, to_officer=to_officer, occurred_at=when, by=None, at=when
    )


def test_a_handed_over_matter_and_its_running_clock_bear_the_new_unit(
    case: Matter, bureau: Bureau, stranger: Officer
) -> None:
    hand_over(case, bureau.sibling, stranger, "2026-03-10")

    case.refresh_from_db()
    clock = clock_of(case)
    for row in (case, clock):
        assert (row.unit, row.station, row.officer) == (bureau.sibling, bureau.sibling, stranger)
    assert clock.due_on == day("2026-04-01")


def test_a_hand_over_to_another_county_moves_every_level(case: Matter, bureau: Bureau) -> None:
    hand_over(case, bureau.other_station, None, "2026-03-10")

    clock = clock_of(case)
    assert (clock.county, clock.station, clock.officer) == (bureau.other_county, bureau.other_station, None)
    assert clock.city == bureau.city


def test_a_clock_that_ran_out_stays_with_the_unit_that_let_it(case: Matter, bureau: Bureau, officer: Officer) -> None:
    hand_over(case, bureau.sibling, None, "2026-04-02")

    clock = clock_of(case)
    assert (clock.unit, clock.officer) == (bureau.station, officer)
    case.refresh_from_db()
    assert case.unit == bureau.sibling


def test_a_clock_handed_over_in_its_last_second_goes_along(case: Matter, bureau: Bureau) -> None:
    when = moment("2026-04-02") - ONE_SECOND
    services.transfer_matter(matter=case, to_unit=bureau.sibling, to_officer=None, occurred_at=when, by=None, at=when)

    assert clock_of(case).unit == bureau.sibling


def test_a_clock_that_stopped_before_the_hand_over_stays_where_it_stopped(
    case: Matter, bureau: Bureau, officer: Officer
) -> None:
    record(case, "decided", "2026-03-20")

    hand_over(case, bureau.sibling, None, "2026-03-25")

    assert (clock_of(case).unit, clock_of(case).officer) == (bureau.station, officer)


def test_who_handled_a_matter_and_who_does_now_is_on_record(case: Matter, bureau: Bureau, stranger: Officer) -> None:
    third = make_officer("100009", bureau.station, Role.CASE_OFFICER)
    first = hand_over(case, bureau.sibling, stranger, "2026-03-10")
    second = hand_over(case, bureau.station, third, "2026-03-12")

    handlings = list(case.handlings.order_by("from_at").values_list("officer", "from_at", "until_at", "since"))
    assert handlings == [
        (stranger.pk, moment("2026-03-10"), moment("2026-03-12"), first.pk),
        (third.pk, moment("2026-03-12"), None, second.pk),
    ]


def test_a_hand_over_to_where_the_matter_is_already_is_refused(case: Matter, bureau: Bureau, officer: Officer) -> None:
    with pytest.raises(CaseRefused, match="事项已经由该单位、该民警办理"):
        hand_over(case, bureau.station, officer, "2026-03-10")

    assert case.events.count() == 1


def test_a_hand_over_that_lies_ahead_is_refused(case: Matter, bureau: Bureau) -> None:
    with pytest.raises(CaseRefused, match="晚于录入时间"):
        services.transfer_matter(
            matter=case,
            to_unit=bureau.sibling,
            to_officer=None,
            occurred_at=moment("2026-03-11"),
            by=None,
            at=moment("2026-03-10"),
        )


def test_a_hand_over_is_not_struck_out_but_handed_back(case: Matter, bureau: Bureau, officer: Officer) -> None:
    over = hand_over(case, bureau.sibling, None, "2026-03-10")

    with pytest.raises(CaseRefused, match="移交不能作废"):
        services.void_event(event=over, reason="误移", by=None, at=moment("2026-03-11"))
    hand_over(case, bureau.station, officer, "2026-03-11")

    assert clock_of(case).unit == bureau.station


def test_a_hand_over_does_not_count_as_a_change_of_date(case: Matter, bureau: Bureau) -> None:
    hand_over(case, bureau.sibling, None, "2026-03-10")

    assert not ClockMove.objects.exists()


def test_a_matter_withdrawn_with_its_batch_takes_no_more_events(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    Matter.objects.update(withdrawn_at=moment("2026-03-05"))

    with pytest.raises(CaseRefused, match="已随导入批次撤销"):
        record(matter, "decided", "2026-03-10")
    with pytest.raises(CaseRefused, match="已随导入批次撤销"):
        services.transfer_matter(
            matter=matter,
            to_unit=bureau.sibling,
            to_officer=None,
            occurred_at=moment("2026-03-10"),
            by=None,
            at=moment("2026-03-10"),
        )

    assert Event.objects.count() == 1


def test_a_hand_over_is_not_recorded_without_its_place(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    with pytest.raises(CaseRefused, match="移交要写明移交给哪个单位"):
        record(matter, "matter_transferred", "2026-03-10")


# -- who grants --------------------------------------------------------------------------------------------------------


def test_a_post_says_who_granted_and_who_ended_it(bureau: Bureau, officer: Officer, legal_officer: Officer) -> None:
    held = services.assign_post(
        officer=officer, unit=bureau.sibling, role=Role.UNIT_HEAD, from_on=day("2026-01-05"), by=legal_officer
    )

    ended = services.end_post(post=held, until_on=day("2026-02-05"), by=legal_officer)

    assert (ended.granted_by, ended.ended_by) == (legal_officer, legal_officer)


def test_nobody_grants_himself_a_post(bureau: Bureau, officer: Officer) -> None:
    with pytest.raises(CaseRefused, match="不能给自己登记任职"):
        services.assign_post(
            officer=officer, unit=bureau.county, role=Role.LEADER, from_on=day("2026-01-05"), by=officer
        )

    assert officer.posts.count() == 1


@pytest.mark.parametrize("held", list(Role))
def test_an_administrator_is_nothing_besides(bureau: Bureau, held: Role) -> None:
    officer = make_officer("100060", bureau.station, held)

    for role in Role:
        apart = role != held and bool({role, held} & set(Role.administrators()))
        if apart:
            with pytest.raises(CaseRefused, match="三员分立"):
                services.assign_post(officer=officer, unit=bureau.station, role=role, from_on=day("2026-01-05"))
            assert not officer.posts.filter(role=role).exists()
        elif held not in Role.administrators():
            services.assign_post(officer=officer, unit=bureau.station, role=role, from_on=day("2026-01-05"))


def test_once_the_other_post_is_over_he_may_be_one(bureau: Bureau, officer: Officer) -> None:
    services.end_post(post=officer.posts.get(), until_on=day("2026-01-05"))

    services.assign_post(officer=officer, unit=bureau.county, role=Role.AUDITOR, from_on=day("2026-01-06"))

    assert officer.posts.current().get().role == Role.AUDITOR
