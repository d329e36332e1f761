"""`manage.py law_report`: what the catalogue holds, and what of it has no end or no example."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.seeds.examples import examples

KIND = {"kinds": [{"code": "case", "name": "案件"}]}
EVENT = {"events": [{"code": "began", "name": "开始"}, {"code": "done", "name": "结束"}]}
LADDER = {
    "ladders": [
        {"code": "any", "name": "任意", "counts": "day", "from_length": 0, "yellow": {"days": 1}, "orange": {"days": 0}}
    ]
}


def limit(code: str, **more: Any) -> dict[str, Any]:
    row = {"code": code, "name": code, "field": "甲", "law": "某法", "article": "第一条", "kinds": ["case"]}
    return row | {"starts": ["began"], "stops": ["done"], "length": 3, "in_force_from": "2026-01-01"} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four limits of two fields; one draft without a length."""
    rows = [
        limit("one"),
        limit("two"),
        limit("three", field="乙", status="secondary"),
        limit("four", field="乙", status="draft", length=None, notes="没有读到条文"),
    ]
    (tmp_path / "limits").mkdir()
    (tmp_path / "things.yaml").write_text(json.dumps(KIND | EVENT | LADDER), encoding="utf-8")
    (tmp_path / "limits" / "all.yaml").write_text(json.dumps({"limits": rows}), encoding="utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "some.yaml").write_text(json.dumps({"one": [{}, {}], "three": [{}]}), encoding="utf-8")
    return tmp_path


def told(*words: str) -> Any:
    out = StringIO()
    call_command("law_report", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_limits_are_counted_by_status_and_by_field_and_status(folder: Path) -> None:
    found = told(str(folder), "--examples", str(folder / "examples"))

    assert found == {
        "limits": 4,
        "by_status": {"verified": 2, "secondary": 1, "draft": 1},
        "by_field": {
            "甲": {"verified": 2, "secondary": 0, "draft": 0},
            "乙": {"verified": 0, "secondary": 1, "draft": 1},
        },
        "without_end": [{"code": "four", "name": "four", "why": "没有读到条文"}],
        "examples": {"one": 2, "three": 1},
        "without_example": ["two"],
    }


def test_in_words(folder: Path) -> None:
    out = StringIO()

    call_command("law_report", str(folder), "--examples", str(folder / "examples"), stdout=out)

    assert out.getvalue().splitlines() == [
        "时限 4 条：已核实 2，转引 1，草稿 1",
        "  甲　已核实 2",
        "  乙　转引 1，草稿 1",
        "推算不出届满的 1 条",
        "  four four：没有读到条文",
        "例子 3 个，没有例子的时限 1 条",
        "  two",
    ]


def test_the_shipped_catalogue_has_an_example_for_every_limit_with_an_end() -> None:
    found = told()

    assert (found["limits"], found["by_status"]) == (233, {"verified": 213, "secondary": 4, "draft": 16})
    assert (found["without_example"], sum(found["examples"].values())) == ([], len(examples()))
    assert [one["code"] for one in found["without_end"] if one["why"] == "目录没有写明原因"] == []


@pytest.mark.parametrize("words", [("nowhere",), ("--examples", "nowhere")])
def test_a_folder_that_is_not_there_is_bad_use(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        told(*words)

    assert refused.value.returncode == 2


def test_a_catalogue_that_is_wrong_is_bad_data(folder: Path) -> None:
    (folder / "limits" / "wrong.yaml").write_text(json.dumps({"limits": [limit("five", length=0)]}), encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        told(str(folder))

    assert refused.value.returncode == 1
