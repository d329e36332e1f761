"""What the screens and the bulletins read of the followed cases, cut to what the officer may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from cases.duty import DutyRoster, Rung, answered_by
from cases.models import Matter, Officer, Role
from cases.models.scope import posts_of
from cases.queries import handlers_in_sight
from cases.tidings import Tiding
from supervision.followup.models import (
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
from supervision.followup.rules import left_words

ABOUT = "盯办"
KEY = "followup.notice"


def local_day(at: datetime) -> date:
    """The day of the bureau that a moment lies in."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def left_until(due_on: date, at: datetime) -> tuple[str, str, str]:
    """(text, sign, tone) of what is due on a day, as it stands at a moment."""
    return left_words(due_on, local_day(at))


# -- rows ------------------------------------------------------------------------------------------------------------


def followed_of(officer: Officer) -> FollowedCaseQuerySet:
    """The followed cases an officer may see: by his scope, and those he has a part in."""
    return FollowedCase.objects.filter(withdrawn=False).visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[FollowStep]:
    """What happened to the followed cases an officer may see."""
    return FollowStep.objects.filter(case__in=followed_of(officer))


def open_followup_of(matter: Matter) -> FollowedCase | None:
    """The open follow-up of a matter; there is one at most."""
    return FollowedCase.objects.filter(matter=matter).exclude(stage=Stage.ENDED).first()


def waiting_for_items(cases: QuerySet[FollowedCase], officer: Officer) -> QuerySet[FollowedCase]:
    """Of the cases those with open items that are the officer's, by name or as the named officer."""
    own = OutlineItem.objects.filter(case=OuterRef("pk"), state__in=ItemState.open_states())
    mine = Q(officer=officer) | Q(officer=None, case__officer=officer)
    return cases.filter(Exists(own.filter(mine)), stage__in=Stage.worked_on())


def waiting_for_reply(cases: QuerySet[FollowedCase], officer: Officer) -> QuerySet[FollowedCase]:
    """Of the cases those with instructions that the officer has to reply to."""
    addressed = Instruction.objects.filter(case=OuterRef("pk"), to=officer, state=InstructionState.OPEN)
    return cases.filter(Exists(addressed), stage__in=Stage.open_stages())


def waiting_for_consent(cases: QuerySet[FollowedCase], officer: Officer) -> QuerySet[FollowedCase]:
    """Of the cases asked to be closed those the officer has to say yes or no to as a legal officer; not what he asked."""
    return cases.filter(answered_by(officer, Role.LEGAL_OFFICER), stage=Stage.REVIEW).exclude(asked_by=officer)


def waiting_for_parties(cases: QuerySet[FollowedCase], officer: Officer) -> QuerySet[FollowedCase]:
    """Of the cases in which somebody responsible is not named those the officer has to see to as a legal officer."""
    return cases.filter(answered_by(officer, Role.LEGAL_OFFICER), stage=Stage.INCOMPLETE)


def without_reply_to(cases: QuerySet[FollowedCase], officer: Officer, at: datetime) -> QuerySet[FollowedCase]:
    """Of the cases those with an instruction of the officer that was not replied to by its day."""
    given = Instruction.objects.filter(case=OuterRef("pk"), leader=officer, state=InstructionState.OPEN)
    return cases.filter(Exists(given.filter(due_on__lt=local_day(at))), stage__in=Stage.open_stages())


@dataclass(slots=True)
class Tally:
    """How far a case has come: items that count, done, overdue, and instructions still to be replied to."""

    total: int = 0
    done: int = 0
    overdue: int = 0
    next_due_on: date | None = None
    instructions: int = 0
    instructions_overdue: int = 0


def tallies(cases: Iterable[FollowedCase], at: datetime) -> dict[int, Tally]:
    """The tally of each case; two questions whatever their number."""
    ids = [case.pk for case in cases]
    today = local_day(at)
    found = {pk: Tally() for pk in ids}
    for case_id, state, due_on, count in (
        OutlineItem.objects.filter(case__in=ids)
        .exclude(state=ItemState.STRUCK)
        .order_by()
        .values_list("case_id", "state", "due_on")
        .annotate(count=Count("pk"))
    ):
        tally = found[case_id]
        tally.total += count
        if state == ItemState.DONE:
            tally.done += count
            continue
        tally.overdue += count if due_on < today else 0
        tally.next_due_on = min(due_on, tally.next_due_on or due_on)
    for case_id, count, late in (
        Instruction.objects.filter(case__in=ids, state=InstructionState.OPEN)
        .order_by()
        .values_list("case_id")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    ):
        found[case_id].instructions, found[case_id].instructions_overdue = count, late
    return found


