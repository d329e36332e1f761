"""What was told of a case elsewhere: imported as expedited, or its consent, decision or conversion entered on the matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from cases.models import Event, Matter
from supervision.expedited import rules
from supervision.expedited.models import Action, CaseState, ExpeditedCase, ExpeditedStep
from supervision.expedited.queries import AGREED, ARRIVED, CONVERTED, DECIDED, called_expedited

_STEP_OF = {
    CaseState.DECIDED: Action.DECIDED,
    CaseState.CONVERTED: Action.CONVERTED,
    CaseState.CLOSED: Action.CLOSED,
    CaseState.OPEN: Action.REOPENED,
}


def adopt_matters(matters: Collection[int], *, at: datetime) -> list[int]:
    """Take over administrative cases that are noted as expedited and not yet known here; answers which are new.

    Harmless twice. Applied when the suspect agreed, else when he arrived, else when the case began.
    """
    with transaction.atomic():
        rows = list(
            Matter.objects.standing()
            .filter(called_expedited(), pk__in=matters, kind__family=rules.FAMILY, expedited_case=None)
            .order_by("pk")
        )
        seen = _events(rows, (AGREED, ARRIVED))
        fresh = []
        for row in rows:
            first = next((seen[row.pk][kind][0] for kind in (AGREED, ARRIVED) if seen[row.pk][kind]), None)
            begun = first.occurred_at if first is not None else row.opened_at
            fresh.append(ExpeditedCase(matter=row, applied_at=begun or at))
        known = set(ExpeditedCase.objects.filter(pk__in=[one.pk for one in fresh]).values_list("pk", flat=True))
        # Two that take over the same at once: the second leaves what the first wrote.
        ExpeditedCase.objects.bulk_create(fresh, ignore_conflicts=True)
        new = [one.pk for one in fresh if one.pk not in known]
        ExpeditedStep.objects.bulk_create([ExpeditedStep(matter_id=pk, action=Action.ADOPTED, at=at) for pk in new])
        return new


def adopt_events(cases: Collection[int], *, at: datetime) -> None:
    """Bring the cases in line with the events on their matters: consent, decision, conversion, and their striking out.

    1. Of several consents the latest counts; struck out, what was told about it goes with it.
    2. Of a decision and a conversion the one that came first is what became of the case.
    3. A fixed number of questions, in one transaction; harmless twice.
    """
    with transaction.atomic():
        rows = list(
            ExpeditedCase.objects.select_for_update(of=("self",))
            .filter(pk__in=cases)
            .select_related("matter")
            .order_by("pk")
        )
        seen = _events([row.matter for row in rows], (AGREED, DECIDED, CONVERTED))
        steps, changed = [], []
        for row in rows:
            events, before = seen[row.pk], (row.state, row.ended_at, row.consent_event_id)
            steps += _consent(row, events[AGREED], at)
            decided, converted = (next(iter(events[kind]), None) for kind in (DECIDED, CONVERTED))
            state, ended_at = rules.state_of(
                decided.occurred_at if decided else None,
                converted.occurred_at if converted else None,
                row.matter.closed_at,
            )
            if row.state != state.value:
                event = {rules.State.DECIDED: decided, rules.State.CONVERTED: converted}.get(state)
                told = event.note or event.document_number if event else ""
                by = event.by if event else None
                action = _STEP_OF[CaseState(state.value)]
                steps.append(ExpeditedStep(matter_id=row.pk, action=action, at=at, by=by, text=told, event=event))
            row.state, row.ended_at = CaseState(state.value), ended_at
            if (row.state, row.ended_at, row.consent_event_id) != before:
                changed.append(row)
        columns = ("state", "ended_at", "consented_at", "consent_event", "told_at", "told_by", "told_whom", "told_how", "consent_document")  # fmt: skip
        ExpeditedCase.objects.bulk_update(changed, columns)
        ExpeditedStep.objects.bulk_create(steps)


def _consent(row: ExpeditedCase, agreed: list[Event], at: datetime) -> list[ExpeditedStep]:
    """Take the latest consent over; answers the step that says so."""
    last = agreed[-1] if agreed else None
    if row.consent_event_id == (last.pk if last else None):
        return []
    row.consent_event, row.consented_at = last, last.occurred_at if last else None
    # How he was told belonged to the consent that no longer counts.
    row.told_at = row.told_by = None
    row.told_whom = row.told_how = ""
    row.consent_document = last.document_number if last else ""
    action = Action.CONSENTED if last else Action.CONSENT_VOID
    by = last.by if last else None
    return [ExpeditedStep(matter_id=row.pk, action=action, at=at, by=by, text=row.consent_document, event=last)]


def _events(matters: Collection[Matter], kinds: Collection[str]) -> dict[int, dict[str, list[Event]]]:
    """The standing events of these kinds on matters, in the order in which they happened."""
    found: dict[int, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    rows = Event.objects.standing().filter(matter__in=[one.pk for one in matters], kind__code__in=kinds)
    for event in rows.filter(only_voids=False).select_related("kind", "by").order_by("occurred_at", "pk"):
        found[event.matter_id][event.kind.code].append(event)
    return found
