"""The indicators that come with the product: loaded once, refused where anything is wrong, never changed."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from supervision.evaluation.models import Indicator, Weight
from supervision.evaluation.services import WrongIndicators, load_indicators
from tests.cases.factories import Bureau, moment

SHIPPED = settings.ROOT / "seeds" / "indicators.yaml"
AT = moment("2026-03-10 09:00")

ENTRY: dict[str, Any] = {
    "code": "closing",
    "version": 1,
    "name": "结案率",
    "better": "up",
    "numerator_words": "其中已结案",
    "denominator_words": "当期立案",
    "in_force_from": date(2026, 1, 1),
    "numerator": [{"source": "matters", "at": "opened", "where": {"kind": ["case"], "closed": True}}],
    "denominator": [{"source": "matters", "at": "opened", "where": {"kind": ["case"]}}],
}


def written(folder: Path, *entries: dict[str, Any], weights: Any = ()) -> Path:
    file = folder / "indicators.yaml"
    file.write_text(yaml.safe_dump({"indicators": list(entries), "weights": list(weights)}, allow_unicode=True))
    return file


@pytest.mark.usefixtures("db")
def test_the_shipped_indicators_load_over_the_shipped_catalogue_and_a_second_time_change_nothing() -> None:
    call_command("load_catalogue", verbosity=0)

    document = StringIO()
    call_command("load_indicators", "--json", stdout=document)
    again = load_indicators(SHIPPED, at=AT)

    report = json.loads(document.getvalue())
    assert report["kept"] == 0 and report["weights"] == 4
    assert (again.indicators, again.weights, again.kept) == (0, 0, report["indicators"])
    loaded = {row.code: row for row in Indicator.objects.all()}
    assert {
        "close_adm_cohort",
        "complaint",
        "on_time",
        "duration",
        "head_appearance",
        "followup_complete",
    } <= loaded.keys()
    assert [code for code, row in loaded.items() if row.draft] == ["review_pass"]
    assert {code for code, row in loaded.items() if row.restricted} == {
        "complaint",
        "complaint_borne_out",
        "petition_resolved",
        "petition_on_time",
        "petition_repeat",
    }
    assert sum(Weight.objects.values_list("weight", flat=True)) == 1


def test_a_later_version_ends_the_one_before(bureau: Bureau, tmp_path: Path) -> None:
    load_indicators(written(tmp_path, ENTRY), at=AT)

    load_indicators(written(tmp_path, {**ENTRY, "version": 2, "minimum": 5, "in_force_from": date(2026, 7, 1)}), at=AT)

    assert list(Indicator.objects.order_by("version").values_list("version", "in_force_from", "in_force_until")) == [
        (1, date(2026, 1, 1), date(2026, 7, 1)),
        (2, date(2026, 7, 1), None),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "别的说法"}, "指标 closing 第 1 版已经发布，不能改动；请另写一个新的 version"),
        ({"in_force_from": date(2026, 2, 1)}, "已经发布"),
        ({"denominator": [{"source": "matters", "at": "opened"}]}, "已经发布"),
    ],
)
def test_a_version_on_record_is_never_changed(
    bureau: Bureau, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    load_indicators(written(tmp_path, ENTRY), at=AT)

    with pytest.raises(WrongIndicators, match=sentence):
        load_indicators(written(tmp_path, {**ENTRY, **change}), at=AT)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"better": "sideways"}, "better 应为 up、down、none 之一"),
        ({"minimun": 5}, "没有“minimun”这个字段"),
        ({"minimum": 0}, "minimum 应为正整数"),
        ({"in_force_from": "2026年"}, "in_force_from 应为日期"),
        ({"denominator": [{"source": "crimes", "at": "opened"}]}, "没有“crimes”这种数据来源"),
        ({"denominator": [{"source": "matters", "at": "reported"}]}, "没有计入时刻“reported”"),
        ({"denominator": [{"source": "matters", "at": "opened", "where": {"colour": True}}]}, "没有条件“colour”"),
        ({"denominator": [{"source": "matters", "at": "opened", "where": {"kind": ["cas"]}}]}, "没有“cas”"),
        ({"denominator": [{"source": "matters", "at": "opened", "where": {"closed": "yes"}}]}, "应为 true 或者 false"),
        ({"denominator": [{"source": "orders", "at": "issued", "stock": True}]}, "不能计期初存量"),
        ({"denominator": [{"source": "matters", "at": "opened", "when": 1}]}, "没有“when”这个字段"),
        ({"denominator": [{"at": "opened"}]}, "应写明 source 和 at"),
        ({"denominator": []}, "指标须有分子和分母"),
        ({"name": "破案率"}, "不能设置“破案率”一类的指标。依据：公安部《关于改革完善受案立案制度的意见》"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_loaded(
    bureau: Bureau, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    file = written(tmp_path, {**ENTRY, "code": "good", "name": "好的"}, {**ENTRY, **change})

    with pytest.raises(WrongIndicators, match=sentence):
        load_indicators(file, at=AT)

    assert not Indicator.objects.exists()


def test_an_indicator_named_twice_and_a_weight_of_nothing_are_refused(bureau: Bureau, tmp_path: Path) -> None:
    weight = {"score": "four_rates", "code": "nothing", "weight": "0.5", "in_force_from": date(2026, 1, 1)}

    with pytest.raises(WrongIndicators, match="“closing”写了两遍"):
        load_indicators(written(tmp_path, ENTRY, ENTRY), at=AT)
    with pytest.raises(WrongIndicators, match="没有指标“nothing”"):
        load_indicators(written(tmp_path, ENTRY, weights=[weight]), at=AT)
    with pytest.raises(WrongIndicators, match="weight 应在 0 与 1 之间"):
        load_indicators(written(tmp_path, ENTRY, weights=[{**weight, "code": "closing", "weight": "2"}]), at=AT)

    assert not Indicator.objects.exists() and not Weight.objects.exists()


def test_the_command_says_that_nothing_was_changed(bureau: Bureau, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"没有文件.*什么也没有改动"):
        call_command("load_indicators", str(tmp_path / "none.yaml"))
