"""Spreadsheets and logs in: read, map, preview, apply, undo. See the README of this folder for the mapping's format."""

from cases.intake.loading import load_file
from cases.intake.mapping import IntakeMapping, parse_mapping, read_mapping, read_mappings, recognise
from cases.intake.recognition import recognise_file
from cases.intake.refused import IntakeRefused, MappingRefused
from cases.intake.report import IntakeReport, RowProblem
from cases.intake.undo import UndoReport, undo_batch

__all__ = [
    "IntakeMapping",
    "IntakeRefused",
    "IntakeReport",
    "MappingRefused",
    "RowProblem",
    "UndoReport",
    "load_file",
    "parse_mapping",
    "read_mapping",
    "read_mappings",
    "recognise",
    "recognise_file",
    "undo_batch",
]
