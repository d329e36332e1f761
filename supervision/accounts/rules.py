"""What a password must be like, how old it may grow, and which address a request comes from. Pure.

The numbers are the product's settings, not the law's: no statute read so far names a length, an age or a count.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# Wrong codes in a row after which the second factor is locked.
SPOILED_TRIES = 10
RECOVERY_CODES = 10
# No letter or digit that is mistaken for another on paper; sixteen of them are 78 bits.
RECOVERY_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RECOVERY_LENGTH, RECOVERY_GROUP = 16, 4


def classes_of(password: str) -> int:
    """How many of the four classes of signs it has: lower case, upper case, digits, anything else."""
    classes = {
        "lower" if sign.islower() else "upper" if sign.isupper() else "digit" if sign.isdecimal() else "other"
        for sign in password
    }
    return len(classes)


def holds(password: str, words: Iterable[str]) -> str:
    """The first of the words that the password holds, forwards or backwards, whatever the case; empty where none."""
    lowered = password.lower()
    for word in words:
        plain = word.strip().lower()
        if plain and (plain in lowered or plain[::-1] in lowered):
            return word
    return ""


def days_left(set_at: datetime | None, *, days: int, at: datetime) -> int | None:
    """Whole days until a password set at `set_at` must be changed, 0 on its last day, negative once it is too old.

    Both are aware moments. None where passwords do not grow old (`days` is 0) or no password was ever set.
    """
    if not days or set_at is None:
        return None
    return (set_at + timedelta(days=days) - at) // timedelta(days=1)


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, an IPv4 one in IPv6's clothes as plain IPv4; None where it is none."""
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def lies_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    found = read_address(address)
    return found is not None and any(found in network for network in networks)


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Where a request comes from: the peer, or what trusted proxies say of it in X-Forwarded-For.

    The header is read from its end, each trusted proxy vouching for the one before it; whatever stands before the first
    stranger anybody could have written, and so it is not read. What a trusted proxy wrote and is no address ends the
    reading at that proxy.
    """
    address = peer
    hops = [hop for hop in forwarded.split(",") if hop.strip()]
    while hops and lies_in(address, trusted):
        hop = read_address(hops.pop())
        if hop is None:
            break
        address = str(hop)
    found = read_address(address)
    return str(found) if found is not None else ""


def new_recovery_codes() -> list[str]:
    """Codes to be written down, each good for once, in groups of four."""
    plain = ["".join(secrets.choice(RECOVERY_SIGNS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    return ["-".join(code[n : n + RECOVERY_GROUP] for n in range(0, RECOVERY_LENGTH, RECOVERY_GROUP)) for code in plain]


def plain_code(code: str) -> str:
    """A code as somebody typed it, without spaces and dashes and in capitals."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def code_digest(code: str) -> str:
    """What is kept of a recovery code. It is drawn from 78 bits, so a plain digest says nothing about it."""
    return hashlib.sha256(plain_code(code).encode()).hexdigest()
