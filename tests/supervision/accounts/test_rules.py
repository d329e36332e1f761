from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest

from supervision.accounts import rules
from tests.cases.factories import moment

AT = moment("2026-03-02 09:00")
PROXIES = (ip_network("127.0.0.1"), ip_network("10.9.0.0/16"))


@pytest.mark.parametrize(
    ("password", "classes"),
    [("abc", 1), ("abcDEF", 2), ("abc123", 2), ("liangzhu-jade-5300", 3), ("aB3-", 4), ("口令abc", 2), ("", 0)],
)
def test_classes_of_signs_are_counted(password: str, classes: int) -> None:
    assert rules.classes_of(password) == classes


@pytest.mark.parametrize(
    ("password", "held"),
    [
        ("x-100023-y", "100023"),
        ("x-320001-y", "100023"),
        ("my-WangFang-1", "wangfang"),
        ("x-10002-y", ""),
    ],
)
def test_a_word_is_found_forwards_and_backwards(password: str, held: str) -> None:
    assert rules.holds(password, ("100023", "wangfang", "")) == held


@pytest.mark.parametrize(
    ("set_at", "days", "left"),
    [
        (AT, 90, 90),
        (AT - timedelta(days=1), 90, 89),
        (AT - timedelta(days=90), 90, 0),
        # The last day runs to its very end.
        (AT - timedelta(days=91) + timedelta(seconds=1), 90, -1),
        (AT - timedelta(days=90, seconds=1), 90, -1),
        (AT - timedelta(days=900), 0, None),
        (None, 90, None),
    ],
)
def test_how_long_a_password_still_lives(set_at: datetime | None, days: int, left: int | None) -> None:
    assert rules.days_left(set_at, days=days, at=AT) == left


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        # A stranger may write what he likes.
        ("203.0.113.5", "10.0.0.1", "203.0.113.5"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        # What stands before the first stranger was written by him.
        ("127.0.0.1", "10.0.0.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "203.0.113.5, 10.9.1.1", "203.0.113.5"),
        ("127.0.0.1", "10.9.1.2, 10.9.1.1", "10.9.1.2"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5, nonsense, 10.9.1.1", "10.9.1.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::ffff:127.0.0.1", "::ffff:10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("", "10.1.2.3", ""),
    ],
)
def test_only_trusted_proxies_say_where_a_request_comes_from(peer: str, forwarded: str, address: str) -> None:
    assert rules.client_address(peer, forwarded, PROXIES) == address


def test_an_address_lies_in_a_network_or_in_none() -> None:
    assert rules.lies_in("10.9.3.4", PROXIES)
    assert rules.lies_in("::ffff:10.9.3.4", PROXIES)
    assert not rules.lies_in("10.8.3.4", PROXIES)
    assert not rules.lies_in("", PROXIES)
    assert not rules.lies_in("10.9.3.4", ())


def test_recovery_codes_are_ten_and_none_is_like_another() -> None:
    codes = rules.new_recovery_codes()

    assert len({rules.code_digest(code) for code in codes}) == 10
    assert all(len(rules.plain_code(code)) == rules.RECOVERY_LENGTH for code in codes)


def test_a_code_is_read_as_it_was_meant() -> None:
    assert rules.code_digest("abcd-efgh jkmn-pqrs") == rules.code_digest("ABCD-EFGH-JKMN-PQRS")
    assert rules.code_digest("ABCD-EFGH-JKMN-PQRT") != rules.code_digest("ABCD-EFGH-JKMN-PQRS")
