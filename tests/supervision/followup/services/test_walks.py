"""Whatever people and the clock do, in whatever order, the rows stay what the room promises."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from cases import services as cases
from cases.models import Matter, Officer, Role
from supervision.followup import services
from supervision.followup.models import FollowedCase, FollowStep, Instruction, OutlineItem, Stage
from supervision.followup.services import FollowupRefused
from tests.cases.factories import day, make_case
from tests.supervision.followup.factories import ENTERED, County, make_rule

STEPS = 70


class Walk:
    """Random acts of random people over two matters; what is refused changes nothing and is no harm."""

    def __init__(self, county: County, seed: int) -> None:
        self.county, self.dice = county, Random(seed)
        self.people = [county.officer, county.colleague, county.head, county.branch_officer, county.legal]
        self.people += [county.second_legal, county.leader]
        self.matters = [
            make_case(f"W{number}", county.station, county.officer, filed="2026-02-02", facts={"media": True})
            for number in range(2)
        ]
        self.at = ENTERED
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        self.at += timedelta(hours=self.dice.choice((1, 5, 26)))
        act = self.dice.choice(
            (
                self.enter,
                self.parties,
                self.parties,
                self.item,
                self.item,
                self.item,
                self.instruct,
                self.reply,
                self.ask,
            )
            + (self.ask, self.decide, self.decide, self.reopen, self.hand_over, self.rules, self.watch, self.leave)
        )
        before = FollowStep.objects.count()
        try:
            act(self.dice.choice(self.people), self.at)
        except FollowupRefused:
            assert FollowStep.objects.count() == before
        else:
            self.done[act.__name__] += 1

    def case(self) -> FollowedCase | None:
        return self.dice.choice([None, *FollowedCase.objects.select_related("matter")])

    def on_case(self, act: Callable[[FollowedCase], object]) -> None:
        case = self.case()
        if case is not None:
            act(case)

    def matter(self) -> Matter:
        return self.dice.choice(self.matters)

    def enter(self, by: Officer, at: datetime) -> None:
        services.enter(matter=self.matter(), reason="x", by=by, at=at)

    def parties(self, by: Officer, at: datetime) -> None:
        line = self.dice.choice((self.county.branch, self.county.branch, None))
        units = {"main_unit": self.county.station, "supervisory_unit": self.county.bureau.legal, "line_unit": line}
        officer = self.dice.choice((self.county.officer, self.county.colleague))
        self.on_case(lambda case: services.name_parties(case=case, officer=officer, by=by, at=at, **units))

    def item(self, by: Officer, at: datetime) -> None:
        items = list(OutlineItem.objects.select_related("case__matter"))
        if not items:
            return
        item, kind = self.dice.choice(items), self.dice.randrange(6)
        if kind == 0:
            services.strike_item(item=item, reason="x", by=by, at=at)
        elif kind == 1:
            services.return_item(item=item, reason="x", by=by, at=at)
        else:
            services.finish_item(item=item, result="x", evidence="", by=by, at=at)

    def instruct(self, by: Officer, at: datetime) -> None:
        due = at.date() + timedelta(days=3)
        self.on_case(
            lambda case: services.give_instruction(
                case=case, text="x", to=self.county.officer, due_on=due, by=self.county.leader, at=at
            )
        )

    def reply(self, by: Officer, at: datetime) -> None:
        for instruction in Instruction.objects.filter(state="open").select_related("case__matter"):
            services.reply_instruction(instruction=instruction, reply="x", by=by, at=at)

    def ask(self, by: Officer, at: datetime) -> None:
        self.on_case(lambda case: services.ask_closing(case=case, conclusion="x", by=by, at=at))

    def decide(self, by: Officer, at: datetime) -> None:
        if self.dice.randrange(3):
            self.on_case(lambda case: services.consent_closing(case=case, opinion="", by=by, at=at))
        else:
            self.on_case(lambda case: services.refuse_closing(case=case, reason="x", by=by, at=at))

    def reopen(self, by: Officer, at: datetime) -> None:
        self.on_case(lambda case: services.reopen(case=case, reason="x", by=by, at=at))

    def hand_over(self, by: Officer, at: datetime) -> None:
        services.hand_over(officer=self.county.officer, to=self.county.colleague, by=by, at=at)

    def rules(self, by: Officer, at: datetime) -> None:
        services.enter_by_rules(at=at)

    def watch(self, by: Officer, at: datetime) -> None:
        services.watch(at=at)

    def leave(self, by: Officer, at: datetime) -> None:
        """The named officer loses his post, or has it back."""
        held = self.county.officer.posts.current().first()
        if held is not None:
            cases.end_post(post=held, until_on=day("2026-03-31"))
        else:
            cases.assign_post(
                officer=self.county.officer, unit=self.county.station, role=Role.CASE_OFFICER, from_on=day("2026-03-01")
            )


def check(walk: Walk) -> None:
    services.watch(at=walk.at)
    opened = Counter(FollowedCase.objects.exclude(stage=Stage.ENDED).values_list("matter_id", flat=True))
    assert max(opened.values(), default=0) <= 1
    for case in FollowedCase.objects.with_officer_there():
        if case.stage == Stage.ENDED:
            assert case.consented_by_id not in (None, case.asked_by_id)
            assert not case.items.filter(state__in=("open", "returned")).exists()
            assert not case.instructions.filter(state="open").exists()
            assert case.stagnant_at is None
        else:
            # After a watch the stage says what completeness says.
            assert (case.stage == Stage.INCOMPLETE) == bool(case.missing)
            assert (case.stagnant_at is None) == (case.stagnant_since is not None)
        assert case.steps.filter(action="entered").count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_acts_breaks_what_the_room_promises(county: County, seed: int) -> None:
    make_rule("media", {"facts": {"media": [True]}}, line_word="经济犯罪")
    walk = Walk(county, seed)

    for number in range(STEPS):
        walk.step()
        if number % 7 == 0:
            check(walk)

    check(walk)
    # It went somewhere.
    assert walk.done["item"] and walk.done["parties"]
