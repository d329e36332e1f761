"""How a round comes about: what would be drawn, and the draw."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.models import Matter, MatterKind, Officer
from supervision.rectification.models import Problem
from supervision.reviews import rules
from supervision.reviews.models import (
    Action,
    Line,
    ReviewForm,
    ReviewRound,
    ReviewStep,
    RoundReviewer,
    Stage,
    Stratum,
    Template,
    Weight,
)
from supervision.reviews.queries import (
    Frame,
    Scope,
    frame_of,
    handled_by,
    item_for,
    known_reviewers,
    late_clocks,
    local_day,
    may_review,
)
from supervision.reviews.refusals import (
    EMPTY_FRAME,
    FILES_OUT_OF_RANGE,
    LEAST_OUT_OF_RANGE,
    MORE_THAN_FRAME,
    NO_KINDS,
    NO_REVIEWERS,
    NO_TITLE,
    PERIOD_BACKWARDS,
    PERIOD_NOT_OVER,
    RESTRICTED_KIND,
    REVIEWER_AWAY,
    SECOND_OUT_OF_RANGE,
    SEED_TOO_LONG,
    TOO_FEW_FILES,
    UNKNOWN_PROBLEMS,
    ReviewRefused,
)
from supervision.reviews.services.ledger import required, step

BATCH = 1000
LONGEST_SEED = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """How a round is to be drawn and given out."""

    files: int
    least: int = 1
    second_percent: int = 10
    crossed: bool = False
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw comes to before it is kept: seed, digest, the sample in its order, and who reviews each file."""

    seed: str
    frame: Frame
    digest: str
    sample: list[rules.Candidate]
    reviewer_of: dict[rules.Candidate, Officer | None]


def check_plan(scope: Scope, plan: Plan, *, at: datetime) -> None:
    """Refuses a period that runs backwards or is not over, kinds that are none or restricted, numbers out of range."""
    if scope.from_on > scope.until_on:
        raise ReviewRefused(PERIOD_BACKWARDS)
    if scope.until_on >= local_day(at):
        raise ReviewRefused(PERIOD_NOT_OVER.format(day=f"{scope.until_on:%Y-%m-%d}"))
    if not 1 <= plan.files <= rules.MOST_FILES:
        raise ReviewRefused(FILES_OUT_OF_RANGE.format(most=rules.MOST_FILES))
    if plan.least < 1:
        raise ReviewRefused(LEAST_OUT_OF_RANGE)
    if not 0 <= plan.second_percent <= 100:
        raise ReviewRefused(SECOND_OUT_OF_RANGE)
    if len(plan.seed.strip()) > LONGEST_SEED:
        raise ReviewRefused(SEED_TOO_LONG.format(most=LONGEST_SEED))
    if not scope.kinds:
        raise ReviewRefused(NO_KINDS)
    if closed := MatterKind.objects.filter(code__in=scope.kinds, restricted=True).first():
        raise ReviewRefused(RESTRICTED_KIND.format(kind=closed))


def allocation(frame: Frame, plan: Plan) -> dict[rules.Stratum, int]:
    """How many files of each stratum a plan draws. Refuses an empty frame, more files than it has, and fewer than the least
    of every unit."""
    if not frame.candidates:
        raise ReviewRefused(EMPTY_FRAME)
    if plan.files > len(frame.candidates):
        raise ReviewRefused(MORE_THAN_FRAME.format(size=len(frame.candidates), files=plan.files))
    try:
        return rules.allocate(frame.sizes, files=plan.files, least=plan.least)
    except ValueError as error:
        raise ReviewRefused(TOO_FEW_FILES.format(files=plan.files, units=len(frame.units), least=plan.least)) from error


def draw_sample(scope: Scope, plan: Plan, reviewers: Sequence[Officer], *, at: datetime) -> Drawn:
    """Draw and give out without keeping anything; the same scope, seed and reviewers give the same while the cases stand.

    Refuses what `check_plan` and `allocation` do, no reviewers, and one who is not there or whose work it is not.
    """
    check_plan(scope, plan, at=at)
    if not reviewers:
        raise ReviewRefused(NO_REVIEWERS)
    for one in reviewers:
        if not may_review(one):
            raise ReviewRefused(REVIEWER_AWAY.format(officer=one))
    frame = frame_of(scope, at=at)
    allocation(frame, plan)
    seed = plan.seed.strip() or secrets.token_hex(8)
    sample = rules.draw(frame.candidates, seed=seed, files=plan.files, least=plan.least)
    handled = handled_by([frame.matters[one] for one in sample], reviewers)
    chosen = rules.give_out(
        sample,
        {one: handled[frame.matters[one]] for one in sample},
        known_reviewers(reviewers),
        seed=seed,
        crossed=plan.crossed,
    )
    officers = {one.police_number: one for one in reviewers}
    return Drawn(
        seed=seed,
        frame=frame,
        digest=rules.frame_digest(frame.candidates),
        sample=sample,
        reviewer_of={one: officers[number] if number is not None else None for one, number in chosen.items()},
    )


