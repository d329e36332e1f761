"""What the audit does: put on record what leaves the house, seal what was written, remove logs whose time is over."""

from cases.audit.services.removing import Removed, remove_old
from cases.audit.services.sealing import SealedReport, seal_ledgers, settled_top
from cases.audit.services.ways import note_way_out

__all__ = ["Removed", "SealedReport", "note_way_out", "remove_old", "seal_ledgers", "settled_top"]
