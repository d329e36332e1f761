"""How long each kind is kept, and what a file of rules must say."""

from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from django.conf import settings as house

from supervision.retention.rules import KINDS, InvalidRetention, mention, parse_rules, tally
from tests.supervision.retention.factories import AT


def entries(**changes: Any) -> dict[str, Any]:
    made = [
        {"code": code, "name": code, "days": 400, "least_days": 200, "ours": True, "source": "依据"} for code in KINDS
    ]
    made[0] |= changes
    return {"retention": made}


def test_the_rules_that_come_with_the_product_say_where_their_numbers_are_from() -> None:
    document = yaml.safe_load((house.ROOT / "seeds" / "retention.yaml").read_text(encoding="utf-8"))

    rules = {rule.code: rule for rule in parse_rules(document, settings={"AUDIT_KEEP_DAYS": 700})}

    assert rules["logs"].days == 700 and not rules["logs"].ours and "网络安全法" in rules["logs"].source
    assert all(rule.ours for rule in rules.values() if rule.code != "logs")
    assert rules["refused_rows"].over_before(AT) == AT - timedelta(days=365)


def test_the_setting_of_the_logs_never_goes_below_what_the_law_asks() -> None:
    rules = parse_rules(entries(days="AUDIT_KEEP_DAYS"), settings={"AUDIT_KEEP_DAYS": 1})

    assert rules[0].days == 200


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (None, "没有 retention 这一节"),
        ({"retention": {}}, "没有 retention 这一节"),
        ({"retention": entries()["retention"][:2]}, "每一类要写一次"),
        (entries(code="other"), "每一类要写一次"),
        (entries(more=1), "第 1 条：要有且只有这些字段"),
        (entries(name=" "), "第 1 条 的 name 要写文字"),
        (entries(days="三年"), "要写正整数"),
        (entries(days=True), "要写正整数"),
        (entries(days=0), "要写正整数"),
        (entries(days=199), "少于最低的 200 天"),
        (entries(ours="yes"), "ours 要写 true"),
        ({"retention": ["x"]}, "第 1 条"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong_and_where(document: Any, told: str) -> None:
    with pytest.raises(InvalidRetention, match=told):
        parse_rules(document, settings={"AUDIT_KEEP_DAYS": 700})


def test_the_digest_tells_rows_apart_and_their_order() -> None:
    assert tally([(1, "a"), (2, {"b": 1})])[0] == 2
    assert tally([(1, "a")]) == tally(iter([(1, "a")]))
    digests = {tally(rows)[1] for rows in ([], [(1, "a")], [(1, "b")], [(1, "a"), (2, "b")], [(2, "b"), (1, "a")])}
    assert len(digests) == 5


def test_what_stands_in_its_place_says_when_and_by_which_list() -> None:
    assert mention(date(2030, 3, 4), 7) == "已按规定销毁（2030-03-04，销毁清单第 7 号）"
