"""The rows of the room: rules and outlines, followed cases, what is to be done in them, and their ledger."""

from supervision.followup.models.case import FollowedCase, FollowedCaseQuerySet, Stage
from supervision.followup.models.item import Instruction, InstructionState, ItemState, OutlineItem
from supervision.followup.models.rule import EntryRule, OutlineTemplate, TemplateItem
from supervision.followup.models.step import Action, FollowStep, Notice, What

__all__ = [
    "Action",
    "EntryRule",
    "FollowStep",
    "FollowedCase",
    "FollowedCaseQuerySet",
    "Instruction",
    "InstructionState",
    "ItemState",
    "Notice",
    "OutlineItem",
    "OutlineTemplate",
    "Stage",
    "TemplateItem",
    "What",
]
