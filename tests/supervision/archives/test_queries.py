"""Who may open whose archive: by role, by unit, and when somebody leaves."""

import pytest

from cases.models import Officer, Role, Unit
from cases.tree import merge_unit, move_unit
from supervision.archives.models import ArchiveEntry
from supervision.archives.queries import (
    archive_of_officer,
    archive_of_unit,
    entries_of,
    has_opened,
    looks_of,
    officers_open_to,
    units_open_to,
)
from supervision.archives.services import look_at_officer, look_at_unit
from tests.cases.factories import day, make_officer
from tests.supervision.archives.factories import NIGHT, collected, ordered, praised
from tests.supervision.returnvisits.factories import County


def fresh(officer: Officer) -> Officer:
    return Officer.objects.get(pk=officer.pk)


def placed(county: County, where: str, role: Role) -> Officer:
    unit: Unit = getattr(county.bureau, where)
    return make_officer("200001", unit, role)


OPENS = {
    # where, role: opens the archive of the officer of the station, and of the station.
    ("station", Role.CASE_OFFICER): False,
    ("station", Role.UNIT_HEAD): True,
    ("station", Role.BRANCH_OFFICER): False,
    ("sibling", Role.UNIT_HEAD): False,
    # A post in a squad of the county reaches the county.
    ("legal", Role.LEGAL_OFFICER): True,
    ("county", Role.LEGAL_OFFICER): True,
    ("county", Role.LEADER): True,
    ("county", Role.INSPECTOR): True,
    ("county", Role.UNIT_HEAD): True,
    ("county", Role.BRANCH_OFFICER): False,
    ("city", Role.LEADER): True,
    ("province", Role.INSPECTOR): True,
    ("other_county", Role.LEGAL_OFFICER): False,
    ("other_station", Role.UNIT_HEAD): False,
    ("county", Role.SYSTEM_ADMIN): False,
    ("county", Role.SECURITY_ADMIN): False,
    ("county", Role.AUDITOR): False,
}


@pytest.mark.parametrize(("where", "role"), OPENS)
def test_who_opens_the_archive_of_an_officer_and_of_his_unit(county: County, where: str, role: Role) -> None:
    entry = praised(county)
    of_unit = praised(county, unit=county.station)
    viewer = placed(county, where, role)
    opens = OPENS[where, role]

    assert officers_open_to(viewer).filter(pk=county.officer.pk).exists() is opens
    assert units_open_to(viewer).filter(pk=county.station.pk).exists() is opens
    assert set(entries_of(viewer)) == ({entry, of_unit} if opens else set())


def test_an_officer_sees_his_own_and_not_what_is_about_his_unit_alone(county: County) -> None:
    entry = praised(county)
    praised(county, unit=county.station)
    praised(county, officer=county.head)

    assert list(entries_of(county.officer)) == [entry]
    assert not officers_open_to(county.officer).exists()
    assert not units_open_to(county.officer).exists()


def test_nobody_finds_himself_among_the_others(county: County) -> None:
    assert not officers_open_to(county.legal).filter(pk=county.legal.pk).exists()
    assert not officers_open_to(county.head).filter(pk=county.head.pk).exists()


def test_an_account_out_of_use_or_without_a_post_sees_nothing_of_others(county: County) -> None:
    praised(county)
    bare = make_officer("200009", county.station)
    Officer.objects.filter(pk=county.legal.pk).update(is_active=False)
    gone = fresh(county.legal)

    for viewer in (bare, gone):
        assert not entries_of(viewer).exists()
        assert not officers_open_to(viewer).exists()
        assert not units_open_to(viewer).exists()


def test_of_who_left_the_service_those_read_on_who_supervise_the_bureau(county: County) -> None:
    entry = praised(county)
    Officer.objects.filter(pk=county.officer.pk).update(is_active=False)

    assert list(archive_of_officer(county.legal, county.officer)) == [entry]
    assert officers_open_to(county.legal).filter(pk=county.officer.pk).exists()
    assert not officers_open_to(county.head).filter(pk=county.officer.pk).exists()


