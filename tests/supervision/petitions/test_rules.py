"""What the regulations say of a petition, without any rows."""

from datetime import date

import pytest

from supervision.petitions import rules


def test_the_routes_are_those_of_articles_29_to_31() -> None:
    assert [route.article for route in rules.ROUTES] == [
        "第二十九条",
        "第三十条",
        "第三十一条第一项",
        "第三十一条第二项",
        "第三十一条第三项",
        "第三十一条第四项",
        "第三十一条第五项",
        "第三十一条第六项",
    ]
    assert [route.code for route in rules.ROUTES if route.leads_elsewhere] == [
        "claim_legal",
        "claim_arbitration",
        "claim_party",
        "claim_administrative",
    ]


@pytest.mark.parametrize(
    ("posts", "rank", "why"),
    [
        ((), 0, "nobody without a post leads"),
        ((("case_officer", 4),), 0, "a case officer does not"),
        ((("unit_head", 4),), 10, "head of a station"),
        ((("leader", 3),), 30, "leader of a county bureau"),
        ((("leader", 3), ("unit_head", 4)), 30, "the highest of several"),
        ((("leader", 2),), 40, "of a city"),
        ((("leader", 1),), 50, "of the province"),
        ((("system_admin", 1),), 0, "an administrator leads nothing"),
    ],
)
def test_the_rank_of_who_leads_comes_from_his_posts(posts: tuple, rank: int, why: str) -> None:
    assert rules.rank_of(posts) == rank, why


def test_rechecks_are_counted_in_days_over_the_end_of_the_year() -> None:
    assert rules.rechecks_after(date(2026, 12, 15)) == (
        (30, date(2027, 1, 14)),
        (90, date(2027, 3, 15)),
        (180, date(2027, 6, 13)),
    )


def test_what_rested_on_a_leap_day_is_kept_until_the_first_of_march() -> None:
    assert rules.retained_until(date(2028, 2, 29)) == date(2038, 3, 1)
    assert rules.retained_until(date(2026, 9, 20)) == date(2036, 9, 20)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("电动车被盗不立案", "电动车被盗不立案", 1.0, 1.0),
        ("", "", 0.0, 0.0),
        ("反映派出所民警", "反映派出所民警", 0.0, 0.0),  # says only what every petition says
        ("电动车被盗不立案", "反映电动车被盗一直不立案", 0.6, 1.0),
        ("电动车被盗不立案", "噪声扰民无人处理", 0.0, 0.1),
    ],
)
def test_likeness_is_the_share_of_what_both_say(one: str, other: str, least: float, most: float) -> None:
    found = rules.likeness(rules.pairs_of(one), rules.pairs_of(other))

    assert least <= found <= most
    assert found == rules.likeness(rules.pairs_of(other), rules.pairs_of(one))
