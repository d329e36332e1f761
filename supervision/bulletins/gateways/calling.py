"""One call to a gateway over HTTP, and what its answer means for a letter."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from supervision.bulletins.rules import Verdict

TIMEOUT_SECONDS: Final = 10
# A gateway that says more than this says nothing we understand.
MOST_BYTES: Final = 64 * 1024

UNREACHABLE = "连接不上网关：{words}"
NO_ANSWER = "网关在答复之前断开或没有答复，不能确定是否送达，将再发一次并注明可能重复"
BUSY = "网关暂不接收（{code}）：{words}"
REFUSED = "网关拒收（{code}）：{words}"
NOT_UNDERSTOOD = "网关的答复无法识别，不能确定是否送达，将再发一次并注明可能重复"


@dataclass(frozen=True, slots=True)
class Message:
    """What a gateway is given: for whom, a title, a few words without any case in them, and where to read on."""

    id: str
    to: str
    title: str
    text: str
    link: str = ""

    @property
    def whole(self) -> str:
        return "\n".join(part for part in (self.title, self.text, self.link) if part)


class GatewayAnswer(Exception):
    """Anything a gateway answers other than yes, or that it did not answer. `broke_off`: it may do so again and again."""

    def __init__(self, verdict: Verdict, words: str, *, broke_off: bool = False) -> None:
        super().__init__(words)
        self.verdict, self.words, self.broke_off = verdict, words, broke_off


def later(code: object, words: object = "") -> GatewayAnswer:
    return GatewayAnswer(Verdict.LATER, BUSY.format(code=code, words=_line(words)))


def never(code: object, words: object = "") -> GatewayAnswer:
    return GatewayAnswer(Verdict.NEVER, REFUSED.format(code=code, words=_line(words)))


def _line(words: object) -> str:
    return " ".join(str(words).split())[:200]


def call(
    method: str, base_url: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Call a path below the base address, or with an empty path that address as it stands.

    Answers with the JSON object a gateway says, empty if it says yes without one. Redirects are not followed.

    Before the request has left nothing is in doubt, and the letter waits. From then on silence means that nobody knows.
    """
    parts = urlsplit(base_url)
    target = (
        parts.path.rstrip("/") + path if path else parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    )
    line = _connect(parts.scheme, parts.hostname or "", parts.port)
    try:
        try:
            line.request(method, target, body=body, headers=dict(headers or {}))
            answer = line.getresponse()
            said = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise GatewayAnswer(Verdict.UNKNOWN, NO_ANSWER, broke_off=True) from error
        return _read(answer.status, said)
    finally:
        line.close()


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    line = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        if scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        line.connect()
    except OSError as error:
        words = error.strerror or f"{type(error).__name__}"
        raise GatewayAnswer(Verdict.LATER, UNREACHABLE.format(words=_line(words)), broke_off=True) from error
    return line


def _read(status: int, said: bytes) -> dict[str, Any]:
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT) or status >= 500:
        raise later(status, said.decode("utf-8", "replace"))
    if not 200 <= status < 300:
        raise never(status, said.decode("utf-8", "replace"))
    if not said.strip():
        return {}
    try:
        read = json.loads(said)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise GatewayAnswer(Verdict.UNKNOWN, NOT_UNDERSTOOD)
    return read


def as_json(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


JSON_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}


def milliseconds() -> str:
    """The real time, whatever round a letter belongs to: gateways refuse a signature that is not of now."""
    return str(int(time.time() * 1000))


def signature(secret: str, text: bytes) -> str:
    """HMAC-SHA256 under the secret, in base64."""
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """Headers that let a gateway of our own choosing see that a body is ours and of now; without a secret unsigned.

    Signed is the timestamp, a line feed, and the body as sent.
    """
    if not secret:
        return dict(JSON_HEADERS)
    stamp = milliseconds()
    return {
        **JSON_HEADERS,
        "X-Timestamp": stamp,
        "X-Signature": signature(secret, stamp.encode() + b"\n" + body),
    }
