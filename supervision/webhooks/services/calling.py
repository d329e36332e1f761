"""One call to a receiver, and what its answer means. Nothing here reads or writes a row."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Timer
from typing import Final
from urllib.parse import SplitResult, urlsplit

from supervision.webhooks.rules import Verdict, verdict_on

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
# Whoever answers a byte at a time is cut off after this, all in all.
WHOLE_SECONDS: Final = 15.0
# What a receiver says besides its status is nothing to us.
MOST_BYTES: Final = 1024

ANSWERED = {Verdict.LATER: "接收系统暂不接收", Verdict.REFUSED: "接收系统拒收"}
REDIRECTED = "接收系统要转到别的地址，不跟随；请把地址改成最终的"
NOT_FOUND = "找不到这台主机"
NOT_CONNECTED = "连接不上接收系统"
NOT_TRUSTED = "接收系统的证书不能核实"
NO_ANSWER = "接收系统没有按时答复，或者中途断开"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: the status where there was one, and why it was not taken, in fixed words: what the other
    side says may repeat what it was sent."""

    verdict: Verdict
    code: int | None
    words: str = ""


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body to an address that was found allowed, straight there: no proxy of the environment, no redirect.

    Ends within WHOLE_SECONDS, but for a resolver of names that hangs.
    """
    parts = urlsplit(address)
    line = _line(parts)
    watch = Timer(WHOLE_SECONDS, _cut, args=(line,))
    watch.daemon = True
    watch.start()
    try:
        try:
            line.connect()
        except ssl.SSLCertVerificationError:
            return Answer(Verdict.LATER, None, NOT_TRUSTED)
        except socket.gaierror:
            return Answer(Verdict.LATER, None, NOT_FOUND)
        except OSError:
            return Answer(Verdict.LATER, None, NOT_CONNECTED)
        return _speak(line, parts, body, headers)
    finally:
        watch.cancel()
        line.close()


def _line(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(
            host, parts.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)


def _cut(line: http.client.HTTPConnection) -> None:
    """From another thread: whoever reads or writes on the line is told that it is over."""
    held = line.sock
    if held is not None:
        with contextlib.suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)


def _speak(line: http.client.HTTPConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        line.sock.settimeout(ANSWER_SECONDS)
        line.request("POST", target, body=body, headers=dict(headers) | {"Connection": "close"})
        answer = line.getresponse()
    except (OSError, ValueError, http.client.HTTPException):
        return Answer(Verdict.LATER, None, NO_ANSWER)
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
        answer.read1(MOST_BYTES)
    verdict = verdict_on(answer.status)
    if 300 <= answer.status < 400:
        return Answer(verdict, answer.status, REDIRECTED)
    return Answer(verdict, answer.status, ANSWERED.get(verdict, ""))
