"""The rows of the room."""

from supervision.bulletins.models.bulletin import Bulletin, BulletinKind, BulletinState, Recipient
from supervision.bulletins.models.letter import Action, Letter, LetterState, LetterStep
from supervision.bulletins.models.notice import (
    Channel,
    ChannelKind,
    Notice,
    NoticeAddress,
    NoticeLine,
    NoticePreference,
)

__all__ = [
    "Action",
    "Bulletin",
    "BulletinKind",
    "BulletinState",
    "Channel",
    "ChannelKind",
    "Letter",
    "LetterState",
    "LetterStep",
    "Notice",
    "NoticeAddress",
    "NoticeLine",
    "NoticePreference",
    "Recipient",
]
