"""What of this room somebody is still to be told, and by whom it is asked whether it still stands.

Files to be reviewed are told of a round at a time, however many they are; what can be objected to, and what is to be
decided, file by file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from cases.duty import DutyRoster, Rung
from cases.tidings import Tiding
from supervision.reviews.models import FormState, ReviewForm, ReviewFormQuerySet, ReviewRound

ABOUT = "案件评查"
# A round and who is to review in it; a form and in what state it waits.
DUE, FORM = "reviews.due", "reviews.form"
# In keys, whoever is still to be found.
NOBODY = 0
_RANK = {FormState.OBJECTED: 3, FormState.SETTLED: 2, FormState.DRAWN: 1, FormState.SECOND: 1}


def waiting_forms() -> ReviewFormQuerySet:
    """Forms of open rounds that still want something of somebody."""
    return ReviewForm.objects.open().filter(round__closed_at=None)


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at a moment: reviewers of the files they are to review, the handling unit of what it
    may object to, the legal officers of objections to be decided. Nothing of this room is `urgent`. A handful of
    questions, whatever the number.
    """
    if urgent:
        return
    rows = list(
        waiting_forms()
        .filter(tell_since__lte=at)
        .select_related("round", "matter")
        .defer("round__items", "matter__facts")
        .order_by("tell_since", "pk")
    )
    if not rows:
        return
    roster = DutyRoster(at)
    due: dict[tuple[int, int], list[ReviewForm]] = defaultdict(list)
    for form in rows:
        if form.state in (FormState.DRAWN, FormState.SECOND):
            due[form.round_id, _reviewer_of(form) or NOBODY].append(form)
            continue
        for officer_id in _hearers(form, roster):
            yield Tiding(
                key=key_of(form),
                officer_id=officer_id,
                since=_since(form),
                about=ABOUT,
                text=_words(form),
                link=reverse("reviews:form", args=(form.pk,)),
                rank=_RANK[form.stands],
            )
    for (_, reviewer), forms in due.items():
        drawn = forms[0].round
        rung = Rung.LEGAL if reviewer == NOBODY else Rung.OFFICER
        for officer_id in roster.answering(rung, unit_id=drawn.unit_id, officer_id=reviewer or None):
            yield Tiding(
                key=f"{DUE}:{drawn.pk}:{reviewer}",
                officer_id=officer_id,
                since=max(_since(form) for form in forms),
                about=ABOUT,
                text=_due_words(drawn, reviewer, len(forms)),
                link=_due_link(drawn, reviewer),
                rank=_RANK[FormState.DRAWN],
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose ground still holds."""
    return {key for key, rows in _named(keys).items() if rows.exists()}


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which file each key that names one is about."""
    found = {}
    for key, pk in _forms(keys).items():
        row = ReviewForm.objects.filter(pk=pk).values_list("matter", flat=True).first()
        if row is not None:
            found[key] = row
    return found


def told_forms(keys: Iterable[str]) -> Iterator[ReviewFormQuerySet]:
    """For each key of this room the forms it tells of, as far as its ground still holds."""
    yield from _named(keys).values()


def key_of(form: ReviewForm) -> str:
    return f"{FORM}:{form.pk}:{form.state}"


def _named(keys: Iterable[str]) -> dict[str, ReviewFormQuerySet]:
    found = {}
    for key in keys:
        room, *parts = key.split(":")
        if len(parts) != 2 or not _is_number(parts[0]):
            continue
        if room == FORM and parts[1] in FormState.values:
            found[key] = waiting_forms().filter(pk=int(parts[0]), state=parts[1])
        elif room == DUE and _is_number(parts[1]):
            reviewer = int(parts[1]) or None
            waits = Q(state=FormState.DRAWN, reviewer=reviewer) | Q(state=FormState.SECOND, second_reviewer=reviewer)
            found[key] = waiting_forms().filter(waits, round=int(parts[0]))
    return found


def _forms(keys: Iterable[str]) -> dict[str, int]:
    return {key: int(key.split(":")[1]) for key in _named(keys) if key.startswith(f"{FORM}:")}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _reviewer_of(form: ReviewForm) -> int | None:
    return form.second_reviewer_id if form.state == FormState.SECOND else form.reviewer_id


def _hearers(form: ReviewForm, roster: DutyRoster) -> tuple[int, ...]:
    if form.state == FormState.OBJECTED:
        # A reviewer does not decide what is said against his review; where all of them reviewed it, a leader does.
        own = {form.reviewer_id, form.second_reviewer_id, form.objected_by_id}
        for rung in (Rung.LEGAL, Rung.LEADER):
            found = roster.answering(rung, unit_id=form.unit_id, officer_id=None)
            if left := tuple(one for one in found if one not in own):
                return left
        return ()
    heads = roster.answering(Rung.HEAD, unit_id=form.unit_id, officer_id=None)
    handler = roster.answering(Rung.OFFICER, unit_id=form.unit_id, officer_id=form.officer_id)
    return tuple(dict.fromkeys((*heads, *handler)))


def _since(form: ReviewForm) -> datetime:
    assert form.tell_since is not None
    return form.tell_since


def _words(form: ReviewForm) -> str:
    if form.state == FormState.OBJECTED:
        return f"{form.matter.number}：办案单位对评查结论有异议，{form.decision_until:%m-%d} 前裁定"
    return f"{form.matter.number}：评查结论为{form.get_verdict_display()}，有异议的 {form.objection_until:%m-%d} 前提出"


def _due_words(drawn: ReviewRound, reviewer: int, files: int) -> str:
    what = "还没有评查员，请指定" if reviewer == NOBODY else "等您评查"
    return f"{drawn.number}“{drawn.title}”：{files} 件案件{what}"


def _due_link(drawn: ReviewRound, reviewer: int) -> str:
    if reviewer == NOBODY:
        return reverse("reviews:round", args=(drawn.pk,))
    return f"{reverse('reviews:forms')}?mine=due&round={drawn.pk}"
