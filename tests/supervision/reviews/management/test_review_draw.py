import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from supervision.reviews.models import ReviewForm, ReviewRound
from supervision.reviews.queries import draw_again
from tests.supervision.reviews.factories import County, make_files

ASKED = (
    "--files",
    "3",
    "--seed",
    "42",
    "--unit",
    "X",
    "--kind",
    "case",
    "--basis",
    "opened",
    "--at",
    "2026-04-07T10:00",
)


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("review_draw", *arguments, "--json", stdout=out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def test_the_same_seed_prints_the_same_and_a_dry_run_keeps_nothing(county: County) -> None:
    make_files(county)

    first, second = run(*ASKED, "--dry-run"), run(*ASKED, "--dry-run")

    assert first == second
    assert first["seed"] == "42" and len(first["frame_digest"]) == 64
    assert [sorted(row) for row in first["sample"]] == [["matter", "reviewer", "reviewer_unit", "unit"]] * 3
    assert not ReviewRound.objects.exists()


def test_what_is_printed_is_what_is_kept_and_can_be_drawn_again(county: County) -> None:
    make_files(county)

    printed = run(*ASKED)

    kept = ReviewRound.objects.get()
    rows = ReviewForm.objects.values_list(
        "matter__number", "unit__code", "reviewer__police_number", "reviewer_unit__code"
    )
    assert {
        tuple(row[key] for key in ("matter", "unit", "reviewer", "reviewer_unit")) for row in printed["sample"]
    } == set(rows)
    assert kept.frame_digest == printed["frame_digest"] and kept.drawn_by is None
    assert draw_again(kept).same_sample


def test_what_cannot_be_drawn_ends_with_one_and_what_is_not_understood_with_two(county: County) -> None:
    make_files(county)

    for arguments, code in (
        (("--files", "99", *ASKED[2:]), 1),
        ((*ASKED, "--from", "yesterday"), 2),
        ((*ASKED, "--kind", "nothing"), 2),
        ((*ASKED[:4], "--unit", "NONE"), 2),
        ((*ASKED, "--at", "soon"), 2),
    ):
        with pytest.raises(CommandError) as refused:
            run(*arguments)
        assert refused.value.returncode == code, arguments
