"""The nouns: what is supervised, and when it is due. One file a noun; see the room's README for how they hang together."""

from cases.models.absence import Absence
from cases.models.barring import Barring, BarringGround
from cases.models.batch import Batch, BatchState, Refusal
from cases.models.calendar import CalendarYear, DayOff, WorkCalendar
from cases.models.change import Change, ChangeAction, ChangeKind, ChangeState, ChangeStep, ConcernedMatter
from cases.models.clock import Clock, ClockMove, ClockState, Level, PendingWinding
from cases.models.event import Event, EventKind
from cases.models.feed import Feed
from cases.models.feedback import Feedback, Grade
from cases.models.ladder import LevelDemand, Manner, UnitLadder
from cases.models.limit import ApproverLevel, Ladder, Limit
from cases.models.matter import Handling, HandlingRole, Matter, MatterKind
from cases.models.officer import Officer, Post, Role
from cases.models.question import Answer, OpenQuestion
from cases.models.unit import Unit, UnitKind, UnitLevel

__all__ = [
    "Absence",
    "Answer",
    "ApproverLevel",
    "Barring",
    "BarringGround",
    "Batch",
    "BatchState",
    "CalendarYear",
    "Change",
    "ChangeAction",
    "ChangeKind",
    "ChangeState",
    "ChangeStep",
    "Clock",
    "ClockMove",
    "ClockState",
    "ConcernedMatter",
    "DayOff",
    "Event",
    "EventKind",
    "Feed",
    "Feedback",
    "Grade",
    "Handling",
    "HandlingRole",
    "Ladder",
    "Level",
    "LevelDemand",
    "Limit",
    "Manner",
    "Matter",
    "MatterKind",
    "Officer",
    "OpenQuestion",
    "PendingWinding",
    "Post",
    "Refusal",
    "Role",
    "Unit",
    "UnitKind",
    "UnitLadder",
    "UnitLevel",
    "WorkCalendar",
]
