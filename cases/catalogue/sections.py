"""Sections of a catalogue that belong to rooms above: each brings its own rows, and they are read, checked and loaded
with the rest, all of it or nothing.

A room adds its section when it is set up (`AppConfig.ready`); this room knows the shape of a section and no section.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from cases.statute.limits import FieldReader


@dataclass(frozen=True, slots=True)
class Section:
    """Rows with a code that become rows of one table: `read` makes the columns of one from its fields and its position
    in the file (from 1), and says on the reader what is wrong; `fields` are those it may have besides the code."""

    name: str
    title: str
    model: type[models.Model]
    fields: tuple[str, ...]
    read: Callable[[FieldReader, int], Mapping[str, Any]]

    def columns(self, reader: FieldReader, position: int) -> Mapping[str, Any]:
        """The columns of one row; refuses texts that their column cannot hold."""
        columns = self.read(reader, position)
        for name, value in columns.items():
            field = self.model._meta.get_field(name)
            most = field.max_length if isinstance(field, models.CharField) else None
            if most is not None and isinstance(value, str) and len(value) > most:
                reader.wrong(name, f"最多{most}个字，现有{len(value)}个，请缩短")
        return columns


OF_OTHER_ROOMS: dict[str, Section] = {}


def add_section(section: Section) -> None:
    """Let catalogues have a section more."""
    OF_OTHER_ROOMS[section.name] = section
