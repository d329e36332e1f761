"""What an import did, or in a rehearsal would do."""

from dataclasses import dataclass, field
from typing import Any

# How many rows a report names one by one; all of them are counted, and a real run keeps them all with its batch.
NAMED = 1000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row, its column and what is said of it."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"第{self.row}行{f'“{self.column}”' if self.column else ''}：{self.reason}"


@dataclass(slots=True)
class IntakeReport:
    """Rows read, loaded, unchanged and refused; matters and events that are new.

    `refusals` are reasons, several for a row with several wrong fields; `rows_refused` counts rows. `kept` says where a
    row differs from what is on record in something that an import does not overwrite.
    """

    file: str
    mapping: str
    source: str
    digest: str
    dry_run: bool
    strict: bool
    batch: int | None = None
    state: str = ""
    error: str = ""
    rows_total: int | None = None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_unchanged: int = 0
    rows_skipped: int = 0
    rows_refused: int = 0
    matters_new: int = 0
    events_new: int = 0
    units_new: list[str] = field(default_factory=list)
    refusals: list[RowProblem] = field(default_factory=list)
    kept: list[RowProblem] = field(default_factory=list)
    kept_count: int = 0

    @property
    def ok(self) -> bool:
        """Whether every row was taken."""
        return not self.rows_refused and not self.error

    def name_refused(self, row: int, problems: list[tuple[str, str]]) -> None:
        room = NAMED - len(self.refusals)
        self.refusals.extend(RowProblem(row, column, reason) for column, reason in problems[:room])

    def name_kept(self, row: int, column: str, reason: str) -> None:
        self.kept_count += 1
        if len(self.kept) < NAMED:
            self.kept.append(RowProblem(row, column, reason))

    def as_json(self) -> dict[str, Any]:
        """The report as the command prints it."""
        counts = (
            "batch state error file mapping source digest dry_run strict rows_total rows_read rows_loaded rows_unchanged"
            " rows_skipped rows_refused matters_new events_new units_new kept_count"
        ).split()
        return {
            **{name: getattr(self, name) for name in counts},
            "refused": [{"row": one.row, "column": one.column, "reason": one.reason} for one in self.refusals],
            "kept": [{"row": one.row, "column": one.column, "reason": one.reason} for one in self.kept],
        }
