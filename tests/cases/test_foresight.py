"""What an entry would move is told before it is saved, and it is what then moves."""

from typing import Any

import pytest

from cases import services
from cases.foresight import Foreseen, foresee_event, foresee_void
from cases.models import Clock, Event
from cases.services import CaseRefused
from tests.cases.factories import Bureau, clock_of, make_case, moment, record

pytestmark = pytest.mark.django_db

AT = moment("2026-04-05 10:00")


def foreseen(found: list[Foreseen]) -> list[tuple[str, str]]:
    return [(one.limit, one.what) for one in found]


@pytest.mark.parametrize(
    ("kind", "occurred", "fields", "what"),
    [
        ("longer", "2026-03-30", {"approver": "head"}, "届满将变动"),
        ("decided", "2026-04-01", {}, "将由计时中变为已办结"),
        ("decided", "2026-04-03", {}, "将由计时中变为已办结，并为超期办结"),
        ("test_began", "2026-03-10", {}, "将由计时中变为暂停"),
        ("longer", "2026-04-03", {"approver": "head"}, "届满不变，待核问题将变化"),
    ],
)
def test_an_entry_is_foreseen_as_it_then_comes(
    bureau: Bureau, catalogue: None, kind: str, occurred: str, fields: dict[str, Any], what: str
) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    facts = {"kind": kind, "occurred_at": moment(occurred), "by": None, "at": AT, **fields}
    before = (Event.objects.count(), list(Clock.objects.values()))

    told = foresee_event(matter=matter, **facts)
    untouched = (Event.objects.count(), list(Clock.objects.values())) == before
    services.record_event(matter=matter, **facts)

    assert untouched
    assert foreseen(told) == [("作出决定", what)]
    assert told[0].old_due_at == moment("2026-04-02")
    assert told[0].new_due_at == clock_of(matter).due_at


def test_striking_out_a_start_is_foreseen_to_end_its_clock(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    told = foresee_void(event=matter.events.get(), by=None, at=AT)

    assert foreseen(told) == [("作出决定", "将作废，不再计算")]
    assert not Event.objects.filter(only_voids=True).exists()


def test_striking_out_a_pause_that_held_a_clock_says_that_it_is_then_overdue(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    began = record(matter, "test_began", "2026-03-10")

    told = foresee_void(event=began, by=None, at=AT)

    assert [(one.what, one.becomes_overdue) for one in told] == [("将由暂停变为计时中", True)]


def test_a_correction_is_foreseen_in_place_of_what_it_corrects(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    told = foresee_event(
        matter=matter, kind="filed", occurred_at=moment("2026-03-12"), by=None, at=AT, voids=matter.events.get()
    )

    assert foreseen(told) == [("作出决定", "将作废，不再计算"), ("作出决定", "将开始计算")]
    # 11 April is a Saturday.
    assert told[1].new_due_at == moment("2026-04-14")


def test_an_entry_that_moves_nothing_foresees_nothing(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    assert foresee_event(matter=matter, kind="left", occurred_at=moment("2026-03-12"), by=None, at=AT) == []


def test_what_would_be_refused_is_refused_beforehand(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    filed = matter.events.get()

    with pytest.raises(CaseRefused, match="不能登记尚未发生的事"):
        foresee_event(matter=matter, kind="decided", occurred_at=moment("2026-05-01"), by=None, at=AT)
    services.void_event(event=filed, reason="误录", by=None, at=AT)
    with pytest.raises(CaseRefused, match="已经作废"):
        foresee_void(event=filed, by=None, at=AT)
