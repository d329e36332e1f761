"""Tokens are given out and revoked on pages, by the security administrator, in his own bureau; the secret is shown once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.audit.models import RowChange, WayOut
from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.api import rules
from supervision.api.models import SystemToken, TokenStep
from tests.cases.factories import Bureau, make_officer
from tests.supervision.api.calling import Caller, let_in

pytestmark = pytest.mark.django_db

LIST, ADD, LEDGER = "/api/systemtoken/", "/api/systemtoken/add/", "/api/tokenstep/"
TOKEN = re.compile(r"dingban_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


@pytest.fixture
def guard(bureau: Bureau) -> Client:
    """The security administrator's browser, of the county."""
    plan_roles()
    return browser(make_officer("900002", bureau.county, Role.SECURITY_ADMIN))


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def entered(bureau: Bureau, **changes: Any) -> dict[str, Any]:
    until = timezone.localtime() + timedelta(days=30)
    return {
        "name": "综合办案平台",
        "unit": str(bureau.county.pk),
        "chosen": ["matters:read", "intake:write"],
        "places": "",
        "expires_at_0": f"{until:%Y-%m-%d}",
        "expires_at_1": f"{until:%H:%M}",
        **changes,
    }


def at(page: str, token: Caller) -> str:
    return f"/api/systemtoken/{token.token.pk}/{page}/"


def test_a_token_given_out_on_the_page_lets_its_system_in(guard: Client, bureau: Bureau) -> None:
    assert guard.get(ADD).status_code == 200
    answer = guard.post(ADD, entered(bureau, places="127.0.0.0/8"), follow=True)

    token, text = SystemToken.objects.get(), answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    [shown] = TOKEN.findall(text)
    assert "只显示这一次" in text and Caller(token, shown).get("matters").status_code == 200
    assert (token.scopes, token.networks) == (["matters:read", "intake:write"], ["127.0.0.0/8"])
    assert TokenStep.objects.get().by.police_number == "900002"


def test_the_secret_is_on_no_other_page_and_in_no_log(guard: Client, bureau: Bureau) -> None:
    [shown] = TOKEN.findall(guard.post(ADD, entered(bureau), follow=True).content.decode())
    token, secret = SystemToken.objects.get(), shown[21:]

    pages = [guard.get(path).content.decode() for path in (LIST, LEDGER, f"{LIST}{token.pk}/change/", "/")]
    logged = [str(row) for model in (LogEntry, RowChange, TokenStep, WayOut) for row in model.objects.values()]
    assert len(secret) == 43 and logged
    assert not [text for text in (*pages, *logged) if secret in text or token.digest in text]


def test_a_reload_makes_no_second_token_and_shows_the_secret_no_more(guard: Client, bureau: Bureau) -> None:
    answer = guard.post(ADD, entered(bureau))
    token = SystemToken.objects.get()

    assert (answer.status_code, answer["Location"]) == (302, f"/systems/{token.pk}/secret/")
    waiting = json.dumps(dict(guard.session.items()))
    assert str(token.pk) in waiting and token.prefix not in waiting
    assert guard.head(answer["Location"]).status_code == 405
    first, *again = [guard.get(answer["Location"]) for _ in range(3)]

    [shown] = TOKEN.findall(first.content.decode())
    assert rules.is_secret(shown[21:], token.digest)
    for page in again:
        text = page.content.decode()
        assert (
            page.status_code == 200 and "令牌只显示一次" in text and not TOKEN.search(text) and shown[21:] not in text
        )
    assert SystemToken.objects.count() == TokenStep.objects.count() == 1


def test_two_tokens_made_at_once_are_each_shown_once_and_to_no_colleague(guard: Client, bureau: Bureau) -> None:
    addresses = [guard.post(ADD, entered(bureau, name=name))["Location"] for name in ("甲平台", "乙平台")]
    colleague = browser(make_officer("900003", bureau.county, Role.SECURITY_ADMIN))
    abroad = browser(make_officer("900004", bureau.other_county, Role.SECURITY_ADMIN))

    assert not any(TOKEN.search(colleague.get(address).content.decode()) for address in addresses)
    assert [abroad.get(address).status_code for address in addresses] == [404, 404]
    shown = [TOKEN.findall(guard.get(address).content.decode()) for address in reversed(addresses)]
    prefixes = SystemToken.objects.order_by("-pk").values_list("prefix", flat=True)
    assert [[found[8:20] for found in one] for one in shown] == [[prefix] for prefix in prefixes]


