"""The verbs of the room, each in the file of its subject.

`drafting` puts bulletins together, `signing` gets them signed, `issuing` sends them out, `rounds` is the timetable's,
`readers` says who gets them. `telling` combines what the rooms have to tell into notices, `inbox` is what officers do
with them, `sending` gets the letters out.
"""

from supervision.bulletins.drafting import (
    comment,
    compose,
    compose_daily,
    compose_monthly,
    compose_special,
    compose_weekly,
    correct,
    drop,
    recompose,
)
from supervision.bulletins.inbox import mark_all_read, mark_read, prefer
from supervision.bulletins.issuing import archive, issue, must_be_signed
from supervision.bulletins.outbox import SEND_LETTERS
from supervision.bulletins.readers import add_recipient, remove_recipient
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rounds import RoundReport, issue_due, plan_unit, remind, units_named
from supervision.bulletins.sending import SendReport, requeue, send_letters
from supervision.bulletins.signing import recall, send_back, sign_off, submit
from supervision.bulletins.telling import TellReport, compose_notices

__all__ = [
    "SEND_LETTERS",
    "BulletinRefused",
    "RoundReport",
    "SendReport",
    "TellReport",
    "add_recipient",
    "archive",
    "comment",
    "compose",
    "compose_daily",
    "compose_monthly",
    "compose_notices",
    "compose_special",
    "compose_weekly",
    "correct",
    "drop",
    "issue",
    "issue_due",
    "mark_all_read",
    "mark_read",
    "must_be_signed",
    "plan_unit",
    "prefer",
    "recall",
    "recompose",
    "remind",
    "remove_recipient",
    "requeue",
    "send_back",
    "send_letters",
    "sign_off",
    "submit",
    "units_named",
]
