"""An answer to an open question as a change of the law: the limits it concerns are counted otherwise from now on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from cases.catalogue.answers import answers_standing, columns_as_answered
from cases.catalogue.concerned import Concerned
from cases.changes.refusals import InvalidProposal
from cases.models import Ladder, Limit, Officer, OpenQuestion
from cases.models.limit import LimitStatus
from cases.services import CaseRefused, answer_question, check_answer, clash
from cases.statute.limits import InvalidLimit
from cases.winding import Hypothesis

NO_QUESTION = "没有待定问题“{code}”"


class QuestionAnswer:
    """An answer: `question` and `option` by code, `ground`, and `decided_on` as an ISO day."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload
        self.option: str = payload["option"]
        self.ground: str = payload["ground"]
        self.decided_on = date.fromisoformat(payload["decided_on"])

    @cached_property
    def question(self) -> OpenQuestion:
        row = OpenQuestion.objects.filter(code=self.payload["question"]).first()
        if row is None:
            raise InvalidProposal([("", NO_QUESTION.format(code=self.payload["question"]))])
        return row

    def title(self) -> str:
        option = self.question.asked().option(self.option)
        return f"待定问题“{self.question}”答复为：{option.text if option is not None else self.option}"

    def details(self) -> Sequence[tuple[str, str]]:
        asked = self.question.asked()
        option = asked.option(self.option)
        return (
            ("问题", asked.question),
            ("答复", option.text if option is not None else self.option),
            ("理由", option.basis if option is not None else ""),
            ("决定日期", str(self.decided_on)),
            ("依据", self.ground),
            ("改动的时限", "、".join(row.name for row in self._changed) or "无"),
        )

    def check(self, *, at: datetime) -> None:
        try:
            check_answer(
                question=self.question, option=self.option, ground=self.ground, decided_on=self.decided_on, at=at
            )
        except CaseRefused as refusal:
            raise InvalidProposal([("", str(refusal))]) from refusal
        self._changed  # noqa: B018  (refuses what goes with no other answer)

    @cached_property
    def _changed(self) -> list[Limit]:
        """The limits as they would then be, those that are otherwise than now."""
        standing = answers_standing({self.question.code: self.option})
        ladders = {row.code: row for row in Ladder.objects.all()}
        changed = []
        for row in Limit.objects.prefetch_related("kinds"):
            try:
                columns = columns_as_answered(row.definition, standing, ladders)
            except InvalidLimit as error:
                raise InvalidProposal([("", clash(error))]) from error
            if columns["answered"] != row.answered:
                for name, value in columns.items():
                    setattr(row, name, value)
                changed.append(row)
        return changed

    def suppose(self) -> Hypothesis:
        active = [row for row in self._changed if row.status != LimitStatus.DRAFT]
        return Hypothesis(limits={row.code: (row, [kind.pk for kind in row.kinds.all()]) for row in active})

    def concern(self, concerned: Concerned) -> None:
        families = {row.family for row in self._changed}
        # As it stands, and as it would be: an answer may let other events start it.
        concerned.take_limits(self.title(), Limit.objects.filter(family__in=families))
        concerned.take_starts(self.title(), [(row.rule(), row.kinds.all()) for row in self._changed])

    def write(self, *, by: Officer | None, at: datetime) -> None:
        answer_question(
            question=self.question,
            option=self.option,
            ground=self.ground,
            decided_on=self.decided_on,
            by=by,
            at=at,
        )
