"""How long each kind of record is kept, and what a piece to be disposed of comes to. Pure: no Django, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

REFUSED_ROWS: Final = "refused_rows"
ANSWER_TEXTS: Final = "answer_texts"
LOGS: Final = "logs"
KINDS: Final = (REFUSED_ROWS, ANSWER_TEXTS, LOGS)
# What stands in the place of what was destroyed begins so.
MENTION: Final = "已按规定销毁（"
_FIELDS: Final = {"code", "name", "days", "least_days", "ours", "source"}


class InvalidRetention(ValueError):
    """A file of retention rules that cannot be used; the message names the entry, the field and the way out."""


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How many days a kind is kept at least, from when it came about; `ours`: no law read names the number."""

    code: str
    name: str
    days: int
    ours: bool
    source: str

    def over_before(self, at: datetime) -> datetime:
        """What came about before this moment is past its time at the aware moment `at`."""
        return at - timedelta(days=self.days)


def parse_rules(document: object, *, settings: Mapping[str, int]) -> tuple[RetentionRule, ...]:
    """The rules of a file as it was read. A number of days may be the name of one of the `settings`.

    Refuses a kind there is none of or that stands twice or not at all, a field that is missing or unknown, and days below
    the least of the entry.
    """
    entries = document.get("retention") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise InvalidRetention("文件里没有 retention 这一节，请照 seeds/retention.yaml 写")
    rules = tuple(_rule(number, entry, settings) for number, entry in enumerate(entries, start=1))
    found = [rule.code for rule in rules]
    if sorted(found) != sorted(KINDS):
        raise InvalidRetention(
            f"每一类要写一次，不多不少：{'、'.join(KINDS)}；现在写的是：{'、'.join(found) or '（空）'}"
        )
    return rules


def _rule(number: int, entry: object, settings: Mapping[str, int]) -> RetentionRule:
    where = f"retention 第 {number} 条"
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise InvalidRetention(f"{where}：要有且只有这些字段：{'、'.join(sorted(_FIELDS))}")
    for field in ("code", "name", "source"):
        if not isinstance(entry[field], str) or not entry[field].strip():
            raise InvalidRetention(f"{where} 的 {field} 要写文字")
    days, least = entry["days"], entry["least_days"]
    if isinstance(days, str) and days in settings:
        # What the setting may be is told where it is set.
        days = max(settings[days], least if isinstance(least, int) else 0)
    if not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in (days, least)):
        raise InvalidRetention(f"{where} 的 days、least_days 要写正整数，或者写设置的名称：{'、'.join(settings)}")
    if days < least:
        raise InvalidRetention(f"{where}（{entry['name']}）的 days 是 {days}，少于最低的 {least} 天")
    if not isinstance(entry["ours"], bool):
        raise InvalidRetention(f"{where} 的 ours 要写 true 或者 false")
    return RetentionRule(entry["code"], entry["name"], days, entry["ours"], entry["source"])


def tally(rows: Iterable[tuple[object, ...]]) -> tuple[int, str]:
    """How many rows, and the digest (SHA-256) of all of them in their order: what was destroyed can be recognised where a
    copy of it turns up, and cannot be read from it."""
    count, digest = 0, hashlib.sha256()
    for row in rows:
        count += 1
        digest.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode())
        digest.update(b"\n")
    return count, digest.hexdigest()


def mention(on: date, number: int) -> str:
    """What stands in the place of what was destroyed."""
    return f"{MENTION}{on:%Y-%m-%d}，销毁清单第 {number} 号）"
