import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.errors import BadInput
from chaoslib_ext.lab.data.generate import generated
from chaoslib_ext.lab.data.schema import problems


@given(users=st.integers(0, 60), seed=st.integers(0, 2**63))
def test_as_many_as_asked_for_and_all_as_they_must_be(users: int, seed: int) -> None:
    made = generated(users, seed)
    assert {kind: len(records) for kind, records in made.items()} == {"users": users, "carts": users}
    assert [problems(kind, records) for kind, records in made.items()] == [[], []]


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    one, same, other = (json.dumps(generated(50, seed)) for seed in (7, 7, 8))
    assert one == same != other


@pytest.mark.parametrize("wrong", [{"users": -1}, {"users": 1.5}, {"users": True}, {"seed": -1}, {"seed": "x"}])
def test_a_number_that_is_none_is_refused(wrong: dict) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        generated(**{"users": 1, "seed": 1, **wrong})
