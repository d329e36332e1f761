"""What leaves the house goes on record here: every file, feed and look at what is kept from others."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from cases.audit.models import Way, WayOut
from cases.models import Officer

# Without letters that are taken for numbers: somebody may read it off paper.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10


def new_code() -> str:
    """A watermark code nobody has had: ten signs, read off a file or its name."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def note_way_out(
    *,
    way: Way,
    what: str,
    by: Officer | None,
    at: datetime,
    about: str = "",
    form: str = "",
    rows: int | None = None,
    asked: str = "",
    code: str = "",
    content: bytes | None = None,
) -> WayOut:
    """Put on record, before anything is handed over, that `by` takes out or looks at something at the aware moment `at`.

    `about` is the row, written app.model:id; `rows` how many rows are taken; `asked` the query of the list; `content` the
    file, of which the digest is kept. Nobody in `by` is a command or a job. 网络安全法（2025）23（3）.
    """
    return WayOut.objects.create(
        way=way, what=what[:60], about=about[:80], form=form[:8], rows=rows, asked=asked[:500], by=by, at=at,
        code=code or new_code(), digest=sha256(content).hexdigest() if content is not None else "",
    )  # fmt: skip
