"""The pages of items on Tuesday 10 March 2026 at ten; officers with the permissions of their roles."""

import re
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.services import open_matter, record_event
from supervision.property import services
from supervision.property.models import CaseAmount, Item
from tests.cases.factories import day, moment
from tests.supervision.property.factories import AT, FROZEN, TAKEN, County, actions, take
from tests.supervision.property.pages.conftest import Opened

pytestmark = pytest.mark.django_db

OVER = moment("2026-04-10 12:00")


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def numbers(page: str) -> set[str]:
    return set(re.findall(r'href="/property/\d+/">([^<]+)</a>', page))


def at_moment(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


# -- the lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=held", {"扣1", "扣2", "冻1"}),
        ("state=returned", {"扣3"}),
        ("state=", {"扣1", "扣2", "扣3", "冻1"}),
        ("measure=frozen", {"冻1"}),
        ("waiting=keeper", {"扣1"}),
        ("waiting=report", {"扣1"}),
        ("waiting=judge", {"扣2"}),
        ("waiting=overdue", set()),
        ("waiting=amount", {"扣1", "扣2"}),
        ("side=criminal", {"冻1"}),
        ("asset=deposit", {"冻1"}),
        ("owner=third", {"扣2"}),
        ("q=刑1", {"冻1"}),
        ("q=扣1", {"扣1"}),
        ("mine=1", {"扣1", "扣2", "扣3", "冻1"}),
        ("taken_after=2026-03-11", set()),
        ("ended_after=2026-03-10", {"扣3"}),
    ],
)
def test_the_list_is_narrowed(desk: Opened, county: County, query: str, found: set[str]) -> None:
    take(county, "扣1", on_spot=True, approver="")
    kept = take(county, "扣2", owner="third")
    services.hand_over(item=kept, place=county.store, handed_at=AT, by=county.officer, at=AT)
    ended = take(county, "扣3")
    services.return_item(item=ended, ended_at=AT, text="清单", by=county.officer, at=AT)
    take(county, "冻1", FROZEN, case=county.crime)
    services.note_amount(case=county.crime, amount=Decimal(90_000), basis="审计报告", by=county.officer, at=AT)

    assert numbers(page(desk(county.officer), f"/property/?{query}")) == found


