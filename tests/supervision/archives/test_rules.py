"""The names under which what is entered is entered once."""

from supervision.archives.rules import Room, key_of, numbered_key


def test_what_happened_has_one_name() -> None:
    assert key_of(Room.CHECK, 7) == "returnvisits.check:7"


def test_what_is_so_again_has_another() -> None:
    assert [numbered_key(Room.LATE, 17, number) for number in (1, 2)] == ["cases.clock:17-1", "cases.clock:17-2"]


def test_no_two_rooms_share_a_name() -> None:
    assert len({key_of(room, 1) for room in Room}) == len(Room)
