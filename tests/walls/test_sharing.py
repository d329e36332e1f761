"""Tests of a file that makes something once are kept in one process, or it would be made in each."""

import pytest

FILE = "tests/walls/test_sharing.py"


@pytest.fixture(scope="module")
def made_once() -> object:
    return object()


def test_a_test_that_shares_with_its_file_bears_the_name_of_the_file(
    made_once: object, request: pytest.FixtureRequest
) -> None:
    mark = request.node.get_closest_marker("xdist_group")

    assert mark is not None and mark.args == (FILE,)
    # Where groups are asked for, the name is what they are told apart by; some versions lose it without a word.
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith(f"@{FILE}")


def test_a_test_of_its_own_may_go_anywhere(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("xdist_group") is None
