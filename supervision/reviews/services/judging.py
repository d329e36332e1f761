"""Reviewing a file, reviewing it again, and what the unit says to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.duty import work_calendar
from cases.models import Officer, Role
from cases.models.scope import posts_of
from cases.statute import periods
from supervision.reviews import rules
from supervision.reviews.models import Action, FormState, Kinship, Line, ReviewForm, Stage, Weight
from supervision.reviews.models.round import Item
from supervision.reviews.queries import (
    handled_by,
    known_reviewers,
    local_day,
    local_zone,
    may_review,
    must_recuse,
)
from supervision.reviews.refusals import (
    LINE_NOT_STANDING,
    MUST_RECUSE,
    NO_OBJECTION,
    NO_OPINION,
    NO_TEXT,
    NO_WHY,
    NOT_OF_THE_UNIT,
    NOT_THE_REVIEWER,
    OBJECTION_OVER,
    OWN_KIN,
    POINTS_OUT_OF_RANGE,
    REVIEWED_TWICE,
    REVIEWER_AWAY,
    TOO_LONG,
    UNKNOWN_ITEM,
    WRONG_WEIGHT,
    ReviewRefused,
)
from supervision.reviews.services.ledger import claim, required, step
from supervision.reviews.services.settling import make_final, result_of, settled_changes

MOST_LINE = 500
MOST_SHORT = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One line that a reviewer writes: by which item of the form, how grave, how many points, what, and where in the file."""

    item: str
    weight: Weight | str
    points: int
    text: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Struck:
    """One line that is struck, by its id, and why."""

    line: int
    why: str


def file_form(
    *, form: ReviewForm, add: Sequence[Finding], strike: Sequence[Struck], opinion: str, by: Officer, at: datetime
) -> ReviewForm:
    """Hand in the first review of a file. What was computed stands unless it is struck, with why.

    A form that was drawn for it, and every fault, goes to a second reviewer, drawn by lot; any other is settled. `at` is
    an aware moment. Refuses whoever is not its reviewer or must keep away, a form that was handed in, and lines that the
    form of the round does not know.
    """
    if form.reviewer_id != by.pk:
        raise ReviewRefused(NOT_THE_REVIEWER.format(reviewer=form.reviewer or "还没有确定的评查员"))
    opinion = required(opinion, NO_OPINION)
    _require_no_part(by, form)
    with transaction.atomic():
        claim(form, states=(FormState.DRAWN,), act="初评", opinion=opinion)
        _write(form, add, strike, Stage.FIRST, by, at)
        score, found = result_of(form)
        again = rules.needs_second(found, drawn=form.second_drawn)
        changes: dict[str, object] = {"score": score, "verdict": found.value, "filed_at": at}
        if again:
            second = _second_reviewer(form)
            changes |= {
                "state": FormState.SECOND,
                "second_reviewer": second,
                "second_unit_id": second.unit_id if second is not None else None,
                "tell_since": at,
            }
        else:
            changes |= settled_changes(found, at)
        ReviewForm.objects.filter(pk=form.pk).update(**changes)
        text = f"{score} 分，{found_words(found)}"
        step(form.round, Action.FILED, form=form, by=by, at=at, text=text)
        if not again:
            _settled(form, found, by, at, text)
    form.refresh_from_db()
    return form


def review_again(
    *, form: ReviewForm, add: Sequence[Finding], strike: Sequence[Struck], opinion: str, by: Officer, at: datetime
) -> ReviewForm:
    """Hand in the second review: with nothing added or struck it confirms the first. The form is settled by it.

    Refuses whoever is not the second reviewer or must keep away, and a form that does not wait for it.
    """
    if form.second_reviewer_id != by.pk:
        raise ReviewRefused(NOT_THE_REVIEWER.format(reviewer=form.second_reviewer or "还没有确定的复评员"))
    opinion = required(opinion, NO_OPINION)
    _require_no_part(by, form)
    with transaction.atomic():
        claim(form, states=(FormState.SECOND,), act="复评", second_opinion=opinion)
        _write(form, add, strike, Stage.SECOND, by, at)
        score, found = result_of(form)
        changes = {"score": score, "verdict": found.value, **settled_changes(found, at)}
        ReviewForm.objects.filter(pk=form.pk).update(**changes)
        text = f"{score} 分，{found_words(found)}"
        step(form.round, Action.CONFIRMED, form=form, by=by, at=at, text=text)
        _settled(form, found, by, at, text)
    form.refresh_from_db()
    return form


