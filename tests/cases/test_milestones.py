from datetime import date

import pytest

from cases.milestones import Standing, days_over, standing


@pytest.mark.parametrize(
    ("done_on", "today", "stands", "over"),
    [
        (None, "2026-04-09", Standing.AHEAD, 0),
        (None, "2026-04-10", Standing.NEAR, 0),
        (None, "2026-04-15", Standing.NEAR, 0),
        (None, "2026-04-16", Standing.OVER, 1),
        ("2026-04-15", "2026-05-01", Standing.DONE, 0),
        ("2026-04-18", "2026-05-01", Standing.DONE_LATE, 3),
    ],
)
def test_how_a_step_stands(done_on: str | None, today: str, stands: Standing, over: int) -> None:
    done, due, now = date.fromisoformat(done_on) if done_on else None, date(2026, 4, 15), date.fromisoformat(today)

    assert standing(due, date(2026, 4, 10), done, now) == stands
    assert days_over(due, done, now) == over


def test_no_two_look_the_same() -> None:
    assert len({one.sign for one in Standing}) == len({one.word for one in Standing}) == len(Standing)
