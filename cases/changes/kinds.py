"""The kinds of change, and what each knows of its payload.

A further kind needs a member of `ChangeKind` and a class here; previewing, carrying out and the pages stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from cases.catalogue.concerned import Concerned
from cases.changes.limit_version import LimitVersion
from cases.changes.question_answer import QuestionAnswer
from cases.changes.year_notice import YearNotice
from cases.models import Change, ChangeKind, Officer
from cases.winding import Hypothesis


class Proposal(Protocol):
    """A payload with its meaning. Nothing but `write` changes anything."""

    def __init__(self, payload: Mapping[str, Any]) -> None: ...

    def title(self) -> str:
        """What it would do, in one line."""

    def details(self) -> Sequence[tuple[str, str]]:
        """(name, text) of what it holds, for the page."""

    def check(self, *, at: datetime) -> None:
        """Refuse, by `InvalidProposal`, what cannot be carried out on the law as it stands at `at`."""

    def suppose(self) -> Hypothesis:
        """The law as it would be."""

    def concern(self, concerned: Concerned) -> None:
        """Name every matter whose clocks it may move."""

    def write(self, *, by: Officer | None, at: datetime) -> None:
        """Change the law; in the caller's transaction."""


PROPOSALS: Mapping[str, type[Proposal]] = {
    ChangeKind.LIMIT: LimitVersion,
    ChangeKind.CALENDAR: YearNotice,
    ChangeKind.ANSWER: QuestionAnswer,
}


def proposal_of(change: Change) -> Proposal:
    """What a change proposes."""
    return PROPOSALS[change.kind](change.payload)