def give_form(*, form: ReviewForm, to: Officer, by: Officer, at: datetime) -> ReviewForm:
    """Let somebody else do the review that is due on a form: the first, or the second.

    Refuses whoever is not there or whose work it is not, whoever must keep away, and whoever has reviewed it already.
    """
    if not may_review(to):
        raise ReviewRefused(REVIEWER_AWAY.format(officer=to))
    second = form.state == FormState.SECOND
    if to.pk == (form.reviewer_id if second else form.second_reviewer_id):
        raise ReviewRefused(REVIEWED_TWICE.format(officer=to))
    _require_no_part(to, form)
    changes: dict[str, object] = (
        {"second_reviewer": to, "second_unit_id": to.unit_id}
        if second
        else {"reviewer": to, "reviewer_unit_id": to.unit_id}
    )
    changes["tell_since"] = at
    with transaction.atomic():
        claim(form, states=(FormState.DRAWN, FormState.SECOND), act="改由他人评查", **changes)
        step(form.round, Action.GIVEN, form=form, by=by, at=at, text=f"{'复评' if second else '初评'}：{to}")
    form.refresh_from_db()
    return form


def object_to(*, form: ReviewForm, text: str, by: Officer, at: datetime) -> ReviewForm:
    """Object to what was found: the officer who handled the file, or the head of its unit; it is to be decided by others.

    Refuses anybody else, no reason, a form that is not settled, and once the days for it are over.
    """
    text = required(text, NO_OBJECTION)
    if not may_object(by, form):
        raise ReviewRefused(NOT_OF_THE_UNIT)
    if form.state == FormState.SETTLED and not form.may_still_object(at):
        raise ReviewRefused(OBJECTION_OVER.format(day=f"{form.objection_until:%Y-%m-%d}"))
    until = rules.decision_until(local_day(at), work_calendar(at))
    with transaction.atomic():
        claim(
            form,
            states=(FormState.SETTLED,),
            act="提出异议",
            state=FormState.OBJECTED,
            objected_at=at,
            objected_by=by,
            objection=text,
            decision_until=until,
            due_at=periods.end_of_day(until, local_zone()),
            tell_since=at,
        )
        step(form.round, Action.OBJECTED, form=form, by=by, at=at, text=text)
    form.refresh_from_db()
    return form


def may_object(officer: Officer, form: ReviewForm) -> bool:
    """Whether an officer speaks for the unit of a form: he handled the file, or is the head of the unit."""
    if not officer.is_active:
        return False
    heads = any(role == Role.UNIT_HEAD and unit_id == form.unit_id for role, unit_id, _ in posts_of(officer))
    return heads or officer.pk == form.officer_id


def decide_objection(*, form: ReviewForm, strike: Sequence[Struck], text: str, by: Officer, at: datetime) -> ReviewForm:
    """Decide an objection: the lines that do not hold are struck, none where it is rejected. The form is final by it, and
    every finding that stands becomes an order.

    Refuses either reviewer, whoever objected or must keep away or whose work it is not, no reason, and a form without an
    objection.
    """
    text = required(text, NO_OPINION)
    if by.pk in (form.reviewer_id, form.second_reviewer_id, form.objected_by_id):
        raise ReviewRefused(REVIEWED_TWICE.format(officer=by))
    if not by.is_active or not by.has_perm("reviews.decide_reviewform"):
        raise ReviewRefused(REVIEWER_AWAY.format(officer=by))
    _require_no_part(by, form)
    with transaction.atomic():
        claim(
            form,
            states=(FormState.OBJECTED,),
            act="裁定异议",
            state=FormState.FINAL,
            decided_at=at,
            decided_by=by,
            decision=text,
            due_at=None,
            final_at=at,
            tell_since=None,
        )
        _write(form, (), strike, Stage.DECISION, by, at)
        score, found = result_of(form)
        ReviewForm.objects.filter(pk=form.pk).update(score=score, verdict=found.value)
        step(form.round, Action.DECIDED, form=form, by=by, at=at, text=f"{score} 分，{found_words(found)}：{text}")
        make_final([form.pk], by=by, at=at)
    form.refresh_from_db()
    return form


