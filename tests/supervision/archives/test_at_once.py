"""Several collect at once: every fact is in its archive once, and nobody reports as refused what another entered."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from supervision.archives.models import ArchiveEntry
from supervision.archives.refusals import ALREADY_CORRECTED, ArchiveRefused
from supervision.archives.services import collect, correct
from supervision.followup.services import rounds
from tests.supervision.archives.factories import NIGHT, late_case, ordered, praised
from tests.supervision.returnvisits.factories import make_county

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: object, times: int = 3) -> list[object]:
    """What the act came to in several threads that begin together: its answer, or what it was refused with."""
    gate = Barrier(times)

    def one(number: int) -> object:
        try:
            gate.wait(20)
            return act(number)  # type: ignore[operator]
        except ArchiveRefused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_three_rounds_at_once_enter_everything_once_and_none_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "CHUNK", 2)
    county = make_county()
    for number in range(5):
        late_case(county, f"A-{number}")
        ordered(county, f"S-{number}")

    at_once(lambda _: collect(at=NIGHT))

    assert ArchiveEntry.objects.count() == 10
    assert len(set(ArchiveEntry.objects.values_list("source_key", flat=True))) == 10


def test_of_three_corrections_at_once_one_stands_and_the_others_are_told() -> None:
    county = make_county()
    entry = praised(county)

    came = at_once(lambda number: correct(entry=entry, text=f"第{number}次更正", by=county.second_legal, at=NIGHT))

    assert came.count(ALREADY_CORRECTED) == 2
    assert ArchiveEntry.objects.filter(corrects=entry).count() == 1
