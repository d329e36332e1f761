"""What other systems are told and how: names of events, bodies, the signature, addresses, pauses. No database, no clock.

An event holds ids, numbers, codes and moments: no name of a person, no word that somebody wrote.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final
from urllib.parse import urlsplit


class EventName(StrEnum):
    """What may be told, as it stands in a body."""

    ALERT_RAISED = "alert.raised"
    ALERT_OVERDUE = "alert.overdue"
    ALERT_REOPENED = "alert.reopened"
    ALERT_HANDED = "alert.handed"
    ALERT_SETTLED = "alert.settled"
    ALERT_WITHDRAWN = "alert.withdrawn"
    BULLETIN_ISSUED = "bulletin.issued"
    BULLETIN_CORRECTED = "bulletin.corrected"
    TEST = "test"

    @classmethod
    def offered(cls) -> tuple[EventName, ...]:
        """Those one may subscribe to; a test is sent by hand only."""
        return tuple(name for name in cls if name is not cls.TEST)


class Verdict(Enum):
    """What an answer means for what was sent: taken, to be sent later, or refused as it is."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


# So many events go in one body: the first day of a large bureau brings two hundred thousand warnings within minutes, and
# four hundred calls are taken by any receiver, two hundred thousand by none.
MOST_EVENTS: Final = 500

_MINUTES: Final = (1, 5, 15, 30, 60, 120, 240, *(360,) * 7)
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)
# One try more than there are pauses between them, over about two days.
MOST_TRIES: Final = len(PAUSES) + 1

# Whoever has a delivery in hand is done with it within this, or is gone.
HELD_FOR: Final = timedelta(minutes=2)
# For so long what was sent can be sent again as it was; then only its digest is kept.
BODY_KEPT: Final = timedelta(days=30)


# -- events ------------------------------------------------------------------------------------------------------------


