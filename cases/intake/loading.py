"""A file into the database: read, mapped, compared with what is on record, written chunk by chunk.

Each chunk is one short transaction that holds matters, their events, the request to wind them, the refused rows and the
count of rows read; a kill at any line leaves whole chunks behind, and importing the same file again takes up the rest.
"""

import gc
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from cases.bulk import execute_many, insert_rows, moment
from cases.intake.files import Table
from cases.intake.known import HeldMatter, HeldStep, Known, Notebook, Shelf
from cases.intake.mapping import IntakeMapping
from cases.intake.opening import open_table
from cases.intake.refused import IntakeRefused
from cases.intake.report import IntakeReport
from cases.intake.rows import (
    STEP_NAMES,
    Directory,
    KindKey,
    Plan,
    Row,
    Step,
    UnitKey,
    closed_before_opened,
    precedes,
    read_directory,
    shown,
)
from cases.intake.turns import take_turn
from cases.intake.undo import undo_batch
from cases.intake.xlsx_file import cell_text
from cases.models import (
    Batch,
    BatchState,
    Event,
    Handling,
    HandlingRole,
    Matter,
    Officer,
    PendingWinding,
    Refusal,
    Unit,
    UnitLevel,
)
from cases.models.scope import barrings_of
from cases.services import CaseRefused, add_unit
from cases.statute.limits import fact_text

CHUNK = 5000
ATTEMPTS = 3
COLLECTED_AFTER = 200_000
CONTENT_LENGTH = 500
REASON_LENGTH = 300
COLUMN_LENGTH = 100
CAUSE = "导入“{file}”"

OTHER_CONTENT = "来源编号重复但内容不同：“{number}”{differences}"
OTHER_UNIT = "同一编号在文件中写了两个办案单位：先为“{first}”，本行为“{second}”"
OTHER_KIND = "同一编号在文件中写了两种事项：先为“{first}”，本行为“{second}”"
KEPT = "系统内为“{held}”，文件中为“{given}”；不覆盖，需要时请在系统内修改"
NOT_TO_USE = "编号“{number}”不能使用，请核对"
NOT_WITHIN = "“{unit}”不在送入方的单位范围内，请核对单位代码或者由其上级单位送入"
ONLY_BY_HAND = "“{kind}”仅经办人可见，不由系统送入，请由经办人登记"
NO_PARENT = "对应表“{mapping}”中单位“{unit}”的上级“{parent}”不存在"
STRICT_REFUSED = "有{count}行不合格，按 --strict 整批未导入"
TAKEN_OVER = "中断，由第{batch}批继续"
STOPPED = "这一批在导入过程中已被撤销，或者已由另一次导入接续"
INTERNAL = "程序错误：{error}"

Progress = Callable[[int, int | None], None]


