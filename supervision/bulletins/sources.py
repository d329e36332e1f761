"""The rooms that have something to tell people: one line a room, added when the room is.

Each offers `untold` and `still_stands` in its queries and `mark_told` in its services. With `tell_again` in its
services too, what had not yet left for somebody who is gone or away follows the post: the room is asked anew. With
`matters_behind` in its queries, what it told of a matter that its hearer may no longer see is kept from him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cases.models import Officer
from cases.queries import hidden_from
from cases.tidings import Tiding
from supervision.alerts import queries as alert_queries
from supervision.alerts import services as alert_services
from supervision.bulletins import news
from supervision.campaigns import queries as campaign_queries
from supervision.campaigns import services as campaign_services
from supervision.exports import queries as export_queries
from supervision.exports import services as export_services
from supervision.followup import queries as follow_queries
from supervision.followup import services as follow_services
from supervision.handovers import queries as handover_queries
from supervision.handovers import services as handover_services
from supervision.inspections import queries as inspection_queries
from supervision.inspections import services as inspection_services
from supervision.petitions import queries as petition_queries
from supervision.petitions import services as petition_services
from supervision.proceedings import queries as proceeding_queries
from supervision.proceedings import services as proceeding_services
from supervision.rectification import queries as order_queries
from supervision.rectification import services as order_services
from supervision.returnvisits import queries as visit_queries
from supervision.returnvisits import services as visit_services
from supervision.reviews import queries as review_queries
from supervision.reviews import services as review_services


class Asked(Protocol):
    """What a room's queries answer."""

    def untold(self, *, at: datetime, urgent: bool) -> Iterable[Tiding]:
        """What somebody must be told at `at`; with `urgent` what may leave at any hour."""

    def still_stands(self, __keys: list[str]) -> set[str]:
        """Those of the keys there is still a reason to tell of. Keys of other rooms are no concern of it."""


class Marked(Protocol):
    """What a room's services do."""

    def mark_told(self, __keys: list[str], *, at: datetime) -> Any:
        """Everybody who was to be told of these has been, at `at`; part of the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Source:
    """A room that has something to tell. Its keys begin with its name and a dot (`bulletins.letter:7:failed`)."""

    name: str
    queries: Asked
    services: Marked

    def owns(self, key: str) -> bool:
        return key.startswith(f"{self.name}.")

    @property
    def follows_the_post(self) -> bool:
        return hasattr(self.services, "tell_again")

    def matters_behind(self, keys: list[str]) -> dict[str, int]:
        """Which matter each key tells of; none of a room that tells of no matters only their handlers see."""
        asked: Callable[[list[str]], dict[str, int]] | None = getattr(self.queries, "matters_behind", None)
        return asked(keys) if asked is not None else {}

    def tell_again(self, keys: list[str], *, at: datetime) -> None:
        """Have whoever answers for these by then told from `at` on; part of the caller's transaction."""
        again: Callable[..., Any] = getattr(self.services, "tell_again")  # noqa: B009 - not every room has it
        again(keys, at=at)


SOURCES: tuple[Source, ...] = (
    Source("followup", follow_queries, follow_services),
    Source("returnvisits", visit_queries, visit_services),
    Source("reviews", review_queries, review_services),
    Source("petitions", petition_queries, petition_services),
    Source("proceedings", proceeding_queries, proceeding_services),
    Source("inspections", inspection_queries, inspection_services),
    Source("campaigns", campaign_queries, campaign_services),
    Source("handovers", handover_queries, handover_services),
    Source("exports", export_queries, export_services),
    Source("alerts", alert_queries, alert_services),
    Source("rectification", order_queries, order_services),
    Source("bulletins", news, news),
)


def by_source(keys: Iterable[str]) -> Iterator[tuple[Source, list[str]]]:
    """The keys, each room with its own. A key of a room that is no longer there is left out."""
    asked = list(dict.fromkeys(keys))
    for source in SOURCES:
        if own := [key for key in asked if source.owns(key)]:
            yield source, own


def still_standing(keys: Iterable[str]) -> set[str]:
    """Those of the keys that their rooms still have a reason to tell of; one question a room."""
    return {key for source, own in by_source(keys) for key in source.queries.still_stands(own)}


def kept_from(officer: Officer, keys: Iterable[str]) -> set[str]:
    """Those of the keys that tell of matters the officer may no longer see; one question a room, and one or two more."""
    behind = {key: matter for source, own in by_source(keys) for key, matter in source.matters_behind(own).items()}
    hidden = hidden_from(officer, set(behind.values())) if behind else set()
    return {key for key, matter in behind.items() if matter in hidden}
