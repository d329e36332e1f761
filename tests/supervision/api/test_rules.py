"""Tokens, networks and bodies, without a database."""

import pytest

from supervision.api import rules
from tests.cases.factories import moment


def test_a_token_is_read_as_it_was_written() -> None:
    shown = rules.read_token(rules.write_token("0123456789ab", "s" * 43))

    assert shown == rules.Presented("0123456789ab", "s" * 43)


@pytest.mark.parametrize(
    "text", ["", "dingban_", "dingban_0123456789ab_short", "x" * 5000, "dingban_0123456789AB_" + "s" * 43]
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert rules.read_token(text) is None


def test_only_the_secret_itself_is_the_one_of_its_digest() -> None:
    digest = rules.digest_of("right")

    assert rules.is_secret("right", digest)
    assert not rules.is_secret("wrong", digest)
    assert "right" not in digest


@pytest.mark.parametrize("minute", ["09:00", "09:59"])
def test_an_hour_begins_at_its_full_hour_wherever_the_clock_hangs(minute: str) -> None:
    assert rules.hour_of(moment(f"2026-03-02 {minute}")) == moment("2026-03-02 09:00")


def test_networks_are_read_a_line_each_and_bad_words_named() -> None:
    assert rules.read_networks("10.1.2.7/24\n192.168.0.1，nowhere") == (["10.1.2.0/24", "192.168.0.1/32"], ["nowhere"])


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("10.1.2.3", ["10.1.2.0/24"], True),
        ("10.1.3.3", ["10.1.2.0/24"], False),
        ("::ffff:10.1.2.3", ["10.1.2.0/24"], True),
        ("fd00::1", ["10.1.2.0/24"], False),
        ("", ["10.1.2.0/24"], False),
        ("", [], True),
    ],
)
def test_where_a_call_may_come_from(address: str, networks: list[str], inside: bool) -> None:
    assert rules.comes_from(address, networks) is inside


def test_bodies_are_the_same_by_what_they_say() -> None:
    assert rules.body_digest("m", [{"a": 1, "b": 2}]) == rules.body_digest("m", [{"b": 2, "a": 1}])
    assert rules.body_digest("m", [{"a": 1}, {"a": 2}]) != rules.body_digest("m", [{"a": 2}, {"a": 1}])


@pytest.mark.parametrize(
    ("expires", "life"),
    [("2026-03-02", "ended"), ("2026-03-03", "right"), ("2027-03-02", "right"), ("2027-03-03", "long")],
)
def test_a_token_lives_for_a_year_at_most(expires: str, life: str) -> None:
    assert rules.life_of(moment("2026-03-02"), moment(expires)) == life
