"""Waiting for something another process does: look until it is so, never longer than the deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_EVERY_SECONDS = 0.05


def until(condition: Callable[[], T], *, what: str, within: float = 30) -> T:
    """The condition's first true answer; fails the test, saying what was waited for, when the deadline has passed."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} s in vain for {what}")
        time.sleep(LOOK_EVERY_SECONDS)
    return answer
