"""What people are to be told: the one shape in which every room leaves it for the one mouth, the bulletins.

A room keeps on its own rows whether somebody must still be told (a moment `tell_since`, empty once told or settled), and
offers it as tidings through its `queries.untold`. Who hears of it is asked of the duty roster when it is told, not when
it came about: so it follows the post, and reaches the deputy of whoever is away.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tiding:
    """One thing somebody is to be told.

    `key` names it once for all (`room.noun:id:what`), so that nobody is told twice and it can be asked again whether it
    still stands. `about` groups it in a message (预警、整改、盯办 ...), `link` is a path of the site. `urgent` leaves
    outside working time too: custody and limits in hours, nothing else. `rank` sorts, the higher the more pressing.
    `since` is the moment from which it is to be told; for the same key and moment nobody is told twice.
    """

    key: str
    officer_id: int
    since: datetime
    about: str
    text: str
    link: str
    urgent: bool = False
    rank: int = 0
