"""`manage.py serve`: the whole product in one window, for a first look or a small office."""

import http.client
import os
import sys
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import embedded
from config.processes import AlreadyRunning, Child, Fell, Household, NotReady

NOTHING_TO_RUN_REDIS = "找不到 redis-server。请安装系统的 Redis（例如 apt-get install redis-server），或用环境变量 REDIS_URL 指向已有的 Redis。"
NOT_MIGRATED = "数据库还没有建好。请先运行 make run，或运行 manage.py migrate。"
RUNNING_ALREADY = "数据目录 {folder} 已有一个盯办在运行{where}。要再开一个，请换一个 DATA_DIR。"
ACCOUNTS_MISSING = "（没有演示账号；用 manage.py createsuperuser 建立管理员）"

WELCOME = """
盯办已启动。

  打开    {address}
  账号    {accounts}
  信件    {mail}
  日志    {logs}

先看三处：
  1. 首页：已超期的、今天到期的、一周内到期的，点数字看每一件。
  2. 预警：哪一件为什么亮灯；点届满日，看期限是怎样一步步算出来的、依据哪一条。
  3. 信件目录：上月通报签发后寄给各单位收件人的信，打开即可阅读。

按 Ctrl-C 停止。
"""


class Command(BaseCommand):
    """Starts Redis and a mail sink where the environment names none, then worker, beat and web, and stops them all
    together. Refuses to start twice in one DATA_DIR and before `migrate`. Exits with 1 when a child falls."""

    help = "启动全部进程：网页、后台任务、定时，以及缺少时自带的 Redis 和收信目录。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="网页端口，被占用时取其后第一个空闲端口（默认 8000）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.refuse_unmigrated()
        settings.STATIC_ROOT.mkdir(exist_ok=True)
        environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR)}
        household = Household(
            run_folder=settings.RUN_DIR,
            log_folder=settings.DATA_DIR / "logs",
            environment=environment,
            working_folder=settings.ROOT,
            say=self.say,
        )
        address_file = settings.RUN_DIR / "address"
        try:
            with household:
                address_file.unlink(missing_ok=True)
                address = self.start(household, environment, port=options["port"])
                if address is not None:
                    address_file.write_text(address)
                    self.welcome(address)
                    household.watch()
                self.say("\n正在停止……")
                address_file.unlink(missing_ok=True)
        except AlreadyRunning as error:
            where = f"（{address_file.read_text()}）" if address_file.exists() else ""
            raise CommandError(RUNNING_ALREADY.format(folder=settings.DATA_DIR, where=where)) from error
        except Fell as fell:
            raise CommandError(f"{fell}。其余进程已全部停止。") from fell
        except NotReady as slow:
            raise CommandError(f"{slow} 迟迟没有就绪，已全部停止。日志：{settings.DATA_DIR / 'logs'}") from slow
        self.say("已全部停止。")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def refuse_unmigrated(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError(NOT_MIGRATED)
        connection.close()

    def start(self, household: Household, environment: dict[str, str], *, port: int) -> str | None:
        """Start everything; the address of the first page, or None when told to stop meanwhile."""
        servers = [*self.redis(environment), *self.mailsink(environment)]
        for child in servers:
            household.start(child)
        if not household.wait_ready(*servers):
            return None
        port = embedded.next_free_port(port)
        workers = [worker(), beat(), web(port)]
        for child in workers:
            household.start(child)
        return f"http://{embedded.LOOPBACK}:{port}/" if household.wait_ready(*workers) else None

    def redis(self, environment: dict[str, str]) -> list[Child]:
        """Our own Redis, on the port it had last time if that is free; none where REDIS_URL names one."""
        if environment.get("REDIS_URL", "").strip():
            return []
        server = embedded.find_redis_server()
        if server is None:
            raise CommandError(NOTHING_TO_RUN_REDIS)
        port = keep_port("redis", wanted=redis_port())
        folder = settings.DATA_DIR / "redis"
        folder.mkdir(mode=0o700, exist_ok=True)
        url = environment["REDIS_URL"] = f"redis://{embedded.LOOPBACK}:{port}/0"
        command = embedded.redis_command(server, port=port, folder=folder)
        return [Child("redis", command, lambda child: answers_ping(url), leave_last=True)]

    def mailsink(self, environment: dict[str, str]) -> list[Child]:
        """Our own mail server that keeps mails as files; none where EMAIL_URL names one."""
        if environment.get("EMAIL_URL", "").strip():
            return []
        port = keep_port("mail", wanted=settings.EMAIL_PORT)
        environment["EMAIL_URL"] = f"smtp://{embedded.LOOPBACK}:{port}"
        command = embedded.mailsink_command(port=port, folder=settings.DATA_DIR / "mail")
        return [Child("mail", command, lambda child: embedded.accepts(port), leave_last=True)]

    def welcome(self, address: str) -> None:
        accounts_file: Path = settings.DATA_DIR / "accounts.txt"
        accounts = accounts_file.read_text().strip() if accounts_file.is_file() else ACCOUNTS_MISSING
        mail = settings.DATA_DIR / "mail"
        self.say(
            WELCOME.format(
                address=address,
                accounts=accounts.replace("\n", "\n          "),
                mail="由 EMAIL_URL 指定的邮件服务器发出"
                if os.environ.get("EMAIL_URL", "").strip()
                else f"{mail}（每封一份 .txt、.html 和 .eml）",
                logs=settings.DATA_DIR / "logs",
            )
        )


def worker() -> Child:
    command = ["worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return Child("worker", celery(*command), lambda child: child.has_logged(" ready."))


def beat() -> Child:
    return Child(
        "beat", celery("beat", "--loglevel", "INFO", "--pidfile="), lambda child: child.has_logged("Starting...")
    )


def celery(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "config", *words]


def web(port: int) -> Child:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.webserver"]
    return Child(
        "web",
        [*command, "--bind", f"{embedded.LOOPBACK}:{port}", "config.wsgi"],
        lambda child: answers_health(port),
    )


def answers_ping(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def answers_health(port: int) -> bool:
    """Whether the web process serves, and reaches its database and queue."""
    visitor = http.client.HTTPConnection(embedded.LOOPBACK, port, timeout=5)
    try:
        visitor.request("GET", "/healthz", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")})
        return visitor.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        visitor.close()


def redis_port() -> int:
    return int(settings.REDIS_URL.rpartition(":")[2].partition("/")[0])


def keep_port(name: str, *, wanted: int) -> int:
    """A free port, written down so that other commands find the server while it runs and the next start asks for the
    same one."""
    port = embedded.next_free_port(wanted)
    (settings.RUN_DIR / f"{name}.port").write_text(str(port))
    return port
