"""Open questions and the limits: which answers stand, and the limits brought in line with them.

A limit's row holds the fields its answers put in place (`Limit.answered`), so whoever reads the row reads the limit as
answered; they are written here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cases.courses import read_ladder
from cases.models import Answer, Ladder, Limit, OpenQuestion
from cases.statute import limits as statute
from cases.statute import questions as law
from cases.statute.limits import default_ladder
from cases.statute.questions import Standing, by_default, changes_to, replaced


def answers_standing(instead: Mapping[str, str] | None = None) -> list[Standing]:
    """The standing answer of every open question, in their order: the last one given, or the default.

    `instead` names by question the option to be taken in place of the one that stands. Raises KeyError for a question
    or an option that there is not.
    """
    last = {row.question_id: row for row in Answer.objects.order_by("id")}
    supposed = dict(instead or {})
    found = []
    for row in OpenQuestion.objects.all():
        question, given = row.asked(), last.get(row.pk)
        if row.code in supposed:
            found.append(_supposed(question, supposed.pop(row.code)))
            continue
        option = question.option(given.option) if given is not None else None
        if given is None or option is None:
            found.append(by_default(question))
        else:
            found.append(Standing(question, option, given.decided_on, given.ground))
    if supposed:
        raise KeyError(next(iter(supposed)))
    return found


def _supposed(question: law.Question, code: str) -> Standing:
    option = question.option(code)
    if option is None:
        raise KeyError(code)
    return Standing(question, option)


def limits_as_answered(answers: Mapping[str, str]) -> dict[str, statute.Limit]:
    """Every limit by code as it would be under these answers (question -> option); nothing is written.

    Questions that are not named keep the answer that stands. Raises KeyError for a question or an option that there is
    not, and InvalidLimit where the answers do not go together.
    """
    definitions = [row.definition for row in Limit.objects.all()]
    return {limit.code: limit for limit in law.limits_as_answered(definitions, answers_standing(answers))}


def standing_on(rows: Iterable[Limit]) -> dict[int, tuple[Standing, ...]]:
    """The answers that each of these limits depends on, by key; a fixed number of queries."""
    standing = answers_standing()
    return {row.pk: tuple(one for one in standing if one.question.concerns(row.code, row.family)) for row in rows}


def standing_on_limit(row: Limit) -> tuple[Standing, ...]:
    """The answers that one limit depends on."""
    return standing_on([row])[row.pk]


def limits_concerned(question: law.Question) -> list[Limit]:
    """The limits whose dates depend on a question, in the order of the catalogue."""
    return [row for row in Limit.objects.all() if question.concerns(row.code, row.family)]


def columns_as_answered(
    definition: Mapping[str, Any], standing: Iterable[Standing], ladders: Mapping[str, Ladder]
) -> dict[str, Any]:
    """The columns of a limit's row, read from its definition under the standing answers; `ladders` by code.

    Raises InvalidLimit where the answers do not go together.
    """
    code = str(definition["code"])
    family = str(definition.get("family") or statute.family_of(code))
    answered = changes_to(code, family, standing)
    limit = statute.parse_limit(replaced(definition, answered))
    default = default_ladder(limit.length, limit.unit, [read_ladder(row) for row in ladders.values()])
    ladder = limit.ladder or (default.code if default else "")
    return {
        "family": limit.family,
        "name": limit.name,
        "field_of_law": limit.field_of_law,
        "nature": limit.nature.value,
        "law": limit.law,
        "article": limit.article,
        "text_version": limit.text_version,
        "length": limit.length,
        "unit": limit.unit.value,
        "rollover": limit.rollover.value,
        "in_force_from": limit.in_force_from,
        "in_force_until": limit.in_force_until,
        "status": limit.status.value,
        "ladder_id": ladders[ladder].pk if ladder else None,
        "definition": dict(definition),
        "answered": answered,
    }


def follow_answers(besides: Iterable[str] = ()) -> set[str]:
    """Bring the rows of all limits but `besides` in line with the standing answers; the codes of those that changed.

    Raises InvalidLimit where the answers do not go together.
    """
    standing = answers_standing()
    ladders = {row.code: row for row in Ladder.objects.all()}
    changed = []
    for row in Limit.objects.exclude(code__in=list(besides)):
        if changes_to(row.code, row.family, standing) == row.answered:
            continue
        for name, value in columns_as_answered(row.definition, standing, ladders).items():
            setattr(row, name, value)
        changed.append(row)
    names = ["length", "unit", "rollover", "ladder", "answered"]
    Limit.objects.bulk_update(changed, names, batch_size=200)
    return {row.code for row in changed}
