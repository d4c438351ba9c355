"""A point's name is all one needs to come by it again."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.selftest.point import Point, parse

ONE = Point("watchdog", "http", "proxy/undo.py:RemoveToxic._undo", 3, ("proxy/undo.py:RemoveToxic._undo", "a.py:b"))


def test_its_name_can_be_read_back() -> None:
    name = ONE.name("after")
    assert name == "watchdog http proxy/undo.py:RemoveToxic._undo #3 after"
    read, when = parse(name)
    assert (read.role, read.kind, read.site, read.nth, when) == (ONE.role, ONE.kind, ONE.site, 3, "after")


@pytest.mark.parametrize(
    "name", ["", "runner fsync x.py:f #1", "runner fsync x.py:f #one before", "me fsync x.py:f #1 before",
             "runner sync x.py:f #1 before", "runner fsync x.py:f #1 during"]
)  # fmt: skip
def test_what_is_none_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BadInput, match="one looks like: runner fsync"):
        parse(name)


def test_the_room_is_the_first_part_of_its_file() -> None:
    assert ONE.room == "proxy"
    assert Point("runner", "fsync", "folders.py:f", 1).room == "folders.py"


def test_two_ways_to_one_site_differ() -> None:
    assert ONE.path != Point("watchdog", "http", ONE.site, 4, (ONE.site, "c.py:d")).path
