"""What every verb of the room does: take the row as it was seen, write the step, refuse what is no text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.reviews.models import Action, FormState, ReviewForm, ReviewRound, ReviewStep
from supervision.reviews.refusals import MOVED_ON, NOT_AT_THIS_STATE, ROUND_CLOSED, TOO_LONG, ReviewRefused
from supervision.reviews.rules import MOST_TEXT


def claim(form: ReviewForm, *, states: Iterable[FormState], act: str, **changes: Any) -> None:
    """Take a form of an open round as it was seen, and change it; in the caller's transaction.

    Refuses a closed round, a state in which the verb is not at home, and a form that somebody moved on meanwhile.
    """
    if form.state not in tuple(states):
        raise ReviewRefused(NOT_AT_THIS_STATE.format(state=form.get_state_display(), act=act))
    hold_open(form.round)
    seen = {"state": form.state, "reviewer": form.reviewer_id, "second_reviewer": form.second_reviewer_id}
    if not ReviewForm.objects.filter(pk=form.pk, **seen).update(**changes):
        raise ReviewRefused(MOVED_ON)


def hold_open(review_round: ReviewRound) -> None:
    """Keep a round from being closed until the caller's transaction ends. Refuses one that is closed."""
    rows = ReviewRound.objects.select_for_update(no_key=True).filter(pk=review_round.pk, closed_at=None)
    if not list(rows.values_list("pk", flat=True)):
        raise ReviewRefused(ROUND_CLOSED)


def step(
    review_round: ReviewRound,
    action: Action,
    *,
    by: Officer | None,
    at: datetime,
    form: ReviewForm | None = None,
    text: str = "",
) -> ReviewStep:
    return ReviewStep.objects.create(round=review_round, form=form, action=action, by=by, at=at, text=text[:1000])


def required(text: str, refusal: str, most: int = MOST_TEXT) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = text.strip()
    if not text:
        raise ReviewRefused(refusal)
    if len(text) > most:
        raise ReviewRefused(TOO_LONG.format(most=most, length=len(text)))
    return text
