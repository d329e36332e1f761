"""Key cases in the simulated year: taken in by the rules, given their responsible parties, worked through, let go."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Final

from cases.models import Officer
from config.simulation.bureau import Staff
from supervision.followup.models import Action, FollowedCase, FollowStep, ItemState, OutlineItem, Stage
from supervision.followup.refusals import FollowupRefused
from supervision.followup.services import (
    ask_closing,
    consent_closing,
    enter_by_rules,
    finish_item,
    name_parties,
    watch,
)

# The shares of what waits that people get to on a working day.
FINISH: Final = 0.2
CONSENT: Final = 0.7


class Following:
    """The follow-up of one simulated bureau, a round and a working day at a time."""

    def __init__(self, staff: Staff, dice: Random) -> None:
        self.staff = staff
        self.dice = dice
        self.refused: list[str] = []

    def round(self, at: datetime) -> None:
        """What the timetable does by itself."""
        enter_by_rules(at=at)
        watch(at=at)

    def work(self, at: datetime) -> None:
        """What people do on a working day: name who is missing, finish some items, ask, and let go."""
        for case in FollowedCase.objects.filter(stage=Stage.INCOMPLETE).select_related(
            "main_unit", "officer", "matter"
        ):
            officer = case.officer or case.matter.officer
            name_parties(
                case=case,
                main_unit=case.main_unit,
                line_unit=self.staff.line,
                supervisory_unit=self.staff.legal_unit,
                officer=officer,
                by=self.staff.legal[0],
                at=at,
            )
        waiting = OutlineItem.objects.filter(case__stage=Stage.MOVING, state__in=ItemState.open_states())
        for item in waiting.select_related("case__officer", "officer").order_by("pk"):
            by = item.officer or item.case.officer
            if by is not None and self.dice.random() < FINISH:
                finish_item(item=item, result="已完成，材料入卷", evidence="", by=by, at=at)
        done = FollowedCase.objects.filter(stage=Stage.MOVING).exclude(items__state__in=ItemState.open_states())
        for case in done.select_related("officer").order_by("pk"):
            self._try(case, "提纲事项已全部完成，申请办结", case.officer, at)
        asked = FollowedCase.objects.filter(stage=Stage.REVIEW).select_related("asked_by").order_by("pk")
        for case in asked:
            if self.dice.random() < CONSENT:
                consent_closing(case=case, opinion="同意", by=self.staff.legal[1], at=at)

    def _try(self, case: FollowedCase, conclusion: str, by: Officer | None, at: datetime) -> None:
        if by is None:
            return
        try:
            ask_closing(case=case, conclusion=conclusion, by=by, at=at)
        except FollowupRefused as refusal:
            self.refused.append(str(refusal))

    def figures(self) -> dict[str, int]:
        """How many cases were taken in, how many let go, and how often one stood still."""
        return {
            "followed": FollowedCase.objects.count(),
            "followed_ended": FollowedCase.objects.filter(stage=Stage.ENDED).count(),
            "followed_stagnant_times": FollowStep.objects.filter(action=Action.STAGNANT).count(),
        }
