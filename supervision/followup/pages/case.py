"""The page of a followed case: what must be done now, the outline, instructions, parties, closing, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.words import Standing
from cases.duty import working_time
from cases.models import Event, Officer
from cases.queries import matters_of
from supervision.followup.forms import (
    FinishForm,
    HandOverForm,
    InstructionForm,
    ItemForm,
    MoveForm,
    OpinionForm,
    PartiesForm,
    ReasonForm,
    ReplyForm,
)
from supervision.followup.models import FollowedCase, FollowStep, Instruction, InstructionState, OutlineItem, Stage
from supervision.followup.queries import followed_of, has_hand_in, holdings_of, is_legal, local_day
from supervision.followup.rules import against_closing, left_words, progress_words


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of the outline as the page shows it; a form that is none is not for whoever looks."""

    item: OutlineItem
    standing: Standing
    finish: FinishForm | None
    move: MoveForm | None
    may_return: bool
    may_strike: bool


@dataclass(frozen=True, slots=True)
class InstructionLine:
    """An instruction as the page shows it."""

    instruction: Instruction
    standing: Standing
    reply: ReplyForm | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Hands:
    """What whoever looks may do with a case; the services ask again."""

    manages: bool
    works: bool
    instructs: bool
    consents: bool
    hands_over: bool


def seen(request: HttpRequest, pk: int) -> FollowedCase:
    """The case, if whoever asks may see it; otherwise there is no such page."""
    rows = followed_of(who(request)).with_officer_there()
    return get_object_or_404(
        rows.select_related(
            "matter__kind",
            "matter__officer",
            "unit",
            "officer",
            "main_unit",
            "line_unit",
            "supervisory_unit",
            "template",
            "entered_by",
            "asked_by",
            "consented_by",
        ),
        pk=pk,
    )


def hands_of(officer: Officer, case: FollowedCase) -> Hands:
    at_work = case.stage in Stage.worked_on()
    return Hands(
        manages=at_work and officer.has_perm("followup.change_followedcase"),
        works=at_work and officer.has_perm("followup.change_outlineitem"),
        instructs=case.is_open and officer.has_perm("followup.add_instruction"),
        consents=officer.has_perm("followup.consent_closing") and is_legal(officer),
        hands_over=case.is_open and officer.has_perm("followup.hand_over"),
    )


