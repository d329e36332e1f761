import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from cases.models import Officer, Role
from supervision.accounts import queries, refusals, sealing, services
from supervision.accounts.models import Authenticator, OpenSession, Outcome, RecoveryCode
from supervision.accounts.rules import SPOILED_TRIES
from supervision.accounts.services import AccountRefused, WrongFirstCode
from tests.cases.factories import Bureau, make_officer
from tests.supervision.accounts.factories import AT, DESK, LATER, SECRET, code_at, enrol

OLD_KEY, NEW_KEY = b"1" * 32, b"2" * 32


def give(officer: Officer, code: str, seconds: int = 300) -> Outcome:
    return services.give_code(officer=officer, code=code, visitor=DESK, at=AT + timedelta(seconds=seconds))


def wrong(secret: str, seconds: int = 300) -> str:
    """Six digits that no step near the moment has."""
    near = {code_at(secret, AT + timedelta(seconds=seconds + 30 * step)) for step in (-2, -1, 0, 1, 2)}
    return next(code for code in (f"{n:06d}" for n in range(10)) if code not in near)


def spoil(officer: Officer, secret: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AccountRefused):
            give(officer, wrong(secret))


def outcomes(officer: Officer) -> list[str]:
    return list(officer.sign_ins.order_by("pk").values_list("outcome", flat=True))


# -- enrolling -------------------------------------------------------------------------------------------------------


def test_the_codes_are_those_of_the_standard(officer: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    # RFC 6238, appendix B, SHA-1, the last six of its eight digits.
    monkeypatch.setattr("secrets.token_bytes", lambda size: SECRET if size == 20 else b"n" * size)
    services.begin_enrolment(officer=officer, at=AT)
    at = datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)

    assert services.confirm_enrolment(officer=officer, code="081804", keep=None, visitor=DESK, at=at)


def test_a_phone_is_enrolled_by_its_first_code_and_other_sign_ins_end(officer: Officer) -> None:
    for key in ("here", "there"):
        OpenSession.objects.create(officer=officer, session_key=key, begun_at=AT)
    secret = services.begin_enrolment(officer=officer, at=AT)
    assert not queries.has_factor(officer)

    codes = services.confirm_enrolment(officer=officer, code=code_at(secret, AT), keep="here", visitor=DESK, at=AT)

    assert queries.has_factor(officer)
    assert len(codes) == RecoveryCode.objects.count() == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    assert list(OpenSession.objects.values_list("session_key", flat=True)) == ["here"]
    assert outcomes(officer) == ["enrolled"]


def test_a_wrong_first_code_enrols_nothing(officer: Officer) -> None:
    secret = services.begin_enrolment(officer=officer, at=AT)

    with pytest.raises(WrongFirstCode):
        services.confirm_enrolment(officer=officer, code=wrong(secret, 0), keep=None, visitor=DESK, at=AT)

    assert not queries.has_factor(officer)
    assert services.secret_being_enrolled(officer=officer) == secret


def test_a_new_look_throws_the_unconfirmed_secret_away(officer: Officer) -> None:
    first = services.begin_enrolment(officer=officer, at=AT)

    second = services.begin_enrolment(officer=officer, at=AT)

    assert first != second
    with pytest.raises(WrongFirstCode):
        services.confirm_enrolment(officer=officer, code=code_at(first, AT), keep=None, visitor=DESK, at=AT)


def test_who_has_a_second_factor_does_not_enrol_another(officer: Officer) -> None:
    secret, _ = enrol(officer)

    for act in (
        lambda: services.begin_enrolment(officer=officer, at=LATER),
        lambda: services.secret_being_enrolled(officer=officer),
        lambda: services.confirm_enrolment(
            officer=officer, code=code_at(secret, LATER), keep=None, visitor=DESK, at=LATER
        ),
    ):
        with pytest.raises(AccountRefused, match=refusals.ENROLLED_ALREADY):
            act()


def test_the_address_for_the_phone_names_the_product_the_number_and_the_secret() -> None:
    address = urlsplit(services.address_for_phone(officer=Officer(police_number="100001"), secret="ABC"))

    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/盯办:100001")
    assert parse_qs(address.query) == {"secret": ["ABC"], "issuer": ["盯办"], "digits": ["6"], "period": ["30"]}


# -- giving codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-30, 0, 30])
def test_a_phone_may_be_half_a_minute_off(officer: Officer, off: int) -> None:
    secret, _ = enrol(officer)

    assert give(officer, code_at(secret, LATER + timedelta(seconds=off))) == Outcome.FACTOR_GIVEN


