"""A call that was not let in goes on record under its token."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max

from supervision.api import rules
from supervision.api.models import RefusedCall, SystemToken
from supervision.api.rules import NotLetIn

WHAT_LENGTH: Final = 60
ADDRESS_LENGTH: Final = 64
# So often the next number of an hour is asked for again when others took it in between.
TRIES: Final = 3


def note_refused(*, token: SystemToken, why: NotLetIn, what: str, address: str, at: datetime) -> RefusedCall | None:
    """Put on record that a call under a token was not let in at the aware moment `at`; `what` it asked for in words.

    None where the token has `rules.REFUSED_AN_HOUR` rows of that hour already. 网络安全法（2025）23（3）.
    """
    hour = rules.hour_of(at)
    for _ in range(TRIES):
        last = RefusedCall.objects.filter(token=token, hour=hour).aggregate(last=Max("serial"))["last"] or 0
        if last >= rules.REFUSED_AN_HOUR:
            return None
        try:
            with transaction.atomic():
                return RefusedCall.objects.create(
                    token=token, why=why.value, what=what[:WHAT_LENGTH], address=address[:ADDRESS_LENGTH], at=at,
                    hour=hour, serial=last + 1,
                )  # fmt: skip
        except IntegrityError:
            continue
    return None
