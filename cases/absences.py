"""Absences entered and ended: who is told in an officer's place, and from when to when."""

from datetime import date, timedelta

from django.db import transaction

from cases.models import Absence, Officer
from cases.queries import people_of
from cases.services import CaseRefused

NOT_YOURS = "只能登记自己的外出，或者本单位的人的外出"
DEPUTY_IS_SELF = "代理人不能是本人"
DEPUTY_GONE = "{deputy}的账号已停用，不能代理"
DEPUTY_ELSEWHERE = "{deputy}不是本局的人，不能代理：通知里有本局的案件"
ENDS_BEFORE_IT_BEGINS = "结束日不能早于开始日"
ALL_PAST = "这段时间已经过去，不用再登记"
ALREADY_AWAY = "{officer}在 {from_on} 至 {until_on} 已经登记外出，由{deputy}代理；要改，请先取消那一条"
CIRCULAR = "{deputy}在这段时间也外出，他的代理最后又回到{officer}，没有人收通知；请换一名代理人"
OVER = "这次外出已经结束"


def add_absence(
    *, officer: Officer, deputy: Officer, from_on: date, until_on: date, reason: str = "", by: Officer, today: date
) -> Absence:
    """Note that an officer is away from one day to another, both included, and who is told in his place.

    Entered by himself or by the head of his unit. Refuses a deputy who is himself, gone, of another bureau, or away
    with a chain of deputies that leads back; days that are all over on `today`; and days he is known to be away on.
    """
    if not may_enter(officer=officer, by=by):
        raise CaseRefused(NOT_YOURS)
    if deputy.pk == officer.pk:
        raise CaseRefused(DEPUTY_IS_SELF)
    if not deputy.is_active:
        raise CaseRefused(DEPUTY_GONE.format(deputy=deputy))
    if _bureau(deputy) != _bureau(officer):
        raise CaseRefused(DEPUTY_ELSEWHERE.format(deputy=deputy))
    if until_on < from_on:
        raise CaseRefused(ENDS_BEFORE_IT_BEGINS)
    if until_on < today:
        raise CaseRefused(ALL_PAST)
    with transaction.atomic():
        # Two who name each other in the same second would each see the other still there.
        list(Officer.objects.select_for_update().filter(pk__in=(officer.pk, deputy.pk)).order_by("pk"))
        own = Absence.objects.filter(officer=officer, from_on__lte=until_on, until_on__gte=from_on)
        if known := own.select_related("deputy").first():
            raise CaseRefused(
                ALREADY_AWAY.format(
                    officer=officer, from_on=known.from_on, until_on=known.until_on, deputy=known.deputy
                )
            )
        if _leads_to(officer, deputy, from_on, until_on):
            raise CaseRefused(CIRCULAR.format(officer=officer, deputy=deputy))
        return Absence.objects.create(
            officer=officer, deputy=deputy, from_on=from_on, until_on=until_on, reason=reason.strip()
        )


def end_absence(*, absence: Absence, by: Officer, today: date) -> None:
    """The officer is back on `today`, or does not go at all: what is to come of the absence is taken off.

    Days that are over stay on record. Refuses anybody but himself and the head of his unit, and an absence that is over.
    """
    if not may_enter(officer=absence.officer, by=by):
        raise CaseRefused(NOT_YOURS)
    coming = Absence.objects.filter(pk=absence.pk, until_on__gte=today)
    with transaction.atomic():
        ended = coming.filter(from_on__lt=today).update(until_on=today - timedelta(days=1))
        if not ended and not coming.filter(from_on__gte=today).delete()[0]:
            raise CaseRefused(OVER)


def may_enter(*, officer: Officer, by: Officer) -> bool:
    """Whether `by` may say that the officer is away: himself, or as the head of his unit or one above it."""
    return officer.pk == by.pk or people_of(by).filter(pk=officer.pk).exists()


def _bureau(officer: Officer) -> int | None:
    return officer.unit.county_id or officer.unit.city_id


def _leads_to(officer: Officer, deputy: Officer, from_on: date, until_on: date) -> bool:
    """Whether on some of these days the deputy is away and those in his place, one after the other, end with the officer."""
    seen: set[int] = set()
    asked = {deputy.pk}
    while asked:
        seen |= asked
        away = Absence.objects.filter(officer__in=asked, from_on__lte=until_on, until_on__gte=from_on)
        asked = set(away.values_list("deputy_id", flat=True))
        if officer.pk in asked:
            return True
        asked -= seen
    return False
