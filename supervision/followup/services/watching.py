"""The watch: whatever became true of followed cases by time passing, or in the rooms below, is found and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from cases.duty import working_time
from cases.models import Event
from cases.statute.working_time import WorkingTime
from supervision.followup.models import (
    Action,
    FollowedCase,
    FollowedCaseQuerySet,
    FollowStep,
    Instruction,
    InstructionState,
    ItemState,
    Notice,
    OutlineItem,
    Stage,
    What,
)
from supervision.followup.queries import local_day, standing_notices
from supervision.followup.services.rounds import RoundFailed, RoundReport, walk


def watch(*, at: datetime) -> RoundReport:
    """Bring the followed cases into line with what is stored at `at`; an aware moment.

    1. Where a matter went to another unit, its case follows: scope and main party; a new named officer must be found.
    2. Where the named officer's account is out of use or he holds no post, the case shows as incomplete; where he is
       there and every party named, it counts as followed again.
    3. Where nothing has moved for so many working days, say so once; an event recorded on the matter is movement.
    4. Leave word of items and replies that fall due today or are over, once for each due day.
    5. Drop word whose ground has gone.
    6. Fail aloud at the end, naming the cases that could not be worked.
    All is found by what is stored, so a silence of any length is made good; harmless twice, and from two workers at once.
    """
    report = RoundReport()
    broken: list[int] = []
    time = working_time(at)
    report.moved = walk(_ids(_elsewhere()), lambda ids: _follow(ids, at), broken)
    report.left = walk(_ids(FollowedCase.objects.deserted()), lambda ids: _desert(ids, at), broken)
    report.settled = walk(_ids(_complete_again()), lambda ids: _take_up(ids, at, time), broken)
    report.stagnant = walk(_ids(_still(at)), lambda ids: _stagnate(ids, at, time), broken)
    report.told = _tell_due_items(at) + _tell_due_replies(at)
    report.moot = _drop_moot()
    if broken:
        numbers = FollowedCase.objects.filter(pk__in=broken).order_by("pk").values_list("matter__number", flat=True)
        raise RoundFailed(report, list(numbers))
    return report


def _ids(rows: FollowedCaseQuerySet) -> Callable[[int, int], list[int]]:
    """How `walk` finds the rows of a step."""
    return lambda after, most: list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])


def _claimed(rows: FollowedCaseQuerySet, ids: Sequence[int]) -> FollowedCaseQuerySet:
    """The rows of a chunk that still are as they were found, locked; those in another worker's hands are left to it."""
    skip = connection.features.has_select_for_update_skip_locked
    return rows.filter(pk__in=ids).select_for_update(of=("self",), skip_locked=skip)


# -- 1: with the matter ----------------------------------------------------------------------------------------------


def _elsewhere() -> FollowedCaseQuerySet:
    return FollowedCase.objects.open().exclude(unit_id=F("matter__unit_id"))


def _follow(ids: Sequence[int], at: datetime) -> int:
    cases = list(_claimed(_elsewhere(), ids).select_related("matter__unit", "unit"))
    steps, notices = [], []
    for case in cases:
        matter = case.matter
        steps.append(
            FollowStep(
                case=case,
                action=Action.FOLLOWED_MATTER,
                at=at,
                text=f"{case.unit} → {matter.unit}，请重新指定盯办责任人",
            )
        )
        if case.main_unit_id == case.unit_id:
            case.main_unit_id = matter.unit_id
        case.unit_id, case.city_id = matter.unit_id, matter.city_id
        case.county_id, case.station_id = matter.county_id, matter.station_id
        _make_incomplete(case)
        case.officer_id = None
        notices.append(Notice(case=case, what=What.INCOMPLETE, tell_since=at))
    fields = ("unit", "city", "county", "station", "main_unit", "officer", *_INCOMPLETE)
    FollowedCase.objects.bulk_update(cases, fields)
    FollowStep.objects.bulk_create(steps)
    Notice.objects.bulk_create(notices)
    return len(cases)


# -- 2: completeness -------------------------------------------------------------------------------------------------

_INCOMPLETE = ("stage", "asked_by", "asked_at")


def _make_incomplete(case: FollowedCase) -> None:
    case.stage, case.asked_by_id, case.asked_at = Stage.INCOMPLETE, None, None


def _desert(ids: Sequence[int], at: datetime) -> int:
    cases = list(_claimed(FollowedCase.objects.deserted(), ids).select_related("officer"))
    for case in cases:
        _make_incomplete(case)
    FollowedCase.objects.bulk_update(cases, _INCOMPLETE)
    FollowStep.objects.bulk_create(
        FollowStep(case=case, action=Action.OFFICER_LEFT, at=at, text=f"{case.officer}，请交接或者另行指定")
        for case in cases
    )
    Notice.objects.bulk_create(Notice(case=case, what=What.INCOMPLETE, tell_since=at) for case in cases)
    return len(cases)


