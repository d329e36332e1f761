"""Reading and checking a catalogue folder: every mistake is told at once, with its place and the way out."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from cases.catalogue import InvalidCatalogue, NoSuchFolder, Problem, load_core, read_catalogue
from cases.catalogue.checking import Catalogue, Known
from cases.statute.ladders import Lead

GOOD = {
    "kinds.yaml": "kinds:\n  - {code: case, name: 案件}\n",
    "events.yaml": "events:\n  - {code: filed, name: 立案}\n  - {code: decided, name: 决定}\n  - {code: longer, name: 延长}\n",
    "approvers.yaml": "approvers:\n  - {code: head, name: 负责人, line: police, rank: 10}\n",
    "calendars/cn.yaml": """
calendars:
  - code: cn
    name: 全国
    years:
      - year: 2026
        notice: 通知一
        off:
          - {name: 元旦, days: [2026-01-01/2026-01-03]}
          - {name: 劳动节, days: [2026-05-01], notice: 通知二}
        worked:
          - {name: 元旦, days: [2026-01-04, 2025-12-28]}
""",
    "ladders/ours.yaml": """
ladders:
  - {code: long, name: 长, counts: day, from_length: 30, yellow: {days: 7}, orange: {days: 3}}
  - {code: short, name: 短, counts: day, from_length: 0, yellow: {days: 1}, orange: {days: 0, at: "09:00"}}
""",
    "limits/ours.yaml": """
limits:
  - code: decide
    name: 作出决定
    kinds: [case]
    starts: [filed]
    stops: [decided]
    length: 30
    unit: day
    rollover: forward
    calendar: cn
    extensions:
      - {event: longer, length: 30, approvers: [head]}
    law: 某法
    article: 第一条
