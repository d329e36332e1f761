"""Looks: on record before anything is shown, within reach, for a reason that gives nobody away."""

import pytest

from cases.models import HandlingRole
from cases.services import name_handler
from supervision.archives.models import ArchiveLook
from supervision.archives.queries import looks_at_mine, open_look
from supervision.archives.refusals import ArchiveRefused
from supervision.archives.rules import LOOK_LASTS
from supervision.archives.services import look_at_officer, look_at_unit
from tests.cases.factories import ONE_SECOND, make_case
from tests.supervision.archives.factories import NIGHT, OVER
from tests.supervision.returnvisits.factories import County


def test_a_look_says_who_whose_when_and_why_and_the_officer_sees_it(county: County) -> None:
    look_at_officer(officer=county.officer, reason="  日常监督检查 ", by=county.legal, at=NIGHT)

    (look,) = looks_at_mine(county.officer)
    assert (look.by, look.officer, look.looked_at, look.reason) == (county.legal, county.officer, NIGHT, "日常监督检查")


def test_a_look_at_a_unit_is_seen_by_its_head_and_not_by_another(county: County) -> None:
    look_at_unit(unit=county.station, reason="季度考评", by=county.leader, at=NIGHT)

    assert looks_at_mine(county.head).count() == 1
    assert not looks_at_mine(county.sibling_head).exists()
    assert not looks_at_mine(county.officer).exists()


def test_it_opens_the_archive_to_whoever_looked_only_and_not_for_long(county: County) -> None:
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)

    assert open_look(county.legal, county.officer, NIGHT + LOOK_LASTS - ONE_SECOND) is not None
    assert open_look(county.legal, county.officer, NIGHT + LOOK_LASTS) is None
    assert open_look(county.second_legal, county.officer, NIGHT) is None
    assert open_look(county.legal, county.head, NIGHT) is None
    assert open_look(county.legal, county.station, NIGHT) is None


@pytest.mark.parametrize("reason", ["", "   ", "看看", "长" * 201, "核查投诉情况", "信访件倒查", "12345工单"])
def test_a_reason_is_one_and_gives_nobody_away(county: County, reason: str) -> None:
    with pytest.raises(ArchiveRefused):
        look_at_officer(officer=county.officer, reason=reason, by=county.inspector, at=NIGHT)

    assert not ArchiveLook.objects.exists()


def test_the_number_of_a_restricted_matter_is_no_reason(county: County) -> None:
    letter = make_case("L-2026-77", county.bureau.legal, None, filed="2026-02-02", kind="letter")
    name_handler(matter=letter, officer=county.legal, role=HandlingRole.LEGAL, at=OVER)

    with pytest.raises(ArchiveRefused, match="L-2026-77"):
        look_at_officer(officer=county.officer, reason="办理L-2026-77需要", by=county.legal, at=NIGHT)


def test_out_of_reach_nothing_is_looked_at(county: County) -> None:
    for by in (county.officer, county.sibling_head, county.stranger):
        with pytest.raises(ArchiveRefused, match="不在您可以查阅的范围内"):
            look_at_officer(officer=county.head, reason="日常监督检查", by=by, at=NIGHT)
        with pytest.raises(ArchiveRefused, match="不在您可以查阅的范围内"):
            look_at_unit(unit=county.station, reason="日常监督检查", by=by, at=NIGHT)
    with pytest.raises(ArchiveRefused, match="我的档案"):
        look_at_officer(officer=county.legal, reason="日常监督检查", by=county.legal, at=NIGHT)

    assert not ArchiveLook.objects.exists()