@page("followup.view_followedcase")
def case(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    case = seen(request, pk)
    hands = hands_of(officer, case)
    mine = has_hand_in(officer, case)
    items = _items(case, officer, hands, mine, at)
    instructions = _instructions(case, officer, mine, at)
    open_items = [line for line in items if line.item.is_open]
    open_instructions = [line for line in instructions if line.instruction.is_open]
    counted = [line for line in items if line.item.state != "struck"]
    against = against_closing(open_items=len(open_items), open_instructions=len(open_instructions))
    still = working_time(at).days_between(case.last_progress_at, at)
    return show(
        request,
        "followup/case.html",
        title=f"盯办 {case.matter.number}",
        trail=(("盯办看板", reverse("followup:board")),),
        case=case,
        stage=case.at_stage,
        matter_open=matters_of(officer).filter(pk=case.matter_id).exists(),
        at=at,
        items=items,
        progress=progress_words(len(counted) - len(open_items), len(counted)),
        instructions=instructions,
        first=_first_thing(open_items, open_instructions),
        still=still if case.is_open and case.stands_still_at(at) else None,
        hands=hands,
        against=against,
        shows_rule=officer.has_perm("followup.view_entryrule") and case.rule is not None and not case.rule.silent,
        parties_form=PartiesForm(case=case) if hands.manages else None,
        item_form=ItemForm(auto_id="id_item_%s") if hands.manages else None,
        instruction_form=_instruction_form(case) if hands.instructs else None,
        ask_form=_ask(case, hands, mine, against),
        opinion_form=_opinion(case, officer, hands),
        refuse_form=ReasonForm(auto_id="id_refuse_%s") if hands.consents and case.stage == Stage.REVIEW else None,
        reopen_form=ReasonForm(auto_id="id_reopen_%s") if hands.consents and not case.is_open else None,
        **_hand_over(case, officer, hands),
        steps=list(
            FollowStep.objects.filter(case=case).select_related("by", "item", "instruction").order_by("-at", "-pk")
        ),
    )


def events_of_case(case: FollowedCase) -> list[Event]:
    """The events of the matter that may show an item done, the latest first."""
    rows = Event.objects.standing().filter(matter=case.matter_id, only_voids=False)
    return list(rows.select_related("kind").order_by("-occurred_at", "-pk")[:50])


def _items(case: FollowedCase, officer: Officer, hands: Hands, mine: bool, at: datetime) -> list[ItemLine]:
    today = local_day(at)
    events = events_of_case(case) if hands.works else []
    lines = []
    for item in OutlineItem.objects.filter(case=case).select_related("officer", "done_by", "event__kind"):
        works = hands.works and item.is_open and (mine or item.officer_id == officer.pk)
        manages = hands.manages and item.is_open
        asked = {"due_on": item.due_on, "officer": item.officer.police_number if item.officer else ""}
        lines.append(
            ItemLine(
                item,
                _item_standing(item, today),
                FinishForm(events=events, auto_id=f"id_finish_{item.pk}_%s") if works else None,
                MoveForm(initial=asked, auto_id=f"id_move_{item.pk}_%s") if manages else None,
                hands.manages and item.state == "done",
                manages,
            )
        )
    return lines


def _item_standing(item: OutlineItem, today: date) -> Standing:
    if item.is_open:
        return Standing(*left_words(item.due_on, today))
    if item.done_at is not None and local_day(item.done_at) > item.due_on:
        return Standing(f"超 {(local_day(item.done_at) - item.due_on).days} 天完成", "✓", "orange")
    return Standing(item.mark.label, item.mark.sign, item.mark.tone)


def _instructions(case: FollowedCase, officer: Officer, mine: bool, at: datetime) -> list[InstructionLine]:
    today = local_day(at)
    may_reply = case.is_open and officer.has_perm("followup.change_instruction")
    lines = []
    for one in Instruction.objects.filter(case=case).select_related("leader", "to", "replied_by").order_by("-given_at"):
        if one.is_open:
            standing = Standing(*left_words(one.due_on, today))
        elif one.state == InstructionState.REPLIED:
            standing = Standing("逾期回复", "■", "red") if one.late else Standing("已回复", "✓", "green")
        else:
            standing = Standing("已撤回", "—", "grey")
        works = may_reply and one.is_open and (mine or one.to_id == officer.pk)
        lines.append(
            InstructionLine(
                one,
                standing,
                ReplyForm(auto_id=f"id_reply_{one.pk}_%s") if works else None,
                case.is_open and one.is_open and one.leader_id == officer.pk,
            )
        )
    return lines


def _first_thing(items: list[ItemLine], instructions: list[InstructionLine]) -> ItemLine | InstructionLine | None:
    """What must be done first: of open items and instructions the one whose day comes first, instructions before items."""
    waiting: list[tuple[date, int, ItemLine | InstructionLine]] = [
        *((line.instruction.due_on, 0, line) for line in instructions),
        *((line.item.due_on, 1, line) for line in items),
    ]
    return min(waiting, key=lambda one: one[:2], default=(None, 0, None))[2]


def _instruction_form(case: FollowedCase) -> InstructionForm:
    to = case.officer.police_number if case.officer else ""
    return InstructionForm(initial={"to": to}, auto_id="id_instruction_%s")


def _ask(case: FollowedCase, hands: Hands, mine: bool, against: tuple[str, ...]) -> ReasonForm | None:
    if case.stage != Stage.MOVING or against or not hands.works or not mine:
        return None
    form = ReasonForm(auto_id="id_ask_%s")
    form.fields["reason"].label = "办结情况"
    return form


def _opinion(case: FollowedCase, officer: Officer, hands: Hands) -> OpinionForm | None:
    if case.stage != Stage.REVIEW or not hands.consents or case.asked_by_id == officer.pk:
        return None
    return OpinionForm(auto_id="id_consent_%s")


def _hand_over(case: FollowedCase, officer: Officer, hands: Hands) -> dict[str, Any]:
    """The form that passes this case on, and what it would pass on."""
    if not hands.hands_over or case.officer is None:
        return {"hand_over_form": None}
    held = holdings_of(case.officer, seen_by=officer, case=case)
    return {"hand_over_form": HandOverForm(auto_id="id_hand_over_%s"), "held": held}
