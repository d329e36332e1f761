"""What a token is and may do, and how a body is told from another. Pure."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a calling system may ask for."""

    MATTERS = "matters:read"
    CLOCKS = "clocks:read"
    ALERTS = "alerts:read"
    ORDERS = "orders:read"
    FIGURES = "figures:read"
    BULLETINS = "bulletins:read"
    INTAKE = "intake:write"


SCOPE_WORDS: Final = {
    Scope.MATTERS: "读事项",
    Scope.CLOCKS: "读时钟",
    Scope.ALERTS: "读预警",
    Scope.ORDERS: "读整改",
    Scope.FIGURES: "读指标数据",
    Scope.BULLETINS: "读通报",
    Scope.INTAKE: "送入数据",
}


class NotLetIn(StrEnum):
    """Why a call that shows something is not let in. The first is no token there is; the others are a known one's."""

    UNKNOWN_TOKEN = "unknown_token"  # nosec B105
    BAD_SECRET = "bad_secret"  # nosec B105
    REVOKED = "revoked"
    EXPIRED = "expired"
    WRONG_NETWORK = "wrong_network"
    NO_SCOPE = "no_scope"


# So many calls of a token that were not let in are put on record in one hour; those beyond are only counted.
REFUSED_AN_HOUR: Final = 20
# A token lives for a year at most: who still needs it then is asked for a new one.
LONGEST_LIFE: Final = timedelta(days=365)
# So long its secret waits for the page that shows it.
SHOWN_WITHIN: Final = timedelta(minutes=10)
# That a token was used is written down at most this often.
USED_EVERY: Final = timedelta(minutes=1)

_TOKEN: Final = re.compile(r"dingban_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
IDEMPOTENCY_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Presented:
    """What a system shows to be let in: the public part of its token and the secret one."""

    prefix: str
    secret: str


def write_token(prefix: str, secret: str) -> str:
    return f"dingban_{prefix}_{secret}"


def read_token(text: str) -> Presented | None:
    """The two parts of a token; none for anything that is not one."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else Presented(found.group(1), found.group(2))


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is 256 random bits: nothing slower than a plain digest is called for."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, digest: str) -> bool:
    """Whether a secret is the one of a digest, in a time that does not tell how much of it was right."""
    return hmac.compare_digest(digest_of(secret), digest)


def read_networks(text: str) -> tuple[list[str], list[str]]:
    """The networks named in a text, one a line or between commas, and the words that name none."""
    good, bad = [], []
    for word in re.split(r"[\s,，;；]+", text.strip()):
        if not word:
            continue
        try:
            good.append(str(ipaddress.ip_network(word, strict=False)))
        except ValueError:
            bad.append(word)
    return good, bad


def comes_from(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks; no networks: from wherever it comes."""
    if not networks:
        return True
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A server that listens on both kinds of addresses tells the older kind in the newer one's spelling.
    if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped is not None:
        caller = caller.ipv4_mapped
    return any(caller in ipaddress.ip_network(network) for network in networks)


def body_digest(*parts: object) -> str:
    """By what two bodies are the same: what they say, not how they are spaced or in which order their keys stand."""
    written = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


# A call whose process was killed is taken for abandoned after this long: the server lets no request live longer.
CALL_ABANDONED_AFTER: Final = timedelta(minutes=15)


def life_of(made_at: datetime, expires_at: datetime) -> str:
    """`ended`, `long` or `right`: how the life of a token lies to what is allowed."""
    if expires_at <= made_at:
        return "ended"
    return "long" if expires_at > made_at + LONGEST_LIFE else "right"


def hour_of(at: datetime) -> datetime:
    """The beginning, in UTC, of the hour in which an aware moment lies."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
