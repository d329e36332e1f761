"""A file finds its mapping among several, or says why not."""

import pytest

from cases.intake import IntakeRefused, parse_mapping, recognise_file
from tests.cases.intake.conftest import CASES, STEPS, Write, changed

STEPS_FILE = "编号,单位,环节,时间,流水号\nA1,X1,立案,2026-03-02,1\n"
CASES_FILE = "编号,单位,立案时间,决定时间,结案时间\nA1,X1,2026-03-02,,\n"


def test_each_file_is_recognised_by_its_heads(write: Write) -> None:
    mappings = [parse_mapping(STEPS), parse_mapping(CASES), changed(STEPS, format="xlsx"), changed(CASES, format="xes")]

    assert recognise_file(write(STEPS_FILE), mappings).name == "流程"
    assert recognise_file(write(CASES_FILE, encoding="gbk"), mappings).name == "台账"
    assert recognise_file(write("<log><trace/></log>", "a.xes"), mappings).format == "xes"


def test_heads_further_down_are_looked_for_where_each_mapping_says(write: Write) -> None:
    mappings = [parse_mapping(STEPS), changed(CASES, head_row=3)]

    assert recognise_file(write(f"某局台账\n2026年\n{CASES_FILE}"), mappings).name == "台账"


def test_none_and_several_are_told_apart(write: Write) -> None:
    steps = parse_mapping(STEPS)

    with pytest.raises(IntakeRefused, match="没有一个对应表所需的列都在文件的表头之中"):
        recognise_file(write("甲,乙\n1,2\n"), [steps])
    with pytest.raises(IntakeRefused, match="有几个对应表同样合适（“流程”、“流程二”）"):
        recognise_file(write(STEPS_FILE), [steps, changed(STEPS, name="流程二")])
    with pytest.raises(IntakeRefused, match="没有一个对应表"):
        recognise_file(write(STEPS_FILE), [])


def test_a_file_that_cannot_be_read_says_so_instead(write: Write) -> None:
    with pytest.raises(IntakeRefused, match="文件是空的"):
        recognise_file(write(b""), [parse_mapping(STEPS), parse_mapping(CASES)])
