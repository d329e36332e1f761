"""Which installed packages have a known weakness, by a local copy of the public advisories in OSV's form.

In a closed network no service can be asked; a copy is carried in as a folder or a zip (the PyPA advisory database, or OSV's
export for PyPI). Nothing here reaches out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import yaml
from packaging.version import InvalidVersion, Version

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

KINDS = (".json", ".yaml", ".yml")
# In a record's text, before it is read: most records are of packages nobody here has.
NAMED = re.compile(r"""["']?name["']?\s*:\s*["']?([A-Za-z0-9][A-Za-z0-9._-]*)""")


class NoAdvisories(Exception):
    """A copy that cannot be used; the message says why and what is wanted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An installed package a record says is affected; `fixed` are the versions in which it no longer is."""

    package: str
    version: str
    advisory: str
    aliases: tuple[str, ...]
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was compared: packages, records, the moment the newest record is of, and what was found."""

    packages: int
    records: int
    newest: datetime | None
    findings: tuple[Finding, ...]
    unreadable: tuple[str, ...]


def installed() -> dict[str, str]:
    """Every distribution of this environment, by its plain name, with its version: what is required and what that brings."""
    return {plain(found.metadata["Name"]): found.version for found in distributions() if found.metadata["Name"]}


def plain(name: str) -> str:
    """The name as the registry compares it: lower case, one dash for any run of dots, dashes and underscores."""
    return re.sub(r"[-_.]+", "-", name).lower()


def audit(copy: Path, packages: Mapping[str, str]) -> Audit:
    """Compare packages (plain name: version) with a copy of the advisories. Refuses one without a single record."""
    findings: list[Finding] = []
    unreadable: list[str] = []
    records, newest = 0, None
    for name, text in _texts(copy):
        records += 1
        moment = _moment(re.search(r"""["']?modified["']?\s*:\s*["']?([0-9TZ:.+-]+)""", text))
        if moment is not None and (newest is None or moment > newest):
            newest = moment
        if not any(plain(found) in packages for found in NAMED.findall(text)):
            continue
        try:
            # Both loaders of that name are the safe one.
            record = json.loads(text) if name.endswith(".json") else yaml.load(text, SafeLoader)  # nosec B506
            findings += _findings(record, packages)
        except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            unreadable.append(name)
    if not records:
        raise NoAdvisories(f"{copy} 里没有一条公告；请给出公告库的目录或者 zip（OSV 格式的 JSON、YAML）")
    findings.sort(key=lambda one: (one.package, one.advisory))
    return Audit(len(packages), records, newest, tuple(findings), tuple(unreadable))


def _texts(copy: Path) -> Iterator[tuple[str, str]]:
    """The records of a folder or a zip."""
    if copy.is_dir():
        for file in sorted(copy.rglob("*")):
            if file.suffix not in KINDS or ".git" in file.relative_to(copy).parts or not file.is_file():
                continue
            if _is_record(text := file.read_text(encoding="utf-8", errors="replace")):
                yield str(file.relative_to(copy)), text
        return
    try:
        with ZipFile(copy) as package:
            for name in sorted(package.namelist()):
                if name.endswith(KINDS) and _is_record(text := package.read(name).decode("utf-8", "replace")):
                    yield name, text
    except (OSError, BadZipFile) as error:
        raise NoAdvisories(f"打不开 {copy}；请给出公告库的目录或者 zip") from error


def _is_record(text: str) -> bool:
    return "affected" in text and "ecosystem" in text


def _moment(found: re.Match[str] | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(found.group(1).replace("Z", "+00:00")) if found is not None else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _findings(record: Any, packages: Mapping[str, str]) -> Iterator[Finding]:
    if record.get("withdrawn"):
        return
    seen = set()
    for affected in record["affected"]:
        name = plain(affected["package"]["name"])
        if affected["package"]["ecosystem"] != "PyPI" or name not in packages or name in seen:
            continue
        ranges = [one for one in affected.get("ranges") or () if one["type"] == "ECOSYSTEM"]
        if is_affected(packages[name], affected.get("versions") or (), [one["events"] for one in ranges]):
            seen.add(name)
            events = [event for one in ranges for event in one["events"]]
            fixed = tuple(str(event["fixed"]) for event in events if "fixed" in event)
            aliases = tuple(map(str, record.get("aliases") or ()))
            yield Finding(name, packages[name], str(record["id"]), aliases, fixed)


def is_affected(version: str, versions: Iterable[Any], ranges: Iterable[Iterable[Mapping[str, Any]]]) -> bool:
    """Whether a version is one of those named, or lies in one of the ranges: from `introduced` ("0": the first) up to but
    not including `fixed`, up to and including `last_affected`."""
    here = Version(version)
    if any(_same(one, here) for one in versions):
        return True
    return any(_lies_in(here, events) for events in ranges)


def _same(one: Any, here: Version) -> bool:
    try:
        return Version(str(one)) == here
    except InvalidVersion:
        return False


def _lies_in(here: Version, events: Iterable[Mapping[str, Any]]) -> bool:
    """Events are walked in the order of their versions; what begins and is never fixed holds on."""
    moves = []
    for event in events:
        ((kind, value),) = ((kind, str(value)) for kind, value in event.items())
        if kind in ("introduced", "fixed", "last_affected"):
            moves.append((Version("0.dev0") if value == "0" else Version(value), kind))
    affected = False
    for at, kind in sorted(moves):
        if kind == "introduced":
            affected = affected or here >= at
        elif (kind == "fixed" and here >= at) or (kind == "last_affected" and here > at):
            affected = False
    return affected