def load_file(
    path: Path | str,
    mapping: IntakeMapping,
    *,
    at: datetime,
    by: Officer | None = None,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
    within: Unit | None = None,
) -> IntakeReport:
    """Import a file through a mapping; `at` is the moment of the import, an aware one.

    Rows that are good come in, others are refused by row and field and kept with the batch; with `strict` one refused
    row keeps all out; with `dry_run` nothing is written at all. What is on record under the same source number stays
    as it is, so that a second import of a file changes nothing. Raises IntakeRefused for a file that cannot be read.
    `within` a unit only rows of that unit and those below it are taken, none that touches another's matter and none of a
    kind that only named handlers see.
    """
    path = Path(path)
    table = open_table(path, mapping)
    with closing(Notebook()) as rehearsal, closing(Notebook()) as notebook, _seldom_collecting():
        run = _Import(
            path, table, mapping, at=at, by=by, dry_run=dry_run, strict=strict, progress=progress, within=within
        )
        if dry_run:
            run.go_through(rehearsal, rehearsing=True)
            run.report.state = "dry_run"
            return run.report
        run.check()
        run.begin()
        with run.failing_aloud():
            if strict:
                run.go_through(rehearsal, rehearsing=True)
                if run.report.rows_refused:
                    run.end(BatchState.FAILED, STRICT_REFUSED.format(count=run.report.rows_refused))
                    return run.report
                run.start_again()
            run.go_through(notebook, rehearsing=False)
            run.end(BatchState.LOADED)
            if strict and run.report.rows_refused:
                # Something was entered between the rehearsal and the run.
                undo_batch(run.report.batch or 0, at=at, by=by)
                run.report.state, run.report.error = (
                    BatchState.UNDONE,
                    STRICT_REFUSED.format(count=run.report.rows_refused),
                )
    return run.report


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Rows make no cycles; looking for some among them would take a fifth of an import's time."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECTED_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Import:
    """One import under way."""

    def __init__(
        self,
        path: Path,
        table: Table,
        mapping: IntakeMapping,
        *,
        at: datetime,
        by: Officer | None,
        dry_run: bool,
        strict: bool,
        progress: Progress | None,
        within: Unit | None,
    ) -> None:
        self.table = table
        self.mapping = mapping
        self.at = at
        self.by = by
        self.progress = progress
        # The units whose rows are taken; none: all.
        self.within = set(Unit.objects.under(within).values_list("pk", flat=True)) if within is not None else None
        self.cause = CAUSE.format(file=path.name[:150])
        self.begun = monotonic()
        self.batch_id: int | None = None
        # Batches that brought in parts of this very file: their matters may be completed, not contradicted.
        self.own = set(self._same_file().values_list("pk", flat=True))
        # A file must not become a way of asking after matters its bringer is kept away from.
        self.barred = set(barrings_of(by).values_list("matter_id", flat=True)) if by is not None else set()
        self.report = IntakeReport(
            file=path.name,
            mapping=mapping.name,
            source=mapping.source,
            digest=table.digest,
            dry_run=dry_run,
            strict=strict,
            rows_total=table.total,
        )

    # -- the batch ---------------------------------------------------------------------------------------------------

    def _same_file(self) -> QuerySet[Batch]:
        same = Batch.objects.filter(digest=self.table.digest, source=self.mapping.source)
        return same.exclude(state=BatchState.UNDONE)

    def begin(self) -> None:
        """Enter the batch; one of the same file that never ended is marked as carried on by this one."""
        with transaction.atomic():
            batch = Batch.objects.create(
                file_name=self.report.file[:255],
                digest=self.table.digest,
                mapping=self.mapping.name,
                source=self.mapping.source,
                by=self.by,
                started_at=self.at,
                rows_total=self.table.total,
            )
            self._same_file().filter(state=BatchState.LOADING).exclude(pk=batch.pk).update(
                state=BatchState.FAILED, finished_at=self.at, error=TAKEN_OVER.format(batch=batch.pk)
            )
        self.batch_id = self.report.batch = batch.pk
        self.own.add(batch.pk)
        self.report.state = BatchState.LOADING

    def end(self, state: BatchState, error: str = "") -> None:
        assert self.batch_id is not None
        report = self.report
        report.state, report.error = state, error
        Batch.objects.filter(pk=self.batch_id, state=BatchState.LOADING).update(
            state=state,
            finished_at=self.at + timedelta(seconds=monotonic() - self.begun),
            error=error,
            **self._counts(),
        )

    def start_again(self) -> None:
        """After a rehearsal without fault: the counts begin anew."""
        fresh = self.report
        fresh.rows_read = fresh.rows_loaded = fresh.rows_unchanged = fresh.rows_skipped = 0
        fresh.matters_new = fresh.events_new = fresh.kept_count = 0
        fresh.kept = []

    @contextmanager
    def failing_aloud(self) -> Iterator[None]:
        """Whatever stops an import is written on its batch."""
        try:
            yield
        except IntakeRefused as error:
            self.end(BatchState.FAILED, str(error))
            raise
        except Exception as error:
            self.end(BatchState.FAILED, INTERNAL.format(error=error))
            raise

    def _counts(self) -> dict[str, int]:
        report = self.report
        return {
            name: getattr(report, name)
            for name in ("rows_read", "matters_new", "events_new", "rows_unchanged", "rows_refused")
        }

    # -- the rows ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Refuse a mapping that names what the bureau or its catalogue lacks, before anything is written."""
        directory = read_directory()
        self._new_units(directory, rehearsing=True)
        self._plan(directory, count=len)

    def go_through(self, notebook: Notebook, *, rehearsing: bool) -> None:
        directory = read_directory()
        self._new_units(directory, rehearsing)
        shelf = Shelf(self.mapping.source, directory)
        with closing(self._understood(self._plan(directory, notebook.count))) as understood:
            while rows := list(islice(understood, CHUNK)):
                _Chunk(self, rows, shelf, notebook if rehearsing else None).settle()
                if self.progress is not None:
                    self.progress(self.report.rows_read, self.report.rows_total)

    def _plan(self, directory: Directory, count: Callable[[str], int]) -> Plan:
        return Plan(self.mapping, self.table.heads, directory, at=self.at, count=count)

    def _understood(self, plan: Plan) -> Generator[Row, None, None]:
        with closing(self.table.rows()) as rows:
            for raw in rows:
                row = plan.read(raw)
                if row is not None:
                    yield row

    def _new_units(self, directory: Directory, rehearsing: bool) -> None:
        """Add the units the mapping states and the bureau lacks; in a rehearsal only name them."""
        missing = [unit for unit in self.mapping.units if unit.code not in directory.units]
        self.report.units_new = [unit.name for unit in missing] or self.report.units_new
        for number, unit in enumerate(missing, 1):
            if unit.parent and unit.parent not in directory.units:
                raise IntakeRefused(NO_PARENT.format(mapping=self.mapping.name, unit=unit.name, parent=unit.parent))
            if rehearsing:
                directory.add_unit(unit.code, UnitKey(-number, None, None, None, unit.name))
                continue
            parent = Unit.objects.get(code=unit.parent) if unit.parent else None
            try:
                made = add_unit(code=unit.code, name=unit.name, level=UnitLevel(unit.level), parent=parent)
            except CaseRefused as refused:
                raise IntakeRefused(str(refused)) from refused
            directory.add_unit(unit.code, UnitKey(made.pk, made.city_id, made.county_id, made.station_id, made.name))

    def content_of(self, row: Row) -> dict[str, str]:
        """The row as it stood, for the officer who will look into it."""
        cells = [cell_text(cell).replace("\0", "")[:CONTENT_LENGTH] for cell in row.cells]
        return {
            head or f"第{place}列": cell
            for place, (head, cell) in enumerate(zip(self._heads_for(cells), cells, strict=True), 1)
        }

    def _heads_for(self, cells: Sequence[str]) -> list[str]:
        heads = self.table.heads
        return [*heads, *(f"第{place + 1}列" for place in range(len(heads), len(cells)))][: len(cells)]


