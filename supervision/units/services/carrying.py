"""Carries out what was approved, on its day and each whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.models import Officer, Post, Role, Unit
from cases.services import CaseRefused, assign_post, end_post
from cases.tree import merge_unit, move_unit, open_matters, settle
from supervision.custody.services import follow_merger as centres_follow
from supervision.followup.services import follow_merger as followed_cases_follow
from supervision.property.services import follow_merger as places_follow
from supervision.rectification.services import follow_merger as orders_follow
from supervision.units.models import Kind, State, UnitChange

# Whoever had read the tree before a change has written by then what he was about to write.
AFTERMATH = timedelta(minutes=10)

log = logging.getLogger(__name__)


class CarryingFailed(Exception):
    """Some changes could not be carried out; each says why, and the others are done."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{len(names)} 项单位变动没有办成：{'、'.join(names)}")


@dataclass(slots=True)
class CarriedOut:
    """What a round did: changes carried out, changes settled, and those that failed."""

    changed: int = 0
    settled: int = 0
    failed: list[str] = field(default_factory=list)


def carry_out(*, at: datetime) -> CarriedOut:
    """Carry out the approved changes whose day has come; `at` is an aware moment.

    1. Each in a transaction of its own, the earliest day first: the tree, the rows, what the unit holds, its people and
       their posts, and that it was done. A kill at any line leaves it as it was, for the next round.
    2. One that the tree refuses by now says why and waits for a person; the round goes on.
    3. Ten minutes after a change bring into line what was written meanwhile by whoever had read the old tree, and be done.
    4. Fail aloud at the end, naming the changes that could not be carried out.
    """
    done = CarriedOut()
    today = timezone.localdate(at)
    due = UnitChange.objects.filter(state=State.APPROVED, effective_on__lte=today).order_by("effective_on", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        done.changed += _one(pk, _carry_out, at, done.failed)
    over = UnitChange.objects.filter(state=State.SETTLING, carried_out_at__lte=at - AFTERMATH).order_by("pk")
    for pk in list(over.values_list("pk", flat=True)):
        done.settled += _one(pk, _settle, at, done.failed)
    if done.failed:
        raise CarryingFailed(done.failed)
    return done


def _one(pk: int, act: Callable[[int, datetime], bool], at: datetime, failed: list[str]) -> bool:
    try:
        with transaction.atomic():
            return act(pk, at)
    except Exception as error:
        log.exception("unit change %s could not be carried out", pk)
        why = str(error) if isinstance(error, CaseRefused) else f"程序出错：{type(error).__name__}"
        UnitChange.objects.filter(pk=pk, state__in=State.open_states()).update(error=why[:300])
        failed.append(f"第 {pk} 号")
        return False


def _carry_out(pk: int, at: datetime) -> bool:
    waiting = UnitChange.objects.filter(pk=pk, state=State.APPROVED)
    # Whoever claims it first has it; the other finds nothing.
    if not waiting.update(state=State.SETTLING, carried_out_at=at, error=""):
        return False
    change = UnitChange.objects.select_related("unit", "target", "proposer", "decider").get(pk=pk)
    result = _move(change, at) if change.kind == Kind.MOVE else _merge(change, at)
    UnitChange.objects.filter(pk=pk).update(result=result)
    return True


def _move(change: UnitChange, at: datetime) -> dict[str, Any]:
    move_unit(unit=change.unit, parent=change.target, at=at)
    return {"units": Unit.objects.under(Unit.objects.get(pk=change.unit_id)).count()}


def _merge(change: UnitChange, at: datetime) -> dict[str, Any]:
    unit, into = change.unit, change.target
    handed = open_matters(unit).filter(restricted=False).count()
    children = Unit.objects.in_force().filter(parent=unit).count()
    people = Officer.objects.filter(unit=unit, is_active=True).count()
    unit = merge_unit(unit=unit, into=into, on=change.effective_on, ground=change.ground, at=at)
    into.refresh_from_db()
    orders = orders_follow(unit=unit, into=into, ground=change.ground, at=at)
    followed = followed_cases_follow(unit=unit, into=into, ground=change.ground, at=at)
    places = places_follow(unit=unit, into=into) + centres_follow(unit=unit, into=into)
    carried, ended = _take_posts_along(change, unit, into)
    log.info("unit change %s: %s orders and %s followed cases went along", change.pk, orders, followed)
    return {
        "matters": handed,
        "children": children,
        "people": people,
        "places": places,
        "posts": carried,
        "ended": ended,
    }


def _take_posts_along(change: UnitChange, unit: Unit, into: Unit) -> tuple[int, list[str]]:
    """Case officers hold in the other unit the post they held; every other post ends, for nobody gets to supervise or to
    keep more than he was given. Answers how many went along, and which ended."""
    assert change.decider is not None
    carried, ended = 0, []
    for post in Post.objects.current().filter(unit=unit).select_related("officer").order_by("pk"):
        on = max(change.effective_on, post.from_on)
        # Nobody is given a post by himself, not even by having approved this.
        by = change.decider if post.officer_id != change.decider_id else change.proposer
        end_post(post=post, until_on=on, by=by)
        if post.role == Role.CASE_OFFICER:
            assign_post(officer=post.officer, unit=into, role=Role.CASE_OFFICER, from_on=on, by=by)
            carried += 1
        else:
            ended.append(f"{post.officer}（{post.get_role_display()}）")
    return carried, ended


def _settle(pk: int, at: datetime) -> bool:
    change = UnitChange.objects.select_for_update().filter(pk=pk, state=State.SETTLING).first()
    if change is None:
        return False
    late = settle(change.unit, ground=change.ground, at=at)
    if late:
        log.info("unit change %s: %s rows had been written by the old tree", pk, late)
    return bool(UnitChange.objects.filter(pk=pk, state=State.SETTLING).update(state=State.DONE, done_at=at, error=""))
