"""`python -m config.mailsink --port N --into DIR`: a mail server that delivers nothing and keeps everything.

Each message becomes DIR/time_recipient_subject.eml as it came, beside a .txt and, where it has one, an .html that a
person can open. A message is acknowledged only when its .eml is on disk.
"""

import argparse
import asyncio
import email
import email.policy
import itertools
import re
import signal
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

UNFIT_FOR_A_NAME = re.compile(r"[^\w.@+-]+")
NAME_LENGTH = 40
SIZE_LIMIT = 50 * 1024 * 1024


class Sink:
    """aiosmtpd's handler: files each message under a name that sorts by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.keep(envelope.content, envelope.rcpt_tos)
        return "250 已收下"

    def keep(self, content: bytes, recipients: list[str]) -> Path:
        """Write the message's files; the .eml comes last, so that who sees it sees the others too."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        stem = self.new_stem(recipients, str(message["subject"] or "无主题"))
        for suffix, text in readable(message, recipients).items():
            (self.folder / f"{stem}{suffix}").write_text(text, encoding="utf-8")
        draft = self.folder / f".{stem}.eml"
        draft.write_bytes(content)
        return draft.rename(self.folder / f"{stem}.eml")

    def new_stem(self, recipients: list[str], subject: str) -> str:
        moment = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        first = fit_for_a_name(recipients[0]) if recipients else "无收件人"
        while True:
            stem = f"{moment}-{next(self.numbers):04}_{first}_{fit_for_a_name(subject)}"
            if not (self.folder / f"{stem}.eml").exists():
                return stem


def fit_for_a_name(text: str) -> str:
    return UNFIT_FOR_A_NAME.sub("-", text).strip("-.")[:NAME_LENGTH] or "-"


def readable(message: EmailMessage, recipients: list[str]) -> dict[str, str]:
    """The message as a person reads it: headers and text, and the HTML part as a page."""
    attached = [part.get_filename() or "未命名" for part in message.iter_attachments()]
    head = [
        f"发件人：{message['from'] or ''}",
        f"收件人：{'、'.join(recipients)}",
        f"主题：{message['subject'] or ''}",
        f"时间：{message['date'] or ''}",
        *([f"附件：{'、'.join(attached)}"] if attached else []),
    ]
    plain = message.get_body(("plain",))
    page = message.get_body(("html",))
    found = {".txt": "\n".join(head) + "\n\n" + (content_of(plain) if plain else "（没有纯文本部分）") + "\n"}
    if page:
        found[".html"] = content_of(page)
    return found


def content_of(part: MIMEPart) -> str:
    """The part's text; bytes in an encoding nobody knows are shown as well as they can be."""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


async def serve(*, port: int, folder: Path) -> None:
    """Listen on this machine until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    sink = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="dingban", enable_SMTPUTF8=True, data_size_limit=SIZE_LIMIT, loop=loop),
        "127.0.0.1",
        port,
    )
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="收下信件并保存为文件，不向外投递。")
    parser.add_argument("--port", type=int, required=True, help="监听端口")
    parser.add_argument("--into", type=Path, required=True, help="保存目录")
    options = parser.parse_args()
    options.into.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(serve(port=options.port, folder=options.into))


if __name__ == "__main__":
    main()
