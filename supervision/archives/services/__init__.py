"""What is done with archives: entries come in, are corrected and answered; whoever looks says why first."""

from supervision.archives.services.collecting import CollectFailed, CollectReport, collect
from supervision.archives.services.looking import look_at_officer, look_at_unit
from supervision.archives.services.recording import correct, record, reply

__all__ = (
    "CollectFailed",
    "CollectReport",
    "collect",
    "correct",
    "look_at_officer",
    "look_at_unit",
    "record",
    "reply",
)
