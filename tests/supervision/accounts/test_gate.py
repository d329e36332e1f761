"""What is still wanted of somebody comes first, and nothing else opens."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from cases.models import Officer
from supervision.accounts.gate import FACTOR, GIVEN
from supervision.accounts.models import OpenSession, Outcome
from tests.supervision.accounts.factories import OTHER, PASSWORD, code_at, enrol, secret_on, sign_in

CHANGE = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
PAGES = ("/", "/matters/", "/clocks/", "/account/", "/account/sessions/1/end/", "/no-such-page/", "/cases/officer/")


def stopped_at(client: Client, page: str) -> set[str]:
    """Where requests for all sorts of pages are sent, without what they wanted."""
    return {client.get(page).headers.get("Location", "").partition("?")[0] for page in PAGES} | {
        client.post("/matters/").headers.get("Location", "")
    }


def test_who_has_nothing_outstanding_works_without_a_question_to_the_database_more(
    officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(officer)
    client.get("/")

    # The session, and the officer.
    with django_assert_num_queries(2):
        answer = client.get("/no-such-page")

    assert answer.status_code == 404


def test_a_stranger_is_none_of_its_business(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"].startswith("/login/")
    assert client.get("/account/").headers["Location"].startswith("/login/")


# -- a password that somebody else set -------------------------------------------------------------------------------


def test_a_password_that_somebody_else_set_opens_only_the_page_that_changes_it(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    client = sign_in(officer)

    assert stopped_at(client, "password") == {"/account/password/"}
    page = client.get("/account/password/")
    assert page.status_code == 200
    assert "密码是别人设置的" in page.content.decode()
    assert client.get("/account/factor/enrol/").headers["Location"].startswith("/account/password/")


def test_the_interface_says_so_in_its_own_words(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)

    answer = sign_in(officer).get("/api/deadline")

    assert (answer.status_code, answer.json()) == (403, {"error": "请先更改密码"})


def test_once_changed_it_lets_him_through_to_where_he_wanted(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    client = sign_in(officer)
    wanted = client.get("/matters/?q=1").headers["Location"]

    answer = client.post(wanted, CHANGE)

    assert answer.headers["Location"] == "/matters/?q=1"
    assert client.get("/matters/").status_code == 200


def test_who_does_not_want_to_may_still_leave(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    client = sign_in(officer)

    client.post("/logout/")

    assert "_auth_user_id" not in client.session
    assert officer.sign_ins.order_by("-pk")[0].outcome == Outcome.SIGNED_OUT


@pytest.mark.parametrize(("age", "stopped"), [(89, False), (91, True)])
def test_a_password_grows_too_old(officer: Officer, settings: Settings, age: int, stopped: bool) -> None:
    settings.PASSWORD_DAYS = 90
    Officer.objects.filter(pk=officer.pk).update(password_set_at=timezone.now() - timedelta(days=age))
    client = sign_in(officer)

    home = client.get("/")

    assert (home.status_code == 302) is stopped
    if stopped:
        assert "密码已经到期" in client.get("/account/password/").content.decode()
        client.post("/account/password/", CHANGE)
        assert client.get("/").status_code == 200
    else:
        assert "天到期" in home.content.decode()


def test_where_passwords_live_for_ever_none_is_too_old(officer: Officer, settings: Settings) -> None:
    settings.PASSWORD_DAYS = 0
    Officer.objects.filter(pk=officer.pk).update(password_set_at=timezone.now() - timedelta(days=9000))

    assert sign_in(officer).get("/").status_code == 200


# -- the second factor -----------------------------------------------------------------------------------------------


def test_after_the_password_the_second_factor_is_asked_for_and_nothing_else_opens(officer: Officer) -> None:
    secret, _ = enrol(officer)
    client = sign_in(officer)
    before = client.session.session_key

    assert stopped_at(client, "factor") == {"/account/factor/"}

    answer = client.post("/account/factor/?next=/matters/", {"code": code_at(secret, timezone.now())})

    assert answer.headers["Location"] == "/matters/"
    assert client.get("/matters/").status_code == 200
    # Who knew the session before knows nothing now.
    assert client.session.session_key != before
    assert OpenSession.objects.get(officer=officer).session_key == client.session.session_key
    assert list(officer.sign_ins.order_by("-pk").values_list("outcome", flat=True)[:2]) == [
        "factor_given",
        "signed_in",
    ]


def test_it_comes_before_the_password_is_changed(officer: Officer) -> None:
    enrol(officer)
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    client = sign_in(officer)

    assert client.get("/account/password/").headers["Location"].startswith("/account/factor/")
    assert client.post("/account/password/", CHANGE).headers["Location"].startswith("/account/factor/")


def test_the_next_sign_in_in_the_same_browser_asks_again(officer: Officer) -> None:
    secret, _ = enrol(officer)
    client = sign_in(officer)
    client.post("/account/factor/", {"code": code_at(secret, timezone.now())})
    assert client.session[FACTOR] == GIVEN

    client.post("/login/", {"username": "100001", "password": PASSWORD})

    assert client.get("/").headers["Location"].startswith("/account/factor/")


def test_nobody_is_sent_off_the_site(officer: Officer) -> None:
    secret, _ = enrol(officer)
    client = sign_in(officer)

    answer = client.post("/account/factor/?next=https://example.com/", {"code": code_at(secret, timezone.now())})

    assert answer.headers["Location"] == "/"


def test_who_must_have_one_enrols_before_he_works(leader: Officer, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    client = sign_in(leader)

    assert stopped_at(client, "enrol") == {"/account/factor/enrol/"}
    page = client.get("/account/factor/enrol/").content.decode()
    secret = secret_on(page)
    codes = client.post("/account/factor/enrol/", {"code": code_at(secret, timezone.now())})

    assert "<svg" in page and "otpauth://totp/" in page
    assert codes.content.decode().count("<li><code>") == 10
    assert client.get("/").status_code == 200


def test_who_need_not_have_one_is_not_asked(officer: Officer, leader: Officer, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    assert sign_in(officer).get("/").status_code == 200

    settings.SECOND_FACTOR = "optional"
    assert sign_in(leader).get("/").status_code == 200


def test_a_post_granted_today_asks_at_the_next_page(officer: Officer, guard: Officer, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    client = sign_in(officer)
    assert client.get("/").status_code == 200

    officer.posts.update(role="leader")

    assert client.get("/").headers["Location"].startswith("/account/factor/enrol/")


# -- where administrators come from ----------------------------------------------------------------------------------


@pytest.fixture
def fenced(settings: Settings) -> None:
    settings.ADMIN_NETWORKS = (ip_network("10.1.2.0/24"),)
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)


@pytest.mark.usefixtures("fenced")
@pytest.mark.parametrize("name", ["keeper", "guard", "auditor"])
def test_an_administrator_signs_in_from_his_network_only(name: str, request: pytest.FixtureRequest) -> None:
    administrator = request.getfixturevalue(name)

    refused = Client(REMOTE_ADDR="10.1.3.1").post(
        "/login/", {"username": administrator.police_number, "password": PASSWORD}
    )

    assert refused.status_code == 200
    assert "只能在指定的网段登录" in refused.content.decode()
    assert administrator.sign_ins.get().outcome == Outcome.OUTSIDE
    assert sign_in(administrator, address="10.1.2.77").get("/").status_code == 200


@pytest.mark.usefixtures("fenced")
def test_a_proxy_that_is_trusted_says_where_he_comes_from(keeper: Officer) -> None:
    known = {"username": "900001", "password": PASSWORD}

    behind = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.1.2.9").post("/login/", known)
    forged = Client(REMOTE_ADDR="10.8.8.8", HTTP_X_FORWARDED_FOR="10.1.2.9").post("/login/", known)

    assert (behind.status_code, forged.status_code) == (302, 200)
    assert list(keeper.sign_ins.order_by("pk").values_list("outcome", "address")) == [
        ("signed_in", "10.1.2.9"),
        ("outside", "10.8.8.8"),
    ]


@pytest.mark.usefixtures("fenced")
def test_a_session_that_wanders_off_ends(keeper: Officer) -> None:
    client = sign_in(keeper, address="10.1.2.7")

    client.defaults["REMOTE_ADDR"] = "10.8.8.8"
    answer = client.get("/cases/officer/")

    assert answer.headers["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
    assert Outcome.OUTSIDE in keeper.sign_ins.values_list("outcome", flat=True)


@pytest.mark.usefixtures("fenced")
def test_everybody_else_comes_from_anywhere(officer: Officer, leader: Officer) -> None:
    assert sign_in(officer, address="192.0.2.1").get("/").status_code == 200
    assert sign_in(leader, address="192.0.2.1").get("/").status_code == 200
