"""One service: maps and lists, what is laid over it, and what is no service."""

from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.links.compose.service import Service, merged, service_of
from chaoslib_ext.links.compose.text import Text


def text(word: str) -> Text:
    return Text(word, Path("c.yml"), 7)


def test_maps_and_lists_say_the_same() -> None:
    one = service_of(text("web"), {"environment": {text("A"): text("1"), text("B"): None}, "env_file": text("x.env")})
    two = service_of(text("web"), {"environment": [text("A=1"), text("B")], "env_file": [text("x.env")]})
    assert one == two
    assert one.environment == {"A": "1", "B": None} and one.env_files == (("x.env", True),)


def test_what_others_may_call_it_by() -> None:
    data = {
        "container_name": text("shop_db"),
        "hostname": text("db1"),
        "networks": {"back": {"aliases": [text("sql")]}, "front": None},
        "links": [text("cache:store"), text("queue")],
        "network_mode": "host",
    }
    read = service_of(text("db"), data)
    assert read.names == ("shop_db", "db1", "sql")
    assert read.links == {"store": "cache", "queue": "queue"}
    assert read.is_on_host


def test_an_env_file_may_be_one_that_need_not_be_there() -> None:
    read = service_of(text("a"), {"env_file": [{"path": text("x"), "required": text("false")}, {"path": text("y")}]})
    assert read.env_files == (("x", False), ("y", True))


def test_above_goes_over_below() -> None:
    below = Service(text("web"), image="a", environment={"A": text("1"), "B": text("1")}, ports=("1:1",))
    above = Service(text("web"), environment={"B": text("2")}, ports=("2:2",))
    both = merged(below, above)
    assert (both.image, both.environment, both.ports) == ("a", {"A": "1", "B": "2"}, ("1:1", "2:2"))


@pytest.mark.parametrize(
    "data", [None, "nginx", [], {"ports": {"a": "b"}}, {"env_file": [{"required": "true"}]}, {"networks": {"a": "b"}}]
)
def test_what_is_no_service_is_told_with_its_line(data: Any) -> None:
    with pytest.raises(BadFile, match=r"c\.yml, line 7: the service web"):
        service_of(text("web"), data)
