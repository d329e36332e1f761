"""Who is let in, and what the others are told."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Officer
from supervision.api import rules
from supervision.api.models import RefusedCall, SystemToken
from supervision.api.services import revoke_token
from tests.cases.factories import Bureau
from tests.supervision.api.calling import Caller, let_in

pytestmark = pytest.mark.django_db


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def refused(caller: Caller) -> list[tuple[str, str, str]]:
    return list(RefusedCall.objects.filter(token=caller.token).values_list("why", "what", "address").order_by("pk"))


def test_nobody_is_let_in_without_a_token() -> None:
    answer = Client().get("/api/v1/units")

    assert said(answer) == (401, "not_authenticated")
    assert "Bearer" in answer.json()["message"] and answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("shown", ["nonsense", "dingban_0123456789ab_" + "s" * 43])
def test_a_token_that_there_is_not_is_told_so(county: Caller, shown: str) -> None:
    assert said(Caller(county.token, shown).get("units")) == (401, "bad_token")
    assert not RefusedCall.objects.exists()


def test_the_prefix_of_another_with_ones_own_secret_is_no_token(
    bureau: Bureau, county: Caller, security: Officer
) -> None:
    other = let_in(bureau.station, security)
    mixed = f"dingban_{other.token.prefix}_{county.shown[21:]}"

    assert said(Caller(county.token, mixed).get("units")) == (401, "bad_token")
    assert refused(other) == [("bad_secret", "单位", "127.0.0.1")] and refused(county) == []
    secret = county.shown[21:]
    assert not [value for row in RefusedCall.objects.values() for value in row.values() if secret in str(value)]


def test_a_revoked_token_and_one_that_ran_out_are_told_apart(bureau: Bureau, county: Caller, security: Officer) -> None:
    old = let_in(bureau.county, security)
    now = timezone.now()
    SystemToken.objects.filter(pk=old.token.pk).update(made_at=now - timedelta(days=9), expires_at=now)
    revoke_token(token=county.token, reason="下线", by=security, at=now)

    assert said(old.get("units")) == (401, "expired")
    assert said(county.get("nowhere")) == (401, "revoked")
    assert refused(old) == [("expired", "单位", "127.0.0.1")]
    assert refused(county) == [("revoked", "没有的地址", "127.0.0.1")]


def test_a_token_is_good_only_from_its_networks(bureau: Bureau, security: Officer) -> None:
    near = let_in(bureau.county, security, networks="127.0.0.0/8")
    far = let_in(bureau.county, security, networks="10.0.0.0/8")

    assert near.get("units").status_code == 200
    assert said(far.get("units", headers={"X-Forwarded-For": "10.0.0.1"})) == (403, "wrong_network")
    assert refused(far) == [("wrong_network", "单位", "127.0.0.1")] and refused(near) == []


@pytest.mark.parametrize("path", ["matters", "clocks", "alerts", "orders", "figures?month=2026-03", "bulletins"])
def test_a_token_opens_only_what_it_was_given_for(bureau: Bureau, security: Officer, path: str) -> None:
    scope = f"{path.partition('?')[0]}:read"
    others = [one for one in ("matters:read", "figures:read", "intake:write") if one != scope]

    narrow = let_in(bureau.county, security, scopes=others)
    assert said(narrow.get(path)) == (403, "no_scope")
    assert [why for why, _, _ in refused(narrow)] == ["no_scope"]
    assert let_in(bureau.county, security, scopes=[scope]).get(path).status_code == 200


def test_somebody_signed_in_is_no_system(security: Officer) -> None:
    client = Client()
    client.force_login(security, backend="config.backends.PostsBackend")

    assert said(client.get("/api/v1/matters")) == (401, "not_authenticated")


def test_a_token_that_calls_too_often_is_told_when_to_come_back(
    county: Caller, bureau: Bureau, security: Officer, settings: Any
) -> None:
    settings.API_CALLS_A_MINUTE = 2
    # Whichever minute it is, of five calls three at least fall into one.
    answers = [county.get("units") for _ in range(5)]

    late = next(answer for answer in answers if answer.status_code == 429)
    assert said(late) == (429, "too_often") and 1 <= int(late["Retry-After"]) <= 60
    assert let_in(bureau.county, security).get("units").status_code == 200


def test_the_use_of_a_token_is_seen(county: Caller) -> None:
    county.get("units")

    assert SystemToken.objects.get(pk=county.token.pk).last_used_at is not None


def test_a_flood_of_refused_calls_is_answered_and_leaves_a_bounded_trace(bureau: Bureau, security: Officer) -> None:
    far = let_in(bureau.county, security, networks="10.0.0.0/8")

    codes = {said(far.get("units")) for _ in range(2 * rules.REFUSED_AN_HOUR + 3)}

    assert codes == {(403, "wrong_network")}
    # The hour may have turned in between.
    assert rules.REFUSED_AN_HOUR <= RefusedCall.objects.count() <= 2 * rules.REFUSED_AN_HOUR


@pytest.mark.parametrize(
    "path", ["units/", "nonsense", "matters/1/events", "matters/abc", "matters/-1", f"matters/{10**30}"]
)
def test_what_is_no_address_is_said_as_everything_else_is(county: Caller, path: str) -> None:
    assert said(county.get(path)) == (404, "not_found")
    assert said(Client().get(f"/api/v1/{path}")) == (401, "not_authenticated")


def test_behind_a_trusted_proxy_the_network_is_that_of_the_caller(
    bureau: Bureau, security: Officer, settings: Any
) -> None:
    far = let_in(bureau.county, security, networks="10.0.0.0/8")
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1/32")]

    assert far.get("units", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 200
    assert said(far.get("units", headers={"X-Forwarded-For": "10.0.0.1, 11.0.0.1"})) == (403, "wrong_network")


def test_other_verbs_are_refused_in_chinese(county: Caller) -> None:
    answer = county.post("matters", [])

    assert said(answer) == (405, "method_not_allowed") and "POST" in answer.json()["message"]
