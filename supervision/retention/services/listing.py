"""A list of what is past its time is proposed by one person and decided by another."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer
from supervision.retention import queries
from supervision.retention.keeping import retention_rules
from supervision.retention.models import DisposalItem, DisposalList, Kind, ListState
from supervision.retention.refusals import (
    HELD_LOGS,
    NO_BUREAU,
    NO_REASON,
    NOT_HIS_OWN,
    NOT_OVER_IT,
    NOT_WAITING,
    NOTHING_OVER,
    ONLY_AT_TOP,
    OPEN_ALREADY,
    OWN_LIST,
    UNKNOWN_KIND,
    RetentionRefused,
)


def propose_list(*, kind: str, by: Officer, at: datetime) -> DisposalList:
    """List what of a kind is past its time in the proposer's bureau at an aware moment, piece by piece with digests.

    Refuses who is neither legal officer nor leader, a kind without a rule, one of which nothing is past its time or a list
    is open already; logs elsewhere than at the top, and while any matter is on hold.
    """
    rule = retention_rules().get(kind)
    if rule is None:
        raise RetentionRefused(UNKNOWN_KIND)
    unit = queries.bureau_of(by)
    if unit is None:
        raise RetentionRefused(NO_BUREAU)
    if kind == Kind.LOGS and unit.parent_id is not None:
        raise RetentionRefused(ONLY_AT_TOP.format(kind=rule.name))
    if kind == Kind.LOGS and queries.anything_held():
        raise RetentionRefused(HELD_LOGS)
    before = rule.over_before(at)
    words = f"{rule.name}留存 {rule.days} 天{'（本系统定的）' if rule.ours else ''}：{rule.source}"
    try:
        with transaction.atomic():
            row = DisposalList.objects.create(
                kind=kind, unit=unit, before=before, rule=words[:300], proposer=by, proposed_at=at
            )
            found = queries.pieces(kind, unit=unit, before=before)
            if not found:
                raise RetentionRefused(NOTHING_OVER.format(kind=rule.name))
            DisposalItem.objects.bulk_create(
                [
                    DisposalItem(list=row, key=one.key, name=one.name, count=one.count, digest=one.digest)
                    for one in found
                ],
                batch_size=500,
            )
    except IntegrityError as error:
        if DisposalList.objects.filter(unit=unit, kind=kind, state__in=("proposed", "approved")).exists():
            raise RetentionRefused(OPEN_ALREADY.format(kind=rule.name)) from error
        raise
    return row


def approve_list(*, disposal: DisposalList, answer: str = "", by: Officer, at: datetime) -> DisposalList:
    """Approve a list; the next round of the job carries it out. Refuses who proposed it, who is not over its unit, and
    what no longer waits."""
    return _decide(disposal, ListState.APPROVED, answer, by, at)


def refuse_list(*, disposal: DisposalList, answer: str, by: Officer, at: datetime) -> DisposalList:
    """Refuse a list. Refuses the same as `approve_list`, and a refusal without a reason."""
    if not answer.strip():
        raise RetentionRefused(NO_REASON)
    return _decide(disposal, ListState.REFUSED, answer, by, at)


def withdraw_list(*, disposal: DisposalList, by: Officer) -> DisposalList:
    """Take one's own list back while it waits. Refuses another's, and what no longer waits."""
    if disposal.proposer_id != by.pk:
        raise RetentionRefused(NOT_HIS_OWN)
    _claim(disposal, state=ListState.WITHDRAWN)
    disposal.refresh_from_db()
    return disposal


def _decide(disposal: DisposalList, state: ListState, answer: str, by: Officer, at: datetime) -> DisposalList:
    if disposal.proposer_id == by.pk:
        raise RetentionRefused(OWN_LIST)
    with transaction.atomic():
        if not queries.waiting_for(by).filter(pk=disposal.pk).exists():
            waits = DisposalList.objects.filter(pk=disposal.pk, state=ListState.PROPOSED).exists()
            raise RetentionRefused(NOT_OVER_IT if waits else NOT_WAITING)
        _claim(disposal, state=state, decider=by, decided_at=at, answer=answer.strip()[:200])
    disposal.refresh_from_db()
    return disposal


def _claim(disposal: DisposalList, **changes: object) -> None:
    if not DisposalList.objects.filter(pk=disposal.pk, state=ListState.PROPOSED).update(**changes):
        raise RetentionRefused(NOT_WAITING)
