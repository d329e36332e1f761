"""The shipped limits against the collection of time limits: the same codes, the same numbers, the same articles."""

import json
from pathlib import Path
from typing import Any

import pytest

from cases.catalogue import Core
from cases.statute.limits import Rollover, Status, Unit

STATUS = {"VERIFIED": Status.VERIFIED, "VERIFIED_SECONDARY": Status.SECONDARY, "UNVERIFIED": Status.DRAFT}
ANY_NUMBER = ("不限次", "每次")

# The collection writes the extended length as a tier as well: three days and one to four are seven.
EXTENDED_AS_TIER = {"crim_arrest_request_3d": {(7, "day")}}
# Renewals of a major case are longer; the collection has that in the words of the tier only.
EXTENSION_IN_WORDS = {"prop_crim_freeze_6m": [(12, "month", None)]}
# 拘留所条例 第三十二条: from the day of arrival to the next is one day, so the first day is not one of its own.
STARTS_DIFFERENTLY = {"adm_detention_cap_20d"}
# No clause says so; decided with the stories of petitions, and for what the police do by 刑事诉讼法 第一百零五条.
ROLLS_WITHOUT_A_CLAUSE = ("信访", "两法衔接")


@pytest.fixture(scope="module")
def collection(shared: Path) -> dict[str, dict[str, Any]]:
    rows = json.loads((shared / "domain" / "time_limits.json").read_text(encoding="utf-8"))
    return {row["code"]: row for row in rows}


def test_every_limit_of_the_collection_is_shipped_and_no_other(law: Core, collection: dict[str, Any]) -> None:
    assert len(collection) == 233
    assert {limit.code for limit in law.limits} == set(collection)


def test_every_length_is_the_same(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit = law.limit(code)

        assert (limit.length, limit.unit.value) == (row["length"], row["unit"]), code
        assert limit.bound == row["bound"], code
        assert limit.backward is (row["direction"] == "backward"), code
        assert limit.start_counted is (bool(row["start_day_counted"]) and code not in STARTS_DIFFERENTLY), code


def test_every_tier_is_the_same(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit = law.limit(code)
        base = (row["length"], row["unit"])

        theirs = {(tier["length"], tier["unit"]) for tier in row["tiers"]} - {base}
        ours = {(tier.length, tier.unit.value) for tier in limit.tiers} - {base}

        assert ours | EXTENDED_AS_TIER.get(code, set()) == theirs, code


def test_every_extension_is_the_same(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        theirs = [
            (step["length"], step["unit"], None if step["times"] in ANY_NUMBER else step["times"])
            for step in row["extensions"]
        ]
        ours = [(step.length, step.unit.value, step.times) for step in law.limit(code).extensions]

        assert ours == theirs + EXTENSION_IN_WORDS.get(code, []), code


def test_every_source_is_the_same(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit, source = law.limit(code), row["source"]

        ours = (limit.law, limit.article, limit.text_version, _iso(limit.in_force_from), _iso(limit.in_force_until))
        theirs = (
            source["law"],
            source["article"],
            source["version"],
            source["in_force_from"],
            source["in_force_until"],
        )

        assert ours == theirs, code
        assert limit.status is STATUS[row["status"]], code
        assert (limit.nature.value, limit.field_of_law) == (row["kind"], row["category"]), code


def test_every_last_day_rolls_where_the_collection_says_so(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit = law.limit(code)
        if row["holiday_rollover"] is None:
            no_clause = limit.field_of_law in ROLLS_WITHOUT_A_CLAUSE and limit.unit is not Unit.WORKDAY
            assert limit.rollover is Rollover.NONE or (no_clause and limit.rollover_basis), code
        else:
            assert (limit.rollover is not Rollover.NONE) is row["holiday_rollover"], code


def test_what_is_not_counted_in_the_collection_is_taken_out_or_told(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit = law.limit(code)

        assert len(limit.not_counted_text) == len(row["excluded_time"]), code
        # Where the notice itself is impossible the limit does not apply; everything else pauses the clock.
        impossible = any("无法" in text or "不清" in text or "没有联系" in text for text in row["excluded_time"])
        elsewhere = any("另有规定" in text for text in row["excluded_time"])
        if row["excluded_time"] and not (impossible or elsewhere):
            assert limit.pauses, code
        if impossible:
            assert limit.when, code


def test_what_starts_anew_in_the_collection_restarts_delays_or_pauses(law: Core, collection: dict[str, Any]) -> None:
    for code, row in collection.items():
        limit = law.limit(code)
        if row["suspend_or_restart"]:
            assert limit.restarts or limit.delays or limit.pauses, code
            assert limit.restart_text, code


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()
