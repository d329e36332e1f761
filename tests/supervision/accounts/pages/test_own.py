"""One's own account."""

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Officer
from supervision.accounts.models import Authenticator, OpenSession, Outcome
from supervision.accounts.rules import SPOILED_TRIES
from tests.supervision.accounts.factories import OTHER, PASSWORD, code_at, enrol, secret_on, sign_in

CHANGE = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_account_says_how_old_the_password_is_and_where_it_is_signed_in(officer: Officer) -> None:
    sign_in(officer, address="10.9.9.9")
    client = sign_in(officer)

    page = text(client, "/account/")

    assert "还有 89 天须更改" in page
    assert "未启用" in page
    assert page.count("本机") == 1
    assert "10.9.9.9" in page
    assert "密码正确" in page


def test_another_browser_is_ended_and_must_sign_in_again(officer: Officer) -> None:
    there, here = sign_in(officer, address="10.9.9.9"), sign_in(officer)
    row = OpenSession.objects.get(address="10.9.9.9")

    page = here.post(f"/account/sessions/{row.pk}/end/", follow=True).content.decode()

    assert "已结束该处登录" in page
    assert there.get("/").headers["Location"].startswith("/login/")
    assert here.get("/").status_code == 200
    assert "已经结束" in here.post(f"/account/sessions/{row.pk}/end/", follow=True).content.decode()


def test_nobody_ends_anothers(officer: Officer, leader: Officer) -> None:
    there = sign_in(leader)
    row = OpenSession.objects.get()

    sign_in(officer).post(f"/account/sessions/{row.pk}/end/")

    assert there.get("/").status_code == 200


def test_the_password_is_changed_and_other_browsers_must_sign_in_again(officer: Officer) -> None:
    there, here = sign_in(officer, address="10.9.9.9"), sign_in(officer)

    page = here.post("/account/password/", CHANGE, follow=True).content.decode()

    assert "密码已更改，其他 1 处登录已结束" in page
    assert there.get("/").headers["Location"].startswith("/login/")
    assert here.get("/").status_code == 200
    assert "本机" in text(here, "/account/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"old_password": "wrong"}, "旧密码"),
        ({"new_password2": "Other-tide-0819"}, "不一致"),
        ({"new_password1": PASSWORD, "new_password2": PASSWORD}, "最近 5 次用过"),
        ({"new_password1": "small-letters-only", "new_password2": "small-letters-only"}, "至少 3 类"),
        ({"new_password1": "Wo-100001-hao", "new_password2": "Wo-100001-hao"}, "警号或者姓名"),
    ],
)
def test_a_password_that_is_not_good_is_told_why_and_nothing_changes(
    officer: Officer, changes: dict[str, str], said: str
) -> None:
    client = sign_in(officer)

    answer = client.post("/account/password/", {**CHANGE, **changes})

    officer.refresh_from_db()
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert officer.check_password(PASSWORD)


def test_the_themes_own_page_leads_here(officer: Officer) -> None:
    assert sign_in(officer).get("/password_change/").headers["Location"] == "/account/password/"


def test_the_menu_of_the_account_leads_here(officer: Officer) -> None:
    page = text(sign_in(officer), "/")

    assert 'href="/account/"' in page and 'href="/account/password/"' in page


def test_a_second_factor_is_enrolled_by_who_wants_one(officer: Officer) -> None:
    client = sign_in(officer)
    page = text(client, "/account/factor/enrol/")
    secret = secret_on(page)

    refused = client.post("/account/factor/enrol/", {"code": "12345"})
    assert refused.status_code == 400
    assert "没有启用" in refused.content.decode()
    assert secret[:4] in refused.content.decode()

    client.post("/account/factor/enrol/", {"code": code_at(secret, timezone.now())})

    assert Authenticator.objects.confirmed().count() == 1
    account = text(client, "/account/")
    assert "已启用" in account and "还有 10 个没有用" in account
    assert client.get("/account/factor/enrol/").headers["Location"] == "/account/"


def test_a_wrong_code_is_told_and_ten_lock(officer: Officer) -> None:
    enrol(officer)
    client = sign_in(officer)

    answers = [client.post("/account/factor/", {"code": "12345"}).content.decode() for _ in range(SPOILED_TRIES)]

    assert "还可以试 9 次" in answers[0]
    assert "已锁定" in answers[-1]
    assert client.get("/").headers["Location"].startswith("/account/factor/")


def test_a_code_from_paper_lets_in_and_says_what_to_do(officer: Officer) -> None:
    _, codes = enrol(officer)
    client = sign_in(officer)

    page = client.post("/account/factor/", {"code": codes[0]}, follow=True).content.decode()

    assert "这个备用码已经用掉" in page
    assert client.get("/").status_code == 200


def test_codes_on_paper_are_renewed_for_a_code_of_the_phone(officer: Officer) -> None:
    secret, codes = enrol(officer)
    client = sign_in(officer)
    client.post("/account/factor/", {"code": codes[0]})

    refused = client.post("/account/factor/codes/", {"code": "12345"}, follow=True).content.decode()
    empty = client.post("/account/factor/codes/", {}, follow=True).content.decode()
    page = client.post("/account/factor/codes/", {"code": code_at(secret, timezone.now())}).content.decode()

    assert "没有更换：验证码不对" in refused
    assert "请填写手机上现在显示的验证码" in empty
    assert page.count("<li><code>") == 10
    assert codes[1] not in page
    assert Outcome.CODES_RENEWED in officer.sign_ins.values_list("outcome", flat=True)


def test_the_home_page_tells_of_the_last_sign_in_and_what_failed_since(officer: Officer) -> None:
    first = sign_in(officer, address="10.9.9.9")
    assert "last-sign-in" not in text(first, "/")
    Client(REMOTE_ADDR="203.0.113.9").post("/login/", {"username": "100001", "password": "wrong"})

    second = text(sign_in(officer), "/")
    third = text(sign_in(officer), "/")

    assert "自 10.9.9.9；期间失败" in second and "<b>1</b> 次" in second
    assert "期间失败 0 次" in third


@pytest.mark.parametrize("address", ["/account/sessions/1/end/", "/account/factor/codes/"])
def test_what_changes_something_is_not_done_by_looking(officer: Officer, address: str) -> None:
    assert sign_in(officer).get(address).status_code == 405
