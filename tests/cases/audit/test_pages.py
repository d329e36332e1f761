"""The auditor's desk: read by him alone, searched, and in a fixed number of questions."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.audit.models import RowChange, Way, WayOut
from cases.audit.services import note_way_out, seal_ledgers
from cases.audit.watching import sign
from cases.models import Officer, Role, Unit
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_officer

pytestmark = pytest.mark.django_db

PAGES = ("/audit/", "/audit/ways/", "/audit/seals/")


@pytest.fixture
def auditor(bureau: Bureau) -> Officer:
    plan_roles()
    return make_officer("800001", bureau.county, Role.AUDITOR)


@pytest.fixture
def read(auditor: Officer) -> Callable[[str], str]:
    client = Client()
    client.force_login(auditor)

    def asked(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return asked


def rename(unit: Unit, name: str, by: Officer | None = None) -> RowChange:
    sign(connection, by.pk if by is not None else None, "desk:units" if by is not None else None)
    Unit.objects.filter(pk=unit.pk).update(name=name)
    sign(connection, None, None)
    return RowChange.objects.order_by("-pk")[0]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDITOR])
def test_nobody_but_the_auditor_opens_the_desk(bureau: Bureau, role: Role) -> None:
    plan_roles()
    client = Client()
    client.force_login(make_officer("1", bureau.county, role))
    change = rename(bureau.station, "甲所")

    assert {client.get(address).status_code for address in (*PAGES, f"/audit/changes/{change.pk}/")} == {403}


def test_nothing_on_the_desk_takes_anything_in(auditor: Officer) -> None:
    client = Client()
    client.force_login(auditor)

    assert {client.post(address).status_code for address in PAGES} == {405}


def test_a_change_is_shown_with_who_what_was_and_what_is(
    bureau: Bureau, auditor: Officer, read: Callable[[str], str]
) -> None:
    before = bureau.station.name
    change = rename(bureau.station, "甲乙派出所", auditor)

    listed, one = read("/audit/"), read(f"/audit/changes/{change.pk}/")

    for page in (listed, one):
        assert before in page and "甲乙派出所" in page and auditor.police_number in page
    assert "desk:units" in one and "cases_unit" in one


def test_a_change_nobody_signed_says_so(bureau: Bureau, read: Callable[[str], str]) -> None:
    rename(bureau.station, "甲乙派出所")

    assert "没有署名" in read("/audit/?hand=other")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=800001&table=cases_unit", True),
        ("who=800002", False),
        ("table=cases_unit&act=update", True),
        ("table=cases_unit&act=delete", False),
        ("table=cases_post&text=甲乙派出所", False),
        ("text=甲乙派出所", True),
        ("hand=page&table=cases_unit", True),
        ("hand=other&table=cases_unit&text=甲乙派出所", False),
        ("table=cases_unit&day_after=2000-01-01&day_before=2000-01-02", False),
    ],
)
def test_changes_are_found_by_who_what_table_and_day(
    bureau: Bureau, auditor: Officer, read: Callable[[str], str], query: str, found: bool
) -> None:
    rename(bureau.station, "甲乙派出所", auditor)

    page = read(f"/audit/?{query}")

    assert (f"<b>{Unit._meta.get_field('name').verbose_name}</b>" in page) is found


def test_what_left_is_found_by_who_took_it_and_by_the_code_it_bears(
    bureau: Bureau, auditor: Officer, read: Callable[[str], str]
) -> None:
    note_way_out(way=Way.LOOK, what="信访人身份", about="petitions.petition:7", by=auditor, at=timezone.now())
    taken = note_way_out(
        way=Way.EXPORT, what="案件评查表", form="docx", rows=4, by=None, at=timezone.now(), content=b"x"
    )

    assert "petitions.petition:7" in read("/audit/ways/?who=800001")
    for query in (f"code={taken.code.lower()}", f"code={taken.digest}", "way=export", "what=评查"):
        page = read(f"/audit/ways/?{query}")
        assert taken.code in page and "petitions.petition:7" not in page, query


def test_the_chain_is_shown_with_its_end_and_found_by_what_is_on_paper(
    bureau: Bureau, read: Callable[[str], str]
) -> None:
    report = seal_ledgers(at=timezone.now())

    assert report.chain in read("/audit/seals/")
    printed = " ".join(report.chain[at : at + 8] for at in range(0, 64, 8))
    assert "共 <b>1</b> 条" in read(f"/audit/seals/?chain={printed.replace(' ', '+')}")


@pytest.mark.parametrize("address", ["/audit/ways/", "/audit/seals/"])
def test_an_empty_list_says_what_would_fill_it(address: str, read: Callable[[str], str]) -> None:
    assert "还没有" in read(address)


@pytest.mark.parametrize("address", PAGES)
def test_a_list_asks_as_much_for_three_rows_as_for_one(
    bureau: Bureau, auditor: Officer, read: Callable[[str], str], address: str
) -> None:
    def fill(n: int) -> None:
        rename(bureau.station, f"第{n}派出所", auditor)
        note_way_out(way=Way.LOOK, what="档案", by=auditor, at=timezone.now())
        seal_ledgers(at=timezone.now())

    fill(1)
    read(address)
    with CaptureQueriesContext(connection) as one:
        read(address)
    fill(2)
    fill(3)
    with CaptureQueriesContext(connection) as three:
        read(address)

    assert len(three) == len(one) < 20


def test_a_list_is_leafed_through_without_missing_or_repeating_a_row(
    bureau: Bureau, auditor: Officer, read: Callable[[str], str]
) -> None:
    for n in range(120):
        rename(bureau.station, f"第{n}派出所", auditor)
    seen: list[str] = []
    address = f"/audit/?table=cases_unit&row={bureau.station.pk}&act=update"
    while address:
        page = read(address)
        seen += [part.partition("/")[0] for part in page.split('data-href="/audit/changes/')[1:]]
        after = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        address = f"/audit/{after}" if after else ""

    rows = RowChange.objects.filter(table_name="cases_unit", row_key=str(bureau.station.pk), act="update")
    assert seen == [str(pk) for pk in rows.order_by("-at", "-pk").values_list("pk", flat=True)]
    assert len(seen) >= 120
    assert not WayOut.objects.exists()
