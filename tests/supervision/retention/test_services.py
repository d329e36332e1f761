"""What is past its time is listed by one, approved by another, destroyed by the job; what is on hold never is."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.audit.models import RowChange, Seal, SealKind, WayOut
from cases.audit.services import note_way_out, seal_ledgers
from cases.audit.verifying import verify
from cases.models import Feedback, Officer, Refusal
from cases.services import open_matter
from supervision.retention.models import DisposalItem, DisposalList, Hold, ListState, Outcome
from supervision.retention.refusals import (
    HELD_ALREADY,
    HELD_LOGS,
    LIFTED_ALREADY,
    NO_BUREAU,
    NO_LIFT_REASON,
    NO_REASON,
    NOT_HIS_OWN,
    NOT_OVER_IT,
    NOT_WAITING,
    OWN_HOLD,
    OWN_LIST,
    UNKNOWN_KIND,
)
from supervision.retention.rules import MENTION
from supervision.retention.services import (
    RetentionRefused,
    approve_list,
    carry_out,
    carrying,
    hold_matter,
    lift_hold,
    propose_list,
    refuse_list,
    withdraw_list,
)
from tests.cases.factories import make_case
from tests.supervision.retention.factories import AT, OLD, SECRET, YOUNG, Archive, make_answer, make_batch


def propose(archive: Archive, kind: str, by: Officer | None = None) -> DisposalList:
    return propose_list(kind=kind, by=by or archive.legal, at=AT)


def approved(archive: Archive, kind: str) -> DisposalList:
    return approve_list(disposal=propose(archive, kind), by=archive.leader, at=AT)


def said(row: DisposalList) -> str:
    return f"{MENTION}2030-03-04，销毁清单第 {row.pk} 号）"


# -- listing -----------------------------------------------------------------------------------------------------------


def test_a_list_holds_what_is_past_its_time_in_the_bureau_and_nothing_else(archive: Archive) -> None:
    old, young = make_batch(archive.legal), make_batch(archive.legal, finished_at=YOUNG)
    make_batch(archive.stranger)

    row = propose(archive, "refused_rows")

    assert (row.unit, row.state, row.before) == (archive.bureau.county, ListState.PROPOSED, AT - timedelta(days=365))
    assert [(item.key, item.count, len(item.digest)) for item in row.items.all()] == [(f"cases.batch:{old.pk}", 2, 64)]
    assert "天（本系统定的）" in row.rule and SECRET not in str(list(DisposalItem.objects.values()))
    assert carry_out(at=AT).destroyed == 0
    assert Refusal.objects.filter(content__当事人=SECRET).count() == 6 and young.refusals.count() == 2


def test_answers_are_listed_by_month_without_those_only_handlers_see(archive: Archive) -> None:
    make_answer(archive.matter)
    make_answer(archive.matter, given_at=OLD + timedelta(days=40))
    make_answer(archive.matter, given_at=YOUNG)
    make_answer(archive.matter, text="")
    hidden = open_matter(kind="letter", number="L-1", unit=archive.bureau.station, officer=archive.head)
    make_answer(hidden)
    make_answer(make_case("Y-1", archive.bureau.other_station, None, filed="2024-01-10"))

    row = propose(archive, "answer_texts")

    assert hidden.restricted
    assert list(row.items.values_list("key", "count")) == [("answers:2024-09", 1), ("answers:2024-10", 1)]


@pytest.mark.parametrize(("who", "kind", "why"), [("head", "answer_texts", NO_BUREAU), ("legal", "events", UNKNOWN_KIND), ("legal", "answer_texts", "没有超过留存期"), ("legal", "logs", "最上级单位")])  # fmt: skip
def test_what_cannot_be_listed_says_why(archive: Archive, who: str, kind: str, why: str) -> None:
    with pytest.raises(RetentionRefused, match=why):
        propose(archive, kind, getattr(archive, who))

    assert not DisposalList.objects.exists()


def test_of_a_kind_one_list_is_open_at_a_time(archive: Archive) -> None:
    make_answer(archive.matter)
    first = propose(archive, "answer_texts")
    with pytest.raises(RetentionRefused, match="已有一份清单"):
        propose(archive, "answer_texts", archive.other_legal)

    withdraw_list(disposal=first, by=archive.legal)

    assert propose(archive, "answer_texts").pk != first.pk


# -- two persons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "why"), [("legal", OWN_LIST), ("stranger", NOT_OVER_IT), ("head", NOT_OVER_IT)])
def test_only_another_over_the_bureau_approves(archive: Archive, who: str, why: str) -> None:
    make_answer(archive.matter)
    row = propose(archive, "answer_texts")

    for decide in (approve_list, refuse_list):
        with pytest.raises(RetentionRefused, match=why):
            decide(disposal=row, answer="x", by=getattr(archive, who), at=AT)

    carry_out(at=AT)
    assert Feedback.objects.get().text == SECRET


def test_what_is_refused_or_withdrawn_is_never_carried_out(archive: Archive) -> None:
    make_answer(archive.matter)
    row = propose(archive, "answer_texts")
    with pytest.raises(RetentionRefused, match=NO_REASON):
        refuse_list(disposal=row, answer=" ", by=archive.leader, at=AT)
    with pytest.raises(RetentionRefused, match=NOT_HIS_OWN):
        withdraw_list(disposal=row, by=archive.leader)
    refuse_list(disposal=row, answer="还要用", by=archive.leader, at=AT)
    withdrawn = propose(archive, "answer_texts")
    withdraw_list(disposal=withdrawn, by=archive.legal)

    for one in (row, withdrawn):
        with pytest.raises(RetentionRefused, match=NOT_WAITING):
            approve_list(disposal=one, by=archive.other_legal, at=AT)
    carry_out(at=AT)

    assert Feedback.objects.get().text == SECRET


# -- carrying out ------------------------------------------------------------------------------------------------------


def test_what_was_approved_is_gone_and_its_place_says_so(archive: Archive) -> None:
    batch = make_batch(archive.legal)
    row = approved(archive, "refused_rows")

    done = carry_out(at=AT)

    row.refresh_from_db()
    assert (done.destroyed, done.left, done.lists, row.state, row.done_at) == (1, 0, 1, ListState.DONE, AT)
    assert list(batch.refusals.values_list("row", "reason", "content")) == [(2, said(row), {}), (3, said(row), {})]
    assert SECRET not in str(list(Refusal.objects.values()))
    item = row.items.get()
    assert (item.outcome, item.done_at, item.count) == (Outcome.DESTROYED, AT, 2)


def test_of_an_answer_the_grade_stays_and_the_words_live_on_nowhere(archive: Archive) -> None:
    answer = make_answer(archive.matter)
    row = approved(archive, "answer_texts")

    carry_out(at=AT)

    answer.refresh_from_db()
    assert (answer.grade, answer.text) == (3, said(row))
    assert not [change for change in RowChange.objects.all() if SECRET in f"{change.old}{change.new}"]
    with pytest.raises(RetentionRefused, match="没有超过留存期"):
        propose(archive, "answer_texts")


def test_the_round_twice_does_the_work_once(archive: Archive) -> None:
    make_answer(archive.matter)
    approved(archive, "answer_texts")
    carry_out(at=AT)
    before = list(Feedback.objects.values())

    again = carry_out(at=AT + timedelta(days=1))

    assert (again.destroyed, again.lists) == (0, 0) and list(Feedback.objects.values()) == before


def test_a_round_killed_in_a_piece_leaves_it_whole_and_the_next_makes_it_good(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_answer(archive.matter)
    make_answer(archive.matter, given_at=OLD + timedelta(days=40))
    row = approved(archive, "answer_texts")
    destroy = carrying._destroy
    seen: list[str] = []

    def killed(row: DisposalList, item: DisposalItem, at: Any) -> None:
        destroy(row, item, at)
        seen.append(item.key)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(carrying, "_destroy", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out(at=AT)
    assert [text == SECRET for text in Feedback.objects.order_by("pk").values_list("text", flat=True)] == [False, True]
    assert list(row.items.values_list("outcome", flat=True)) == [Outcome.DESTROYED, None]
    monkeypatch.undo()

    carry_out(at=AT)

    row.refresh_from_db()
    assert row.state == ListState.DONE and not Feedback.objects.filter(text=SECRET).exists()


def test_one_broken_piece_does_not_stop_the_others_and_the_round_fails_aloud(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_answer(archive.matter)
    make_answer(archive.matter, given_at=OLD + timedelta(days=40))
    row = approved(archive, "answer_texts")
    destroy = carrying._destroy

    def broken(row: DisposalList, item: DisposalItem, at: Any) -> None:
        if item.key == "answers:2024-09":
            raise OSError("disk")
        destroy(row, item, at)

    monkeypatch.setattr(carrying, "_destroy", broken)
    with pytest.raises(carrying.CarryingFailed, match="1 项没有办成"):
        carry_out(at=AT)

    row.refresh_from_db()
    assert row.state == ListState.APPROVED
    assert list(row.items.values_list("outcome", flat=True)) == [None, Outcome.DESTROYED]


def test_what_changed_since_it_was_listed_is_left_alone(archive: Archive) -> None:
    answer = make_answer(archive.matter)
    row = approved(archive, "answer_texts")
    Feedback.objects.update(text="更正过的意见")

    done = carry_out(at=AT)

    answer.refresh_from_db()
    assert (done.destroyed, done.left, done.lists) == (0, 1, 1)
    assert row.items.get().outcome == Outcome.CHANGED and answer.text == "更正过的意见"


# -- holds -------------------------------------------------------------------------------------------------------------


def test_a_matter_on_hold_is_neither_listed_nor_destroyed(archive: Archive) -> None:
    make_answer(archive.matter)
    row = approved(archive, "answer_texts")
    hold = hold_matter(matter=archive.matter, reason="正在复议", by=archive.legal, at=AT)
    carry_out(at=AT)
    assert row.items.get().outcome == Outcome.HELD and Feedback.objects.get().text == SECRET
    with pytest.raises(RetentionRefused, match="没有超过留存期"):
        propose(archive, "answer_texts")

    lift_hold(hold=hold, reason="复议已结", by=archive.leader, at=AT)
    approved(archive, "answer_texts")
    carry_out(at=AT)

    assert Feedback.objects.get().text != SECRET


def test_a_batch_that_brought_in_a_matter_on_hold_stays(archive: Archive) -> None:
    batch = make_batch(archive.legal)
    type(archive.matter).objects.filter(pk=archive.matter.pk).update(batch=batch)
    row = approved(archive, "refused_rows")
    hold_matter(matter=archive.matter, reason="正在复议", by=archive.legal, at=AT)

    carry_out(at=AT)

    assert row.items.get().outcome == Outcome.HELD
    assert Refusal.objects.filter(content__当事人=SECRET).count() == 2
    with pytest.raises(RetentionRefused, match="没有超过留存期"):
        propose(archive, "refused_rows")


def test_a_hold_is_lifted_once_by_another_who_says_why(archive: Archive) -> None:
    hold = hold_matter(matter=archive.matter, reason="正在复议", by=archive.legal, at=AT)
    with pytest.raises(RetentionRefused, match=HELD_ALREADY):
        hold_matter(matter=archive.matter, reason="又一次", by=archive.leader, at=AT)
    with pytest.raises(RetentionRefused, match=OWN_HOLD):
        lift_hold(hold=hold, reason="已结", by=archive.legal, at=AT)
    with pytest.raises(RetentionRefused, match=NO_LIFT_REASON):
        lift_hold(hold=hold, reason=" ", by=archive.leader, at=AT)

    lift_hold(hold=hold, reason="已结", by=archive.leader, at=AT)

    with pytest.raises(RetentionRefused, match=LIFTED_ALREADY):
        lift_hold(hold=hold, reason="已结", by=archive.other_legal, at=AT)
    assert Hold.objects.get().lifted_by == archive.leader


# -- logs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def old_logs(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 400
    for at in (OLD, OLD, AT):
        note_way_out(way="export", what="表", by=None, at=at)
        seal_ledgers(at=at)


def test_logs_go_through_their_seals_and_the_removal_names_both(archive: Archive, old_logs: None) -> None:
    row = propose(archive, "logs", archive.top)
    approve_list(disposal=row, by=archive.top_leader, at=AT)
    assert WayOut.objects.count() == 3

    carry_out(at=AT + timedelta(days=5000))

    # Long after it was approved nothing goes that was not on the list.
    assert WayOut.objects.count() == 1
    notes = list(Seal.objects.filter(kind=SealKind.REMOVAL).values_list("note", flat=True))
    assert notes and all("民警100006（100006）、民警100007（100007）" in note for note in notes)
    assert row.items.get().outcome == Outcome.DESTROYED and verify().holds


def test_while_anything_is_on_hold_no_log_goes(archive: Archive, old_logs: None) -> None:
    row = propose(archive, "logs", archive.top)
    approve_list(disposal=row, by=archive.top_leader, at=AT)
    hold_matter(matter=archive.matter, reason="正在复议", by=archive.legal, at=timezone.now())
    carry_out(at=AT)

    assert WayOut.objects.count() == 3 and row.items.get().outcome == Outcome.HELD
    with pytest.raises(RetentionRefused, match=HELD_LOGS):
        propose(archive, "logs", archive.top)
