"""Keys packed and unpacked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.evaluation.rules.packing import pack, unpack


@given(st.sets(st.integers(min_value=0, max_value=2**40)))
def test_what_was_packed_comes_out_in_order(keys: set[int]) -> None:
    assert unpack(pack(keys)) == sorted(keys)


def test_neighbours_take_little_room() -> None:
    assert len(pack(range(1_000_000, 1_010_000))) < 200


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="不是主键"):
        pack([-1])