# -- whose hand ------------------------------------------------------------------------------------------------------


def is_legal(officer: Officer) -> bool:
    """Whether the officer holds the post of a legal officer."""
    return any(role == Role.LEGAL_OFFICER for role, _, _ in posts_of(officer))


def has_hand_in(officer: Officer, case: FollowedCase, *also: int | None) -> bool:
    """Whether the work of a case is the officer's: his own, that of the unit he answers for, or he supervises it.

    `also` are officers whom the item or instruction in question names.
    """
    if officer.pk in {case.officer_id, case.matter.officer_id, *also}:
        return True
    # The posts as held, not as lifted to the bureau for what they see.
    held = officer.posts.current().values_list("role", "unit_id")
    units = {
        Role.UNIT_HEAD: {case.unit_id, case.main_unit_id, case.line_unit_id},
        Role.BRANCH_OFFICER: {case.line_unit_id},
    }
    return any(role == Role.LEGAL_OFFICER or unit in units.get(Role(role), ()) for role, unit in held)


@dataclass(slots=True)
class Holdings:
    """Everything open that an officer answers for in the cases that whoever looks may see."""

    cases: list[FollowedCase] = field(default_factory=list)
    items: list[OutlineItem] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cases or self.items or self.instructions)

    def __str__(self) -> str:
        return f"盯办案件 {len(self.cases)} 件、提纲事项 {len(self.items)} 项、批示 {len(self.instructions)} 件"


def holdings_of(officer: Officer, *, seen_by: Officer, case: FollowedCase | None = None) -> Holdings:
    """What a hand-over of an officer moves: of one case, or of all that `seen_by` may see."""
    seen = followed_of(seen_by).open()
    if case is not None:
        seen = seen.filter(pk=case.pk)
    within = seen.values("pk")
    return Holdings(
        cases=list(
            FollowedCase.objects.filter(pk__in=within, officer=officer)
            .select_related("matter__kind", "matter__unit")
            .order_by("pk")
        ),
        items=list(
            OutlineItem.objects.filter(case__in=within, officer=officer, state__in=ItemState.open_states())
            .select_related("case__matter")
            .order_by("due_on", "pk")
        ),
        instructions=list(
            Instruction.objects.filter(case__in=within, to=officer, state=InstructionState.OPEN)
            .select_related("case__matter", "leader")
            .order_by("due_on", "pk")
        ),
    )


# -- what is to be told ----------------------------------------------------------------------------------------------