@pytest.mark.parametrize(("minutes", "there"), [(9, True), (10, False)])
def test_a_secret_waits_ten_minutes_for_its_page_and_no_longer(
    guard: Client, bureau: Bureau, monkeypatch: pytest.MonkeyPatch, minutes: int, there: bool
) -> None:
    address, now = guard.post(ADD, entered(bureau))["Location"], timezone.now()
    later = now + timedelta(minutes=minutes)
    monkeypatch.setattr("supervision.api.pages.timezone.now", lambda: later)

    assert bool(TOKEN.search(guard.get(address).content.decode())) is there


def test_a_secret_sealed_under_a_key_that_is_gone_is_not_shown(guard: Client, bureau: Bureau, settings: Any) -> None:
    address = guard.post(ADD, entered(bureau))["Location"]
    settings.FIELD_KEYS = {"k9": bytes(32)}

    assert "令牌只显示一次" in guard.get(address).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chosen": []}, "这个字段是必填项"),
        ({"places": "内网"}, "“内网”不是网段"),
        ({"expires_at_0": "2020-01-01"}, "有效期早于现在"),
        ({"expires_at_0": "2999-01-01"}, "令牌最长一年"),
    ],
)
def test_what_is_refused_is_said_on_the_form_and_nothing_of_it_is_lost(
    guard: Client, bureau: Bureau, changes: dict[str, Any], said: str
) -> None:
    answer = guard.post(ADD, entered(bureau, **changes))

    text = answer.content.decode()
    assert answer.status_code == 200 and said in text and 'value="综合办案平台"' in text
    assert not SystemToken.objects.exists() and not TokenStep.objects.exists()


def test_no_token_is_wider_than_the_bureau_of_who_gives_it(guard: Client, bureau: Bureau) -> None:
    for unit in (bureau.city, bureau.province, bureau.other_county, bureau.other_station):
        answer = guard.post(ADD, entered(bureau, unit=str(unit.pk)))
        assert answer.status_code == 200 and "选择一个有效的选项" in answer.content.decode()

    assert not SystemToken.objects.exists()
    guard.post(ADD, entered(bureau, unit=str(bureau.station.pk)))
    assert SystemToken.objects.get().unit == bureau.station


def test_a_revoked_token_is_shut_out_at_once_and_its_page_is_only_read(guard: Client, county: Caller) -> None:
    assert "吊销原因" in guard.get(at("change", county)).content.decode()
    guard.post(at("change", county), {"reason": ""})
    assert county.get("units").status_code == 200

    answer = guard.post(at("change", county), {"reason": "系统下线"}, follow=True)

    assert "已吊销" in answer.content.decode()
    assert county.get("units").json()["code"] == "revoked"
    assert TokenStep.objects.filter(action="revoked", text="系统下线", by__police_number="900002").count() == 1
    assert 'name="reason"' not in guard.get(at("change", county)).content.decode()
    assert guard.post(at("change", county), {"reason": "再来"}).status_code == 403


def test_a_token_is_not_deleted_nor_changed(guard: Client, county: Caller) -> None:
    before = SystemToken.objects.values().get()

    guard.post(at("change", county), {"reason": "", "name": "改名", "scopes": "[]", "unit": "1"})

    assert guard.get(at("delete", county)).status_code == guard.post(at("delete", county)).status_code == 403
    assert SystemToken.objects.values().get() == before


def test_the_list_says_how_each_token_stands(guard: Client, bureau: Bureau, county: Caller, security: Officer) -> None:
    assert "● 有效" in guard.get(LIST).content.decode() and "没有用过" in guard.get(LIST).content.decode()
    now = timezone.now()
    SystemToken.objects.update(made_at=now - timedelta(days=9), expires_at=now)

    assert "◆ 已过期" in guard.get(LIST).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY_ADMIN])
def test_nobody_else_makes_sees_or_revokes_tokens(bureau: Bureau, county: Caller, role: Role) -> None:
    client = browser(make_officer("1", bureau.county, role))

    answers = [client.get(path).status_code for path in (LIST, ADD, at("change", county))]
    answers += [client.post(ADD, entered(bureau)).status_code]
    answers += [client.post(at("change", county), {"reason": "不该"}).status_code]
    assert set(answers) == {403} and SystemToken.objects.filter(revoked_at=None).count() == 1


