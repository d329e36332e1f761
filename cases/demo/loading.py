"""Stories into rows, and the clocks wound as they would have been, day by day."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta

from cases import services
from cases.demo.people import Staff
from cases.demo.stories import PAST_DAYS, ZONE, Story
from cases.models import (
    Event,
    EventKind,
    Feedback,
    Handling,
    HandlingRole,
    Matter,
    MatterKind,
)
from cases.winding import catalogue, wind_matters

SOURCE = "演示"
# When somebody looked, each day.
ROUNDS = (time(8), time(14), time(20))


class CatalogueMissing(LookupError):
    """A kind of matter or event the stories speak of is not in the catalogue."""


def load_stories(stories: Sequence[Story], staff: Staff) -> dict[str, Matter]:
    """Write matters, handlers, events and ratings, a few statements for all; by number. Nothing is wound yet.

    Refuses when the catalogue lacks a kind.
    """
    matters = _load_matters(stories, staff)
    kinds = {kind.code: kind for kind in EventKind.objects.all()}
    if missing := {act.kind for story in stories for act in story.acts} - kinds.keys():
        raise CatalogueMissing("、".join(sorted(missing)))
    events = []
    for story in stories:
        matter = matters[story.number]
        for number, act in enumerate(story.acts, 1):
            kind = kinds[act.kind]
            midnight = datetime.combine(act.at.astimezone(ZONE).date(), time.min, tzinfo=ZONE)
            events.append(
                Event(
                    matter=matter,
                    kind=kind,
                    occurred_at=midnight if kind.day_only else act.at,
                    day_only=kind.day_only,
                    recorded_at=act.entered,
                    source=SOURCE,
                    source_number=f"{matter.pk}-{number}",
                    by=matter.officer,
                    **act.fields,
                )
            )
    Event.objects.bulk_create(events, batch_size=500)
    Feedback.objects.bulk_create(
        [
            Feedback(
                matter=matters[story.number],
                grade=rating.grade,
                channel="电话回访",
                given_at=rating.at,
                valid=not rating.invalid_reason,
                invalid_reason=rating.invalid_reason,
                text=rating.text,
                source_number=f"{matters[story.number].pk}-{number}",
            )
            for story in stories
            for number, rating in enumerate(story.ratings, 1)
        ]
    )
    return matters


def _load_matters(stories: Sequence[Story], staff: Staff) -> dict[str, Matter]:
    kinds = {kind.code: kind for kind in MatterKind.objects.all()}
    if missing := {story.kind for story in stories} - kinds.keys():
        raise CatalogueMissing("、".join(sorted(missing)))
    matters: dict[str, Matter] = {}
    heads = [story for story in stories if story.parent is None]
    for generation in (heads, [story for story in stories if story.parent is not None]):
        by_number = {matter.number: matter for matter in matters.values()}
        rows = [
            Matter(
                kind=kinds[story.kind],
                number=story.number,
                title=story.title,
                officer=staff.officers[story.officer] if story.officer else None,
                parent=by_number[story.parent] if story.parent else None,
                facts=story.facts,
                restricted=kinds[story.kind].restricted,
                **staff.units[story.unit].scope_ids,
            )
            for story in generation
        ]
        for story, row in zip(generation, Matter.objects.bulk_create(rows, batch_size=500), strict=True):
            matters[story.number] = row
    handlings = []
    for story in stories:
        matter, since = matters[story.number], min(act.at for act in story.acts)
        named = [*story.handlers, *([(story.officer, HandlingRole.OFFICER)] if story.officer else [])]
        handlings += [
            Handling(matter=matter, officer=staff.officers[number], role=role, from_at=since) for number, role in named
        ]
    Handling.objects.bulk_create(handlings, batch_size=500)
    return matters


def relive(
    stories: Sequence[Story],
    matters: Mapping[str, Matter],
    *,
    at: datetime,
    look: Callable[[datetime], object],
) -> None:
    """Wind each matter whenever something was entered, and let `look` see the clocks, three times a day up to `at`.

    So dates have moved and warnings have come and gone as they would have, each on its day.
    """
    entered: dict[datetime, set[int]] = defaultdict(set)
    rounds = _rounds(at)
    for story in stories:
        for act in story.acts:
            first = next((moment for moment in rounds if act.entered <= moment), at)
            entered[first].add(matters[story.number].pk)
    law = catalogue()
    for moment in rounds:
        if moment in entered:
            wind_matters(sorted(entered[moment]), at=moment, cause="登记节点", law=law)
        look(moment)


def _rounds(at: datetime) -> list[datetime]:
    first = at.astimezone(ZONE).date() - timedelta(days=PAST_DAYS + 2)
    days = (first + timedelta(days=number) for number in range(PAST_DAYS + 3))
    moments = (datetime.combine(day, hour, tzinfo=ZONE) for day in days for hour in ROUNDS)
    return [*(moment for moment in moments if moment < at), at]


def correct_and_hand_over(
    stories: Sequence[Story], matters: Mapping[str, Matter], staff: Staff, *, at: datetime
) -> None:
    """Two things that only happen by hand: a filing date put right, and a case given to another station."""
    running = [
        matters[story.number]
        for story in stories
        if story.kind == "public_order_case" and story.acts[-1].kind == "case_filed" and not story.facts
    ]
    corrected = next(matter for matter in running if matter.unit_id == staff.units["HC14"].pk)
    wrong = corrected.events.get(kind__code="case_filed")
    services.record_event(
        matter=corrected,
        kind="case_filed",
        occurred_at=wrong.occurred_at - timedelta(days=1),
        by=corrected.officer,
        at=at,
        note="立案日期录错，按立案决定书更正",
        voids=wrong,
    )
    handed = next(matter for matter in running if matter.unit_id == staff.units["HC13"].pk)
    services.transfer_matter(
        matter=handed,
        to_unit=staff.units["HC12"],
        to_officer=staff.officers["032002"],
        occurred_at=at - timedelta(hours=1),
        by=staff.officers["020001"],
        at=at,
    )