def event_of_alert(*, action: str, red: bool, reason: str) -> EventName | None:
    """What a step of the ledger of warnings is told as; none for what concerns the house alone.

    A warning that goes because its clock ended is settled; for any other reason it is withdrawn.
    """
    if action == "raised":
        return EventName.ALERT_OVERDUE if red else EventName.ALERT_RAISED
    if action == "withdrawn":
        return EventName.ALERT_SETTLED if reason == "stopped" else EventName.ALERT_WITHDRAWN
    return {"reopened": EventName.ALERT_REOPENED, "handed": EventName.ALERT_HANDED}.get(action)


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One step of the ledger of warnings. Moments are aware; `level` is yellow, orange or red; `reason` only where it went."""

    step: int
    name: EventName
    at: datetime
    due_moment: datetime
    alert: int
    clock: int
    matter: str
    limit: str
    unit: str
    level: str
    due_at: datetime
    reason: str
    link: str

    def told(self) -> dict[str, object]:
        said: dict[str, object] = {
            "id": f"alerts:{self.step}",
            "event": self.name.value,
            "at": self.at.isoformat(),
            "due_moment": self.due_moment.isoformat(),
            "alert": self.alert,
            "clock": self.clock,
            "matter": self.matter,
            "limit": self.limit,
            "unit": self.unit,
            "level": self.level,
            "due_at": self.due_at.isoformat(),
            "link": self.link,
        }
        return said | ({"reason": self.reason} if self.reason else {})


@dataclass(frozen=True, slots=True)
class BulletinEvent:
    """A bulletin that went out. `until_on` is its last day; `corrects` the number of the one it puts right, if any."""

    step: int
    at: datetime
    bulletin: int
    number: str
    kind: str
    unit: str
    from_on: str
    until_on: str
    corrects: str
    link: str

    @property
    def name(self) -> EventName:
        return EventName.BULLETIN_CORRECTED if self.corrects else EventName.BULLETIN_ISSUED

    def told(self) -> dict[str, object]:
        said: dict[str, object] = {
            "id": f"bulletins:{self.step}",
            "event": self.name.value,
            "at": self.at.isoformat(),
            "bulletin": self.bulletin,
            "number": self.number,
            "kind": self.kind,
            "unit": self.unit,
            "from_on": self.from_on,
            "until_on": self.until_on,
            "link": self.link,
        }
        return said | ({"corrects": self.corrects} if self.corrects else {})


@dataclass(frozen=True, slots=True)
class TestEvent:
    """A word without content, by which a receiver sees that he is reached."""

    at: datetime
    unit: str
    name: EventName = EventName.TEST

    def told(self) -> dict[str, object]:
        return {"id": "test", "event": self.name.value, "at": self.at.isoformat(), "unit": self.unit}


Event = AlertEvent | BulletinEvent | TestEvent


def body_of(delivery: str, made_at: datetime, events: Iterable[Event]) -> str:
    """The body of one delivery, the same at every try."""
    said = {"delivery": delivery, "made_at": made_at.isoformat(), "events": [event.told() for event in events]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


# -- the signature -----------------------------------------------------------------------------------------------------


def signature(secret: str, stamp: int, body: bytes) -> str:
    """HMAC-SHA256 under the secret, in hex, over the stamp (seconds since 1970, in digits), a full stop, and the body."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def headers_of(*, delivery: str, names: str, secret: str, stamp: int, body: bytes) -> dict[str, str]:
    """What goes before a body: its kind, which delivery it is (the same at every try), what is in it, and the signature."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Dingban",
        "X-Dingban-Delivery": delivery,
        "X-Dingban-Event": names,
        "X-Dingban-Signature": f"t={stamp},v1={signature(secret, stamp, body)}",
    }


# -- where it may go ---------------------------------------------------------------------------------------------------

NOT_AN_ADDRESS: Final = "地址要写成 https://主机/路径（或者 http），不带账号、空格和 # 号"
NOT_ALLOWED: Final = (
    "主机 {host} 不在允许之内：请运维人员在服务器的环境变量 WEBHOOK_HOSTS 里写上它（非默认端口要写端口），重启后再试"
)
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def why_not_there(address: str, ends: Sequence[tuple[str, int | None]]) -> str:
    """Why nothing is sent to an address, in a Chinese sentence; empty where it may be.

    `ends` are the hosts that are allowed, each with a port or none; none stands for the usual port of the scheme.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return NOT_AN_ADDRESS
    written = address.isascii() and address.isprintable() and " " not in address
    if not written or parts.scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc or "#" in address:
        return NOT_AN_ADDRESS
    usual = DEFAULT_PORTS[parts.scheme]
    if any(host == end and (port or usual) == (allowed or usual) for end, allowed in ends):
        return ""
    return NOT_ALLOWED.format(host=host if port is None else f"{host}:{port}")


# -- answers and tries -------------------------------------------------------------------------------------------------


def verdict_on(status: int) -> Verdict:
    """2xx is taken; 408, 425, 429 and 5xx mean later; anything else, a redirect too, is a refusal."""
    if 200 <= status < 300:
        return Verdict.TAKEN
    return Verdict.LATER if status in (408, 425, 429) or status >= 500 else Verdict.REFUSED


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; none once there have been enough, about two days after the first."""
    return PAUSES[tries - 1] if tries < MOST_TRIES else None


def known_names(texts: Iterable[str]) -> tuple[EventName, ...]:
    """The events that texts name, in their fixed order, each once. Refuses (ValueError) an unknown one."""
    wanted = {EventName(text) for text in texts}
    return tuple(name for name in EventName if name in wanted)


LABELS: Final[Mapping[EventName, str]] = {
    EventName.ALERT_RAISED: "预警发出（黄、橙）",
    EventName.ALERT_OVERDUE: "届满超期（红）",
    EventName.ALERT_REOPENED: "预警恢复",
    EventName.ALERT_HANDED: "预警随事项移交",
    EventName.ALERT_SETTLED: "预警了结（时钟终止）",
    EventName.ALERT_WITHDRAWN: "预警撤销（其他原因）",
    EventName.BULLETIN_ISSUED: "通报签发",
    EventName.BULLETIN_CORRECTED: "更正通报签发",
    EventName.TEST: "测试",
}
