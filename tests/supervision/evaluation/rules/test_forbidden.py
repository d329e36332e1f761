"""What may not be measured is refused by name, by code and by what it counts; what is about handling is not."""

from typing import Any

import pytest

from supervision.evaluation.rules.forbidden import (
    CRIMES,
    DETECTION,
    DETENTIONS,
    FINES,
    RETURNED,
    Forbidden,
    forbidden,
    refusal,
)

HARMLESS = {"source": "clocks", "at": "ended", "where": {"outcome": ["in_time"]}}


def judged(name: str = "按期率", code: str = "own_X_1", better: str = "up", **term: Any) -> Forbidden | None:
    counted = term or HARMLESS
    return forbidden(code=code, name=name, better=better, numerator=[counted], denominator=[HARMLESS])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("发案数", CRIMES),
        ("刑事发案下降率", CRIMES),
        ("警情下降率", CRIMES),
        ("破案率", DETECTION),
        ("命案侦破率", DETECTION),
        ("罚没款完成率", FINES),
        ("罚款数额", FINES),
        ("行政拘留数", DETENTIONS),
        ("拘留率", DETENTIONS),
        ("刑拘人数占比", DETENTIONS),
        ("批捕率", DETENTIONS),
        ("打击处理数", DETENTIONS),
        ("退查率", RETURNED),
        ("退回补充侦查率", RETURNED),
        ("按期率", None),
        ("行政案件结案率", None),
        ("拘留通知家属按期率", None),
        ("涉案财物移交按期率", None),
        ("罚款当场收缴按期交付率", None),
    ],
)
def test_the_name_gives_it_away(name: str, found: Forbidden | None) -> None:
    assert judged(name) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("crime_count", CRIMES),
        ("detection_rate", DETECTION),
        ("fine_total", FINES),
        ("detention_number", DETENTIONS),
        ("returned_for_supplement", RETURNED),
        ("close_crim_cohort", None),
        ("petition_resolved", None),
    ],
)
def test_the_code_gives_it_away(code: str, found: Forbidden | None) -> None:
    assert judged(code=code) == found


@pytest.mark.parametrize(
    ("term", "better", "found", "why"),
    [
        (
            {"source": "parts", "at": "opened", "where": {"kind": ["coercive_measure"]}},
            "up",
            DETENTIONS,
            "more measures against people were better",
        ),
        (
            {"source": "parts", "at": "opened", "where": {"kind": ["coercive_measure"]}},
            "none",
            None,
            "a mere figure that nobody is judged by",
        ),
        (
            {"source": "parts", "at": "opened", "where": {"kind": ["coercive_measure"], "closed": True}},
            "up",
            None,
            "how many were brought to an end asks about handling",
        ),
        ({"source": "parts", "at": "opened", "where": {}}, "up", DETENTIONS, "all of them together"),
        (
            {"source": "parts", "at": "opened", "where": {"kind": ["seized_item"]}},
            "up",
            FINES,
            "more seized were better",
        ),
        (
            {"source": "matters", "at": "opened", "where": {"kind": ["criminal_case"]}},
            "down",
            CRIMES,
            "fewer crimes on file were better, so that none is filed",
        ),
        ({"source": "matters", "at": "opened", "where": {}}, "up", CRIMES, "whatever comes in"),
        (
            {"source": "matters", "at": "opened", "where": {"kind": ["criminal_case"], "closed": True}},
            "up",
            None,
            "closing is handling",
        ),
        (
            {"source": "matters", "at": "closed", "where": {"kind": ["criminal_case"]}},
            "up",
            None,
            "closed in the period is handling",
        ),
    ],
)
def test_what_it_counts_gives_it_away(term: dict[str, Any], better: str, found: Forbidden | None, why: str) -> None:
    assert judged(better=better, **term) == found, why


def test_the_refusal_names_the_basis_and_a_way_out() -> None:
    sentence = refusal(DETECTION)

    assert "破案率" in sentence and "公通字〔2015〕32号" in sentence and "可以改为" in sentence
