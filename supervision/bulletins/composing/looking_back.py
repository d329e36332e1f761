"""What earlier bulletins said and would say otherwise now: the last one row by row, those before it where their numbers
differ from what was told last.

A bulletin keeps beside its figures what it told of earlier ones (`as_told`), so that each change is told once, in the next
that goes out, however old the bulletin is that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cases.models import Unit
from supervision.bulletins.models import Bulletin
from supervision.bulletins.rules import Span, life
from supervision.evaluation.models import FrozenFigure
from supervision.evaluation.queries import Adjusted, FigureCell, adjusted_since, numbers_now, told_to_anybody
from supervision.evaluation.queries.comparing import Period
from supervision.evaluation.rates import Rate
from supervision.evaluation.services import EvaluationRefused

# So far back a kind looks, in days before the first it is about; what is older stands in the figures of its month, which
# the monthly bulletin looks back on for a year.
LOOKS_BACK: Final = {life.Kind.DAILY: 8, life.Kind.WEEKLY: 35, life.Kind.MONTHLY: 366}

# Of a figure of a bulletin: bulletin, indicator, version, unit.
_Key = tuple[int, str, int, str]


def last_issued(unit: Unit, kind: life.Kind, span: Span) -> Bulletin | None:
    """The last bulletin of the kind that is out on days before these: what is adjusted is adjusted since it."""
    if kind == life.Kind.SPECIAL:
        return None
    rows = Bulletin.objects.issued().light().filter(unit=unit, kind=kind, begins_on__lt=span.first)
    return rows.exclude(edition="").order_by("-begins_on", "-issued_at").first()


def adjusted(last: Bulletin, at: datetime) -> Iterator[Adjusted]:
    """What was said then and would be said otherwise now, as far as it may be told.

    Of restricted matters nothing: the difference between two large numbers may be one petition.
    """
    try:
        found: Sequence[Adjusted] = adjusted_since(last.edition)
    except EvaluationRefused:
        # A bulletin of a time without indicators froze none.
        return
    yield from _tellable(last, found, at)


def adjusted_earlier(last: Bulletin, at: datetime) -> Iterator[tuple[Bulletin, tuple[Adjusted, ...]]]:
    """Of the bulletins before the last, each with its numbers that are others now than was told last, the newest first.

    Rows that were exchanged without changing a number are told of the last one only.
    """
    kind = life.Kind(last.kind)
    since = last.begins_on - timedelta(days=LOOKS_BACK[kind])
    rows = Bulletin.objects.issued().filter(unit=last.unit_id, kind=kind, begins_on__gte=since)
    known = list(
        rows.filter(begins_on__lte=last.begins_on)
        .exclude(edition="")
        .select_related("unit")
        .defer("circular", "html", "text")
        .order_by("begins_on", "issued_at")
    )
    told: dict[_Key, tuple[int, int]] = {}
    for bulletin in known:
        told |= {_key(row): (row["now"][0], row["now"][1]) for row in bulletin.figures.get("adjusted", ())}
    # What was corrected since is as its correction says.
    newest = {bulletin.begins_on: bulletin for bulletin in known if bulletin.begins_on < last.begins_on}
    for bulletin in reversed(newest.values()):
        if found := tuple(_tellable(bulletin, _other_than_told(bulletin, told, at), at)):
            yield bulletin, found


def _other_than_told(bulletin: Bulletin, told: dict[_Key, tuple[int, int]], at: datetime) -> list[Adjusted]:
    try:
        numbers = numbers_now(bulletin.edition, at=at)
    except EvaluationRefused:
        return []
    news: dict[int, tuple[FrozenFigure, Rate]] = {}
    for row, now in numbers:
        key = (bulletin.pk, row.indicator.code, row.indicator.version, row.unit.code)
        if told.get(key, (row.numerator, row.denominator)) != (now.numerator, now.denominator):
            news[row.pk] = (row, now)
    if not news:
        return []
    by_rows = {one.frozen.pk: one for one in adjusted_since(bulletin.edition, among=set(news))}
    # What is again as it was first said has no rows to show.
    return [by_rows.get(pk, Adjusted(row, now, ())) for pk, (row, now) in news.items()]


def as_told(bulletin: Bulletin, one: Adjusted) -> dict[str, Any]:
    """What is kept of a figure of an earlier bulletin that was told anew."""
    return {
        "bulletin": bulletin.pk,
        "indicator": one.indicator.code,
        "version": one.indicator.version,
        "unit": one.unit.code,
        "said": [one.said.numerator, one.said.denominator],
        "now": [one.now.numerator, one.now.denominator],
    }


def _key(kept: dict[str, Any]) -> _Key:
    return kept["bulletin"], kept["indicator"], kept["version"], kept["unit"]


def _tellable(bulletin: Bulletin, found: Iterable[Adjusted], at: datetime) -> Iterator[Adjusted]:
    said = {(row["indicator"], row["version"], row["unit"]) for row in bulletin.figures.get("indicators", ())}
    then = [one for one in found if (one.indicator.code, one.indicator.version, one.unit.code) in said]
    now = [
        FigureCell(
            one.indicator,
            one.unit,
            Period(one.frozen.begins_on, one.frozen.ends_on),
            one.now.numerator,
            one.now.denominator,
            one.frozen.cutoff,
        )
        for one in then
    ]
    for one, figure in zip(then, told_to_anybody(now, at=at), strict=True):
        if figure.told and not one.indicator.restricted:
            yield one
