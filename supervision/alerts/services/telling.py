"""What has been told: the mouth says so, and the warning need not be told again."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from supervision.alerts.models import Alert
from supervision.alerts.rules import Told, read_key


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """These tidings of this room were told at `at`; how many warnings that settles.

    One that has climbed or risen since stays to be told anew. Keys of other rooms are passed over. Harmless twice.
    """
    told = sorted({key for text in keys if (key := read_key(text)) is not None})
    settled = 0
    with transaction.atomic():
        for (level, rung), ids in _grouped(told).items():
            for begin in range(0, len(ids), 5000):
                rows = Alert.objects.filter(
                    Q(tell_since__lte=at), pk__in=ids[begin : begin + 5000], level=level, rung=rung
                )
                settled += rows.update(tell_since=None)
    return settled


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever answers for it by then; how many they were.

    A warning that has been answered, ordered or withdrawn, or has climbed or risen since, is passed over.
    """
    again = 0
    with transaction.atomic():
        for (level, rung), ids in _grouped(
            sorted({key for text in keys if (key := read_key(text)) is not None})
        ).items():
            for begin in range(0, len(ids), 5000):
                rows = Alert.objects.open().filter(pk__in=ids[begin : begin + 5000], level=level, rung=rung)
                again += rows.update(tell_since=at)
    return again


def _grouped(told: Iterable[Told]) -> dict[tuple[int, int], list[int]]:
    groups: dict[tuple[int, int], list[int]] = {}
    for one in told:
        groups.setdefault((one.level, one.rung), []).append(one.alert)
    return groups