""",
}


def folder_of(path: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **changed: str) -> Catalogue:
    """The good folder with some files replaced or added; `limits__more` stands for `limits/more.yaml`."""
    files = {f"{name.replace('__', '/')}.yaml": text for name, text in changed.items()}
    return read_catalogue(folder_of(path, {**GOOD, **files}))


def problems(path: Path, **changed: str) -> list[Problem]:
    with pytest.raises(InvalidCatalogue) as refused:
        read(path, **changed)
    return refused.value.problems


def told(path: Path, **changed: str) -> tuple[str, int, str, str]:
    """(file, line, field, text) of the only problem."""
    (only,) = problems(path, **changed)
    return only.place.file, only.place.line, only.field, only.text


def limit(**fields: str) -> str:
    """The limits file with some of its lines replaced."""
    lines = GOOD["limits/ours.yaml"].splitlines()
    for name, value in fields.items():
        at = next((n for n, line in enumerate(lines) if line.strip().startswith(f"{name}:")), None)
        if at is None:
            lines.append(f"    {name}: {value}")
        else:
            lines[at] = f"    {name}: {value}"
    return "\n".join(lines) + "\n"


# -- a good folder ---------------------------------------------------------------------------------------------------


def test_a_good_folder_is_read_whole(tmp_path: Path) -> None:
    catalogue = read(tmp_path)

    assert [*catalogue.kinds, *catalogue.approvers, *catalogue.ladders] == ["case", "head", "long", "short"]
    assert [(event.code, event.order) for event in catalogue.events.values()] == [
        ("filed", 10),
        ("decided", 20),
        ("longer", 30),
    ]
    assert catalogue.limits["decide"].limit.extensions[0].approvers[0].level == "head"
    assert catalogue.ladders["short"].ladder.orange.at.hour == 9


def test_a_year_names_all_its_notices_and_a_day_the_one_that_set_it(tmp_path: Path) -> None:
    (year,) = read(tmp_path).calendars["cn"].years

    assert year.notice == "通知一；通知二"
    assert {(special.day, special.working, special.notice) for special in year.days} == {
        (date(2025, 12, 28), True, "通知一"),
        (date(2026, 1, 1), False, "通知一"),
        (date(2026, 1, 2), False, "通知一"),
        (date(2026, 1, 3), False, "通知一"),
        (date(2026, 1, 4), True, "通知一"),
        (date(2026, 5, 1), False, "通知二"),
    }


def test_only_the_folder_and_its_three_sub_folders_are_read(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        examples__more="kinds:\n  - {code: fine, name: 罚款}\n",
        limits__deeper__more="kinds:\n  - {code: fine, name: 罚款}\n",
    )

    assert list(catalogue.kinds) == ["case"]


def test_parts_that_other_commands_read_may_lie_beside_it(tmp_path: Path) -> None:
    assert list(read(tmp_path, mapping="intake:\n  name: 对应表\n").kinds) == ["case"]


def test_words_that_yaml_likes_to_take_for_something_else_stay_words(tmp_path: Path) -> None:
    """`off` is a word, a date is text, a clock time is not a number in base sixty."""
    catalogue = read(
        tmp_path,
        ladders__ours="ladders:\n  - {code: a, name: 一, counts: day, from_length: 0, yellow: {days: 1, at: 10:30}, orange: {days: 0}}\n",
        limits__ours=limit(text_version="2026-01-01", notes="no"),
    )

    assert catalogue.ladders["a"].ladder.yellow == Lead(days=1, at=catalogue.ladders["a"].ladder.yellow.at)
    assert catalogue.ladders["a"].ladder.yellow.at.isoformat() == "10:30:00"
    assert catalogue.limits["decide"].limit.text_version == "2026-01-01"
    assert catalogue.limits["decide"].limit.notes == "no"


def test_a_folder_may_refer_to_what_is_known_already(tmp_path: Path) -> None:
    known = Known(calendars={"cn"}, kinds={"case"}, events={"filed", "decided", "longer"}, approvers={"head"})

    catalogue = read_catalogue(folder_of(tmp_path, {"limits/ours.yaml": GOOD["limits/ours.yaml"]}), known)

    assert list(catalogue.limits) == ["decide"]


def test_the_core_of_a_folder_needs_no_database(tmp_path: Path) -> None:
    core = load_core(folder_of(tmp_path, GOOD))

    assert core.limit("decide").length == 30
    assert core.calendars["cn"].is_working(date(2026, 1, 4))
    assert core.approvers["head"].rank == 10
    ladder = core.ladder_for(core.limit("decide"))
    assert ladder is not None
    assert ladder.code == "long"


# -- what is refused -------------------------------------------------------------------------------------------------


def test_a_missing_folder_is_another_thing_than_a_bad_one(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFolder, match="没有目录"):
        read_catalogue(tmp_path / "nowhere")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidCatalogue, match=r"没有 \.yaml 文件"):
        read_catalogue(tmp_path)


def test_everything_wrong_is_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        events="events:\n  - {code: filed, name: 立案}\n  - {code: decided}\n  - {code: longer, name: 延长, opnes: true}\n",
        limits__ours=limit(length="0", rollover="sideways"),
    )

    assert [(one.place.file, one.place.line, one.place.number, one.code, one.field) for one in found] == [
        ("events.yaml", 3, 2, "decided", "name"),
        ("events.yaml", 4, 3, "longer", "opnes"),
        ("limits/ours.yaml", 3, 1, "decide", "length"),
        ("limits/ours.yaml", 3, 1, "decide", "rollover"),
    ]


def test_a_problem_names_file_line_row_code_and_field_in_one_sentence(tmp_path: Path) -> None:
    (only,) = problems(tmp_path, limits__ours=limit(starts="[fild]"))

    assert str(only) == (
        "limits/ours.yaml，第3行，limits 第1条（decide），字段 starts：没有“fild”这种节点，是不是“filed”"
    )


REFERENCES = (
    ("kinds", "[cases]", "kinds", "没有“cases”这种事项，是不是“case”"),
    ("starts", "[nobody_knows]", "starts", "没有“nobody_knows”这种节点，请改用已有的代码，或者先在 events 中登记"),
    ("calendar", "eu", "calendar", "没有“eu”这一日历，请改用已有的代码，或者先在 calendars 中登记"),
    ("ladder", "lang", "ladder", "没有“lang”这一预警阶梯，是不是“long”"),
    ("restarts", "[x]", "restarts", "没有“x”这种节点，请改用已有的代码，或者先在 events 中登记"),
    (
        "pauses",
        "[{from: filed, to: resumed}]",
        "pauses[1].to",
        "没有“resumed”这种节点，请改用已有的代码，或者先在 events 中登记",
    ),
    (
        "tiers",
        "[{code: t, length: 3, by: [decidet], approvers: [heads]}]",
        "tiers[1].by",
        "没有“decidet”这种节点，是不是“decided”",
    ),
    ("after_expiry_of", "other", "after_expiry_of", "没有“other”这一时限，请先登记"),
)


@pytest.mark.parametrize(("field", "value", "told_at", "text"), REFERENCES, ids=[row[0] for row in REFERENCES])
def test_a_limit_that_refers_to_nothing_is_refused(
    tmp_path: Path, field: str, value: str, told_at: str, text: str
) -> None:
    text_of = limit(**{field: value})
    if field == "after_expiry_of":
        text_of = text_of.replace("    starts: [filed]\n", "")

    found = problems(tmp_path, limits__ours=text_of)

    assert (told_at, text) in [(one.field, one.text) for one in found]


def test_an_approver_nobody_knows_is_refused(tmp_path: Path) -> None:
    changed = GOOD["limits/ours.yaml"].replace("approvers: [head]", "approvers: [{level: heads, when: {unit: [a]}}]")

    assert told(tmp_path, limits__ours=changed)[2:] == (
        "extensions[1].approvers",
        "没有“heads”这一批准层级，是不是“head”",
    )


def test_a_code_used_twice_is_refused_and_both_places_are_named(tmp_path: Path) -> None:
    file, line, field, text = told(tmp_path, more="kinds:\n  - {code: case, name: 又一种}\n")

    assert (file, line, field) == ("more.yaml", 2, "code")
    assert text == "代码重复，已用于 kinds.yaml 第2行，请改名或删去一条"


def test_a_row_without_a_usable_code_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, more="kinds:\n  - {name: 无代码}\n")[2] == "code"
    assert told(tmp_path, more="kinds:\n  - {code: 案件, name: 中文代码}\n")[2] == "code"


NUMBERS = (
    (
        "approvers",
        "approvers:\n  - {code: head, name: 甲, line: police, rank: 40000}\n",
        "rank",
        "不能大于 32767，现为 40000",
    ),
    ("approvers", "approvers:\n  - {code: head, name: 甲, line: police}\n", "rank", "必填"),
    ("kinds", "kinds:\n  - {code: case, name: 案件, order: -1}\n", "order", "应为不小于 0 的整数，现为 -1"),
    (
        "then",
        "calendars:\n  - {code: x, name: 一, years: [{year: 20260}]}\n",
        "years[1].year",
        "应在 1949 与 2199 之间，现为 20260",
    ),
)


@pytest.mark.parametrize(("file", "text", "field", "said"), NUMBERS, ids=[row[2] + row[3][:2] for row in NUMBERS])
def test_a_number_that_does_not_fit_is_refused(tmp_path: Path, file: str, text: str, field: str, said: str) -> None:
    assert (field, said) in [(one.field, one.text) for one in problems(tmp_path, **{file: text})]


def test_a_field_written_twice_is_refused(tmp_path: Path) -> None:
    """YAML itself would silently keep the last."""
    found = told(
        tmp_path, approvers="approvers:\n  - code: head\n    name: 甲\n    line: police\n    name: 乙\n    rank: 1\n"
    )

    assert found == ("approvers.yaml", 5, "name", "字段写了两遍，请只留一处")


def test_a_limit_must_say_to_what_it_applies(tmp_path: Path) -> None:
    without = GOOD["limits/ours.yaml"].replace("    kinds: [case]\n", "")

    assert told(tmp_path, limits__ours=without)[2] == "kinds"


ANCHORED = """
limits:
  - {{code: one, name: 一, kinds: [case], before_expiry_of: two, length: 7, unit: day, law: 某法}}
  - {{code: two, name: 二, kinds: [case], {second}, length: 7, unit: day, law: 某法}}
