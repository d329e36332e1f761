"""Signing in: lockout after five tries, the end of an idle session, the headers of every page."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from cases.models import Officer, Unit
from config.sessions import RENEWED
from supervision.accounts.models import SignIn

pytestmark = pytest.mark.django_db

PASSWORD = "liangzhu-jade-5300"


@pytest.fixture
def officer() -> Officer:
    unit = Unit.objects.create(code="330100", name="良渚市公安局", level=2, path="0001")
    return Officer.objects.create_user("100001", "张三", unit, PASSWORD)


def sign_in(client: Client, password: str, name: str = "100001") -> int:
    return client.post("/login/", {"username": name, "password": password}).status_code


def test_the_right_password_opens_the_door(client: Client, officer: Officer) -> None:
    assert sign_in(client, PASSWORD) == 302
    assert client.session["_auth_user_id"] == str(officer.pk)


def test_the_fifth_wrong_password_locks_and_then_even_the_right_one_is_refused(
    client: Client, officer: Officer
) -> None:
    answers = [sign_in(client, "wrong") for _ in range(5)]

    refused = client.post("/login/", {"username": "100001", "password": PASSWORD})

    assert answers == [200, 200, 200, 200, 429]
    assert refused.status_code == 429
    assert "暂停登录 15 分钟" in refused.content.decode()


def test_an_unknown_name_is_locked_just_the_same(client: Client, officer: Officer) -> None:
    assert [sign_in(client, "wrong", name="no-such") for _ in range(5)][-1] == 429


def test_what_failed_is_on_record_with_its_reason(client: Client, officer: Officer) -> None:
    sign_in(client, "wrong", name="no-such")
    for _ in range(6):
        sign_in(client, "wrong")
    Client(REMOTE_ADDR="10.1.2.3", HTTP_USER_AGENT="Firefox").post(
        "/login/", {"username": "100001", "password": PASSWORD}
    )

    rows = list(SignIn.objects.order_by("pk").values_list("number", "outcome", "address"))

    assert rows[0] == ("no-such", "unknown_number", "127.0.0.1")
    assert [outcome for _, outcome, _ in rows[1:7]] == [*["wrong_password"] * 4, *["locked_out"] * 2]
    assert rows[7] == ("100001", "signed_in", "10.1.2.3")


def test_nothing_typed_is_nothing_to_record(client: Client, officer: Officer) -> None:
    assert sign_in(client, "", name="") == 200
    assert sign_in(client, "x", name="\0") == 200

    assert not SignIn.objects.exists()


def test_who_comes_from_no_address_at_all_signs_in_and_is_locked_like_any_other(officer: Officer) -> None:
    client = Client(REMOTE_ADDR="")
    assert sign_in(client, PASSWORD) == 302

    assert [sign_in(Client(REMOTE_ADDR=""), "wrong") for _ in range(5)][-1] == 429
    assert set(SignIn.objects.values_list("address", flat=True)) == {""}


def test_behind_a_trusted_proxy_each_address_is_locked_by_itself(
    client: Client, officer: Officer, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    one, other = Client(HTTP_X_FORWARDED_FOR="10.0.0.1"), Client(HTTP_X_FORWARDED_FOR="10.0.0.2")
    answers = [sign_in(one, "wrong") for _ in range(5)]

    assert answers[-1] == 429
    assert sign_in(other, PASSWORD) == 302


def test_a_colleague_at_the_same_address_is_not_locked_out(client: Client, officer: Officer) -> None:
    Officer.objects.create_user("100002", "李四", officer.unit, PASSWORD)
    for _ in range(5):
        sign_in(client, "wrong")

    assert sign_in(client, PASSWORD, name="100002") == 302


def test_a_request_within_the_minute_does_not_write_the_session(client: Client, officer: Officer) -> None:
    client.force_login(officer)
    client.get("/login/")
    first = client.session[RENEWED]

    answer = client.get("/login/")

    assert client.session[RENEWED] == first
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_a_request_after_the_minute_puts_the_end_off(client: Client, officer: Officer) -> None:
    client.force_login(officer)
    session = client.session
    session[RENEWED] = int((timezone.now() - timedelta(minutes=20)).timestamp())
    session.set_expiry(None)
    session.save()

    answer = client.get("/login/")

    assert client.session[RENEWED] > session[RENEWED]
    assert settings.SESSION_COOKIE_NAME in answer.cookies


def test_half_an_hour_without_a_request_ends_the_session(client: Client, officer: Officer) -> None:
    client.force_login(officer)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert settings.SESSION_COOKIE_AGE == 30 * 60
    assert "_auth_user_id" not in client.session


def test_every_page_says_what_a_browser_may_do(client: Client) -> None:
    answer = client.get("/login/")

    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert 'lang="zh-hans"' in answer.content.decode().lower()
