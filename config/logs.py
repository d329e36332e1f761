"""Logs: one line a record, as JSON for a collector or as text for whoever reads along; and what never gets into one.

Imported by the settings, so nothing here needs Django.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import datetime
from types import TracebackType
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.tracing import trace

FORMATS: Final = ("json", "text")
CUT: Final = "…"
# What a log call may add of its own (`extra={"facts": {...}}`), and nothing else.
FACTS: Final = ("method", "view", "status", "seconds", "address")
# Where people stand who must not be known: the text of an error raised on a way through here stays out.
SEALED_ROOMS: Final = ("/supervision/petitions/", "/supervision/returnvisits/")
WITHHELD: Final = "（原文不记）"

_ACCOUNT_IN_ADDRESS: Final = re.compile(r"(\w+://)[^\s/@:]*:[^\s/@]*@")
_QUERY: Final = re.compile(r"""(?<=[\w/])\?[^\s"'<>]*=[^\s"'<>]*""")
_SECRET: Final = re.compile(
    r"""(?i)\b(pass(?:word|wd)?|token|secret|api_?key|sessionid|csrf\w*|authorization|cookie)\b"""
    r"""(["']?\s*[:=]\s*)((?:bearer|basic|token)\s+\S+|"[^"]*"|'[^']*'|[^\s,;&)}\]]+)"""
)
# PostgreSQL adds the row it refused.
_ROW: Final = re.compile(r"(?s)(DETAIL: ).*?(?=\n\n(?:The above|During handling)|\nCONTEXT:|\nHINT:|\Z)")


def scrubbed(text: str) -> str:
    """The text without passwords, tokens, query strings, accounts in addresses, and rows a database refused."""
    text = _ACCOUNT_IN_ADDRESS.sub(rf"\1{CUT}@", text)
    text = _QUERY.sub(f"?{CUT}", text)
    text = _SECRET.sub(rf"\1\2{CUT}", text)
    return _ROW.sub(rf"\1{CUT}", text)


def message_of(record: logging.LogRecord) -> str:
    """What the record says, fit to be kept. Addresses may hold the secret of somebody's link: where a page was found its
    pattern stands instead. Celery puts an error's own text in its message: only the task stays."""
    message = record.getMessage()
    data = getattr(record, "data", None)
    if isinstance(data, dict) and "exc" in data:
        message = f"Task {data.get('name')}[{data.get('id')}] {data.get('description', 'failed')}"
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    path = getattr(getattr(record, "request", None), "path", "")
    if match is not None and path:
        message = message.replace(path, f"/{match.route}")
    return scrubbed(message)


def traceback_of(record: logging.LogRecord) -> tuple[str, str]:
    """The kind of the error and the way to it; both empty where there is none."""
    kind, error, frames = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
    if kind is None or error is None:
        return "", ""
    return kind.__name__, scrubbed(told(error, frames))


def told(error: BaseException, frames: TracebackType | None) -> str:
    whole = traceback.TracebackException(type(error), error, frames, compact=True)
    part: traceback.TracebackException | None = whole
    parts = []
    while part is not None:
        parts.append(part)
        part = part.__cause__ or part.__context__
    if not any(room in frame.filename for part in parts for frame in part.stack for room in SEALED_ROOMS):
        return "".join(whole.format())
    return "".join(f"{''.join(part.stack.format())}{_kind(part)}: {WITHHELD}\n" for part in parts[::-1])


def _kind(part: traceback.TracebackException) -> str:
    return getattr(part, "exc_type_str", "") or getattr(part.exc_type, "__name__", "error")


class JsonLines(logging.Formatter):
    """One JSON object a line: when, how grave, who says it, what; the request or task it belongs to; the error."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self.zone = ZoneInfo(zone)

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, self.zone).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            **trace(),
        }
        said |= {name: value for name, value in getattr(record, "facts", {}).items() if name in FACTS}
        said["error"], said["traceback"] = traceback_of(record)
        return json.dumps({name: value for name, value in said.items() if value != ""}, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same to be read: one line, and the way to an error below it."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self.zone = ZoneInfo(zone)

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, self.zone).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        facts = {name: value for name, value in getattr(record, "facts", {}).items() if name in FACTS}
        beside = " ".join(f"{name}={value}" for name, value in {**trace(), **facts}.items() if value != "")
        line = f"{when} {record.levelname} {record.name} {message_of(record)}{f' [{beside}]' if beside else ''}"
        way = traceback_of(record)[1].rstrip("\n")
        return f"{line}\n{way}" if way else line


def logging_of(form: str, *, zone: str) -> dict[str, Any]:
    """Django's LOGGING. With JSON each answered request is a record too."""
    formatter = JsonLines if form == "json" else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "zone": zone}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "cases": {"level": "INFO"},
            "supervision": {"level": "INFO"},
            "config": {"level": "INFO"},
            "config.requests": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }
