"""Keys of rows packed into bytes: sorted, the distance from one to the next as a number of seven-bit groups, deflated."""

from __future__ import annotations

import zlib
from collections.abc import Iterable


def pack(keys: Iterable[int]) -> bytes:
    """The keys of rows, each once, in few bytes. Refuses what is no key: a negative number."""
    packed = bytearray()
    last = 0
    for key in sorted(set(keys)):
        if key < 0:
            raise ValueError(f"{key} 不是主键")
        step, last = key - last, key
        while step > 0x7F:
            packed.append(step & 0x7F | 0x80)
            step >>= 7
        packed.append(step)
    return zlib.compress(bytes(packed), 6)


def unpack(packed: bytes) -> list[int]:
    """The keys again, in order."""
    keys: list[int] = []
    key = step = shift = 0
    for byte in zlib.decompress(packed):
        step |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        key += step
        keys.append(key)
        step = shift = 0
    return keys
