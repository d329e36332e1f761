"""Putting a bulletin together: the four kinds, composing anew, the editor's texts, corrections. Enter through `services`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.audit.queries import anchor
from cases.models import Officer, Unit
from supervision.bulletins import refusals, rules
from supervision.bulletins.composing.draft import as_json
from supervision.bulletins.composing.reading import read_material
from supervision.bulletins.composing.wording import title_of
from supervision.bulletins.composing.writing import write
from supervision.bulletins.ledger import local_day, move_text, note_step, reason_of, refuse
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinState
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import Span, life
from supervision.campaigns.models import Campaign
from supervision.campaigns.queries import is_in
from supervision.evaluation.services import EvaluationRefused


def compose_monthly(*, unit: Unit, month: date, at: datetime, by: Officer | None = None) -> Bulletin:
    """Put together, or together anew, the draft of a unit's bulletin on the month that holds the day `month`.

    A month that is over is counted to its end, one still running to `at`. Refuses a month that has not begun, and one
    whose bulletin is past being a draft.
    """
    span = Span.of_month(rules.Month.of(month))
    return compose(unit=unit, kind=life.Kind.MONTHLY, span=span, at=at, by=by)


def compose_weekly(*, unit: Unit, day: date, at: datetime, by: Officer | None = None) -> Bulletin:
    """The same for the week, Monday to Sunday, that holds the day."""
    return compose(unit=unit, kind=life.Kind.WEEKLY, span=Span.of_week(day), at=at, by=by)


def compose_daily(*, unit: Unit, first: date, until: date, at: datetime, by: Officer | None = None) -> Bulletin:
    """The same for the days from `first` up to and without `until`; besides, refuses days that another one is about."""
    return compose(unit=unit, kind=life.Kind.DAILY, span=_span(first, until), at=at, by=by)


def compose_special(
    *,
    unit: Unit,
    title: str,
    first: date,
    until: date,
    at: datetime,
    campaign: Campaign | None = None,
    by: Officer | None = None,
) -> Bulletin:
    """The draft of a bulletin of its own title and days, with a `campaign` on what that came to in the unit; each call
    makes another. Refuses one without a title, and a campaign in which the unit has no part."""
    if not title.strip():
        raise BulletinRefused(refusals.WITHOUT_TITLE)
    span = _span(first, until)
    _refuse_future(span, at)
    if campaign is not None and not is_in(unit, campaign):
        raise BulletinRefused(refusals.NOT_IN_CAMPAIGN.format(unit=unit, campaign=campaign))
    return _make(_known(unit, life.Kind.SPECIAL, span) | {"campaign": campaign}, title=title.strip(), at=at, by=by)


def compose(*, unit: Unit, kind: life.Kind, span: Span, at: datetime, by: Officer | None = None) -> Bulletin:
    """Put together, or together anew, the draft of a regular bulletin; what each kind refuses say the verbs above."""
    _refuse_future(span, at)
    known = _known(unit, kind, span)
    there = Bulletin.objects.originals().filter(unit=unit, kind=kind, begins_on=span.first)
    if (found := there.exclude(state=BulletinState.DROPPED).first()) is not None and found.ends_on == span.until:
        return recompose(bulletin=found, at=at, by=by)
    _refuse_overlap(unit, kind, span)
    try:
        return _make(known, title="", at=at, by=by)
    except IntegrityError:
        # Somebody else has made it in the meantime: then it is his draft that is composed anew, or is past that.
        return recompose(bulletin=there.exclude(state=BulletinState.DROPPED).get(), at=at, by=by)


def recompose(*, bulletin: Bulletin, at: datetime, by: Officer | None = None) -> Bulletin:
    """Count a draft anew, as things are at `at`; what the editor wrote stays.

    Refuses what is no draft any more, and what somebody has changed since it was read.
    """
    if bulletin.state not in life.COMES_FROM[life.Act.COMPOSE]:
        if bulletin.state in life.WAITING:
            raise BulletinRefused(refusals.WAITS_ITS_TURN.format(bulletin=bulletin))
        refuse(bulletin, life.Act.COMPOSE)
    own_title = bulletin.kind == BulletinKind.SPECIAL or bulletin.is_correction
    with transaction.atomic():
        try:
            fields = _composed(
                bulletin, revision=bulletin.revision + 1, title=bulletin.title if own_title else "", at=at
            )
        except EvaluationRefused as error:
            # Its next revision is frozen: somebody else has composed it since.
            sentence = refusals.CHANGED_SINCE.format(bulletin=bulletin, act="重新编制")
            raise BulletinRefused(sentence) from error
        move_text(bulletin, life.Act.COMPOSE, **fields)
        note_step(bulletin, life.Act.COMPOSE, by=by, at=at)
    return bulletin


def comment(*, bulletin: Bulletin, section: str, text: str, by: Officer, at: datetime) -> Bulletin:
    """Write, or with an empty text take away, the editor's remark under one section of a draft. No change: no step.

    Refuses an unknown section, a text longer than 2,000 signs, and what is no draft any more or has changed since.
    """
    words = text.replace("\r\n", "\n").strip()
    if section not in life.SECTIONS:
        raise BulletinRefused(refusals.UNKNOWN_SECTION.format(section=section))
    if len(words) > life.REMARK_AT_MOST:
        name = life.SECTIONS[section]
        told = refusals.REMARK_TOO_LONG.format(section=name, most=life.REMARK_AT_MOST, length=len(words))
        raise BulletinRefused(told)
    if bulletin.state in life.COMES_FROM[life.Act.COMMENT] and words == bulletin.remark(section):
        return bulletin
    remarks = {**bulletin.remarks, section: words}
    with transaction.atomic():
        move_text(bulletin, life.Act.COMMENT, remarks={code: said for code, said in remarks.items() if said})
        note_step(bulletin, life.Act.COMMENT, by=by, at=at, section=section, note=words)
    return bulletin


def correct(*, bulletin: Bulletin, wrong: str, by: Officer, at: datetime) -> Bulletin:
    """Begin the correction of an issued bulletin: a new draft about the same days, counted as things are at `at`.

    It takes the way of every bulletin and names the one it puts right; that one stays as it was issued. Refuses a
    bulletin that is not out, one that has been corrected already, and not saying what was wrong.
    """
    if not (words := wrong.strip()):
        raise BulletinRefused(refusals.SAY_WHAT_WAS_WRONG)
    if bulletin.state not in life.COMES_FROM[life.Act.CORRECT]:
        refuse(bulletin, life.Act.CORRECT)
    known = {
        **_known(bulletin.unit, life.Kind(bulletin.kind), bulletin.span),
        "campaign": bulletin.campaign,
        "corrects": bulletin,
        "wrong": words[:500],
    }
    try:
        with transaction.atomic():
            made = _make(known, title=f"{bulletin.title.removesuffix('（更正）')}（更正）", at=at, by=by)
            note_step(bulletin, life.Act.CORRECT, by=by, at=at, note=words[:500])
            return made
    except IntegrityError as error:
        correction = Bulletin.objects.light().get(corrects=bulletin)
        told = refusals.CORRECTED_ALREADY.format(bulletin=bulletin, correction=correction)
        raise BulletinRefused(told) from error


def drop(*, bulletin: Bulletin, reason: str, by: Officer, at: datetime) -> Bulletin:
    """Decide that a draft does not go out; it stays on record, and the timetable does not make another.

    Refuses a correction, which somebody has been promised, what is no draft, and no reason.
    """
    words = reason_of(reason)
    if bulletin.is_correction:
        raise BulletinRefused(refusals.CORRECTION_STAYS)
    with transaction.atomic():
        move_text(bulletin, life.Act.DROP, state=BulletinState.DROPPED, tell_since=None)
        note_step(bulletin, life.Act.DROP, by=by, at=at, note=words)
    return bulletin


# -- inside ----------------------------------------------------------------------------------------------------------


def _span(first: date, until: date) -> Span:
    if until <= first:
        raise BulletinRefused(refusals.NO_DAYS)
    return Span(first, until)


def _refuse_future(span: Span, at: datetime) -> None:
    if span.first > local_day(at):
        raise BulletinRefused(refusals.FUTURE.format(span=span.name))


def _refuse_overlap(unit: Unit, kind: life.Kind, span: Span) -> None:
    others = Bulletin.objects.originals().light().exclude(state=BulletinState.DROPPED).filter(unit=unit, kind=kind)
    if other := others.filter(begins_on__lt=span.until, ends_on__gt=span.first).first():
        raise BulletinRefused(refusals.OVERLAPS.format(span=span.name, other=other))


def _known(unit: Unit, kind: life.Kind, span: Span) -> dict[str, Any]:
    return {"kind": BulletinKind(kind), "begins_on": span.first, "ends_on": span.until, **unit.scope_ids}


def _make(known: dict[str, Any], *, title: str, at: datetime, by: Officer | None) -> Bulletin:
    unit = Unit.objects.get(pk=known["unit_id"])
    kind, span = life.Kind(known["kind"]), Span(known["begins_on"], known["ends_on"])
    with transaction.atomic():
        # The row first: its figures are frozen under its own name.
        bulletin = Bulletin.objects.create(
            **known, title=title or title_of(unit.name, kind, span), cutoff=at, composed_at=at, figures={}
        )
        Bulletin.objects.filter(pk=bulletin.pk).update(**_composed(bulletin, revision=1, title=title, at=at))
        bulletin.refresh_from_db()
        note_step(bulletin, life.Act.COMPOSE, by=by, at=at)
    return bulletin


def _composed(bulletin: Bulletin, *, revision: int, title: str, at: datetime) -> dict[str, Any]:
    """Count and freeze, and the columns that hold what was counted and said; part of the caller's transaction."""
    zone = timezone.get_default_timezone()
    local = timezone.localtime(at, zone)
    kind, span, unit = life.Kind(bulletin.kind), bulletin.span, bulletin.unit
    period = rules.period_of(span, zone=zone, at=local)
    edition = f"bulletin:{bulletin.pk}:{revision}"
    material = read_material(
        unit=unit, kind=kind, span=span, period=period, edition=edition, at=at, campaign=bulletin.campaign
    )
    sealed = anchor(at) if kind == life.Kind.DAILY else None
    draft = write(material, title=title or title_of(unit.name, kind, span), at=local, sealed=sealed)
    return {
        "cutoff": period.cutoff,
        "title": draft.title,
        "composed_at": at,
        "edition": edition,
        "figures": material.as_json(),
        "circular": as_json(draft),
    }