class _Chunk:
    """Some thousand rows: what is known of them, what each becomes, and the writing of it."""

    def __init__(self, run: _Import, rows: list[Row], shelf: Shelf, rehearsal: Notebook | None) -> None:
        self.run = run
        self.rows = rows
        self.shelf = shelf
        self.rehearsal = rehearsal
        self.known = Known()

    def settle(self) -> None:
        """Decide and write. What somebody else enters at the same moment makes it begin again."""
        for attempt in range(1, ATTEMPTS + 1):
            outcome = _Outcome()
            try:
                with transaction.atomic():
                    if self.rehearsal is None:
                        take_turn()
                    self._decide(outcome)
                    outcome.count(self.run.report)
                    self._write(outcome)
            except Exception as error:
                outcome.uncount(self.run.report)
                if attempt == ATTEMPTS or not isinstance(error, IntegrityError | OperationalError):
                    raise
            else:
                outcome.tell(self.run.report)
                return

    # -- deciding ----------------------------------------------------------------------------------------------------

    def _decide(self, outcome: "_Outcome") -> None:
        good = [row for row in self.rows if not row.problems and not row.skipped]
        numbers = {row.matter for row in good}
        source_numbers = {step.source_number for row in good for step in row.steps}
        self.known = self.shelf.look_up(numbers, source_numbers)
        if self.rehearsal is not None:
            self.rehearsal.add_to(self.known, numbers, source_numbers)
        self._read_lives(good)
        for row in self.rows:
            outcome.rows_read += 1
            if row.skipped:
                outcome.rows_skipped += 1
                continue
            problems = row.problems or self._take(row, outcome)
            if problems:
                outcome.refused.append((row, problems))

    def _read_lives(self, good: Sequence[Row]) -> None:
        """When matters on record opened and closed; asked only for those that a row opens or closes."""
        is_life = self.shelf.is_life
        concerned = {(row.kind.id, row.matter) for row in good if row.kind is not None and any(map(is_life, row.steps))}
        self.shelf.read_lives(self.known.matters[key] for key in concerned if key in self.known.matters)

    def _take(self, row: Row, outcome: "_Outcome") -> list[tuple[str, str]]:
        """Make of a row what it adds; or say why it adds nothing and is refused."""
        assert row.kind is not None and row.unit is not None
        known = self.known
        problems: list[tuple[str, str]] = []
        matter = known.matters.get((row.kind.id, row.matter))
        if outside := self._outside(row, matter):
            return outside
        new_steps = []
        for step in row.steps:
            held = known.steps.get(step.source_number)
            if held is None:
                new_steps.append(step)
            elif matter is None or held.matter_id != matter.id or held.step != step:
                problems.append((self._number_column(), self._difference(row, step, held)))
        if matter is None:
            self._check_kind(row, problems)
        else:
            if self.shelf.directory.heirs.get(matter.unit_id, matter.unit_id) != row.unit.id:
                self._check_unit(row, matter, bool(new_steps), problems, outcome)
            self._check_lives(row, matter, new_steps, problems)
        if problems:
            return problems
        if matter is None:
            matter = self._open(row, outcome)
            outcome.rows_loaded += 1
        else:
            self._fill(row, matter, outcome)
            outcome.rows_loaded += bool(new_steps)
            outcome.rows_unchanged += not new_steps
        for step in new_steps:
            known.steps[step.source_number] = HeldStep(matter.id, step, self.run.batch_id)
            outcome.steps.append((matter, step))
            if self.shelf.is_life(step):
                self.shelf.note_life(matter, step)
        return problems

    def _outside(self, row: Row, matter: HeldMatter | None) -> list[tuple[str, str]]:
        """Why a row is not its bringer's to bring, said so that nothing is learnt of what is on record."""
        assert row.kind is not None and row.unit is not None
        within, columns = self.run.within, self.run.mapping
        if matter is not None and matter.id in self.run.barred:
            return [(self._number_column(), NOT_TO_USE.format(number=row.matter))]
        if within is None:
            return []
        if row.kind.restricted:
            return [("+".join(columns.kind.columns), ONLY_BY_HAND.format(kind=row.kind.code))]
        if row.unit.id not in within:
            return [("+".join(columns.unit.columns), NOT_WITHIN.format(unit=row.unit.name))]
        if matter is not None and matter.unit_id not in within:
            return [(self._number_column(), NOT_TO_USE.format(number=row.matter))]
        return []

    def _number_column(self) -> str:
        source = self.run.mapping.steps[0].source_number or self.run.mapping.number
        return "+".join(source.columns)

    def _difference(self, row: Row, step: Step, held: HeldStep) -> str:
        """In words, how a step differs from the one on record under its source number; of a restricted one, only that."""
        assert row.kind is not None
        hidden = Q(restricted=True) if self.run.within is None else Q(restricted=True) | ~Q(unit__in=self.run.within)
        if row.kind.restricted or Matter.objects.filter(hidden, pk=held.matter_id).exists():
            return OTHER_CONTENT.format(number=step.source_number, differences="")
        matter = next((one for one in self.known.matters.values() if one.id == held.matter_id), None)
        differences = []
        if matter is None or (matter.kind_id, matter.number) != (row.kind.id, row.matter):
            number = (
                matter.number
                if matter
                else Matter.objects.filter(pk=held.matter_id).values_list("number", flat=True).first()
            )
            differences.append(f"事项编号原为“{number or ''}”，本行为“{row.matter}”")
        for name, called in STEP_NAMES.items():
            old, new = getattr(held.step, name), getattr(step, name)
            if old == new or (name == "day_only" and held.step.occurred_at != step.occurred_at):
                continue
            differences.append(
                f"{called}原为“{self._said(held.step, name, row.kind)}”，本行为“{self._said(step, name, row.kind)}”"
            )
        return OTHER_CONTENT.format(number=step.source_number, differences="，".join(["", *differences]))

    def _said(self, step: Step, name: str, kind: KindKey) -> str:
        value = getattr(step, name)
        if name == "occurred_at":
            return shown(step, kind.zone)
        if name == "kind_id":
            found = self.shelf.directory.event_kinds_by_id.get(value)
            return found.name if found else str(value)
        if name == "day_only":
            return "是" if value else "否"
        if isinstance(value, datetime):
            return f"{value.astimezone(kind.zone):%Y-%m-%d %H:%M}"
        return "" if value is None else str(value)

    def _check_kind(self, row: Row, problems: list[tuple[str, str]]) -> None:
        """One number under two kinds in one file is a mistake in one of its rows."""
        assert row.kind is not None
        if not self.run.mapping.kind.columns:
            return
        for other in self.known.kinds_of.get(row.matter, ()):
            if other.kind_id != row.kind.id and self._is_ours(other):
                first = self.shelf.directory.kinds_by_id[other.kind_id].code
                text = OTHER_KIND.format(first=first, second=row.kind.code)
                problems.append(("+".join(self.run.mapping.kind.columns), text))
                return

    def _is_ours(self, matter: HeldMatter) -> bool:
        return matter.new or matter.batch_id in self.run.own

    def _check_unit(
        self, row: Row, matter: HeldMatter, adds: bool, problems: list[tuple[str, str]], outcome: "_Outcome"
    ) -> None:
        """Two units within the file are refused; a matter that has since been handed over stays where it is."""
        assert row.unit is not None
        names = self.shelf.directory.unit_names
        held, given = names.get(matter.unit_id, ""), row.unit.name
        this_run = matter.new or (self.run.batch_id is not None and matter.batch_id == self.run.batch_id)
        if this_run or (adds and self._is_ours(matter)):
            problems.append(("+".join(self.run.mapping.unit.columns), OTHER_UNIT.format(first=held, second=given)))
        else:
            outcome.keep(row, self.run.mapping.unit, held, given)

    def _check_lives(
        self, row: Row, matter: HeldMatter, new_steps: Sequence[Step], problems: list[tuple[str, str]]
    ) -> None:
        """Refuse a step that closes a matter before it was opened, in whichever order the two are told."""
        assert row.kind is not None
        kinds, zone = self.shelf.directory.event_kinds_by_id, row.kind.zone
        for step in new_steps:
            kind, opened, closed = kinds[step.kind_id], matter.opened, matter.closed
            if kind.closes and opened is not None and precedes(step, opened, zone):
                text = closed_before_opened(kind, step, kinds[opened.kind_id], opened, zone)
            elif kind.opens and opened is None and closed is not None and precedes(closed, step, zone):
                text = closed_before_opened(kinds[closed.kind_id], closed, kind, step, zone)
            else:
                continue
            problems.append(("、".join(self.run.mapping.steps[0].when.columns), text))

    def _open(self, row: Row, outcome: "_Outcome") -> HeldMatter:
        assert row.kind is not None and row.unit is not None
        outcome.matters_new += 1
        # The true key is known when it is written; until then it is one of this run's own.
        matter = HeldMatter(
            id=-(self.run.report.matters_new + outcome.matters_new),
            kind_id=row.kind.id,
            number=row.matter,
            unit_id=row.unit.id,
            officer_id=row.officer_id,
            title=row.title,
            facts=dict(row.facts),
            batch_id=self.run.batch_id,
            scope=(row.unit.city_id, row.unit.county_id, row.unit.station_id),
            restricted=row.kind.restricted,
            new=True,
            officer_since=self._since(row) if row.officer_id else None,
        )
        self.known.add(matter)
        outcome.matters.append(matter)
        return matter

    def _since(self, row: Row) -> datetime:
        """From when the officer is responsible: the first thing the row tells, as far as it tells anything."""
        return min((step.occurred_at for step in row.steps), default=self.run.at)

    def _fill(self, row: Row, matter: HeldMatter, outcome: "_Outcome") -> None:
        """Complete a matter that came with this file where it is blank; what is written there is never overwritten."""
        ours = self._is_ours(matter)
        mapping = self.run.mapping
        if row.title and row.title != matter.title:
            if ours and not matter.title:
                matter.title = row.title
                outcome.fill(matter)
            else:
                outcome.keep(row, mapping.title, matter.title, row.title)
        if row.officer_id is not None and row.officer_id != matter.officer_id:
            if ours and matter.officer_id is None:
                matter.officer_id, matter.officer_since = row.officer_id, self._since(row)
                outcome.fill(matter)
            else:
                numbers = self.shelf.directory.police_numbers
                held = numbers.get(matter.officer_id or 0, "")
                outcome.keep(row, mapping.officer, held, numbers[row.officer_id])
        for name, value in row.facts.items():
            held_fact = matter.facts.get(name)
            if held_fact is None and ours:
                matter.facts[name] = value
                outcome.fill(matter)
            elif fact_text(held_fact) != value:
                outcome.keep(row, mapping.facts[name], fact_text(held_fact), value)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _write(self, outcome: "_Outcome") -> None:
        if self.rehearsal is not None:
            touched = {matter.id: matter for matter, _ in outcome.steps}
            touched.update((matter.id, matter) for matter in (*outcome.matters, *outcome.filled.values()))
            self.rehearsal.keep(
                touched.values(),
                ((step.source_number, HeldStep(matter.id, step)) for matter, step in outcome.steps),
            )
            if self.run.batch_id is not None:
                self._write_refusals(outcome)
            return
        self._hold_batch()
        on_record = {matter.id for matter, _ in outcome.steps if not matter.new}
        on_record.update(matter.id for matter in outcome.filled.values() if not matter.new)
        # Before anything of these matters is locked: a winding locks in the same order.
        _ask_again(sorted(on_record), self.run.cause, self.run.at)
        self._write_matters(outcome)
        self._write_events(outcome.steps)
        self._write_refusals(outcome)

    def _hold_batch(self) -> None:
        """Note the progress; stop if the batch has been undone or carried on elsewhere."""
        assert self.run.batch_id is not None
        held = Batch.objects.filter(pk=self.run.batch_id, state=BatchState.LOADING)
        if not held.update(**self.run._counts()):
            raise IntakeRefused(STOPPED)

    def _write_matters(self, outcome: "_Outcome") -> None:
        for matter, key in zip(outcome.matters, _new_keys(len(outcome.matters)), strict=True):
            matter.id = key
        if outcome.matters:
            asked_at = moment(self.run.at)
            insert_rows(
                Matter._meta.db_table,
                ("id", "kind_id", "number", "title", "unit_id", "city_id", "county_id", "station_id")
                + ("officer_id", "facts", "restricted", "batch_id"),
                [
                    (m.id, m.kind_id, m.number, m.title, m.unit_id, *m.scope)
                    + (m.officer_id, json.dumps(m.facts, ensure_ascii=False), m.restricted, m.batch_id)
                    for m in outcome.matters
                ],
            )
            insert_rows(
                PendingWinding._meta.db_table,
                ("matter_id", "cause", "asked_at", "error"),
                [(m.id, self.run.cause, asked_at, "") for m in outcome.matters],
            )
        execute_many(
            f'UPDATE "{Matter._meta.db_table}" SET "title" = %s, "officer_id" = %s, "facts" = %s WHERE "id" = %s',
            [
                (m.title, m.officer_id, json.dumps(m.facts, ensure_ascii=False), m.id)
                for m in outcome.filled.values()
                if not m.new
            ],
        )
        handled = [m for m in (*outcome.matters, *outcome.filled.values()) if m.officer_since is not None]
        if handled:
            insert_rows(
                Handling._meta.db_table,
                ("matter_id", "officer_id", "role", "from_at"),
                [
                    (m.id, m.officer_id, HandlingRole.OFFICER.value, moment(m.officer_since))
                    for m in {m.id: m for m in handled}.values()
                ],
            )

    def _write_events(self, steps: Sequence[tuple[HeldMatter, Step]]) -> None:
        if not steps:
            return
        run = self.run
        recorded_at, source = moment(run.at), run.mapping.source
        by_id, batch_id = run.by.pk if run.by is not None else None, run.batch_id
        # Dates repeat: each is adapted for the driver once.
        adapted = {at: moment(at) for at in {step.occurred_at for _, step in steps}}
        insert_rows(
            Event._meta.db_table,
            ("matter_id", "kind_id", "occurred_at", "day_only", "recorded_at", "source", "source_number")
            + ("document_number", "approver", "ground", "tier", "amount", "sets_on", "sets_at", "reference", "note")
            + ("only_voids", "by_id", "batch_id"),
            (
                (
                    matter.id,
                    s.kind_id,
                    adapted[s.occurred_at],
                    s.day_only,
                    recorded_at,
                    source,
                    s.source_number,
                    s.document_number,
                    s.approver,
                    s.ground,
                    s.tier,
                    s.amount,
                    s.sets_on.isoformat() if s.sets_on is not None else None,
                    None if s.sets_at is None else moment(s.sets_at),
                    s.reference,
                    s.note,
                    False,
                    by_id,
                    batch_id,
                )
                for matter, s in steps
            ),
        )

    def _write_refusals(self, outcome: "_Outcome") -> None:
        if outcome.refused:
            insert_rows(
                Refusal._meta.db_table,
                ("batch_id", "row", "column", "reason", "content"),
                [
                    (self.run.batch_id, row.number, column[:COLUMN_LENGTH], _storable(reason), content)
                    for row, problems in outcome.refused
                    for content in (json.dumps(self.run.content_of(row), ensure_ascii=False),)
                    for column, reason in problems
                ],
            )


