"""Tokens are made, used and revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Officer, Role
from supervision.api.models import SystemToken, TokenStep
from supervision.api.services import ApiRefused, make_token, note_use, revoke_token
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.api.calling import Caller

pytestmark = pytest.mark.django_db

AT = moment("2026-03-02 10:00")


def given(bureau: Bureau, **changes: Any) -> dict[str, Any]:
    return {
        "name": "平台",
        "unit": bureau.county,
        "scopes": ["matters:read"],
        "expires_at": AT + timedelta(days=30),
        **changes,
    }


def test_a_token_is_kept_without_its_secret_and_with_a_step(bureau: Bureau, security: Officer) -> None:
    made = make_token(**given(bureau, networks="10.0.0.0/8"), by=security, at=AT)

    row = SystemToken.objects.filter(pk=made.token.pk).values().get()
    assert made.shown_once.rpartition("_")[2] not in str(row)
    [step] = TokenStep.objects.all()
    assert (step.action, step.by, step.text) == ("made", security, "县局；读事项；10.0.0.0/8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "  "}, "请填写调用系统的名称"),
        ({"scopes": []}, "请至少选择一项权限"),
        ({"scopes": ["everything"]}, "没有“everything”这项权限"),
        ({"expires_at": AT}, "有效期早于现在"),
        ({"expires_at": AT + timedelta(days=366)}, "令牌最长一年"),
        ({"networks": "内网"}, "“内网”不是网段"),
    ],
)
def test_what_is_no_token_is_refused(bureau: Bureau, security: Officer, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ApiRefused, match=said):
        make_token(**given(bureau, **changes), by=security, at=AT)

    assert not SystemToken.objects.exists()


def test_nobody_gives_or_revokes_what_is_not_his_to_keep(bureau: Bureau, county: Caller) -> None:
    abroad = make_officer("900009", bureau.other_county, Role.SECURITY_ADMIN)

    with pytest.raises(ApiRefused, match="不在您管理的单位之内"):
        make_token(**given(bureau), by=abroad, at=AT)
    with pytest.raises(ApiRefused, match="不在您管理的单位之内"):
        revoke_token(token=county.token, reason="不该", by=abroad, at=AT)

    assert SystemToken.objects.get().revoked_at is None


def test_a_revoked_token_says_by_whom_and_is_not_revoked_again(county: Caller, security: Officer) -> None:
    revoke_token(token=county.token, reason="系统下线", by=security, at=AT)

    county.token.refresh_from_db()
    assert (county.token.revoked_at, county.token.revoked_by) == (AT, security)
    assert TokenStep.objects.filter(action="revoked", text="系统下线").count() == 1
    with pytest.raises(ApiRefused, match="已经吊销"):
        revoke_token(token=county.token, reason="再来", by=security, at=AT)
    assert TokenStep.objects.filter(action="revoked").count() == 1


def test_revoking_says_why(county: Caller, security: Officer) -> None:
    with pytest.raises(ApiRefused, match="原因"):
        revoke_token(token=county.token, reason=" ", by=security, at=AT)


def test_use_is_written_down_once_a_minute(county: Caller) -> None:
    written = []
    for seconds in (0, 30, 59, 60, 61):
        token = SystemToken.objects.get(pk=county.token.pk)
        written.append(note_use(token, at=AT + timedelta(seconds=seconds)))

    assert written == [True, False, False, True, False]


def test_the_database_keeps_what_the_verbs_keep(county: Caller, security: Officer) -> None:
    rows = SystemToken.objects.filter(pk=county.token.pk)

    for changes, constraint in (
        ({"expires_at": county.token.made_at}, "token_ends_after_it_begins"),
        ({"revoked_at": AT}, "revoked_token_says_by_whom"),
        ({"revoked_by": security}, "revoked_token_says_by_whom"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            rows.update(**changes)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_ledger_is_only_added_to(county: Caller, act: str) -> None:
    steps = TokenStep.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        steps.update(text="改写") if act == "update" else steps.delete()