def test_the_security_administrator_next_door_sees_nothing_of_it(bureau: Bureau, county: Caller) -> None:
    county.get("units")
    abroad = browser(make_officer("2", bureau.other_county, Role.SECURITY_ADMIN))

    for path in (LIST, LEDGER):
        page = abroad.get(path)
        assert page.status_code == 200 and county.token.prefix not in page.content.decode()
    answer = abroad.post(at("change", county), {"reason": "不该"})
    assert answer.status_code == 302 and SystemToken.objects.get().revoked_at is None
    assert abroad.get(f"/systems/{county.token.pk}/calls/").status_code == 404


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDITOR])
def test_what_a_system_was_given_when_is_read_by_who_keeps_its_token_and_by_the_auditor(
    bureau: Bureau, county: Caller, security: Officer, role: Role
) -> None:
    reader = browser(make_officer("3", bureau.county, role))
    address = f"/systems/{county.token.pk}/calls/"
    assert "没有调用记录" in reader.get(address).content.decode()

    county.get("units", code="X1")
    let_in(bureau.county, security).get("units", code="X2")

    [row] = reader.get(address).context["rows"]
    assert (row.what, row.rows, row.by) == ("接口单位：综合办案平台", 1, None)
    assert row.asked == "来自 127.0.0.1 code=X1" and row.asked in reader.get(address).content.decode()
    assert address in reader.get(LEDGER).content.decode()


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.LEGAL_OFFICER, Role.LEADER])
def test_nobody_else_reads_the_calls(bureau: Bureau, county: Caller, role: Role) -> None:
    client = browser(make_officer("4", bureau.county, role))

    assert client.get(f"/systems/{county.token.pk}/calls/").status_code == 403
    assert client.get(LEDGER).status_code == 403


def test_calls_are_narrowed_and_paged_by_key_in_a_fixed_number_of_questions(guard: Client, county: Caller) -> None:
    address = f"/systems/{county.token.pk}/calls/"

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            guard.get(address)
        return len(asked)

    county.get("units")
    guard.get(address)
    one = questions()
    for size in range(1, 60):
        county.get("units", size=size)
        assert size != 2 or questions() == one

    first = guard.get(address).context
    second = guard.get(f"{address}{first['next']}").context
    assert [len(page["rows"]) for page in (first, second)] == [50, 10]
    assert len({row.pk for page in (first, second) for row in page["rows"]}) == 60
    assert [row.asked for row in guard.get(f"{address}?asked=size%3D7").context["rows"]] == ["来自 127.0.0.1 size=7"]
    assert len(guard.get(f"{address}?what=送入").context["rows"]) == 0


# -- calls that were not let in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDITOR])
def test_what_was_not_let_in_is_read_by_who_keeps_the_token_and_by_the_auditor(
    bureau: Bureau, security: Officer, role: Role
) -> None:
    reader = browser(make_officer("3", bureau.county, role))
    far = let_in(bureau.county, security, networks="10.0.0.0/8")
    address = f"/systems/{far.token.pk}/refused/"
    assert "没有被拒绝的调用" in reader.get(address).content.decode()
    assert address in reader.get(f"/systems/{far.token.pk}/calls/").content.decode()

    far.get("units")

    text = reader.get(address).content.decode()
    assert "网段不对" in text and "单位" in text and "127.0.0.1" in text and "每小时最多记 20 次" in text
    assert len(reader.get(f"{address}?why=revoked").context["rows"]) == 0
    assert len(reader.get(f"{address}?why=wrong_network&address=127.").context["rows"]) == 1


def test_nobody_else_reads_what_was_not_let_in(bureau: Bureau, county: Caller) -> None:
    address = f"/systems/{county.token.pk}/refused/"
    inside = [make_officer(f"5{n}", bureau.county, role) for n, role in enumerate((Role.SYSTEM_ADMIN, Role.LEADER))]

    assert {browser(officer).get(address).status_code for officer in inside} == {403}
    abroad = make_officer("59", bureau.other_county, Role.SECURITY_ADMIN)
    assert browser(abroad).get(address).status_code == 404


def test_the_page_of_what_was_not_let_in_asks_a_fixed_number_of_questions(
    guard: Client, bureau: Bureau, security: Officer
) -> None:
    far = let_in(bureau.county, security, networks="10.0.0.0/8")
    address = f"/systems/{far.token.pk}/refused/"

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            guard.get(address)
        return len(asked)

    far.get("units")
    guard.get(address)
    one = questions()
    for path in ("matters", "clocks"):
        far.get(path)

    assert questions() == one and len(guard.get(address).context["rows"]) == 3