def test_the_archive_follows_an_officer_to_his_new_head_and_what_arose_stays_with_the_old_unit(county: County) -> None:
    entry = praised(county)
    Officer.objects.filter(pk=county.officer.pk).update(unit=county.bureau.sibling)

    assert list(archive_of_officer(county.sibling_head, county.officer)) == [entry]
    assert not officers_open_to(county.head).filter(pk=county.officer.pk).exists()
    assert list(archive_of_unit(county.head, county.station)) == [entry]
    assert not archive_of_unit(county.legal, county.bureau.sibling).exists()


def test_of_who_moved_to_another_county_the_old_one_reads_what_arose_there_only(county: County) -> None:
    entry = praised(county)
    Officer.objects.filter(pk=county.officer.pk).update(unit=county.bureau.other_station)
    later = praised(county, officer=fresh(county.officer), by=county.stranger)

    assert list(archive_of_officer(county.legal, county.officer)) == [entry]
    assert set(archive_of_officer(county.stranger, county.officer)) == {entry, later}


def test_the_archive_of_a_unit_is_that_of_all_below_it(county: County) -> None:
    here, there = praised(county), praised(county, unit=county.bureau.sibling)

    assert list(archive_of_unit(county.legal, county.station)) == [here]
    assert set(archive_of_unit(county.legal, county.bureau.county)) == {here, there}


def test_a_superuser_sees_all_and_an_entry_is_shown_to_him_once(county: County) -> None:
    praised(county)
    root = Officer.objects.create_superuser("root", "建站账号", county.bureau.county, "liangzhu-jade-5300")

    assert entries_of(root).count() == ArchiveEntry.objects.count() == 1
    assert officers_open_to(root).filter(pk=county.stranger.pk).exists()


def test_an_entry_is_open_only_where_the_archive_it_lies_in_was_looked_at(county: County) -> None:
    ordered(county)
    (entry,) = collected()
    assert has_opened(county.officer, entry, NIGHT)
    assert not has_opened(county.head, entry, NIGHT)

    look_at_unit(unit=county.station, reason="日常管理", by=county.head, at=NIGHT)
    look_at_unit(unit=county.bureau.sibling, reason="日常监督检查", by=county.legal, at=NIGHT)

    assert has_opened(county.head, entry, NIGHT)
    assert not has_opened(county.legal, entry, NIGHT)
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)
    assert has_opened(county.legal, entry, NIGHT)


def test_who_looked_is_read_by_whom_it_concerns_and_who_supervises(county: County) -> None:
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)
    look_at_unit(unit=county.station, reason="季度考评", by=county.leader, at=NIGHT)

    seen = {
        name: looks_of(getattr(county, name)).count()
        for name in ("officer", "head", "inspector", "leader", "sibling_head", "stranger")
    }

    assert seen == {"officer": 1, "head": 1, "inspector": 2, "leader": 2, "sibling_head": 0, "stranger": 0}


def test_the_archive_of_a_unit_that_moved_is_opened_from_above_it_now(county: County) -> None:
    entry = praised(county, unit=county.station)
    here, there = placed(county, "county", Role.LEADER), make_officer(
        "200002", county.bureau.other_county, Role.LEADER
    )  # fmt: skip
    assert list(entries_of(here)) == [entry] and not entries_of(there).exists()

    move_unit(unit=county.station, parent=county.bureau.other_county, at=NIGHT)

    here, there = fresh(here), fresh(there)
    assert not entries_of(here).exists() and list(entries_of(there)) == [entry]
    assert list(archive_of_unit(there, county.bureau.other_county)) == [entry]
    # What was written then stays as it was written.
    assert ArchiveEntry.objects.get().county == county.bureau.county


def test_the_archive_of_a_merged_unit_is_a_part_of_that_of_the_other(county: County) -> None:
    entry = praised(county, unit=county.station)
    own = praised(county, unit=county.bureau.sibling)
    head = make_officer("200002", county.bureau.sibling, Role.UNIT_HEAD)

    merge_unit(unit=county.station, into=county.bureau.sibling, on=day("2026-03-11"), ground="一号", at=NIGHT)

    head = fresh(head)
    assert set(entries_of(head)) == set(archive_of_unit(head, county.bureau.sibling)) == {entry, own}
    assert list(archive_of_unit(head, Unit.objects.get(pk=county.station.pk))) == [entry]
