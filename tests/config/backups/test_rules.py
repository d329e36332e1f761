"""How rows are written down, what a manifest says, and which backups may go."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.backups.rules import (
    READERS,
    FileDigest,
    HouseDigest,
    Manifest,
    ManifestBroken,
    TableDigest,
    differences,
    fingerprint,
    is_inside,
    manifest_facts,
    manifest_text,
    read_manifest,
    row_line,
    row_of,
    superfluous,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
HOUSE = HouseDigest(
    {"cases_unit": TableDigest(["id", "name"], 2, "ab" * 32)}, {"evidence/aa/aa": FileDigest(3, "cd" * 32)}, ["cases.1"]
)


def manifest(house: HouseDigest = HOUSE, **said: Any) -> Manifest:
    facts: dict[str, Any] = {
        "version": "0.1.0", "commit": "", "engine": "sqlite", "made_at": "2026-09-20T03:04:05+08:00", "sequences": {},
        "packed": {"tables/cases_unit.jsonl.gz": FileDigest(9, "ef" * 32)}, "keys": {"k1": fingerprint(KEY)},
        "seals": 0, "chain": "0" * 64,
    }  # fmt: skip
    return Manifest(house=house, **{**facts, **said})


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("DateTimeField", datetime(2026, 9, 20, 3, 4, 5, 60, tzinfo=UTC), "2026-09-20T03:04:05.000060+00:00"),
        ("DateField", date(2026, 9, 20), "2026-09-20"),
        ("TimeField", time(17, 30), "17:30:00"),
        ("DecimalField", Decimal("12.50"), "12.5"),
        ("DecimalField", Decimal("1200"), "1200"),
        ("BinaryField", b"\x00\xff", "AP8="),
        ("JSONField", {"b": 1, "a": [1.5, None, "字"]}, {"a": [1.5, None, "字"], "b": 1}),
        ("CharField", "一\n二 \u2028", "一\n二 \u2028"),
        ("BooleanField", True, True),
        ("ForeignKey", None, None),
    ],
)
def test_a_value_is_read_as_it_was_written(kind: str, value: object, text: object) -> None:
    line = row_line([value])

    assert json.loads(line) == [text]
    assert line.count(b"\n") == 1
    assert row_of(line, [READERS.get(kind)]) == [value]


def test_the_same_moment_is_written_the_same_in_any_zone() -> None:
    moment = datetime(2026, 9, 20, 3, tzinfo=UTC)

    assert row_line([moment]) == row_line([moment.astimezone(timezone(timedelta(hours=8)))])


def test_a_zone_is_written_by_its_name() -> None:
    assert row_line([ZoneInfo("Asia/Shanghai")]) == row_line(["Asia/Shanghai"])


def test_the_keys_of_json_are_written_in_order() -> None:
    assert row_line([{"a": 1, "b": 2}]) == row_line([{"b": 2, "a": 1}])


def test_what_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(TypeError):
        row_line([timedelta(days=1)])
    with pytest.raises(ValueError, match="JSON"):
        row_line([float("nan")])


@pytest.mark.parametrize("line", [b"[1]", b"{}", b"[1, 2", b"[1, 2, 3]"])
def test_a_line_that_is_no_row_of_the_table_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of JSON or of ours
        row_of(line, [None, None])


def test_the_whole_digest_hangs_on_every_table_file_and_migration() -> None:
    table, file = HOUSE.tables["cases_unit"], HOUSE.files["evidence/aa/aa"]
    others = [
        HouseDigest({"cases_unit": TableDigest(table.columns, 3, table.digest)}, HOUSE.files, HOUSE.migrations),
        HouseDigest({"cases_unit": TableDigest(["id"], 2, table.digest)}, HOUSE.files, HOUSE.migrations),
        HouseDigest({"cases_post": table}, HOUSE.files, HOUSE.migrations),
        HouseDigest(HOUSE.tables, {}, HOUSE.migrations),
        HouseDigest(HOUSE.tables, {"evidence/ab/ab": file}, HOUSE.migrations),
        HouseDigest(HOUSE.tables, HOUSE.files, []),
    ]

    assert len({HOUSE.whole, *(one.whole for one in others)}) == 7
    assert all(differences(HOUSE, one) for one in others)
    assert differences(HOUSE, HOUSE) == []


def test_a_manifest_is_read_as_it_was_written() -> None:
    said = manifest_facts(manifest_text(manifest(), key=KEY))

    assert read_manifest(said, key=KEY) == manifest()
    assert said["digest"] == HOUSE.whole


def test_a_manifest_signed_with_another_key_or_altered_is_not_believed() -> None:
    said = manifest_facts(manifest_text(manifest(), key=KEY))

    with pytest.raises(ManifestBroken):
        read_manifest(said, key=OTHER_KEY)
    with pytest.raises(ManifestBroken):
        read_manifest({**said, "seals": 1}, key=KEY)


def test_a_manifest_that_was_cut_is_not_believed() -> None:
    text = manifest_text(manifest(), key=KEY)

    for length in (0, 1, len(text) // 2, len(text) - 3):
        with pytest.raises(ManifestBroken):
            manifest_facts(text[:length])


@pytest.mark.parametrize("path", ["../keys", "/etc/passwd", "evidence/../../keys", "", "evidence/a\0"])
def test_a_path_that_leads_elsewhere_is_not_believed_even_where_it_is_signed(path: str) -> None:
    house = HouseDigest(HOUSE.tables, {path: FileDigest(1, "ab" * 32)}, HOUSE.migrations)

    assert not is_inside(path)
    with pytest.raises(ManifestBroken):
        read_manifest(manifest_facts(manifest_text(manifest(house), key=KEY)), key=KEY)


def test_a_fingerprint_tells_keys_apart_and_is_not_the_key() -> None:
    assert fingerprint(KEY) != fingerprint(OTHER_KEY)
    assert KEY.hex() not in fingerprint(KEY)


def test_the_oldest_backups_may_go_and_one_always_stays() -> None:
    names = ["dingban-20260102-000000", "dingban-20251231-235959", "dingban-20260101-000000", "notes", ".lock"]

    assert superfluous(names, keep=2) == ["dingban-20251231-235959"]
    assert superfluous(names, keep=3) == []
    assert len(superfluous(names, keep=0)) == 2
