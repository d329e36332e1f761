"""The product follows matters, not people: no table of the house may ever say where a person is or what he is worth."""

import re

import pytest
from django.apps import apps
from django.db import models

ROOMS = ("config", "cases", "supervision")

# Whereabouts, tracking, lists of people to watch, grades and scores of people; in both languages.
FORBIDDEN = re.compile(
    r"where_?abouts|latitude|longitude|gps|geo_?loc|location|track(ing|ed)?(_|$)|trajectory|itinerary|last_seen|"
    r"watch_?list|black_?list|surveil|person_?(score|rating|risk|grade|level)|risk_?(score|level|rating)|"
    r"petitioner_?(score|rating|risk|grade|level)|threat|stability_?(level|score)|key_?person|"
    r"行踪|轨迹|下落|(所在|实时|当前|人员)位置|定位|住宿|出行|乘车|布控|管控|盯人|稳控|黑名单|关注名单|重点人|"
    r"(人员|信访人|个人|民警)?(评分|打分|积分)|风险(等级|评级|分)|危险(等级|程度)|极端",
    re.IGNORECASE,
)


# Words that mean something else where they stand; each says what.
OF_A_MATTER = {
    "Dispute: 风险等级",  # how far a dispute may go; it names no person
    "Review: track",  # which way an act was contested
}


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]


def words_of(model: type[models.Model]) -> list[str]:
    """What a table calls itself and its columns, and every choice a column offers."""
    told = [model.__name__, str(model._meta.verbose_name)]
    for field in model._meta.get_fields():
        told += [field.name, str(getattr(field, "verbose_name", ""))]
        told += [f"{value} {label}" for value, label in getattr(field, "flatchoices", None) or ()]
    return told


def telling(models_looked_at: list[type[models.Model]]) -> list[str]:
    return [
        f"{model.__name__}: {word}" for model in models_looked_at for word in words_of(model) if FORBIDDEN.search(word)
    ]


def test_no_table_has_a_field_for_whereabouts_a_watch_list_or_a_score_of_a_person() -> None:
    assert ours()
    assert set(telling(ours())) == OF_A_MATTER


@pytest.mark.parametrize(
    ("name", "verbose"),
    [
        ("whereabouts", "去向"),
        ("last_seen_at", "最近出现"),
        ("risk_level", "等级"),
        ("note", "人员行踪"),
        ("flag", "重点人员"),
        ("points", "信访人积分"),
        ("calm", "稳控措施"),
    ],
)
def test_the_check_notices_a_field_that_follows_a_person(name: str, verbose: str) -> None:
    field = models.CharField(verbose)
    field.set_attributes_from_name(name)

    class Followed:
        __name__ = "Followed"

        class _meta:
            verbose_name = "表"

            @staticmethod
            def get_fields() -> list[models.Field]:
                return [field]

    assert telling([Followed])  # type: ignore[list-item]


def test_a_petitioner_has_no_columns_but_the_sealed_ones() -> None:
    """Whoever adds a column about a person does so in front of this test."""
    petitioner = apps.get_model("petitions", "Petitioner")

    assert {field.name for field in petitioner._meta.concrete_fields} == {
        "id", "petition", "key", "sealed", "identity_digest", "phone_digest", "representative", "entered_at", "erased_at",
    }  # fmt: skip


def test_a_complainant_has_no_columns_but_the_sealed_ones() -> None:
    complainant = apps.get_model("petitions", "Complainant")

    assert {field.name for field in complainant._meta.concrete_fields} == {
        "complaint", "key", "sealed", "identity_digest", "phone_digest", "entered_at", "erased_at",
    }  # fmt: skip
