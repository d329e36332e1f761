"""A mapping says what it cannot be, field by field; and a file finds its own."""

from pathlib import Path
from typing import Any

import pytest

from cases.intake import (
    IntakeMapping,
    IntakeRefused,
    MappingRefused,
    parse_mapping,
    read_mapping,
    read_mappings,
    recognise,
)
from tests.cases.intake.conftest import CASES, STEPS, changed

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def problems_of(row: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(row)
    return dict(refused.value.problems)


def test_a_mapping_knows_every_column_it_reads_once() -> None:
    mapping = changed(STEPS, matter__facts={"expedited": "快办"}, event__note="环节")

    assert mapping.columns() == ["编号", "单位", "快办", "环节", "流水号", "时间"]


def test_every_wrong_field_is_named_at_once() -> None:
    row = {
        "name": "x" * 101,
        "source": "s" * 41,
        "rows": "line",
        "encoding": "latin-1",
        "head_row": 0,
        "zone": "Asia/Nowhere",
        "colour": "red",
        "delimiter": "||",
        "units": [{"code": "U", "level": 9}],
        "matter": {
            "number": {"fixed": "1"},
            "unit": {"column": "a", "fixed": "b"},
            "officer": {"column": "o", "if_unknown": "x"},
        },
        "event": {"when": {"column": "t", "as": "year"}, "kind": {"column": "k", "values": ["a"]}, "who": "a"},
    }

    problems = problems_of(row)

    assert set(problems) == {
        "name",
        "source",
        "rows",
        "encoding",
        "head_row",
        "zone",
        "colour",
        "delimiter",
        "units[1].name",
        "units[1].level",
        "matter.kind",
        "matter.number",
        "matter.unit",
        "matter.officer.if_unknown",
        "event.when.as",
        "event.kind.values",
        "event.who",
    }
    assert problems["rows"] == "应为 event、matter 之一，现为 'line'"
    assert "可用的有：name、source" in problems["colour"]


def test_a_mapping_of_cases_needs_a_list_of_steps_with_fixed_kinds() -> None:
    without = {key: value for key, value in CASES.items() if key != "events"}
    by_column = {**CASES, "events": [{"kind": {"column": "环节"}, "when": "时间"}]}
    after_nothing = {**CASES, "events": [{"kind": "filed", "when": "时间", "after": "decided"}]}

    assert "必填" in problems_of(without)["events"]
    assert "应直接写代码" in problems_of(by_column)["events[1].kind"]
    assert "同一行中另一节点" in problems_of(after_nothing)["events[1].after"]


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("intake:\n  name: a\n  name: b\n", encoding="utf-8")

    with pytest.raises(MappingRefused, match="第3行：不是合格的 YAML：“name”写了两次"):
        read_mapping(path)


@pytest.mark.parametrize("content", ["intake: 3\n", "a: 1\n", "- 1\n", "", "intake: [\n", "\xff\xfe"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(MappingRefused):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused, match="读不到对应表"):
        read_mapping(tmp_path / "none.yaml")


def test_words_that_yaml_takes_for_yes_and_no_must_be_quoted() -> None:
    row = {**STEPS, "matter": {**STEPS["matter"], "facts": {"expedited": {"column": "快办", "values": {True: "true"}}}}}

    assert "请加引号" in problems_of(row)["matter.facts.expedited.values"]


def test_columns_are_compared_without_blanks_and_breaks() -> None:
    mapping = changed(STEPS, matter__number="案件 编号")

    assert mapping.number.columns == ("案件编号",)
    assert recognise(["案件\n编号", "单 位", "环节", "时间", "流水号"], [mapping]) is mapping


def test_a_file_is_recognised_by_the_mapping_that_reads_most_of_its_heads() -> None:
    steps, cases = parse_mapping(STEPS), parse_mapping(CASES)
    richer = changed(STEPS, matter__title="名称")

    assert recognise(["编号", "单位", "环节", "时间", "流水号"], [steps, cases, richer]) is steps
    assert recognise(["编号", "单位", "环节", "时间", "流水号", "名称"], [steps, cases, richer]) is richer
    assert recognise(["编号", "单位", "立案时间", "决定时间", "结案时间"], [steps, cases]) is cases
    assert recognise(["编号", "单位"], [steps, cases]) is None
    assert recognise(["编号", "单位", "环节", "时间", "流水号"], [steps, parse_mapping(STEPS)]) is None


def test_every_example_is_a_mapping() -> None:
    mappings = read_mappings(SEEDS / "mappings") + read_mappings(SEEDS / "examples" / "fines")

    assert len(mappings) == 6
    assert all(isinstance(mapping, IntakeMapping) for mapping in mappings)