@pytest.mark.parametrize("off", [-90, 90])
def test_no_phone_may_be_further_off(officer: Officer, off: int) -> None:
    secret, _ = enrol(officer)

    with pytest.raises(AccountRefused, match="还可以试 9 次"):
        give(officer, code_at(secret, LATER + timedelta(seconds=off)))


def test_a_code_is_good_for_once_and_none_before_it_either(officer: Officer) -> None:
    secret, _ = enrol(officer)
    code, earlier = code_at(secret, LATER), code_at(secret, LATER - timedelta(seconds=30))
    give(officer, f" {code[:3]} {code[3:]} ")

    for spent in (code, earlier):
        with pytest.raises(AccountRefused):
            give(officer, spent)

    assert give(officer, code_at(secret, LATER + timedelta(seconds=30)), 330) == Outcome.FACTOR_GIVEN


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "ABCD-EFGH-JKMN-PQRS", "0" * 40])
def test_what_is_no_code_is_a_spoiled_try(officer: Officer, code: str) -> None:
    enrol(officer)

    with pytest.raises(AccountRefused):
        give(officer, code)

    assert Authenticator.objects.get().failures == 1
    assert outcomes(officer) == ["enrolled", "factor_wrong"]


def test_a_recovery_code_stands_in_once(officer: Officer) -> None:
    _, codes = enrol(officer)

    assert give(officer, codes[3].lower().replace("-", " ")) == Outcome.CODE_USED
    with pytest.raises(AccountRefused):
        give(officer, codes[3])
    assert give(officer, codes[4]) == Outcome.CODE_USED
    assert RecoveryCode.objects.filter(used_at=None).count() == 8


def test_a_recovery_code_is_its_own_officers(officer: Officer, leader: Officer) -> None:
    _, codes = enrol(officer)
    enrol(leader)

    with pytest.raises(AccountRefused):
        give(leader, codes[0])


def test_ten_spoiled_tries_lock_and_then_even_the_right_code_is_refused(officer: Officer) -> None:
    secret, codes = enrol(officer)
    spoil(officer, secret, SPOILED_TRIES)

    for code in (code_at(secret, LATER), codes[0]):
        with pytest.raises(AccountRefused, match="已锁定"):
            give(officer, code)

    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    assert outcomes(officer) == ["enrolled", *["factor_wrong"] * 9, *["factor_locked"] * 3]


def test_a_right_code_lets_the_counting_begin_anew(officer: Officer) -> None:
    secret, _ = enrol(officer)
    spoil(officer, secret, SPOILED_TRIES - 1)
    give(officer, code_at(secret, LATER))

    spoil(officer, secret, SPOILED_TRIES - 1)

    assert Authenticator.objects.get().locked_at is None


def test_who_has_no_second_factor_gives_none(officer: Officer) -> None:
    services.begin_enrolment(officer=officer, at=AT)

    with pytest.raises(AccountRefused, match=refusals.NOT_ENROLLED):
        give(officer, "123456")


def test_new_recovery_codes_take_the_place_of_the_old(officer: Officer) -> None:
    _, old = enrol(officer)

    new = services.renew_codes(officer=officer, visitor=DESK, at=LATER)

    assert not set(old) & set(new)
    with pytest.raises(AccountRefused):
        give(officer, old[0])
    assert give(officer, new[0]) == Outcome.CODE_USED


# -- resetting -------------------------------------------------------------------------------------------------------


def reset(officer: Officer, by: Officer | None, why: str = "手机遗失") -> None:
    services.reset_factor(officer=officer, why=why, by=by, visitor=DESK, at=LATER)


def test_the_security_administrator_resets_anothers_and_his_sign_ins_end(officer: Officer, guard: Officer) -> None:
    enrol(officer)
    OpenSession.objects.create(officer=officer, session_key="there", begun_at=AT)

    reset(officer, guard)

    row = officer.sign_ins.order_by("-pk")[0]
    assert (row.outcome, row.by, row.text) == (Outcome.FACTOR_RESET, guard, "手机遗失")
    assert not queries.has_factor(officer)
    assert not OpenSession.objects.exists() and not RecoveryCode.objects.exists()


def test_nobody_resets_his_own(guard: Officer) -> None:
    enrol(guard)

    with pytest.raises(AccountRefused, match=refusals.OWN_RESET):
        reset(guard, guard)

    assert queries.has_factor(guard)


def test_nobody_resets_one_he_does_not_look_after(abroad: Officer, guard: Officer, keeper: Officer) -> None:
    enrol(abroad)

    for by in (guard, keeper):
        with pytest.raises(AccountRefused, match=refusals.NOT_YOURS):
            reset(abroad, by)


