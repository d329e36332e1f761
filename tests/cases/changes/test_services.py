"""What a preview says is what then happens, and nothing else moves."""

import operator
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services as desk
from cases.catalogue.concerned import Concerned
from cases.changes import services
from cases.changes.kinds import PROPOSALS
from cases.changes.refusals import InvalidProposal
from cases.changes.services import apply_change, carry_on, drop_change, look_again, preview_change, propose, take_up
from cases.effects import Effects
from cases.models import (
    CalendarYear,
    Change,
    ChangeKind,
    ChangeState,
    Clock,
    ClockMove,
    ClockState,
    ConcernedMatter,
    DayOff,
    Limit,
    Matter,
)
from cases.services import CaseRefused
from cases.tasks import carry_changes_task
from cases.winding import catalogue, foresee, wind_matters
from tests.cases.changes.conftest import AT, Filled, payload, version
from tests.cases.factories import Bureau, clock_of, day, make_case, moment, record

pytestmark = pytest.mark.django_db


def looked_at(kind: ChangeKind, told: dict[str, Any]) -> Change:
    change = propose(kind=kind, payload=told, by=None, at=AT)
    return preview_change(change=change, at=AT)


def carried_out(change: Change, chunk: int = 7) -> Change:
    apply_change(change=change, by=None, at=AT)
    while carry_on(change=change, at=AT, chunk=chunk):
        pass
    return change


def clocks() -> list[dict[str, Any]]:
    return list(Clock.objects.order_by("pk").values())


def drawn_days(seed: int) -> dict[str, Any]:
    """A supplement to 2026 that turns days at random: weekdays off, weekends worked."""
    chance = random.Random(seed)
    days = {}
    for _ in range(chance.randrange(1, 12)):
        one = day("2026-03-01") + timedelta(days=chance.randrange(300))
        days[str(one)] = {"day": str(one), "working": one.weekday() > 4, "name": "临时调整"}
    return payload(year=2026, supplement=True, notice="补充通知", days=list(days.values()))


LAWS: dict[str, dict[str, Any]] = {
    "shorter": {},
    "longer from today's holiday": {"length": 60, "in_force_from": "2026-05-01"},
    "rules what is open": {"transition": "running", "length": 90},
    "in working days": {"unit": "workday", "length": 15, "transition": "running", "extensions": None},
    "another end": {"stops": ["closed"], "in_force_from": "2026-04-01"},
    "another start": {"starts": ["received", "filed"], "transition": "running", "in_force_from": "2026-07-01"},
    "not carried": {"rollover": "none", "in_force_from": "2026-03-15"},
}


# -- preview and result ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_notice_moves_what_its_preview_said(fill: Filled, seed: int) -> None:
    fill(seed, 40)
    change = looked_at(ChangeKind.CALENDAR, payload())

    carried_out(change)

    assert change.state == ChangeState.APPLIED
    assert change.result == change.preview
    assert change.preview["clocks"] > 0


@pytest.mark.parametrize("law", LAWS)
def test_a_version_moves_what_its_preview_said(fill: Filled, law: str) -> None:
    fill(5, 60)
    change = looked_at(ChangeKind.LIMIT, version(**LAWS[law]))

    carried_out(change)

    assert change.result == change.preview
    assert change.preview["moved"] > 0


