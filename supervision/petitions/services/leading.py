"""包案: who leads a petition, by what plan, and what is done for the people behind it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases.duty import opening_of
from cases.models import Handling, HandlingRole, Officer
from cases.models.scope import posts_of, restricted_matters
from cases.services import CaseRefused, end_handling, name_handler
from supervision.petitions import rules
from supervision.petitions.models import Contact, Lead, Measure, Petition, Plan, RankRule, Service, Stage
from supervision.petitions.refusals import (
    DONE_ALREADY,
    LEAD_NEEDED,
    NEXT_CONTACT_NEEDED,
    NO_RANK,
    NOT_A_HANDLER,
    PAST_DAY,
    PLAN_NEEDED,
    RANK_TOO_LOW,
    REASON_NEEDED,
    SAME_LEAD,
    PetitionRefused,
)
from supervision.petitions.services.acts import note, take, today


def assign_lead(*, petition: Petition, officer: Officer, by: Officer, at: datetime, reason: str = "") -> Lead:
    """Give a petition its leading official, or another one: the last one's time ends as his begins.

    He sees the petition from now on and the one before him no longer does. Refuses a rank too low for the grade of the
    matter, a change without a reason, and whoever is barred.
    """
    with transaction.atomic():
        held = take(petition, act="确定包案领导", by=by, stages=Stage.unresolved())
        rank = rules.rank_of((role, level) for role, _, level in posts_of(Officer.objects.get(pk=officer.pk)))
        _require_rank(held, officer, rank)
        before = held.leads.filter(until_at=None).first()
        if before is not None:
            if before.officer_id == officer.pk:
                raise PetitionRefused(SAME_LEAD.format(officer=officer))
            if not reason.strip():
                raise PetitionRefused(REASON_NEEDED)
            Lead.objects.filter(pk=before.pk, until_at=None).update(until_at=at, reason=reason.strip())
        for handling in Handling.objects.filter(matter=held.matter, role=HandlingRole.LEADER, until_at=None):
            end_handling(handling=handling, at=max(at, handling.from_at))
        lead = Lead.objects.create(petition=held, officer=officer, rank=rank, from_at=at)
        try:
            name_handler(matter=held.matter, officer=officer, role=HandlingRole.LEADER, at=at)
        except CaseRefused as refusal:
            raise PetitionRefused(str(refusal)) from refusal
        text = f"{before.officer}改为{officer}：{reason.strip()}" if before is not None else str(officer)
        note(held, "变更包案领导" if before is not None else "确定包案领导", text, by=by, at=at)
    return lead


def _require_rank(held: Petition, officer: Officer, rank: int) -> None:
    if rank == 0:
        raise PetitionRefused(NO_RANK.format(officer=officer))
    rule = RankRule.objects.filter(grade=held.grade).first()
    if rule is not None and rank < rule.least_rank:
        raise PetitionRefused(
            RANK_TOO_LOW.format(grade=held.get_grade_display(), least=rule.get_least_rank_display(), officer=officer)
        )


def require_lead(held: Petition) -> None:
    """Refuse where nobody leads it."""
    if not held.leads.filter(until_at=None).exists():
        raise PetitionRefused(LEAD_NEEDED)


# -- the plan --------------------------------------------------------------------------------------------------------


def make_plan(*, petition: Petition, aim: str, by: Officer, at: datetime) -> Plan:
    """Write down how the petition is to be solved, or write it anew; one plan a petition. Refuses where nobody leads it."""
    if not aim.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="制定方案", by=by, stages=Stage.unresolved())
        require_lead(held)
        plan, fresh = Plan.objects.update_or_create(
            petition=held, defaults={"aim": aim.strip(), "by": by, "made_at": at}
        )
        note(held, "制定化解方案" if fresh else "修改化解方案", aim.strip(), by=by, at=at)
    return plan


def add_measure(*, petition: Petition, what: str, officer: Officer, due_on: date, by: Officer, at: datetime) -> Measure:
    """Add a measure to the plan: what, who, by when. Refuses who does not handle the petition, and a day gone by."""
    with transaction.atomic():
        held = take(petition, act="增加措施", by=by, stages=Stage.unresolved())
        plan = Plan.objects.filter(petition=held).first()
        if plan is None:
            raise PetitionRefused(PLAN_NEEDED)
        require_handler(held, officer)
        require_future(due_on, at)
        measure = Measure.objects.create(
            plan=plan, what=what.strip(), officer=officer, due_on=due_on, tell_since=opening_of(due_on, at)
        )
        note(held, "增加措施", f"{what.strip()}，{officer}，{due_on:%Y-%m-%d}前", by=by, at=at)
    return measure


def finish_measure(*, measure: Measure, result: str, by: Officer, at: datetime) -> None:
    """Record what came of a measure. Refuses one without a result and one that is done."""
    if not result.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(measure.plan.petition, act="完成措施", by=by)
        claimed = Measure.objects.filter(pk=measure.pk, done_at=None).update(
            done_at=at, result=result.strip(), tell_since=None
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note(held, "完成措施", f"{measure.what}：{result.strip()}", by=by, at=at)


# -- what is done for the people -------------------------------------------------------------------------------------


def plan_contact(
    *, petition: Petition, service: Service | str, planned_on: date, officer: Officer, by: Officer, at: datetime
) -> Contact:
    """Plan the next contact: which service, on what day, by whom. Refuses a day gone by and who does not handle it."""
    with transaction.atomic():
        held = take(petition, act="安排联系", by=by)
        require_handler(held, officer)
        require_future(planned_on, at)
        contact = Contact.objects.create(
            petition=held,
            service=Service(service),
            planned_on=planned_on,
            officer=officer,
            tell_since=opening_of(planned_on, at),
        )
        note(held, "安排疏导帮扶", f"{contact.get_service_display()}，{planned_on:%Y-%m-%d}", by=by, at=at)
    return contact


def hold_contact(
    *,
    contact: Contact,
    result: str,
    by: Officer,
    at: datetime,
    next_on: date | None = None,
    next_service: Service | str | None = None,
) -> None:
    """Record what came of a contact, and plan the next one. Until the petition is at rest there must be a next one."""
    if not result.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(contact.petition, act="登记联系", by=by)
        claimed = Contact.objects.filter(pk=contact.pk, held_at=None).update(
            held_at=at, result=result.strip(), tell_since=None
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note(held, "疏导帮扶", f"{contact.get_service_display()}：{result.strip()}", by=by, at=at)
        if next_on is not None:
            plan_contact(
                petition=held,
                service=next_service or contact.service,
                planned_on=next_on,
                officer=contact.officer,
                by=by,
                at=at,
            )
        elif held.stage in Stage.unresolved() and not held.contacts.filter(held_at=None).exists():
            raise PetitionRefused(NEXT_CONTACT_NEEDED)


def set_rank_rule(*, rule: RankRule, least_rank: int) -> None:
    """Say how high the leading official of a grade must stand from now on; who leads already stays."""
    RankRule.objects.filter(pk=rule.pk).update(least_rank=least_rank)


# -- what several acts ask -------------------------------------------------------------------------------------------


def require_handler(held: Petition, officer: Officer) -> None:
    """Refuse to give something to do to somebody who does not see the petition."""
    if held.pk not in restricted_matters(Officer.objects.get(pk=officer.pk)):
        raise PetitionRefused(NOT_A_HANDLER.format(officer=officer))


def require_future(on: date, at: datetime) -> None:
    if on < today(at):
        raise PetitionRefused(PAST_DAY)
