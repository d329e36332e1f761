"""信访工作条例 30 in the archives: what a complaint or petition led to is told as the fault it was, and never as what it came of."""

from datetime import date, timedelta

import pytest

from cases.models import HandlingRole, Officer, Role
from cases.roles import plan_roles
from supervision.alerts.services import sweep
from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.services import collect
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.services import (
    accept_complaint,
    find,
    look_back,
    name_complaint_handler,
    order_fault,
    order_for_complaint,
)
from supervision.rectification.models import Order, Problem, Source
from tests.cases.factories import Bureau, make_bureau, make_officer, moment
from tests.supervision.archives.factories import browser
from tests.supervision.petitions.factories import AT, LI, make_complaint, make_petition, petition_catalogue
from tests.supervision.rectification.factories import order_for

NIGHT = moment("2026-09-12 02:15")
MUCH_LATER = moment("2026-12-20 02:15")


@pytest.fixture
def bureau(db: None) -> Bureau:
    petition_catalogue()
    plan_roles()
    Problem.objects.create(code="slow", name="拖延办案", fault="期限", article="第一条", workdays=3)
    return make_bureau()


@pytest.fixture
def registrar(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def accused(bureau: Bureau) -> Officer:
    return make_officer("100002", bureau.station, Role.CASE_OFFICER)


def borne_out(bureau: Bureau, registrar: Officer, accused: Officer, verdict: str = "verified") -> Complaint:
    made = make_complaint(bureau, registrar, accused_officer=accused)
    accept_complaint(complaint=made, category="claim", on=date(2026, 9, 11), by=registrar, at=AT)
    find(complaint=made, verdict=verdict, reason="调取台账后认定", by=registrar, at=AT)
    return made


def ordered_for(made: Complaint, registrar: Officer) -> Order:
    return order_for_complaint(complaint=made, problem="slow", text="接报后未出具回执，立即补正。", by=registrar, at=AT)


def telling(made: Complaint) -> tuple[str, ...]:
    return (made.matter.number, made.channel_number, made.subject, *LI.values(), "投诉", "举报", "12345", "核实")


def test_a_complaint_borne_out_is_entered_as_the_order_that_came_of_it(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    made = borne_out(bureau, registrar, accused)
    ordered_for(made, registrar)

    collect(at=NIGHT)

    entry = ArchiveEntry.objects.get()
    assert (entry.kind, entry.officer, entry.unit, entry.matter) == (Kind.FOUND, accused, bureau.station, None)
    assert entry.text == "下达整改（提醒）：拖延办案；来源：日常监督"
    assert not [word for word in telling(made) if word in f"{entry.text}{entry.article}{entry.source_key}"]


def test_it_cannot_be_told_from_what_daily_supervision_found_by_itself(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    ordered_for(borne_out(bureau, registrar, accused), registrar)
    colleague = make_officer("100003", bureau.station, Role.CASE_OFFICER)
    order_for(bureau.station, colleague, by=registrar, at=AT, problem="slow", text="立即补正。")
    for source in Source.silent():
        order_for(bureau.station, colleague, by=registrar, at=AT, problem="slow", text="补正。", source=source)

    collect(at=NIGHT)

    said = {
        (one.kind, one.text.removesuffix("；一年内同类问题再次出现"), one.article, one.matter_id)
        for one in ArchiveEntry.objects.all()
    }
    assert ArchiveEntry.objects.count() == 4
    assert said == {(Kind.FOUND, "下达整改（提醒）：拖延办案；来源：日常监督", "第一条", None)}


@pytest.mark.parametrize("verdict", ["verified", "partly", "not_verified", "cannot"])
def test_a_complaint_nothing_was_ordered_for_is_in_no_archive_whatever_was_found(
    bureau: Bureau, registrar: Officer, accused: Officer, verdict: str
) -> None:
    borne_out(bureau, registrar, accused, verdict)

    collect(at=MUCH_LATER)

    assert not ArchiveEntry.objects.exists()


def test_clocks_of_a_complaint_or_petition_that_run_over_are_in_no_archive(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    make_petition(bureau, registrar)
    made = make_complaint(bureau, registrar, accused_officer=accused)
    handler = make_officer("100004", bureau.legal, Role.LEGAL_OFFICER)
    name_complaint_handler(complaint=made, officer=handler, role=HandlingRole.LEGAL, by=registrar, at=AT)
    sweep(at=MUCH_LATER)

    collect(at=MUCH_LATER)

    assert not ArchiveEntry.objects.exists()


def test_a_petition_looked_back_into_is_entered_as_the_order_that_came_of_it(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    petition: Petition = make_petition(bureau, registrar)
    back = look_back(
        petition=petition, cause="delay", unit=bureau.station, officer=accused, finding="拖延属实", by=registrar, at=AT
    )
    order_fault(found=back, problem="slow", text="立即补正。", by=registrar, at=AT)

    collect(at=NIGHT)

    entry = ArchiveEntry.objects.get()
    assert (entry.kind, entry.text) == (Kind.FOUND, "下达整改（提醒）：拖延办案；来源：日常监督")
    assert petition.matter.number not in f"{entry.text}{entry.article}{entry.source_key}"


def test_no_page_of_the_archives_gives_the_complaint_away_to_anybody(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    made = borne_out(bureau, registrar, accused)
    ordered_for(made, registrar)
    collect(at=NIGHT)
    readers = {
        "accused": accused,
        "head": make_officer("100005", bureau.station, Role.UNIT_HEAD),
        "leader": make_officer("100006", bureau.county, Role.LEADER),
        "inspector": make_officer("100007", bureau.county, Role.INSPECTOR),
        # Even its own handler: a page may be looked at over his shoulder, and printed.
        "registrar": registrar,
    }
    given_away = []
    for name, reader in readers.items():
        client = browser(reader)
        addresses = ["/my-archive/?kind=found"]
        if reader != accused:
            for address in (f"/archives/officers/{accused.pk}/", f"/archives/units/{bureau.station.pk}/"):
                assert client.post(address, {"reason": "日常监督检查"}).status_code == 302
                addresses.append(f"{address}?kind=found")
        for address in addresses:
            page = client.get(address).content.decode()
            assert name == "accused" or address.startswith("/my-archive/") or "拖延办案" in page
            page = page[page.index('class="desk"') :]
            given_away += [f"{name} {address}: {word}" for word in telling(made) if word in page]

    assert given_away == []


def test_a_complaint_made_long_after_changes_nothing_that_is_read(
    bureau: Bureau, registrar: Officer, accused: Officer
) -> None:
    order_for(bureau.station, accused, by=registrar, at=AT, problem="slow", text="立即补正。")
    collect(at=NIGHT)
    client = browser(accused)

    def read() -> str:
        page = client.get("/my-archive/?kind=found").content.decode()
        return page[page.index('class="desk"') :]

    before = read()
    borne_out(bureau, registrar, accused)
    sweep(at=NIGHT + timedelta(days=40))
    collect(at=NIGHT + timedelta(days=41))

    assert read() == before