class _Outcome:
    """What a chunk comes to."""

    def __init__(self) -> None:
        self.counted = False
        self.rows_read = 0
        self.rows_loaded = 0
        self.rows_unchanged = 0
        self.rows_skipped = 0
        self.matters_new = 0
        self.matters: list[HeldMatter] = []
        self.filled: dict[int, HeldMatter] = {}
        self.steps: list[tuple[HeldMatter, Step]] = []
        self.refused: list[tuple[Row, list[tuple[str, str]]]] = []
        self.kept: list[tuple[int, str, str]] = []

    def fill(self, matter: HeldMatter) -> None:
        if not matter.new:
            self.filled[matter.id] = matter

    def keep(self, row: Row, source: Any, held: str, given: str) -> None:
        if row.kind is not None and row.kind.restricted:
            held = "（仅经办人可见）"
        self.kept.append((row.number, "+".join(source.columns), KEPT.format(held=held, given=given)))

    _COUNTED = ("rows_read", "rows_loaded", "rows_unchanged", "rows_skipped", "matters_new")

    def count(self, report: IntakeReport, sign: int = 1) -> None:
        for name in self._COUNTED:
            setattr(report, name, getattr(report, name) + sign * getattr(self, name))
        report.events_new += sign * len(self.steps)
        report.rows_refused += sign * len(self.refused)
        self.counted = sign > 0

    def uncount(self, report: IntakeReport) -> None:
        if self.counted:
            self.count(report, -1)

    def tell(self, report: IntakeReport) -> None:
        """Name rows in the report, once they are settled."""
        for row, problems in self.refused:
            report.name_refused(row.number, problems)
        for number, column, reason in self.kept:
            report.name_kept(number, column, reason)


def _storable(reason: str) -> str:
    """A reason as its column takes it; what it quotes may hold anything."""
    return reason.replace("\0", "")[:REASON_LENGTH]


def _new_keys(count: int) -> list[int]:
    """Keys for new matters, taken from the table's own counter; in the transaction that will use them."""
    if not count:
        return []
    table = Matter._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))


def _ask_again(matter_ids: Sequence[int], cause: str, at: datetime) -> None:
    """As `cases.winding.ask_winding`, without an object for each."""
    execute_many(
        f'INSERT INTO "{PendingWinding._meta.db_table}" ("matter_id", "cause", "asked_at", "error") '
        "VALUES (%s, %s, %s, '') ON CONFLICT (\"matter_id\") DO UPDATE "
        'SET "cause" = excluded."cause", "asked_at" = excluded."asked_at", "error" = excluded."error"',
        [(matter_id, cause, asked_at) for asked_at in (moment(at),) for matter_id in matter_ids],
    )