# Where a matter has several clocks, one that is asked for brings the others with it; so each way of leaning on a
# calendar is tried by itself too.
SOME = {
    "all": None,
    "carried and decided upon": {"decide"},
    "reminded of": {"decide", "remind", "warn"},
    "reported after": {"decide", "report"},
    "turned": {"turn"},
    "counted": {"count"},
    "counted back": {"hearing"},
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limits", SOME)
def test_no_clock_that_changed_days_move_is_left_out(fill: Filled, limits: str, seed: int) -> None:
    only = SOME[limits]
    if only is not None:
        Limit.objects.exclude(code__in=only).update(status="draft")
        drop_drafts()
    matters = fill(seed, 60)

    assert_complete(PROPOSALS[ChangeKind.CALENDAR](drawn_days(seed)), matters)


def drop_drafts() -> None:
    for row in Limit.objects.filter(status="draft"):
        Limit.objects.filter(pk=row.pk).update(definition={**row.definition, "status": "draft"})


def assert_complete(proposal: Any, matters: list[Matter]) -> Effects:
    """What it moves on the matters it names is what it moves on all."""
    concerned = Concerned()
    proposal.concern(concerned)
    law, some, everything = catalogue(proposal.suppose()), Effects(), Effects()

    foresee(list(concerned.causes), at=AT, law=law, effects=some)
    foresee([matter.pk for matter in matters], at=AT, law=law, effects=everything)

    assert {**some.as_json(), "matters": 0} == {**everything.as_json(), "matters": 0}
    return everything


def supplement(**days: bool) -> Any:
    """A supplement to May 2026: `_5=True` has the fifth worked."""
    told = [{"day": f"2026-05-{name[1:]:0>2}", "working": working, "name": "调整"} for name, working in days.items()]
    return PROPOSALS[ChangeKind.CALENDAR](payload(year=2026, supplement=True, notice="补充", days=told))


def test_a_day_that_makes_an_extension_late_is_asked_for_though_the_clock_ends_far_from_it(
    bureau: Bureau, shapes: None
) -> None:
    Limit.objects.exclude(code="decide").update(status="draft")
    drop_drafts()
    # Thirty days end on 1 May; carried to the 6th, on which it is extended, to the last of May.
    matter = make_case("A1", bureau.station, filed="2026-04-01")
    record(matter, "longer", "2026-05-06 09:00", approver="head")
    assert clock_of(matter).due_on == day("2026-06-01")

    told = assert_complete(supplement(_5=True), [matter])

    assert told.moved == 1


def test_a_reminder_before_an_expiry_that_has_moved_on_is_asked_for(bureau: Bureau, shapes: None) -> None:
    Limit.objects.exclude(code__in=("decide", "warn")).update(status="draft")
    drop_drafts()
    matter = make_case("A1", bureau.station, filed="2026-04-01")
    record(matter, "longer", "2026-04-10 09:00", approver="head")

    # The first expiry, before it was extended, comes from 6 May to the 1st, and what is due twenty days before it too.
    told = assert_complete(supplement(_1=True), [matter])

    assert told.moved == 1


@pytest.mark.parametrize("law", LAWS)
def test_no_clock_that_a_version_moves_is_left_out(fill: Filled, law: str) -> None:
    matters = fill(9, 60)

    assert_complete(PROPOSALS[ChangeKind.LIMIT](version(**LAWS[law])), matters)


def test_after_a_change_a_rewind_of_everything_finds_nothing_to_do(fill: Filled) -> None:
    matters = fill(3, 40)
    carried_out(looked_at(ChangeKind.LIMIT, version(transition="running")))
    carried_out(looked_at(ChangeKind.CALENDAR, payload()))

    report = wind_matters([matter.pk for matter in matters], at=AT, cause="全部重算")

    assert (report.clocks_written, report.moves) == (0, 0)


def test_a_preview_writes_nothing(fill: Filled) -> None:
    fill(1, 20)
    before, law = clocks(), services.law_digest()

    with CaptureQueriesContext(connection) as asked:
        change = looked_at(ChangeKind.LIMIT, version(transition="running"))

    assert change.preview["moved"] > 0
    assert clocks() == before
    assert services.law_digest() == law
    assert not ClockMove.objects.filter(change=change).exists()
    assert not ConcernedMatter.objects.exists()
    written = [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert all("cases_change" in statement for statement in written)


# -- what is told ------------------------------------------------------------------------------------------------------


def test_a_preview_counts_what_moves_what_becomes_overdue_and_whose_it_is(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")  # due 07-10; by the new law 06-30
    make_case("A2", bureau.sibling, filed="2026-07-01")  # due 07-31; by the new law 07-21
    make_case("A3", bureau.sibling, filed="2026-05-20")  # under the old law

    at = moment("2026-07-05")
    change = propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=at)
    told = preview_change(change=change, at=at).preview

    assert (told["matters"], told["moved"], told["replaced"], told["become_overdue"]) == (2, 2, 2, 1)
    assert told["shifts"] == {"-10": 2}
    assert told["units"] == {
        str(bureau.station.pk): {"become_overdue": 1, "clocks": 1, "moved": 1},
        str(bureau.sibling.pk): {"clocks": 1, "moved": 1},
    }


def test_a_year_that_is_announced_makes_its_dates_firm_and_those_only(bureau: Bureau, catalogue: None) -> None:
    unsure = make_case("A1", bureau.station, filed="2026-12-05")
    make_case("A2", bureau.station, filed="2026-07-01")

    change = carried_out(looked_at(ChangeKind.CALENDAR, payload()))

    assert (change.total, change.done) == (1, 1)
    assert change.result["become_firm"] == 1
    assert not clock_of(unsure).provisional
    assert CalendarYear.objects.get(year=2027).notice == "通知三"
    assert DayOff.objects.filter(notice="通知三").count() == 11


def test_a_move_keeps_the_old_date_the_new_one_and_the_change(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-12-02")  # due on New Year's Day

    change = carried_out(looked_at(ChangeKind.CALENDAR, payload()))

    move = ClockMove.objects.get(clock__matter=matter)
    # New Year's Day is off, Saturday is a Saturday, and Sunday the third is worked.
    assert (move.old_due_at, move.new_due_at) == (moment("2027-01-02"), moment("2027-01-04"))
    assert move.change == change
    assert move.reason == f"变更{change.pk}号：工作日历日历：2027年放假安排"


def test_a_clock_under_a_new_version_keeps_the_date_it_had(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-06-10")

    carried_out(looked_at(ChangeKind.LIMIT, version()))

    assert clock_of(matter).state == ClockState.VOID
    assert clock_of(matter, "decide_v2026").due_on == day("2026-06-30")
    move = ClockMove.objects.get()
    assert (move.clock, move.old_due_at, move.new_due_at) == (
        clock_of(matter),
        moment("2026-07-11"),
        moment("2026-07-01"),
    )
    assert move.reason.endswith("（改按另一版本计算）")


def test_an_old_version_is_not_edited_but_for_its_last_day(bureau: Bureau, catalogue: None) -> None:
    before = Limit.objects.get(code="decide").definition

    carried_out(looked_at(ChangeKind.LIMIT, version()))

    old, new = Limit.objects.get(code="decide"), Limit.objects.get(code="decide_v2026")
    assert old.definition == {**before, "in_force_until": "2026-05-31"}
    assert old.in_force_until == day("2026-05-31")
    assert (new.family, new.length, new.in_force_from, new.ladder) == ("decide", 20, day("2026-06-01"), new.ladder)
    assert [kind.code for kind in new.kinds.all()] == ["case"]


# -- carrying out ------------------------------------------------------------------------------------------------------


class Crash(Exception):
    """What a kill looks like from inside."""


def dying(plain: Callable[..., Any]) -> Callable[..., Any]:
    def act(*args: Any, **options: Any) -> Any:
        plain(*args, **options)
        raise Crash

    return act


@pytest.mark.parametrize(
    "line", ["wind_matters", "Effects.from_json", "ConcernedMatter.objects.filter", "Change.objects.filter"]
)
def test_a_kill_at_any_line_loses_nothing_and_counts_nothing_twice(
    fill: Filled, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    fill(2, 30)
    change = looked_at(ChangeKind.LIMIT, version(transition="running"))
    apply_change(change=change, by=None, at=AT)
    carry_on(change=change, at=AT, chunk=5)
    before = (clocks(), change.done, ConcernedMatter.objects.count())

    with monkeypatch.context() as patch, pytest.raises(Crash):
        plain = operator.attrgetter(line)(services)
        patch.setattr(f"cases.changes.services.{line}", dying(plain))
        carry_on(change=change, at=AT, chunk=5)

    change.refresh_from_db()
    assert (clocks(), change.done, ConcernedMatter.objects.count()) == before
    while carry_on(change=change, at=AT, chunk=5):
        pass
    assert change.state == ChangeState.APPLIED
    assert change.result == change.preview


def test_what_is_recorded_meanwhile_is_not_lost(bureau: Bureau, catalogue: None) -> None:
    first, second = (make_case(number, bureau.station, filed="2026-06-10") for number in ("A1", "A2"))
    at = moment("2026-06-20")
    change = preview_change(change=propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=at), at=at)
    apply_change(change=change, by=None, at=at)
    carry_on(change=change, at=at, chunk=1)
    record(second, "decided", "2026-06-21")

    # The worker began before the decision was recorded.
    while carry_on(change=change, at=at, chunk=1):
        pass

    assert clock_of(second, "decide_v2026").state == ClockState.STOPPED
    assert clock_of(first, "decide_v2026").state == ClockState.RUNNING


def test_carrying_on_with_what_is_over_does_nothing(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")
    change = carried_out(looked_at(ChangeKind.LIMIT, version()))
    before = clocks()

    assert carry_on(change=change, at=AT) == 0
    assert clocks() == before
    assert change.steps.count() == 4


def test_a_change_that_concerns_nobody_is_over_at_once(catalogue: None) -> None:
    change = looked_at(ChangeKind.LIMIT, version())

    apply_change(change=change, by=None, at=AT)

    assert change.state == ChangeState.APPLIED


def test_a_matter_that_cannot_be_wound_is_named_and_the_others_go_on(fill: Filled) -> None:
    matters = fill(4, 20)
    change = looked_at(ChangeKind.LIMIT, version())
    apply_change(change=change, by=None, at=AT)
    broken = Matter.objects.filter(pk__in=ConcernedMatter.objects.values("matter_id")).first()
    assert broken is not None
    Matter.objects.filter(pk=broken.pk).update(facts={"kind": ["odd"]})
    record_too_early(broken)

    while carry_on(change=change, at=AT, chunk=5):
        pass

    assert change.state == ChangeState.APPLIED
    assert broken.number in change.error
    assert len(matters) == 20


def record_too_early(matter: Matter) -> None:
    from cases.models import Event, EventKind  # import here: settings

    filed = EventKind.objects.get(code="filed")
    Event.objects.create(
        matter=matter, kind=filed, occurred_at=moment("9999-12-20"), recorded_at=moment("2026-06-01"), day_only=True
    )


def test_the_worker_previews_and_carries_out_what_is_under_way(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")
    change = propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=AT)

    carry_changes_task()
    change.refresh_from_db()
    assert change.state == ChangeState.PREVIEWED

    apply_change(change=change, by=None, at=AT)
    assert carry_changes_task() == 1
    assert carry_changes_task() == 0
    change.refresh_from_db()
    assert change.state == ChangeState.APPLIED


def test_a_change_that_fails_does_not_stop_the_others_and_says_why(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")
    bad, good = (propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=AT) for _ in range(2))
    # The version it follows has gone meanwhile, which no rule of ours allows.
    Change.objects.filter(pk=bad.pk).update(payload={**version(), "from": "gone"})

    with pytest.raises(services.ChangesFailed, match=f"变更{bad.pk}号"):
        carry_changes_task()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (ChangeState.DRAFT, ChangeState.PREVIEWED)
    assert "没有时限“gone”" in bad.error


def test_only_one_works_on_a_change_until_he_falls_silent(catalogue: None) -> None:
    change = propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=AT)

    assert take_up(change=change, at=AT)
    assert not take_up(change=change, at=AT + timedelta(minutes=1))
    assert take_up(change=change, at=AT + timedelta(minutes=3))


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_the_law_must_not_have_moved_on_since_the_preview(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")
    first, second = looked_at(ChangeKind.LIMIT, version()), looked_at(ChangeKind.CALENDAR, payload())
    carried_out(first)

    with pytest.raises(CaseRefused, match="请重新预览"):
        apply_change(change=second, by=None, at=AT)

    assert not CalendarYear.objects.filter(year=2027).exists()
    preview_change(change=look_again(change=second, by=None, at=AT), at=AT)
    assert carried_out(second).state == ChangeState.APPLIED


def test_two_changes_are_not_carried_out_at_once(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-06-10")
    make_case("A2", bureau.station, filed="2026-12-05")
    first = looked_at(ChangeKind.LIMIT, version())
    apply_change(change=first, by=None, at=AT)
    second = looked_at(ChangeKind.CALENDAR, payload())

    with pytest.raises(CaseRefused, match="另一项变更正在实施"):
        apply_change(change=second, by=None, at=AT)

    assert not CalendarYear.objects.filter(year=2027).exists()


def test_what_was_dropped_or_begun_is_neither_applied_nor_dropped(catalogue: None) -> None:
    dropped = looked_at(ChangeKind.LIMIT, version())
    drop_change(change=dropped, by=None, at=AT)

    with pytest.raises(CaseRefused):
        apply_change(change=dropped, by=None, at=AT)
    with pytest.raises(CaseRefused):
        drop_change(change=dropped, by=None, at=AT)
    with pytest.raises(CaseRefused):
        preview_change(change=dropped, at=AT)
    with pytest.raises(CaseRefused):
        look_again(change=dropped, by=None, at=AT)


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"code": "decide"}, "code", "已有时限使用，请另取一个，如 decide_v2026"),
        ({"code": "other", "family": "other"}, "code", "新版本应与原版本同族"),
        ({"in_force_from": None}, "in_force_from", "必填"),
        ({"length": 0}, "length", "应为不小于 1 的整数"),
        ({"starts": ["fild"]}, "starts", "没有“fild”这种节点，是不是“filed”"),
        ({"calendar": None}, "calendar", "必须写明日历"),
        ({"name": "长" * 81}, "name", "最多80个字"),
        ({"lenght": 5}, "lenght", "没有这个字段，是不是“length”"),
    ],
)
def test_a_version_is_refused_field_by_field(catalogue: None, changed: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(InvalidProposal) as refused:
        propose(kind=ChangeKind.LIMIT, payload=version(**changed), by=None, at=AT)

    assert [text for name, text in refused.value.problems if name == field and told in text]
    assert not Change.objects.exists()


def test_a_version_may_not_overlap_a_later_one(catalogue: None) -> None:
    carried_out(looked_at(ChangeKind.LIMIT, version()))

    with pytest.raises(InvalidProposal) as refused:
        propose(
            kind=ChangeKind.LIMIT,
            payload=version(code="decide_v2025", in_force_from="2026-03-01", in_force_until=None),
            by=None,
            at=AT,
        )

    assert (
        "in_force_until",
        "与同族的“decide_v2026”（2026-06-01起）施行时间重叠，请写明失效日，或者从那个版本开始",
    ) in (refused.value.problems)


def test_a_supplement_needs_an_announced_year_and_something_new(catalogue: None) -> None:
    with pytest.raises(InvalidProposal, match="还没有载入"):
        propose(kind=ChangeKind.CALENDAR, payload=payload(supplement=True), by=None, at=AT)
    same = payload(
        year=2026, supplement=True, notice="", days=[{"day": "2026-05-01", "working": False, "name": "劳动节"}]
    )
    with pytest.raises(InvalidProposal, match="没有变动"):
        propose(kind=ChangeKind.CALENDAR, payload=same, by=None, at=AT)


def test_a_supplement_keeps_the_days_it_does_not_name(catalogue: None) -> None:
    told = payload(
        year=2026,
        supplement=True,
        notice="临时通知",
        days=[
            {"day": "2026-05-06", "working": False, "name": "劳动节"},
            {"day": "2026-05-05", "working": True, "name": "劳动节"},
        ],
    )

    carried_out(looked_at(ChangeKind.CALENDAR, told))

    rows = dict(DayOff.objects.filter(day__year=2026).values_list("day", "working"))
    assert rows[day("2026-05-01")] is False and rows[day("2026-05-06")] is False
    assert rows[day("2026-05-05")] is True


def test_a_full_notice_replaces_what_the_year_had(catalogue: None) -> None:
    DayOff.objects.update(notice="旧通知")
    CalendarYear.objects.filter(year=2026).update(notice="旧通知")
    days = [{"day": f"2026-05-0{n}", "working": False, "name": "劳动节"} for n in range(1, 6)]

    carried_out(looked_at(ChangeKind.CALENDAR, payload(year=2026, notice="更正通知", days=days)))

    assert not DayOff.objects.filter(day=day("2026-05-09")).exists()
    assert DayOff.objects.filter(day__year=2026).count() == 5


def test_the_ledger_tells_what_was_done(bureau: Bureau, catalogue: None) -> None:
    officer = desk.add_officer(police_number="1", name="甲", unit=bureau.legal)
    make_case("A1", bureau.station, filed="2026-06-10")
    change = propose(kind=ChangeKind.LIMIT, payload=version(), by=officer, at=AT)
    preview_change(change=change, at=AT)
    apply_change(change=change, by=officer, at=AT)
    while carry_on(change=change, at=AT):
        pass

    assert [step.action for step in change.steps.all()] == ["proposed", "previewed", "started", "applied"]
    assert (change.proposed_by, change.applied_by) == (officer, officer)
