"""Letters with bulletins that failed, told to the unit's legal officers.

Letters with notices are left out: their officer has the notice in his inbox, and a notice about every notice that
could not be mailed would never end.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.urls import reverse

from cases.duty import DutyRoster, Rung
from cases.tidings import Tiding
from supervision.bulletins.models import Letter, LetterState

ABOUT: Final = "通报发送"
_KEY: Final = "bulletins.letter:{pk}:failed"


def untold(*, at: datetime, urgent: bool) -> Iterator[Tiding]:
    """Letters that failed and nobody has been told of. None of them is urgent."""
    if urgent:
        return
    failed = Letter.objects.filter(tell_since__lte=at).select_related("bulletin", "recipient__officer").order_by("pk")
    roster: DutyRoster | None = None
    for letter in failed:
        if letter.bulletin is None or letter.tell_since is None:
            continue
        roster = roster or DutyRoster(at)
        for officer_id in roster.answering(Rung.LEGAL, unit_id=letter.bulletin.unit_id, officer_id=None):
            yield Tiding(
                key=_KEY.format(pk=letter.pk),
                officer_id=officer_id,
                since=letter.tell_since,
                about=ABOUT,
                text=f"{letter.bulletin}没有送到{letter.reader}：{letter.error}",
                link=reverse("admin:bulletins_letter_change", args=(letter.pk,)),
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Those of the keys whose letters still stand as failed."""
    asked = {pk: key for key in keys if (pk := _number(key)) is not None}
    failed = Letter.objects.filter(pk__in=asked, state=LetterState.FAILED)
    return {asked[pk] for pk in failed.values_list("pk", flat=True)}


def mark_told(keys: Iterable[str], *, at: datetime) -> None:
    """Nobody need be told of these any more. `at` is not kept: the line of the notice says when."""
    Letter.objects.filter(pk__in=[pk for key in keys if (pk := _number(key)) is not None]).update(tell_since=None)


def tell_again(keys: Iterable[str], *, at: datetime) -> None:
    """Whoever was to be told of these was gone before he was: somebody else is to be told, from `at` on."""
    numbers = [pk for key in keys if (pk := _number(key)) is not None]
    Letter.objects.filter(pk__in=numbers, state=LetterState.FAILED).update(tell_since=at)


def _number(key: str) -> int | None:
    """The letter a key names; none for a key of another room."""
    head, _, rest = key.partition(":")
    number = rest.removesuffix(":failed")
    return int(number) if head == "bulletins.letter" and number.isdigit() else None
