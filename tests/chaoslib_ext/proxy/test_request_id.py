"""The id of an answer: of the original's form, never given twice, and the same "who" in each of one server."""

import pytest

from chaoslib_ext.proxy.request_id import RequestIds, instance_in


def test_each_is_another_and_all_say_the_same_of_who_gave_them() -> None:
    ids = RequestIds()
    given = [ids.next() for _ in range(1000)]
    assert len(set(given)) == 1000
    (who,) = {instance_in(one) for one in given}
    assert who and instance_in(RequestIds().next()) != who


def test_the_count_begins_again_behind_its_last_number() -> None:
    ids = RequestIds()
    ids._count = iter([0xFFFFFF, 0x1000000, 0x1000001])  # type: ignore[assignment]
    assert len({ids.next() for _ in range(3)}) == 3


def test_one_of_the_original() -> None:
    """The example in github.com/rs/xid's README: machine 60f486, process e428."""
    assert instance_in("9m4e2mr0ui3e8a215n4g") == "60f486e428"


@pytest.mark.parametrize("id", [None, "", "9m4e2mr0ui3e8a215n4", "9m4e2mr0ui3e8a215n4z", "4b6be68c-1e28-16d51a59"])
def test_what_is_none(id: str | None) -> None:
    assert instance_in(id) is None