def declare_kin(*, officer: Officer, kin: Officer, at: datetime) -> Kinship:
    """Declare that somebody is near of kin: from now on neither reviews the other's files. Declared already, it stands.
    Refuses oneself."""
    if officer.pk == kin.pk:
        raise ReviewRefused(OWN_KIN)
    return Kinship.objects.get_or_create(officer=officer, kin=kin, defaults={"declared_at": at})[0]


# -- lines ---------------------------------------------------------------------------------------------------------------


def found_words(found: rules.Verdict) -> str:
    return {"clean": "无问题", "flawed": "瑕疵", "faulty": "过错"}[found.value]


def _write(
    form: ReviewForm, add: Sequence[Finding], strike: Sequence[Struck], stage: Stage, by: Officer, at: datetime
) -> None:
    """Strike lines and write new ones. A line that is struck stays, and counts no more."""
    for one in strike:
        why = required(one.why, NO_WHY, MOST_SHORT)
        rows = Line.objects.standing().filter(pk=one.line, form=form)
        if not rows.update(struck_at=at, struck_by=by, struck_why=why, struck_stage=stage):
            raise ReviewRefused(LINE_NOT_STANDING)
    items = {item.code: item for item in form.round.check_items}
    Line.objects.bulk_create(_line(form, one, items.get(one.item), stage, by, at) for one in add)


def _line(form: ReviewForm, one: Finding, item: Item | None, stage: Stage, by: Officer, at: datetime) -> Line:
    if item is None:
        raise ReviewRefused(UNKNOWN_ITEM.format(item=one.item))
    weight = Weight(one.weight)
    if (weight == Weight.MERIT) is not item.merit:
        raise ReviewRefused(WRONG_WEIGHT.format(item=item.text, weight=weight.label))
    if not 1 <= one.points <= item.most:
        raise ReviewRefused(POINTS_OUT_OF_RANGE.format(item=item.text, most=item.most))
    if len(one.evidence) > MOST_SHORT:
        raise ReviewRefused(TOO_LONG.format(most=MOST_SHORT, length=len(one.evidence)))
    return Line(
        form=form,
        stage=stage,
        item=item.code,
        group=item.group,
        title=item.text,
        citation=item.citation,
        problem=item.problem,
        weight=weight,
        points=one.points,
        text=required(one.text, NO_TEXT.format(item=item.text), MOST_LINE),
        evidence=one.evidence.strip(),
        written_at=at,
        by=by,
    )


def _settled(form: ReviewForm, found: rules.Verdict, by: Officer, at: datetime, text: str) -> None:
    step(form.round, Action.SETTLED, form=form, by=by, at=at, text=text)
    if found == rules.Verdict.CLEAN:
        make_final([form.pk], by=by, at=at)


def _require_no_part(officer: Officer, form: ReviewForm) -> None:
    if must_recuse(officer, form):
        raise ReviewRefused(MUST_RECUSE.format(officer=officer))


def _second_reviewer(form: ReviewForm) -> Officer | None:
    """By lot one of the round's reviewers who is there, need not keep away and did not review it first; none if all must."""
    rows = Officer.objects.filter(pk__in=form.round.reviewers.values("officer")).select_related(
        "unit__county", "unit__city"
    )
    officers = [one for one in rows.order_by("police_number") if may_review(one)]
    matter = form.matter
    one = rules.Candidate(form.unit.code, rules.matter_key(matter.kind.code, matter.number))
    first = form.reviewer.police_number if form.reviewer is not None else ""
    chosen = rules.give_out(
        [one],
        {one: handled_by([matter.pk], officers)[matter.pk]},
        known_reviewers(officers),
        seed=f"{form.round.seed}\tsecond",
        crossed=form.round.crossed,
        besides={one: first},
    )[one]
    return next((officer for officer in officers if officer.police_number == chosen), None)
