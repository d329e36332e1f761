"""What a system was answered goes on record, beside what people looked at and took out."""

from __future__ import annotations

from datetime import datetime

from cases.audit.models import Way, WayOut
from cases.audit.services import note_way_out
from supervision.api.models import SystemToken


def note_call(
    *, token: SystemToken, what: str, address: str, asked: str, rows: int | None, at: datetime, content: bytes = b""
) -> WayOut:
    """Put on record, before the answer leaves, that a system asked for `what` from `address` at the aware moment `at`.

    No officer stands for a system: the token is what the record is about. `asked` is the query as it was written; `rows`
    how many rows the answer holds, none where it holds no rows of a list; of `content` the digest is kept.
    网络安全法（2025）23（3）.
    """
    return note_way_out(
        way=Way.FEED, what=f"接口{what}：{token.name}", about=f"api.systemtoken:{token.pk}", form="json", rows=rows,
        asked=f"来自 {address or '未知地址'} {asked}".strip(), by=None, at=at, content=content or None,
    )  # fmt: skip
