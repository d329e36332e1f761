"""What the database itself refuses: each constraint has a test that breaks it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from cases.models import (
    Absence,
    Answer,
    Barring,
    BarringGround,
    Batch,
    BatchState,
    CalendarYear,
    Change,
    ChangeKind,
    ChangeState,
    Clock,
    ClockState,
    ConcernedMatter,
    DayOff,
    Event,
    EventKind,
    Feedback,
    Grade,
    Handling,
    HandlingRole,
    Ladder,
    Level,
    Limit,
    Manner,
    Matter,
    Officer,
    OpenQuestion,
    Post,
    Role,
    Unit,
    UnitLadder,
    WorkCalendar,
)
from tests.cases.factories import ONE_SECOND, Bureau, clock_of, day, make_case, make_officer, moment, record

pytestmark = pytest.mark.django_db

# Constraint -> what breaks it. The last test says that none is forgotten.
BREAKS: dict[str, Callable[[Any], object]] = {}


def breaks(constraint: str) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    def keep(act: Callable[[Any], object]) -> Callable[[Any], object]:
        BREAKS[constraint] = act
        return act

    return keep


class Scene:
    """A wound matter of an officer, and whatever a breach needs besides."""

    def __init__(self, bureau: Bureau, officer: Officer) -> None:
        self.bureau = bureau
        self.officer = officer
        self.matter = make_case("A1", bureau.station, officer, filed="2026-03-02")
        self.event = self.matter.events.get()
        self.clock = clock_of(self.matter)
        self.calendar = WorkCalendar.objects.get()

    def another_event(self, **fields: Any) -> Event:
        values = {"matter": self.matter, "kind": self.event.kind, "occurred_at": moment("2026-03-03")}
        return Event.objects.create(**{**values, "recorded_at": moment("2026-03-03"), **fields})

    def unit_ladder(self, **fields: Any) -> UnitLadder:
        ladder = Ladder.objects.all()[0]
        levels = {"yellow": ladder.yellow, "orange": ladder.orange, "red": {}, "at": moment("2026-03-02")}
        return UnitLadder.objects.create(unit=self.bureau.station, ladder=ladder, **levels, **fields)

    def set_clock(self, **fields: Any) -> None:
        Clock.objects.filter(pk=self.clock.pk).update(**fields)


@pytest.fixture
def scene(bureau: Bureau, catalogue: None, officer: Officer) -> Scene:
    return Scene(bureau, officer)


@breaks("absence_has_another_deputy")
def _(scene: Scene) -> object:
    officer = scene.officer
    return Absence.objects.create(
        officer=officer, deputy=officer, from_on=day("2026-03-02"), until_on=day("2026-03-02")
    )


@breaks("absence_ends_after_it_begins")
def _(scene: Scene) -> object:
    deputy = make_officer("100009", scene.bureau.station)
    return Absence.objects.create(
        officer=scene.officer, deputy=deputy, from_on=day("2026-03-02"), until_on=day("2026-03-01")
    )


@breaks("working_day_opens_before_it_closes")
def _(scene: Scene) -> object:
    return WorkCalendar.objects.filter(pk=scene.calendar.pk).update(opens="17:30")


@breaks("unit_ends_after_it_begins")
def _(scene: Scene) -> object:
    return Unit.objects.filter(pk=scene.bureau.station.pk).update(
        valid_from=day("2026-01-02"), valid_until=day("2026-01-01")
    )


@breaks("unit_is_not_its_own_parent")
def _(scene: Scene) -> object:
    return Unit.objects.filter(pk=scene.bureau.station.pk).update(parent_id=scene.bureau.station.pk)


@breaks("merged_unit_has_ended")
def _(scene: Scene) -> object:
    return Unit.objects.filter(pk=scene.bureau.station.pk).update(merged_into_id=scene.bureau.sibling.pk)


@breaks("unit_is_not_merged_into_itself")
def _(scene: Scene) -> object:
    station = scene.bureau.station
    return Unit.objects.filter(pk=station.pk).update(merged_into_id=station.pk, valid_until=day("2026-01-01"))


@breaks("post_held_once")
def _(scene: Scene) -> object:
    return Post.objects.create(
        officer=scene.officer, unit=scene.bureau.station, role=Role.CASE_OFFICER, from_on=day("2026-02-01")
    )


@breaks("post_ends_after_it_begins")
def _(scene: Scene) -> object:
    return scene.officer.posts.update(from_on=day("2026-02-02"), until_on=day("2026-02-01"))


@breaks("post_granted_by_another")
def _(scene: Scene) -> object:
    return scene.officer.posts.update(granted_by=scene.officer)


@breaks("batch_over_has_a_time")
def _(scene: Scene) -> object:
    return Batch.objects.create(
        file_name="a.csv", digest="0", mapping="m", source="s", started_at=moment("2026-03-02"), state=BatchState.LOADED
    )


@breaks("matter_number_is_unique")
def _(scene: Scene) -> object:
    return Matter.objects.create(kind=scene.matter.kind, number="A1", unit=scene.bureau.sibling)


@breaks("handling_held_once")
def _(scene: Scene) -> object:
    Handling.objects.get_or_create(
        matter=scene.matter,
        officer=scene.officer,
        role=HandlingRole.OFFICER,
        until_at=None,
        defaults={"from_at": moment("2026-03-02")},
    )
    return Handling.objects.create(
        matter=scene.matter, officer=scene.officer, role=HandlingRole.OFFICER, from_at=moment("2026-03-03")
    )


@breaks("handling_ends_after_it_begins")
def _(scene: Scene) -> object:
    begins = moment("2026-03-02")
    return Handling.objects.create(
        matter=scene.matter,
        officer=scene.officer,
        role=HandlingRole.LEGAL,
        from_at=begins,
        until_at=begins - ONE_SECOND,
    )


@breaks("event_source_number_is_unique")
def _(scene: Scene) -> object:
    scene.another_event(source="警综", source_number="7")
    return scene.another_event(source="警综", source_number="7")


@breaks("event_does_not_void_itself")
def _(scene: Scene) -> object:
    ahead = Event.objects.order_by("-pk")[0].pk + 1000
    return scene.another_event(pk=ahead, voids_id=ahead)


@breaks("event_that_only_voids_voids_something")
def _(scene: Scene) -> object:
    return scene.another_event(only_voids=True)


@breaks("limit_ends_after_it_begins")
def _(scene: Scene) -> object:
    return Limit.objects.update(in_force_from=day("2026-01-02"), in_force_until=day("2026-01-01"))


@breaks("calendar_year_announced_once")
def _(scene: Scene) -> object:
    return CalendarYear.objects.create(calendar=scene.calendar, year=2026)


@breaks("day_off_set_once")
def _(scene: Scene) -> object:
    return DayOff.objects.create(calendar=scene.calendar, day=day("2026-05-01"), working=True, name="调休")


@breaks("clock_runs_once_from_an_event")
def _(scene: Scene) -> object:
    return Clock.objects.create(
        matter=scene.matter,
        limit=scene.clock.limit,
        start_event=scene.event,
        unit=scene.bureau.station,
        started_at=scene.event.occurred_at,
        state=ClockState.PAUSED,
    )


@breaks("running_clock_is_due")
def _(scene: Scene) -> object:
    return scene.set_clock(due_at=None)


@breaks("only_running_clock_changes_level")
def _(scene: Scene) -> object:
    return scene.set_clock(state=ClockState.PAUSED)


@breaks("ended_clock_has_an_end")
def _(scene: Scene) -> object:
    return scene.set_clock(state=ClockState.STOPPED, next_level_at=None)


@breaks("open_clock_has_no_end")
def _(scene: Scene) -> object:
    return scene.set_clock(ended_at=moment("2026-03-05"))


@breaks("clock_level_is_known")
def _(scene: Scene) -> object:
    return scene.set_clock(level=Level.RED + 1)


@breaks("feedback_taken_in_once")
def _(scene: Scene) -> object:
    given = {"grade": Grade.SATISFIED, "channel": "电话", "source_number": "9", "given_at": moment("2026-03-05")}
    Feedback.objects.create(matter=scene.matter, **given)
    return Feedback.objects.create(matter=scene.matter, **given)


@breaks("feedback_invalid_says_why")
def _(scene: Scene) -> object:
    return Feedback.objects.create(
        matter=scene.matter, grade=Grade.SATISFIED, channel="电话", given_at=moment("2026-03-05"), valid=False
    )


@breaks("matter_led_by_one")
def _(scene: Scene) -> object:
    other = Officer.objects.create_user("900001", "另一名", scene.bureau.county)
    for officer in (scene.officer, other):
        Handling.objects.create(
            matter=scene.matter, officer=officer, role=HandlingRole.LEADER, from_at=moment("2026-03-03")
        )
    return None


def kept_away(scene: Scene, **fields: Any) -> Barring:
    values = {"matter": scene.matter, "ground": BarringGround.ACCUSED, "from_at": moment("2026-03-05")}
    return Barring.objects.create(**{**values, **fields})


@breaks("barring_names_a_unit_or_an_officer")
def _(scene: Scene) -> object:
    return kept_away(scene, unit=scene.bureau.station, officer=scene.officer)


@breaks("officer_barred_once")
def _(scene: Scene) -> object:
    return kept_away(scene, officer=scene.officer) and kept_away(scene, officer=scene.officer)


@breaks("unit_barred_once")
def _(scene: Scene) -> object:
    return kept_away(scene, unit=scene.bureau.station) and kept_away(scene, unit=scene.bureau.station)


@breaks("barring_ends_after_it_begins")
def _(scene: Scene) -> object:
    return kept_away(scene, officer=scene.officer, until_at=moment("2026-03-04"))


@breaks("feedback_valid_needs_no_reason")
def _(scene: Scene) -> object:
    return Feedback.objects.create(
        matter=scene.matter,
        grade=Grade.SATISFIED,
        channel="电话",
        given_at=moment("2026-03-05"),
        invalid_reason="不是本人",
    )


@breaks("feedback_grade_is_known")
def _(scene: Scene) -> object:
    return Feedback.objects.create(matter=scene.matter, grade=5, channel="电话", given_at=moment("2026-03-05"))


@breaks("answer_has_a_ground")
def _(scene: Scene) -> object:
    question = OpenQuestion.objects.create(code="q", question="问题", definition={})
    return Answer.objects.create(
        question=question,
        option="a",
        ground="",
        decided_on=day("2026-03-01"),
        by=scene.officer,
        answered_at=moment("2026-03-02"),
    )


@breaks("manner_is_one_row")
def _(scene: Scene) -> object:
    row = Manner.objects.all()[0]
    return Manner.objects.create(**{field.name: getattr(row, field.name) for field in Manner._meta.fields[1:]})


@breaks("manner_climbs_by_days")
def _(scene: Scene) -> object:
    return Manner.objects.update(head_after=0)


@breaks("unit_ladder_once_for_a_ladder")
def _(scene: Scene) -> object:
    return [scene.unit_ladder() for _ in range(2)]


@breaks("unit_ladder_once_for_a_limit")
def _(scene: Scene) -> object:
    return [scene.unit_ladder(limit=scene.clock.limit) for _ in range(2)]


def change(**fields: Any) -> Change:
    """A change as it stands once looked at."""
    at = moment("2026-03-05")
    values = {"title": "变更", "kind": ChangeKind.LIMIT, "payload": {}, "proposed_at": at, "preview": {}}
    return Change.objects.create(**{**values, "previewed_at": at, "applying_at": at, **fields})


@breaks("change_is_previewed_first")
def _(scene: Scene) -> object:
    return change(state=ChangeState.APPLYING, preview=None)


@breaks("change_begun_has_a_time")
def _(scene: Scene) -> object:
    return change(state=ChangeState.APPLYING, applying_at=None)


@breaks("change_applied_has_a_time")
def _(scene: Scene) -> object:
    return change(state=ChangeState.APPLIED)


@breaks("change_does_no_more_than_all")
def _(scene: Scene) -> object:
    return change(total=1, done=2)


@breaks("one_change_at_a_time")
def _(scene: Scene) -> object:
    return [change(state=ChangeState.APPLYING), change(state=ChangeState.APPLYING)]


@breaks("change_concerns_a_matter_once")
def _(scene: Scene) -> object:
    one = change()
    return [ConcernedMatter.objects.create(change=one, matter=scene.matter) for _ in range(2)]


@pytest.mark.parametrize("constraint", sorted(BREAKS))
def test_the_database_refuses_what_breaks(scene: Scene, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BREAKS[constraint](scene)

    told = str(refusal.value)
    assert constraint in told or _columns_named(constraint, told)


def _columns_named(constraint: str, told: str) -> bool:
    """SQLite names the columns of a broken unique constraint where it has no condition, or the index where it has one."""
    model, rule = next((m, c) for m in _models() for c in m._meta.constraints if c.name == constraint)
    return isinstance(rule, models.UniqueConstraint) and all(
        f"{model._meta.db_table}.{model._meta.get_field(name).column}" in told for name in rule.fields
    )


def _models() -> list[type[models.Model]]:
    return list(apps.get_app_config("cases").get_models())


def test_every_constraint_of_the_room_has_a_test_that_breaks_it() -> None:
    assert {rule.name for model in _models() for rule in model._meta.constraints} == set(BREAKS)


# -- what constraints let pass on purpose ------------------------------------------------------------------------------


def test_a_number_may_be_used_again_once_its_matter_is_withdrawn(scene: Scene) -> None:
    Matter.objects.filter(pk=scene.matter.pk).update(withdrawn_at=moment("2026-03-03"))

    again = Matter.objects.create(kind=scene.matter.kind, number="A1", unit=scene.bureau.station)

    assert again.pk != scene.matter.pk


def test_two_kinds_may_use_the_same_number(scene: Scene) -> None:
    make_case("A1", scene.bureau.station, kind="visit")

    assert Matter.objects.filter(number="A1").count() == 2


def test_a_source_number_may_come_again_once_its_event_is_withdrawn(scene: Scene) -> None:
    first = scene.another_event(source="警综", source_number="7")
    Event.objects.filter(pk=first.pk).update(withdrawn_at=moment("2026-03-04"))

    scene.another_event(source="警综", source_number="7")

    assert Event.objects.filter(source_number="7").count() == 2


def test_events_without_a_source_number_are_not_taken_for_each_other(scene: Scene) -> None:
    scene.another_event(source="警综")
    scene.another_event(source="警综")

    assert Event.objects.filter(source="警综").count() == 2


def test_a_post_may_be_taken_up_again_after_it_ended(scene: Scene) -> None:
    scene.officer.posts.update(until_on=day("2026-02-01"))

    Post.objects.create(
        officer=scene.officer, unit=scene.bureau.station, role=Role.CASE_OFFICER, from_on=day("2026-03-01")
    )

    assert scene.officer.posts.current().count() == 1


# -- readings ----------------------------------------------------------------------------------------------------------


def test_the_tree_gives_every_unit_its_columns(bureau: Bureau) -> None:
    station = bureau.station

    assert station.scope_ids == {
        "unit_id": station.pk,
        "city_id": bureau.city.pk,
        "county_id": bureau.county.pk,
        "station_id": station.pk,
    }
    assert bureau.county.scope_ids["county_id"] == bureau.county.pk
    assert bureau.county.scope_ids["station_id"] is None
    assert bureau.province.scope_ids["city_id"] is None


def test_units_under_a_county_are_itself_and_its_own_only(bureau: Bureau) -> None:
    below = set(Unit.objects.under(bureau.county).values_list("code", flat=True))

    assert below == {"X", "X0", "X1", "X2"}


def test_days_left_are_nought_on_the_last_day_and_negative_after_it(scene: Scene) -> None:
    clock = scene.clock

    assert clock.due_on == day("2026-04-01")
    assert clock.days_left(day("2026-03-31")) == 1
    assert clock.days_left(day("2026-04-01")) == 0
    assert clock.days_left(day("2026-04-03")) == -2


def test_a_clock_in_hours_has_no_days_left(scene: Scene) -> None:
    visit = make_case("V1", scene.bureau.station, filed="2026-03-02 08:00", kind="visit")

    assert clock_of(visit, "leave").days_left(day("2026-03-02")) is None


def test_a_clock_is_overdue_from_the_midnight_after_its_last_day(scene: Scene) -> None:
    midnight = moment("2026-04-02")

    assert not Clock.objects.overdue(midnight - ONE_SECOND).exists()
    assert Clock.objects.overdue(midnight).get() == scene.clock


def test_clocks_due_in_a_period_leave_out_its_first_moment_and_keep_its_last(scene: Scene) -> None:
    due = scene.clock.due_at
    assert due is not None

    assert scene.clock in Clock.objects.due_between(due - timedelta(days=1), due)
    assert scene.clock not in Clock.objects.due_between(due, due + timedelta(days=1))


def test_rights_of_a_party_are_not_counted_against_a_unit(scene: Scene) -> None:
    assert scene.clock in Clock.objects.counted()

    Limit.objects.filter(pk=scene.clock.limit_id).update(nature="party_right")

    assert scene.clock not in Clock.objects.counted()


def test_standing_events_leave_out_what_was_struck_and_what_was_withdrawn(scene: Scene) -> None:
    struck = scene.another_event()
    scene.another_event(voids=struck, note="改")
    withdrawn = scene.another_event()
    Event.objects.filter(pk=withdrawn.pk).update(withdrawn_at=moment("2026-03-04"))

    standing = set(Event.objects.standing())

    assert struck not in standing
    assert withdrawn not in standing
    assert len(standing) == 2


def test_open_matters_leave_out_closed_and_withdrawn_ones(scene: Scene) -> None:
    closed = make_case("A2", scene.bureau.station, filed="2026-03-02")
    record(closed, "closed", "2026-03-10")
    withdrawn = make_case("A3", scene.bureau.station, filed="2026-03-02")
    Matter.objects.filter(pk=withdrawn.pk).update(withdrawn_at=moment("2026-03-04"))

    assert set(Matter.objects.open()) == {scene.matter}


def test_matters_opened_in_a_period_keep_its_first_moment_and_leave_out_its_last(scene: Scene) -> None:
    opened = moment("2026-03-02")

    assert Matter.objects.opened_between(opened, opened + ONE_SECOND).get() == scene.matter
    assert not Matter.objects.opened_between(opened - ONE_SECOND, opened).exists()


def test_a_limit_row_is_read_back_as_the_rule_it_was_written_from(catalogue: None) -> None:
    rule = Limit.objects.get(code="decide").rule()

    assert (rule.length, rule.unit, rule.starts) == (30, "day", ("filed",))


def test_limits_in_force_on_a_day_include_both_ends(catalogue: None) -> None:
    Limit.objects.filter(code="decide").update(in_force_from=day("2026-01-01"), in_force_until=day("2026-06-30"))

    def in_force(text: str) -> bool:
        return Limit.objects.in_force_on(day(text)).filter(code="decide").exists()

    assert in_force("2026-01-01")
    assert in_force("2026-06-30")
    assert not in_force("2025-12-31")
    assert not in_force("2026-07-01")


def test_an_officer_signs_in_by_police_number(officer: Officer) -> None:
    assert Officer.objects.get_by_natural_key("100001") == officer


def test_an_officer_made_without_a_password_cannot_sign_in(officer: Officer) -> None:
    assert not officer.has_usable_password()


def test_every_row_says_what_it_is_in_chinese() -> None:
    for model in _models():
        assert not str(model._meta.verbose_name).isascii(), model
        for field in model._meta.concrete_fields:
            # Fields that come with Django's account are translated by Django's own catalogue.
            if field.model is model and field.name not in ("id", "password", "last_login", "is_superuser"):
                assert not str(field.verbose_name).isascii(), field


def test_kinds_of_event_are_listed_in_their_order(catalogue: None) -> None:
    assert next(iter(EventKind.objects.all())).code == "filed"