def _complete_again() -> FollowedCaseQuerySet:
    named = FollowedCase.objects.open().filter(
        stage=Stage.INCOMPLETE,
        main_unit__isnull=False,
        line_unit__isnull=False,
        supervisory_unit__isnull=False,
        officer__isnull=False,
    )
    return named.attended()


def _take_up(ids: Sequence[int], at: datetime, time: WorkingTime) -> int:
    cases = list(_claimed(_complete_again(), ids))
    for case in cases:
        case.stage = Stage.MOVING
        _move_on(case, at, time)
    FollowedCase.objects.bulk_update(cases, ("stage", *_MOVED))
    FollowStep.objects.bulk_create(
        FollowStep(case=case, action=Action.PARTIES, at=at, text="责任人已在岗，各方责任已落实") for case in cases
    )
    return len(cases)


# -- 3: standing still -----------------------------------------------------------------------------------------------

_MOVED = ("last_progress_at", "stagnant_at", "stagnant_since")


def _move_on(case: FollowedCase, at: datetime, time: WorkingTime) -> None:
    case.last_progress_at = at
    case.stagnant_at = time.after_days(at, case.stagnation_days)
    case.stagnant_since = None


def _still(at: datetime) -> FollowedCaseQuerySet:
    return FollowedCase.objects.open().filter(stagnant_at__lte=at)


def _stagnate(ids: Sequence[int], at: datetime, time: WorkingTime) -> int:
    cases = list(_claimed(_still(at), ids).order_by("pk"))
    moved = dict(
        Event.objects.filter(matter__in=[case.matter_id for case in cases], withdrawn_at=None, recorded_at__lte=at)
        .values_list("matter")
        .annotate(last=Max("recorded_at"))
    )
    still = []
    for case in cases:
        last = moved.get(case.matter_id)
        if last is not None and last > case.last_progress_at:
            _move_on(case, last, time)
        if case.stagnant_at is not None and case.stagnant_at <= at:
            # From the moment it had stood still too long, however late that was found.
            case.stagnant_since, case.stagnant_at = case.stagnant_at, None
            still.append(case)
    FollowedCase.objects.bulk_update(cases, _MOVED)
    FollowStep.objects.bulk_create(
        FollowStep(
            case=case,
            action=Action.STAGNANT,
            at=at,
            text=f"已 {time.days_between(case.last_progress_at, at)} 个工作日没有进展",
        )
        for case in still
    )
    Notice.objects.bulk_create(Notice(case=case, what=What.STAGNANT, tell_since=at) for case in still)
    return len(still)


# -- 4 and 5: word ---------------------------------------------------------------------------------------------------


def _tell_due_items(at: datetime) -> int:
    today = local_day(at)
    rows = OutlineItem.objects.filter(
        state__in=ItemState.open_states(),
        due_on__lte=today,
        case__stage__in=Stage.worked_on(),
        case__withdrawn=False,
    )
    told = Notice.objects.filter(item=OuterRef("pk"), due_on=OuterRef("due_on"))
    return _tell(
        [
            Notice(case_id=case_id, item_id=pk, what=what, due_on=due_on, tell_since=at)
            for what, found in _falling_due(rows, told, (What.ITEM_DUE, What.ITEM_OVERDUE), at)
            for pk, case_id, due_on in found.values_list("pk", "case_id", "due_on")
        ]
    )


def _tell_due_replies(at: datetime) -> int:
    today = local_day(at)
    rows = Instruction.objects.filter(
        state=InstructionState.OPEN,
        due_on__lte=today,
        case__stage__in=Stage.open_stages(),
        case__withdrawn=False,
    )
    told = Notice.objects.filter(instruction=OuterRef("pk"), due_on=OuterRef("due_on"))
    return _tell(
        [
            Notice(case_id=case_id, instruction_id=pk, what=what, due_on=due_on, tell_since=at)
            for what, found in _falling_due(rows, told, (What.REPLY_DUE, What.REPLY_OVERDUE), at)
            for pk, case_id, due_on in found.values_list("pk", "case_id", "due_on")
        ]
    )


def _falling_due(
    rows: QuerySet, told: QuerySet[Notice], whats: tuple[What, What], at: datetime
) -> list[tuple[What, QuerySet]]:
    """Rows due today and rows that are over, without those told of already."""
    today = local_day(at)
    due, over = whats
    return [
        (due, rows.filter(due_on=today).exclude(Exists(told.filter(what=due)))),
        (over, rows.filter(due_on__lt=today).exclude(Exists(told.filter(what=over)))),
    ]


def _tell(notices: list[Notice]) -> int:
    # Two workers may have found the same; the constraint keeps one.
    Notice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return len(notices)


def _drop_moot() -> int:
    dropped, _ = Notice.objects.filter(told_at=None).exclude(pk__in=standing_notices().values("pk")).delete()
    return dropped
