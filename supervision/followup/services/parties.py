"""Who answers for a followed case: the three parties, the named officer, and what passes on when he moves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from cases.models import Officer, Unit, UnitKind
from supervision.followup.models import (
    Action,
    FollowedCase,
    FollowStep,
    Instruction,
    InstructionState,
    ItemState,
    Notice,
    OutlineItem,
    Stage,
    What,
)
from supervision.followup.queries import Holdings, holdings_of
from supervision.followup.refusals import (
    MOVED_ON,
    NOT_OPEN,
    NOTHING_CHANGED,
    NOTHING_TO_HAND_OVER,
    OFFICER_AWAY,
    SAME_OFFICER,
    SUPERVISORY_IS_LEGAL,
    UNIT_GONE,
    FollowupRefused,
)
from supervision.followup.rules import Parties
from supervision.followup.services.ledger import claim, is_there, progress, step, tell


def name_parties(
    *,
    case: FollowedCase,
    main_unit: Unit | None,
    line_unit: Unit | None,
    supervisory_unit: Unit | None,
    officer: Officer | None,
    by: Officer,
    at: datetime,
) -> FollowedCase:
    """Say who bears main, line and supervisory responsibility, and who is the named officer.

    With all four the case counts as followed, without one it shows as incomplete. Refuses units that are no more, a
    supervisory party that is no legal department, an officer who is not there, and a case under review or ended.
    """
    for unit in (main_unit, line_unit, supervisory_unit):
        if unit is not None and unit.valid_until is not None:
            raise FollowupRefused(UNIT_GONE.format(unit=unit))
    if supervisory_unit is not None and supervisory_unit.kind != UnitKind.LEGAL:
        raise FollowupRefused(SUPERVISORY_IS_LEGAL.format(unit=supervisory_unit))
    if officer is not None and not is_there(officer):
        raise FollowupRefused(OFFICER_AWAY.format(officer=officer))
    wanted = {
        "main_unit": main_unit,
        "line_unit": line_unit,
        "supervisory_unit": supervisory_unit,
        "officer": officer,
    }
    changed = {name: one for name, one in wanted.items() if getattr(case, f"{name}_id") != (one.pk if one else None)}
    if not changed:
        raise FollowupRefused(NOTHING_CHANGED)
    parties = Parties(
        main=main_unit is not None,
        line=line_unit is not None,
        supervisory=supervisory_unit is not None,
        officer=officer is not None,
        officer_there=officer is not None,
    )
    stage = Stage.MOVING if parties.complete else Stage.INCOMPLETE
    began = progress(case, at) if stage == Stage.MOVING and case.stage == Stage.INCOMPLETE else {}
    names = {field.name: str(field.verbose_name) for field in FollowedCase._meta.concrete_fields}
    said = "；".join(f"{names[name]}：{one if one is not None else '未定'}" for name, one in changed.items())
    with transaction.atomic():
        claim(case, stages=Stage.worked_on(), refusal=NOT_OPEN, stage=stage, **changed, **began)
        step(case, Action.PARTIES, by=by, at=at, text=said)
        if stage == Stage.INCOMPLETE and case.stage != Stage.INCOMPLETE:
            tell(case, What.INCOMPLETE, at=at)
        if "officer" in changed and officer is not None:
            tell(case, What.HANDED_OVER, at=at)
    case.refresh_from_db()
    return case


def hand_over(
    *, officer: Officer, to: Officer, by: Officer, at: datetime, case: FollowedCase | None = None
) -> Holdings:
    """Pass on what an officer answers for, of one case or of all that `by` may see: the cases he is named for, the open
    items that are his, the instructions he has to reply to; in one transaction, one step a case.

    The cases count as followed again as soon as the new officer is there and the parties are named. A case whose matter
    has gone to another unit goes after it here, and its new officer stays named. Refuses to pass on to
    himself or to somebody who is not there, where there is nothing, and where somebody moved a case on meanwhile.
    """
    if officer.pk == to.pk:
        raise FollowupRefused(SAME_OFFICER)
    if not is_there(to):
        raise FollowupRefused(OFFICER_AWAY.format(officer=to))
    with transaction.atomic():
        held = holdings_of(officer, seen_by=by, case=case)
        if not held:
            raise FollowupRefused(NOTHING_TO_HAND_OVER.format(officer=officer))
        touched: dict[int, list[str]] = {}
        for one in held.cases:
            stage = one.stage
            if stage == Stage.INCOMPLETE and one.main_unit_id and one.line_unit_id and one.supervisory_unit_id:
                stage = Stage.MOVING
            seen = FollowedCase.objects.filter(pk=one.pk, stage=one.stage, officer=officer)
            if not seen.update(officer=to, stage=stage, **_after_its_matter(one)):
                raise FollowupRefused(MOVED_ON)
            touched.setdefault(one.pk, []).append("盯办责任人")
        for item in held.items:
            mine = OutlineItem.objects.filter(pk=item.pk, officer=officer, state__in=ItemState.open_states())
            if not mine.update(officer=to):
                raise FollowupRefused(MOVED_ON)
            touched.setdefault(item.case_id, []).append(f"事项“{item.title}”")
        for instruction in held.instructions:
            addressed = Instruction.objects.filter(pk=instruction.pk, to=officer, state=InstructionState.OPEN)
            if not addressed.update(to=to):
                raise FollowupRefused(MOVED_ON)
            touched.setdefault(instruction.case_id, []).append(f"批示“{instruction.text[:40]}”")
        FollowStep.objects.bulk_create(
            FollowStep(
                case_id=pk, action=Action.HANDED_OVER, by=by, at=at, text=f"{officer} → {to}：{'、'.join(parts)}"[:1200]
            )
            for pk, parts in touched.items()
        )
        Notice.objects.bulk_create(_word_of(held, at))
    return held


def follow_merger(*, unit: Unit, into: Unit, ground: str, at: datetime) -> int:
    """Put the unit that another was merged into in its place in the open followed cases: as the unit of the matter and as
    each of the three parties; in the caller's transaction, one step a case. Answers how many.

    The named officer stays. Where a legal department went into a unit that is none, the case has no supervisory party and
    shows as incomplete.
    """
    named = Q(unit=unit) | Q(main_unit=unit) | Q(line_unit=unit) | Q(supervisory_unit=unit)
    cases = list(FollowedCase.objects.open().filter(named).select_for_update(of=("self",)).order_by("pk"))
    steps, notices = [], []
    for case in cases:
        if case.unit_id == unit.pk:
            for name, value in into.scope_ids.items():
                setattr(case, name, value)
        for party in ("main_unit_id", "line_unit_id", "supervisory_unit_id"):
            if getattr(case, party) == unit.pk:
                setattr(case, party, into.pk)
        if case.supervisory_unit_id == into.pk and into.kind != UnitKind.LEGAL:
            case.supervisory_unit = None
            if case.stage != Stage.INCOMPLETE:
                notices.append(Notice(case=case, what=What.INCOMPLETE, tell_since=at))
            case.stage, case.asked_by, case.asked_at = Stage.INCOMPLETE, None, None
        steps.append(FollowStep(case=case, action=Action.PARTIES, at=at, text=f"{unit}并入{into}（{ground}）"))
    FollowedCase.objects.bulk_update(
        cases,
        (
            "unit",
            "city",
            "county",
            "station",
            "main_unit",
            "line_unit",
            "supervisory_unit",
            "stage",
            "asked_by",
            "asked_at",
        ),
    )
    FollowStep.objects.bulk_create(steps)
    Notice.objects.bulk_create(notices)
    return len(cases)


def _after_its_matter(case: FollowedCase) -> dict[str, int | None]:
    """The places a case changes with its matter: its unit, and the main party where that was the unit."""
    unit = case.matter.unit
    if case.unit_id == unit.pk:
        return {}
    main = {"main_unit_id": unit.pk} if case.main_unit_id == case.unit_id else {}
    return {**unit.scope_ids, **main}


def _word_of(held: Holdings, at: datetime) -> list[Notice]:
    """One notice a case, and one for each thing that is passed on without its case."""
    whole = {one.pk for one in held.cases}
    return [
        *(Notice(case=one, what=What.HANDED_OVER, tell_since=at) for one in held.cases),
        *(
            Notice(case_id=item.case_id, item=item, what=What.HANDED_OVER, tell_since=at)
            for item in held.items
            if item.case_id not in whole
        ),
        *(
            Notice(case_id=one.case_id, instruction=one, what=What.HANDED_OVER, tell_since=at)
            for one in held.instructions
            if one.case_id not in whole
        ),
    ]