@pytest.mark.parametrize("address", ["/property/?state=", "/property/release/", "/property/unentered/"])
def test_a_list_asks_as_much_of_three_rows_as_of_one(
    desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def asked() -> int:
        # A month later nobody is signed in any more.
        client = desk(county.legal)
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        return len(queries)

    def add(*marks: str) -> None:
        for mark in marks:
            take(county, f"扣{mark}", owner="third")
            bare = open_matter(
                kind="seized_item", number=f"旧{mark}", unit=county.station, officer=None, parent=county.case
            )
            record_event(matter=bare, kind="property_seized", occurred_at=TAKEN, by=None, at=AT)

    add("1")
    at_moment(monkeypatch, OVER)
    asked()
    one = asked()
    at_moment(monkeypatch, AT)
    add("2", "3")
    at_moment(monkeypatch, OVER)

    assert asked() == one


def test_the_release_list_says_why_with_the_article(
    desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(county)
    clean = page(desk(county.legal), "/property/release/")
    at_moment(monkeypatch, OVER)

    shown = page(desk(county.legal), "/property/release/")

    assert "没有应解除未解除的财物" in clean
    assert numbers(shown) == {"扣1"}
    assert "期限已满" in shown
    assert "《行政强制法》第二十八条" in shown


@pytest.mark.parametrize("who", ["sibling", "stranger"])
def test_what_one_may_not_see_is_nowhere(desk: Opened, county: County, who: str) -> None:
    item = take(county, owner="third")
    client = desk(getattr(county, who))

    assert numbers(page(client, "/property/?state=")) == set()
    page(client, f"/property/{item.pk}/", 404)
    assert client.post(f"/property/{item.pk}/return/").status_code == 404


# -- one item ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_who_should_have_approved_and_what_was_found(desk: Opened, county: County) -> None:
    item = take(county, approver="station_head", owner="victim")

    shown = page(desk(county.legal), f"/property/{item.pk}/")

    for words in (
        "派出所负责人",
        "应由县级公安机关负责人批准",
        "超权限",
        "超范围",
        "成立，下达整改",
        "没有登记，不能比对数额",
    ):
        assert words in shown


def test_who_handles_an_item_does_not_judge_it(desk: Opened, county: County) -> None:
    item = take(county, owner="victim")

    assert "成立，下达整改" not in page(desk(county.officer), f"/property/{item.pk}/")


def test_a_leader_reads_and_judges_and_changes_nothing(desk: Opened, county: County) -> None:
    item = take(county, owner="victim")
    client = desk(county.leader)

    shown = page(client, f"/property/{item.pk}/")

    assert "成立，下达整改" in shown
    assert "登记解除、退还" not in shown
    assert client.post(f"/property/{item.pk}/return/").status_code == 403


def acts(county: County) -> dict[str, tuple[dict[str, object], str]]:
    when: dict[str, object] = {"day": "2026-03-10", "hour": "09:30"}
    return {
        "hand-over": ({"place": county.store.pk, **when}, "handed_over"),
        "extend": ({"on": "2026-03-10", "document": "延 1", "approver": "county_leader"}, "extended"),
        "unrelated": ({"on": "2026-03-10", "reason": "系他人的"}, "unrelated"),
        "return": ({"text": "退还清单 1", **when}, "returned"),
        "dispose": ({"text": "没收决定 1", **when}, "disposed"),
    }


@pytest.mark.parametrize("verb", ["hand-over", "extend", "unrelated", "return", "dispose"])
def test_an_act_is_done_from_the_page(desk: Opened, county: County, verb: str) -> None:
    item = take(county)
    told, action = acts(county)[verb]

    answer = desk(county.officer).post(f"/property/{item.pk}/{verb}/", told, follow=True)

    assert "已办理" in answer.content.decode()
    assert actions(item)[-1] == action


def test_what_was_taken_on_the_spot_is_reported_from_the_page(desk: Opened, county: County) -> None:
    item = take(county, on_spot=True, approver="")

    desk(county.officer).post(
        f"/property/{item.pk}/report/", {"approver": "county_leader", "day": "2026-03-10", "hour": "09:30"}
    )

    item.refresh_from_db()
    assert (item.approver, item.reported_at) == ("county_leader", moment("2026-03-10 09:30"))


def test_it_is_moved_and_the_amount_is_noted_from_the_page(desk: Opened, county: County) -> None:
    item = take(county)
    services.hand_over(item=item, place=county.store, handed_at=AT, by=county.officer, at=AT)
    lab = services.add_place(unit=county.station, name="所内库房", by=county.head)
    client = desk(county.officer)

    client.post(f"/property/{item.pk}/move/", {"place": lab.pk, "reason": "调用"})
    client.post(f"/property/{item.pk}/amount/", {"amount": "5000", "basis": "鉴定意见"})

    item.refresh_from_db()
    assert item.place == lab
    assert CaseAmount.objects.get(matter=county.case).amount == 5000
    shown = page(client, f"/property/{item.pk}/")
    assert "县局财物管理中心 → 所内库房" in shown
    assert "5,000 元" in shown


def test_a_refused_act_says_why_and_keeps_what_was_entered(desk: Opened, county: County) -> None:
    item = take(county)

    answer = desk(county.officer).post(
        f"/property/{item.pk}/return/", {"text": "退还清单 9", "day": "2026-03-09", "hour": "09:30"}
    )

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "早于采取措施的时间" in shown
    assert "退还清单 9" in shown
    item.refresh_from_db()
    assert item.is_held


def test_an_act_that_is_over_is_told_on_the_page_itself(desk: Opened, county: County) -> None:
    item = take(county)
    services.return_item(item=item, ended_at=AT, text="清单", by=county.officer, at=AT)

    told = {"text": "再退一次", "day": "2026-03-10", "hour": "09:30"}
    answer = desk(county.officer).post(f"/property/{item.pk}/return/", told, follow=True)

    assert "没有办理" in answer.content.decode()


def test_an_unknown_act_is_no_page(desk: Opened, county: County) -> None:
    assert desk(county.officer).post(f"/property/{take(county).pk}/burn/").status_code == 404


# -- a new one -----------------------------------------------------------------------------------------------------------

ENTERED = {
    "case": "治1", "number": "扣9", "title": "电脑一台", "measure": "seized", "asset": "goods", "owner": "suspect",
    "day": "2026-03-10", "hour": "09:00", "value": "3000", "document": "扣字 9 号", "approver": "county_leader",
}  # fmt: skip


def test_an_item_is_registered_from_the_page(desk: Opened, county: County) -> None:
    answer = desk(county.officer).post("/property/new/", ENTERED)

    item = Item.objects.select_related("matter").get()
    assert answer.headers["Location"] == f"/property/{item.pk}/"
    assert (item.matter.number, item.value, item.taken_at) == ("扣9", 3000, TAKEN)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"case": "治404"}, "没有找到编号为“治404”"),
        ({"asset": "deposit"}, "资金、证券、股权用冻结"),
        ({"day": "2026-03-11"}, "晚于现在"),
        ({"value": "-1"}, "大于或者?等于"),
        ({"approver": "county_procuratorate"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_registered_says_why(desk: Opened, county: County, wrong: dict[str, str], says: str) -> None:
    answer = desk(county.officer).post("/property/new/", {**ENTERED, **wrong})

    assert answer.status_code == 422
    assert re.search(says, answer.content.decode())
    assert not Item.objects.exists()


def test_who_only_judges_registers_nothing(desk: Opened, county: County) -> None:
    page(desk(county.inspector), "/property/new/", 403)


def test_an_imported_item_without_its_case_is_asked_for_it(desk: Opened, county: County) -> None:
    bare = open_matter(kind="seized_item", number="旧1", unit=county.station, officer=county.officer)
    record_event(matter=bare, kind="property_seized", occurred_at=TAKEN, by=None, at=AT)
    client = desk(county.officer)
    told = {name: value for name, value in ENTERED.items() if name not in ("case", "number", "title")}

    missing = client.post(f"/property/{bare.pk}/describe/", told)
    client.post(f"/property/{bare.pk}/describe/", {**told, "case": "治1"})

    assert missing.status_code == 422
    bare.refresh_from_db()
    assert (bare.parent, Item.objects.get().matter_id) == (county.case, bare.pk)


def test_an_imported_item_is_listed_and_described_from_the_page(desk: Opened, county: County) -> None:
    bare = open_matter(
        kind="seized_item", number="旧1", unit=county.station, officer=county.officer, parent=county.case
    )
    record_event(matter=bare, kind="property_seized", occurred_at=TAKEN, by=None, at=AT)
    client = desk(county.officer)
    assert "旧1" in page(client, "/property/unentered/")
    assert 'value="09:00"' in page(client, f"/property/{bare.pk}/describe/")

    told = {name: value for name, value in ENTERED.items() if name not in ("case", "number", "title")}
    client.post(f"/property/{bare.pk}/describe/", told)

    assert Item.objects.get().matter_id == bare.pk
    assert "没有待补录的财物" in page(client, "/property/unentered/")
    assert day("2026-03-10") == bare.events.get().occurred_at.astimezone(TAKEN.tzinfo).date()