def standing_notices() -> QuerySet[Notice]:
    """Notices whose ground still holds; the others need not be told any more."""
    open_case = Q(case__stage__in=Stage.open_stages(), case__withdrawn=False)
    due_item = Q(item__state__in=ItemState.open_states(), item__due_on=F("due_on"))
    due_reply = Q(instruction__state=InstructionState.OPEN, instruction__due_on=F("due_on"))
    grounds = (
        Q(what__in=(What.ENTERED, What.HANDED_OVER))
        | Q(what=What.INCOMPLETE, case__stage=Stage.INCOMPLETE)
        | (Q(what__in=(What.ITEM_DUE, What.ITEM_OVERDUE)) & due_item)
        | Q(what=What.ITEM_RETURNED, item__state=ItemState.RETURNED)
        | (Q(what__in=(What.REPLY_DUE, What.REPLY_OVERDUE)) & due_reply)
        | Q(what=What.INSTRUCTED, instruction__state=InstructionState.OPEN)
        | Q(what=What.REPLIED, instruction__state=InstructionState.REPLIED)
        | Q(what=What.STAGNANT, case__stagnant_since__isnull=False)
        | Q(what=What.ASKED, case__stage=Stage.REVIEW)
        | Q(what=What.REFUSED, case__stage__in=Stage.worked_on())
    )
    return Notice.objects.filter(open_case, grounds)


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at a moment, most pressing first; one tiding for each who is to hear it.

    Those of one notice share its key: mark it told when all of them have gone out.
    Nothing of this room cannot wait for working time, so of what is `urgent` there is nothing. A handful of questions,
    whatever the number.
    """
    if urgent:
        return
    rows = list(
        standing_notices()
        .filter(told_at=None, tell_since__lte=at)
        .select_related("case__matter", "item", "instruction")
        .order_by("tell_since", "pk")
    )
    roster = DutyRoster(at) if rows else None
    # None is when it enters, and no matter becomes one later; should one be here all the same, its handlers alone hear.
    closed = [notice.case.matter_id for notice in rows if notice.case.restricted]
    handlers = handlers_in_sight(closed) if closed else {}
    for notice in sorted(rows, key=lambda row: -What(row.what).rank):
        assert roster is not None
        hearers = _hearers(notice, roster)
        if notice.case.restricted:
            able = {one.officer_id for one in handlers.get(notice.case.matter_id, ())}
            hearers = tuple(one for one in hearers if one in able)
        for officer_id in hearers:
            yield Tiding(
                key=key_of(notice),
                officer_id=officer_id,
                since=notice.tell_since,
                about=ABOUT,
                text=_words(notice, at),
                link=reverse("followup:case", args=(notice.case_id,)),
                rank=What(notice.what).rank,
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose ground still holds: items not done, replies not given, a case that still stands still."""
    known = notice_ids(keys)
    standing = standing_notices().filter(pk__in=known).values_list("pk", flat=True)
    return {known[pk] for pk in standing}


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not."""
    known = notice_ids(keys)
    return {known[pk]: matter for pk, matter in Notice.objects.filter(pk__in=known).values_list("pk", "case__matter")}


def key_of(notice: Notice) -> str:
    return f"{KEY}:{notice.pk}:{notice.what}"


def notice_ids(keys: Iterable[str]) -> dict[int, str]:
    """Which notices keys name, by id; keys of other rooms and mangled ones are left out."""
    found = {}
    for key in keys:
        room, _, rest = key.partition(":")
        number, _, _ = rest.partition(":")
        if room == KEY and number.isascii() and number.isdigit() and len(number) <= 18:
            found[int(number)] = key
    return found


_RUNGS: dict[str, tuple[Rung, ...]] = {
    What.INCOMPLETE: (Rung.LEGAL,),
    What.ASKED: (Rung.LEGAL,),
    What.STAGNANT: (Rung.OFFICER, Rung.HEAD, Rung.LEGAL),
    What.ITEM_OVERDUE: (Rung.OFFICER, Rung.HEAD),
}


def _hearers(notice: Notice, roster: DutyRoster) -> tuple[int, ...]:
    """Who is told: by the roster of the day, so that it follows the post and reaches deputies."""
    case, what = notice.case, notice.what
    if what == What.REPLIED and notice.instruction is not None:
        return (roster.stands_in(notice.instruction.leader_id),)
    named = case.officer_id
    if notice.instruction is not None:
        named = notice.instruction.to_id
    elif notice.item is not None and notice.item.officer_id is not None:
        named = notice.item.officer_id
    found: list[int] = []
    for rung in _RUNGS.get(what, (Rung.OFFICER,)):
        found += roster.answering(rung, unit_id=case.unit_id, officer_id=named)
    if what == What.ASKED:
        # Whoever asked cannot consent; with nobody else in the department it goes up.
        found = [one for one in found if one != case.asked_by_id] or list(
            roster.answering(Rung.LEADER, unit_id=case.unit_id, officer_id=None)
        )
    if what == What.REPLY_OVERDUE and notice.instruction is not None:
        found.append(roster.stands_in(notice.instruction.leader_id))
    return tuple(dict.fromkeys(found))


def _words(notice: Notice, at: datetime) -> str:
    number, what = notice.case.matter.number, What(notice.what)
    if notice.item is not None:
        over = ""
        if what == What.ITEM_OVERDUE:
            over = f"（期限 {notice.item.due_on:%m-%d}，已超 {(local_day(at) - notice.item.due_on).days} 天）"
        return f"{number}：{what.label}“{notice.item.title}”{over}"
    if notice.instruction is not None:
        return f"{number}：{what.label}“{notice.instruction.text[:60]}”（{notice.instruction.due_on:%m-%d} 前回复）"
    if what == What.ENTERED:
        return f"{number}：{what.label}，原因：{notice.case.reason}"
    return f"{number}：{what.label}"