"""


def test_limits_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, limits__ours=ANCHORED.format(second="after_expiry_of: one"))

    assert [(one.code, one.field, one.text) for one in found] == [
        ("one", "before_expiry_of", "互相以对方的届满起算：one → two → one"),
        ("two", "after_expiry_of", "互相以对方的届满起算：two → one → two"),
    ]


def test_a_limit_that_waits_for_itself_is_refused(tmp_path: Path) -> None:
    changed = ANCHORED.format(second="after_expiry_of: two").replace("before_expiry_of: two", "starts: [filed]")

    assert told(tmp_path, limits__ours=changed)[3] == "互相以对方的届满起算：two → two"


def test_a_limit_that_waits_for_one_of_another_kind_is_refused(tmp_path: Path) -> None:
    changed = ANCHORED.format(second="starts: [filed]").replace(
        "code: two, name: 二, kinds: [case]", "code: two, name: 二, kinds: []"
    )

    assert told(tmp_path, limits__ours=changed)[2:] == (
        "kinds",
        "与所依的时限“two”没有共同的事项种类，永远起不了时钟",
    )


def test_two_versions_in_force_at_once_are_refused(tmp_path: Path) -> None:
    rows = "limits:\n" + "".join(
        f"  - {{code: decide_v{year}, name: 一, kinds: [case], starts: [filed], length: 7, unit: day, law: 某法, "
        f"in_force_from: {year}-01-01, {until}}}\n"
        for year, until in ((2020, "in_force_until: 2024-06-30"), (2024, "article: 第一条"))
    )

    _, line, field, text = told(tmp_path, limits__ours=rows)

    assert (line, field) == (3, "in_force_from")
    assert text == "与同族的“decide_v2020”施行时间重叠，请为旧版本写明 in_force_until"


def test_two_default_ladders_for_one_length_are_refused(tmp_path: Path) -> None:
    more = "ladders:\n  - {code: other, name: 另, counts: day, from_length: 30, yellow: {days: 9}, orange: {days: 1}}\n"

    assert told(tmp_path, ladders__then=more)[2:] == ("from_length", "与“long”相同，不能有两个同长度的默认阶梯")


LADDERS = (
    ("{code: a, name: 一, counts: week, yellow: {days: 3}, orange: {days: 1}}", "counts"),
    ("{code: a, name: 一, counts: day, yellow: {days: 3, hours: 1}, orange: {days: 1}}", "yellow"),
    ("{code: a, name: 一, counts: day, yellow: {days: 1}, orange: {days: 3}}", "orange"),
    ("{code: a, name: 一, counts: day, yellow: {share: 2}, orange: {days: 3}}", "yellow.share"),
    ('{code: a, name: 一, counts: day, yellow: {days: 3, at: "25:00"}, orange: {days: 1}}', "yellow.at"),
    ("{code: a, name: 一, counts: day, orange: {days: 1}}", "yellow"),
)


@pytest.mark.parametrize(("row", "field"), LADDERS)
def test_a_ladder_nobody_could_climb_is_refused(tmp_path: Path, row: str, field: str) -> None:
    assert told(tmp_path, ladders__more=f"ladders:\n  - {row}\n")[2] == field


DAYS = (
    ("2026-02-29", "“2026-02-29”不是日期，应写成 2026-01-01 或 2026-01-01/2026-01-03"),
    ("2026-01-03/2026-01-01", "“2026-01-03/2026-01-01”的起止日期不对"),
    ("2026-01-01/2026-12-31", "“2026-01-01/2026-12-31”的起止日期不对"),
    ("2025-11-30", "“2025-11-30”不在2026年，也不在上一年十二月"),
)


@pytest.mark.parametrize(("days", "text"), DAYS)
def test_a_day_that_cannot_be_meant_is_refused(tmp_path: Path, days: str, text: str) -> None:
    changed = GOOD["calendars/cn.yaml"].replace("2026-05-01", days)

    assert told(tmp_path, calendars__cn=changed)[2:] == ("years[1].off[2].days", text)


def test_a_working_day_that_is_worked_anyway_is_refused(tmp_path: Path) -> None:
    changed = GOOD["calendars/cn.yaml"].replace("2025-12-28", "2026-01-05")

    assert told(tmp_path, calendars__cn=changed)[3] == "“2026-01-05”不是周六、周日，本来就上班，请删去"


def test_a_day_both_off_and_worked_is_refused(tmp_path: Path) -> None:
    changed = GOOD["calendars/cn.yaml"].replace("2026-01-04, ", "2026-01-03, ")

    assert told(tmp_path, calendars__cn=changed)[3] == "2026-01-03 写了不止一次（元旦、元旦），请只留一处"


WRITING = (
    ("kinds: [\n", "这里不合 YAML 的写法，请检查缩进、冒号、引号和括号"),
    ("", "文件是空的"),
    ("- a\n", "文件应由 calendars、kinds、events、approvers、ladders、limits、questions 这些部分组成"),
    ("kind:\n  - {code: a}\n", "没有这一部分，是不是“kinds”"),
    ("kinds: case\n", "应为列表，每条以“- ”开头"),
    ("kinds:\n  - case\n", "应为一组字段"),
    ("kinds:\n  - {code: a, name: 一, 1: 二}\n", "字段名应为文字，请加引号"),
    ("kinds:\n  - {code: a, name: 一, zone: Mars/Base}\n", "没有时区“Mars/Base”，应写成 Asia/Shanghai"),
    ("kinds:\n  - {code: a, name: \x07}\n", "含有 YAML 不允许的字符，请检查"),
    ("kinds:\n  - !!python/object/apply:os.system [ls]\n", "这里不合 YAML 的写法，请检查缩进、冒号、引号和括号"),
)


@pytest.mark.parametrize(("text", "said"), WRITING, ids=[row[1][:8] for row in WRITING])
def test_bad_writing_is_told_and_nothing_but_data_is_made(tmp_path: Path, text: str, said: str) -> None:
    assert said in [one.text for one in problems(tmp_path, more=text)]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path, GOOD)
    (tmp_path / "more.yaml").write_bytes("kinds:\n  - {code: a, name: 甲}\n".encode("gbk"))

    with pytest.raises(InvalidCatalogue, match=r"more\.yaml：应为 UTF-8 编码"):
        read_catalogue(tmp_path)


def test_a_file_that_would_be_passed_over_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path, {**GOOD, "limits/more.yml": "limits: []\n"})

    with pytest.raises(InvalidCatalogue, match=r"limits/more\.yml：文件名须以 \.yaml 结尾"):
        read_catalogue(tmp_path)


def test_a_misspelt_field_inside_a_limit_is_told(tmp_path: Path) -> None:
    changed = GOOD["limits/ours.yaml"].replace("approvers: [head]", "aprovers: [head]")

    assert told(tmp_path, limits__ours=changed)[2:] == ("extensions[1].aprovers", "没有这个字段，是不是“approvers”")
