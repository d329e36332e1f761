"""The secrets of authenticators, sealed by AES-GCM under a key that is never in the database.

Whoever reads the table, or a backup of it, must not be able to give anybody's second factor. Keys are those of
`settings.FIELD_KEYS`, newest first; from each one of this room's own is derived. A seal opens beside its own row only.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from supervision.accounts.refusals import ALTERED, UNKNOWN_KEY, AccountRefused

NONCE_BYTES = 12


def newest_key() -> str:
    """The name of the key that seals now."""
    return next(iter(settings.FIELD_KEYS))


def seal(secret: bytes, *, place: str) -> tuple[str, str]:
    """The name of the key and the sealed text. `place` names the row it is for."""
    name, nonce = newest_key(), secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_derived(_key(name))).encrypt(nonce, secret, place.encode())
    return name, base64.b64encode(nonce + sealed).decode()


def unseal(key: str, text: str, *, place: str) -> bytes:
    """What was sealed. Refuses a key that is not configured, and a text that was altered or is another row's."""
    raw = base64.b64decode(text)
    try:
        return AESGCM(_derived(_key(key))).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except InvalidTag as error:
        raise AccountRefused(ALTERED) from error


def _key(name: str) -> bytes:
    keys: Mapping[str, bytes] = settings.FIELD_KEYS
    if name not in keys:
        raise AccountRefused(UNKNOWN_KEY.format(key=name))
    return keys[name]


@lru_cache(maxsize=64)
def _derived(key: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"dingban accounts seal").derive(key)