def draw_round(
    *,
    title: str,
    template: Template,
    scope: Scope,
    plan: Plan,
    reviewers: Sequence[Officer],
    by: Officer | None,
    at: datetime,
) -> ReviewRound:
    """Draw a sample of a scope by strata of unit and kind, give the files out among the reviewers by lot, and begin a form of
    each: with what the system knows of its limits, marked as computed. Without a seed one is taken by chance.

    Frame, digest, seed, method and check items are kept, so that the draw can be done again. Nobody reviews a file of his
    own unit, his own or his kin's, or one he is barred from; a file from which all must keep away waits without a reviewer.
    `at` is an aware moment. Refuses what `draw_sample` does, no title, and findings that could not become orders.
    """
    title = required(title, NO_TITLE, 100)
    _check_problems(template)
    with transaction.atomic():
        drawn = draw_sample(scope, plan, reviewers, at=at)
        held = ReviewRound.objects.create(
            title=title,
            template=template,
            items=template.items,
            kinds=sorted(scope.kinds),
            basis=scope.basis,
            matters=scope.matters,
            from_on=scope.from_on,
            until_on=scope.until_on,
            files=plan.files,
            least=plan.least,
            second_percent=plan.second_percent,
            crossed=plan.crossed,
            method=rules.METHOD,
            seed=drawn.seed,
            seed_given=bool(plan.seed.strip()),
            frame_size=len(drawn.frame.candidates),
            frame_digest=drawn.digest,
            drawn_at=at,
            drawn_by=by,
            **scope.unit.scope_ids,
        )
        RoundReviewer.objects.bulk_create(RoundReviewer(round=held, officer=one) for one in reviewers)
        _keep_strata(held, drawn)
        _begin_forms(held, drawn, at)
        step(held, Action.DRAWN, by=by, at=at, text=f"总体 {held.frame_size} 件，抽取 {len(drawn.sample)} 件")
    return held


def _check_problems(template: Template) -> None:
    wanted = {item["problem"] for item in template.items if item["problem"]}
    known = set(Problem.objects.filter(code__in=wanted).values_list("code", flat=True))
    if missing := sorted(wanted - known):
        raise ReviewRefused(UNKNOWN_PROBLEMS.format(codes="、".join(missing)))


def _keep_strata(held: ReviewRound, drawn: Drawn) -> None:
    numbers: dict[rules.Stratum, list[str]] = {}
    for one in sorted(drawn.frame.candidates):
        numbers.setdefault(rules.stratum_of(one), []).append(one.number)
    taken = Counter(rules.stratum_of(one) for one in drawn.sample)
    Stratum.objects.bulk_create(
        (
            Stratum(
                round=held,
                unit=drawn.frame.units[unit],
                kind=kind,
                frame=ones,
                frame_size=len(ones),
                drawn=taken[unit, kind],
            )
            for (unit, kind), ones in numbers.items()
        ),
        batch_size=BATCH,
    )


def _begin_forms(held: ReviewRound, drawn: Drawn, at: datetime) -> None:
    """One form a file, a step each, and a computed line for every limit that was or is over."""
    twice = rules.drawn_for_second(drawn.sample, seed=drawn.seed, percent=held.second_percent)
    ids = [drawn.frame.matters[one] for one in drawn.sample]
    officers = dict(
        row
        for begin in range(0, len(ids), BATCH)
        for row in Matter.objects.filter(pk__in=ids[begin : begin + BATCH]).values_list("pk", "officer")
    )
    rows = []
    for one in drawn.sample:
        reviewer = drawn.reviewer_of[one]
        rows.append(
            ReviewForm(
                round=held,
                matter_id=drawn.frame.matters[one],
                officer_id=officers[drawn.frame.matters[one]],
                drawn_at=at,
                tell_since=at,
                reviewer=reviewer,
                reviewer_unit_id=reviewer.unit_id if reviewer is not None else None,
                second_drawn=one in twice,
                **drawn.frame.units[one.unit].scope_ids,
            )
        )
    ReviewForm.objects.bulk_create(rows, batch_size=BATCH)
    forms = dict(ReviewForm.objects.filter(round=held).values_list("matter", "pk"))
    ReviewStep.objects.bulk_create(
        (ReviewStep(round=held, form_id=pk, action=Action.DRAWN, at=at) for _, pk in sorted(forms.items())),
        batch_size=BATCH,
    )
    items = held.check_items
    lines = []
    for matter, clock in late_clocks(list(forms), at):
        item = item_for(clock, items)
        if item is None:
            continue
        # Not its number: what belongs to a file may be read by fewer than the file.
        of = f"{clock.matter.kind}" if clock.matter_id != matter else "本案"
        lines.append(
            Line(
                form_id=forms[matter],
                stage=Stage.COMPUTED,
                item=item.code,
                group=item.group,
                title=item.text,
                citation=clock.limit.citation,
                problem=item.problem,
                weight=Weight.FLAW,
                points=item.most,
                text=f"{of}“{clock.limit.name}”{'超期办结' if clock.ended_at is not None else '已超期，还没有办结'}",
                clock=clock,
                written_at=at,
            )
        )
    Line.objects.bulk_create(lines, batch_size=BATCH)
