"""Settings come from the environment, through helpers that do not guess.

A value that cannot be understood is never replaced in silence and never raises while settings are being imported:
it is remembered as a `Fault`, something harmless stands in for it, and `config.checks` tells every fault at once and
stops the start. A variable set to the empty string counts as not given.
"""

import base64
import binascii
import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HOST_NAME = re.compile(r"^(\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])$")
_PORT = re.compile(r":(\d{1,5})\Z")
KEY_NAME = re.compile(r"^[A-Za-z0-9_-]{1,16}$")

DATABASE_SCHEMES = frozenset({"postgres", "postgresql", "sqlite"})
QUEUE_SCHEMES = frozenset({"redis", "rediss"})
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
MAIL_SCHEMES = frozenset({*SMTP_PORTS, "consolemail", "memorymail"})

FIELD_KEY_BYTES = 32

Network = IPv4Network | IPv6Network

# What stands in for a database that was named wrongly: nothing can be read from it or written to it.
NO_DATABASE: dict[str, Any] = {"ENGINE": "django.db.backends.dummy"}


@dataclass(frozen=True)
class Fault:
    """One wrong variable: the id of its check, what is wrong, and what would be right. Never holds the value itself,
    which may be a password."""

    id: str
    sentence: str
    hint: str


class Environment:
    """The variables a process was started with, and the faults found while reading them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.faults: list[Fault] = []

    def fault(self, id: str, sentence: str, hint: str) -> None:
        self.faults.append(Fault(id, sentence, hint))

    def given(self, name: str) -> str | None:
        """The variable's text, or None when it is absent or empty."""
        return self.variables.get(name, "").strip() or None

    def switch(self, name: str, *, default: bool) -> bool:
        """True or false; any other word is a fault and the default stands in."""
        word = self.given(name)
        if word is None:
            return default
        if word.lower() in TRUE_WORDS:
            return True
        if word.lower() in FALSE_WORDS:
            return False
        self.fault("config.E001", f"环境变量 {name} 既不是“是”也不是“否”。", "请写 true 或 false；不设即为 false。")
        return default

    def choice(self, name: str, words: Sequence[str], *, default: str) -> str:
        """One of the words; any other is a fault and the default stands in."""
        word = self.given(name)
        if word is None or word.lower() in words:
            return default if word is None else word.lower()
        self.fault("config.E016", f"环境变量 {name} 不是可选的词。", f"请写 {'、'.join(words)} 之一，或者不设。")
        return default

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number between two others; anything else is a fault and the default stands in."""
        text = self.given(name)
        if text is None:
            return default
        if text.isascii() and text.isdecimal() and least <= int(text) <= most:
            return int(text)
        self.fault(
            "config.E015", f"环境变量 {name} 不是 {least} 到 {most} 的整数。", f"请写一个整数，或者不设（{default}）。"
        )
        return default

    def networks(self, name: str, *, default: str = "") -> tuple[Network, ...]:
        """Networks and addresses parted by commas; those of the default where none is given. One that cannot be
        understood is a fault."""
        parts = [part.strip() for part in (self.given(name) or default).split(",") if part.strip()]
        found: list[Network] = []
        for number, part in enumerate(parts, start=1):
            try:
                found.append(ip_network(part))
            except ValueError:
                self.fault(
                    "config.E014",
                    f"环境变量 {name} 的第 {number} 段不是网段或者地址。",
                    "请用逗号分隔，例如 10.1.2.0/24,10.1.3.9；网段的主机位要是零。",
                )
        return tuple(found)

    def days(self, name: str, *, default: int) -> int:
        """A number of days, whole and not negative; anything else is a fault and the default stands in."""
        text = self.given(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit():
            return int(text)
        self.fault(
            "config.E007", f"环境变量 {name} 不是天数：{text}。", f"请写整数天数，例如 {default}；不设即为 {default}。"
        )
        return default

    def hosts(self, name: str) -> list[str]:
        """Host names parted by commas; a scheme, a port or a star is a fault. Local names stand in."""
        text = self.given(name)
        if text is None:
            return list(LOCAL_HOSTS)
        hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
        wrong = [host for host in hosts if not HOST_NAME.match(host)]
        if wrong or not hosts:
            self.fault(
                "config.E003",
                f"环境变量 {name} 中有不能识别的主机名：{'、'.join(wrong) or '（空）'}。",
                "请用逗号分隔主机名，不带协议和端口，也不用 *，例如 dingban.example.cn,10.1.2.3。",
            )
            return list(LOCAL_HOSTS)
        return hosts

    def ends(self, name: str) -> tuple[tuple[str, int | None], ...]:
        """Hosts, each with a port or none, parted by commas; none where none is given. One that cannot be understood is
        a fault, and then none stands in."""
        parts = [part.strip().lower() for part in (self.given(name) or "").split(",") if part.strip()]
        found: list[tuple[str, int | None]] = []
        for number, part in enumerate(parts, start=1):
            host, port = part, None
            if match := _PORT.search(part):
                host, port = part[: match.start()], int(match.group(1))
            if not HOST_NAME.match(host) or host.startswith(".") or (port is not None and not 0 < port < 65536):
                self.fault(
                    "config.E040",
                    f"环境变量 {name} 的第 {number} 段不是主机或者“主机:端口”。",
                    "请用逗号分隔，例如 portal.example.cn,10.1.2.3:8443；不带协议和路径，也不用 *。",
                )
                return ()
            found.append((host.strip("[]"), port))
        return tuple(found)

    def folder(self, name: str, *, default: Path) -> Path:
        """A folder of our own, made if it is missing and closed to other users; one that cannot be written is a fault."""
        folder = Path(self.given(name) or default).expanduser().absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            usable = os.access(folder, os.W_OK | os.X_OK)
        except OSError:
            usable = False
        if not usable:
            self.fault(
                "config.E004",
                f"数据目录 {folder} 不能建立或不能写入。",
                f"请把环境变量 {name} 指到本服务账户可写的目录。",
            )
        return folder

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's description of a PostgreSQL or SQLite database; for anything else a database that does nothing."""
        url = self.given(name) or default
        hint = "请写 postgresql://用户:口令@主机:5432/库名，或 sqlite:////绝对路径/文件名。"
        try:
            scheme = urlsplit(url).scheme
            described: dict[str, Any] = environ.Env.db_url_config(url) if scheme in DATABASE_SCHEMES else {}
        except (ValueError, TypeError, environ.ImproperlyConfigured):
            self.fault("config.E002", f"环境变量 {name} 不是可识别的数据库地址。", hint)
            return dict(NO_DATABASE)
        if not described:
            self.fault("config.E002", f"环境变量 {name} 指向不支持的数据库，只支持 PostgreSQL 和 SQLite。", hint)
            return dict(NO_DATABASE)
        if described["NAME"] in ("", ":memory:"):
            self.fault("config.E002", f"环境变量 {name} 没有写明数据库。内存库不能供多个进程使用。", hint)
            return dict(NO_DATABASE)
        return described

    def queue(self, name: str, *, default: str) -> str:
        """The address of a Redis server."""
        url = self.given(name) or default
        try:
            parts = urlsplit(url)
            understood = parts.scheme in QUEUE_SCHEMES and bool(parts.hostname) and (parts.port or 6379) > 0
        except ValueError:
            understood = False
        if not understood:
            self.fault(
                "config.E002",
                f"环境变量 {name} 不是可识别的 Redis 地址。",
                "请写 redis://主机:6379/0，要加密时写 rediss://。",
            )
            return default
        return url

    def mail(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's EMAIL_* settings and, from the query's `from`, DEFAULT_FROM_EMAIL."""
        url = self.given(name) or default
        try:
            parts = urlsplit(url)
            understood = parts.scheme in MAIL_SCHEMES and (parts.scheme not in SMTP_PORTS or bool(parts.hostname))
            described: dict[str, Any] = environ.Env.email_url_config(url) if understood else {}
        except (ValueError, environ.ImproperlyConfigured):
            understood, described = False, {}
        if not understood:
            self.fault(
                "config.E002",
                f"环境变量 {name} 不是可识别的邮件服务器地址。",
                "请写 smtp://主机:25、smtp+tls://用户:口令@主机:587 或 smtp+ssl://用户:口令@主机:465，"
                "发件人可接在后面：?from=dingban@example.cn。",
            )
            parts, described = urlsplit("memorymail://"), environ.Env.email_url_config("memorymail://")
        options = described.pop("OPTIONS", {})
        described["EMAIL_PORT"] = described["EMAIL_PORT"] or SMTP_PORTS.get(parts.scheme, 25)
        described["EMAIL_HOST"] = described["EMAIL_HOST"] or "localhost"
        for setting in ("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"):
            described[setting] = described[setting] or ""
        if "@" in str(options.get("FROM", "")):
            described["DEFAULT_FROM_EMAIL"] = options["FROM"]
        elif "@" in described["EMAIL_HOST_USER"]:
            described["DEFAULT_FROM_EMAIL"] = described["EMAIL_HOST_USER"]
        return described

    def site(self, name: str) -> str:
        """The address people open the site at, without a path or a last slash; empty where none is given."""
        url = self.given(name)
        if url is None:
            return ""
        try:
            parts = urlsplit(url)
            understood = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            understood = False
        if not understood or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
            self.fault(
                "config.E002",
                f"环境变量 {name} 不是可识别的网站地址。",
                "请写浏览器里打开本系统的地址，只到主机和端口，例如 https://dingban.example.cn。",
            )
            return ""
        return f"{parts.scheme}://{parts.netloc}"

    def readable_folder(self, name: str) -> Path | None:
        """A folder that others keep for us; None where none is given, and one that cannot be read is a fault."""
        text = self.given(name)
        if text is None:
            return None
        folder = Path(text).expanduser().absolute()
        if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
            return folder
        self.fault(
            "config.E004",
            f"目录 {folder} 不存在或不能读取。",
            f"请把环境变量 {name} 指到本服务账户可读的目录，或者不设。",
        )
        return None

    def named(self, prefix: str) -> dict[str, str]:
        """The texts of all variables that begin with a prefix, by the rest of their names; empty ones left out."""
        return {
            name.removeprefix(prefix): text
            for name in self.variables
            if name.startswith(prefix) and name != prefix and (text := self.given(name)) is not None
        }

    def secret(self, name: str, *, kept_in: Path | None) -> str:
        """The given secret; else one made once and kept in a file; else, where nothing may be kept, one for this
        process alone (such a process is stopped by the checks)."""
        return self.given(name) or self._kept(kept_in, lambda: secrets.token_urlsafe(48))

    def field_keys(self, name: str, *, kept_in: Path | None) -> dict[str, bytes]:
        """The keys of encrypted columns by their names, the first one being the one that encrypts."""
        text = self.given(name) or self._kept(kept_in, new_field_key)
        keys: dict[str, bytes] = {}
        for part in text.split(","):
            key_name, _, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if not KEY_NAME.match(key_name) or len(key) != FIELD_KEY_BYTES or key_name in keys:
                self.fault(
                    "config.E006",
                    f"环境变量 {name} 的第 {len(keys) + 1} 段不是“名字:密钥”，或名字重复，或密钥不足 32 字节。",
                    f'可用 echo "k1:$(openssl rand -base64 32)" 生成；轮换时把新密钥写在最前，例如 {name}=k2:…,k1:…。',
                )
                return {}
            keys[key_name] = key
        return keys

    def _kept(self, file: Path | None, make: Callable[[], str]) -> str:
        if file is None:
            return make()
        try:
            return keep_once(file, make)
        except OSError:
            self.fault(
                "config.E004", f"不能读写密钥文件 {file}。", "请检查该文件的属主和权限，或在环境变量中给出密钥。"
            )
            return make()


def new_field_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(FIELD_KEY_BYTES)).decode()


def keep_once(file: Path, make: Callable[[], str]) -> str:
    """The text kept in the file, made first if there is none. Two processes starting together read the same text:
    the file appears whole, by a link, and only if it was not there."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text().strip()
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(make() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    return file.read_text().strip()


def remembered_port(file: Path, *, default: int) -> int:
    """The port an earlier `manage.py serve` chose and wrote down, so that other commands find the same server."""
    try:
        port = int(file.read_text())
    except (OSError, ValueError):
        return default
    return port if 0 < port < 65536 else default