@pytest.mark.parametrize(("why", "said"), [(" ", "请写明"), ("长" * 201, "最多 200 个字，现有 201 个")])
def test_a_reset_says_why(officer: Officer, guard: Officer, why: str, said: str) -> None:
    enrol(officer)

    with pytest.raises(AccountRefused, match=said):
        reset(officer, guard, why)


def test_there_is_nothing_to_reset_where_nothing_was_enrolled(officer: Officer) -> None:
    with pytest.raises(AccountRefused, match=refusals.NOT_ENROLLED):
        reset(officer, None)


def test_an_operator_resets_the_last_security_administrators(guard: Officer) -> None:
    enrol(guard)
    said = StringIO()

    call_command("reset_second_factor", "900002", "--why", "唯一的安全管理员手机遗失", stdout=said)

    assert "已重置" in said.getvalue()
    assert guard.sign_ins.order_by("-pk")[0].by is None
    with pytest.raises(CommandError, match="没有警号"):
        call_command("reset_second_factor", "777777", "--why", "x")
    with pytest.raises(CommandError, match="没有启用"):
        call_command("reset_second_factor", "900002", "--why", "x")


# -- who must --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "must"),
    [(role, role in (*Role.administrators(), Role.LEADER)) for role in Role],
)
def test_administrators_and_leaders_must_have_one_where_it_is_required(
    bureau: Bureau, settings: Settings, role: Role, must: bool
) -> None:
    holder = make_officer("100050", bureau.station, role)

    settings.SECOND_FACTOR = "required"
    assert queries.must_have_factor(holder) is must
    settings.SECOND_FACTOR = "optional"
    assert queries.must_have_factor(holder) is False


def test_the_account_that_sets_the_system_up_must_too(bureau: Bureau, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"

    assert queries.must_have_factor(Officer.objects.create_superuser("root", "建站账号", bureau.county, None))


# -- sealing ---------------------------------------------------------------------------------------------------------


def test_the_secret_lies_sealed_and_beside_its_own_row_only(officer: Officer, leader: Officer) -> None:
    secret = services.begin_enrolment(officer=officer, at=AT)
    services.begin_enrolment(officer=leader, at=AT)
    mine = Authenticator.objects.get(officer=officer)
    assert secret not in mine.sealed

    Authenticator.objects.filter(officer=leader).update(sealed=mine.sealed)

    with pytest.raises(AccountRefused, match="不能解开"):
        services.secret_being_enrolled(officer=leader)


def test_keys_are_changed_and_the_phones_still_fit(officer: Officer, settings: Settings) -> None:
    settings.FIELD_KEYS = {"old": OLD_KEY}
    secret, _ = enrol(officer)
    settings.FIELD_KEYS = {"new": NEW_KEY, "old": OLD_KEY}

    first, second = services.rotate_secrets(chunk=1), services.rotate_secrets(chunk=1)

    assert (first.resealed, first.left, second.resealed) == (1, {}, 0)
    settings.FIELD_KEYS = {"new": NEW_KEY}
    assert give(officer, code_at(secret, LATER)) == Outcome.FACTOR_GIVEN


def test_a_key_that_still_opens_a_phone_is_not_called_removable(officer: Officer, settings: Settings) -> None:
    settings.FIELD_KEYS = {"old": OLD_KEY}
    secret, _ = enrol(officer)
    settings.FIELD_KEYS = {"new": NEW_KEY, "old": OLD_KEY}
    said = StringIO()

    call_command("rotate_field_keys", "--json", stdout=said)

    assert json.loads(said.getvalue()) == {
        "key": "new", "resealed": 1, "left": {}, "removable": ["old"], "unreadable": [],
    }  # fmt: skip
    settings.FIELD_KEYS = {"new": NEW_KEY}
    assert give(officer, code_at(secret, LATER)) == Outcome.FACTOR_GIVEN


def test_a_secret_whose_key_is_lost_is_named_and_the_others_are_changed(
    officer: Officer, leader: Officer, settings: Settings
) -> None:
    settings.FIELD_KEYS = {"lost": OLD_KEY}
    enrol(officer)
    settings.FIELD_KEYS = {"old": OLD_KEY}
    enrol(leader)
    settings.FIELD_KEYS = {"new": NEW_KEY, "old": OLD_KEY}

    done = services.rotate_secrets()

    assert (done.resealed, done.left) == (1, {"lost": 1})
    assert done.unreadable == [Authenticator.objects.get(officer=officer).pk]
    with pytest.raises(AccountRefused, match="FIELD_KEYS"):
        sealing.unseal("lost", Authenticator.objects.get(officer=officer).sealed, place="x")
