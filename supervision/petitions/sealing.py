"""Sealing what identifies a person: AES-GCM under keys that are never in the database, and keyed digests to search by.

`settings.FIELD_KEYS` names the keys, newest first: the first one seals, all of them open. From each two keys are derived,
one to seal and one for digests, so that neither says anything about the other. A seal is bound to the row it is for: put
beside another row it does not open.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from supervision.petitions.refusals import ALTERED, UNKNOWN_KEY, PetitionRefused

NONCE_BYTES = 12


def newest_key() -> str:
    """The name of the key that seals now."""
    return next(iter(settings.FIELD_KEYS))


def seal(facts: Mapping[str, str], *, place: str) -> tuple[str, str]:
    """The name of the key and the sealed text. `place` names the row it is for."""
    name = newest_key()
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = json.dumps(dict(facts), ensure_ascii=False, sort_keys=True).encode()
    sealed = AESGCM(_derived(_key(name), b"seal")).encrypt(nonce, plain, place.encode())
    return name, base64.b64encode(nonce + sealed).decode()


def unseal(key: str, text: str, *, place: str) -> dict[str, str]:
    """What was sealed. Refuses a key that is not configured and a text that was altered or is another row's."""
    raw = base64.b64decode(text)
    try:
        plain = AESGCM(_derived(_key(key), b"seal")).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except InvalidTag as error:
        raise PetitionRefused(ALTERED) from error
    found: dict[str, str] = json.loads(plain)
    return found


def digest(value: str, *, what: str, key: str | None = None) -> str:
    """A keyed digest of a value, by the newest key or another; empty of nothing. Width, case and spaces do not matter."""
    plain = plain_form(value)
    if not plain:
        return ""
    derived = _derived(_key(key or newest_key()), b"digest")
    return hmac.new(derived, f"{what}:{plain}".encode(), sha256).hexdigest()


def digests(value: str, *, what: str) -> list[str]:
    """The digests of a value by every key, so that rows not yet under the newest are found too."""
    return [found for key in settings.FIELD_KEYS if (found := digest(value, what=what, key=key))]


def plain_form(value: str) -> str:
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


def _key(name: str) -> bytes:
    keys: Mapping[str, bytes] = settings.FIELD_KEYS
    if name not in keys:
        raise PetitionRefused(UNKNOWN_KEY.format(key=name))
    return keys[name]


@lru_cache(maxsize=64)
def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"dingban petitions " + use).derive(key)
