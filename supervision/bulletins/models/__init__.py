"""The rows of the room."""

from supervision.bulletins.models.bulletin import (
    Bulletin,
    BulletinAct,
    BulletinKind,
    BulletinPaper,
    BulletinQuerySet,
    BulletinState,
    BulletinStep,
    PaperForm,
)
from supervision.bulletins.models.letter import Action, Letter, LetterState, LetterStep
from supervision.bulletins.models.notice import (
    Channel,
    ChannelKind,
    Notice,
    NoticeAddress,
    NoticeLine,
    NoticePreference,
)
from supervision.bulletins.models.plan import BulletinPlan, Letterhead
from supervision.bulletins.models.recipient import Recipient

__all__ = [
    "Action",
    "Bulletin",
    "BulletinAct",
    "BulletinKind",
    "BulletinPaper",
    "BulletinPlan",
    "BulletinQuerySet",
    "BulletinState",
    "BulletinStep",
    "Channel",
    "ChannelKind",
    "Letter",
    "LetterState",
    "LetterStep",
    "Letterhead",
    "Notice",
    "NoticeAddress",
    "NoticeLine",
    "NoticePreference",
    "PaperForm",
    "Recipient",
]
