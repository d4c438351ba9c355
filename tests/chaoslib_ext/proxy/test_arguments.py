"""What is refused before a server hears of it."""

from typing import Any

import pytest

from chaoslib_ext.errors import BadAttribute, BadInput
from chaoslib_ext.proxy.arguments import known_types, toxic_body, toxic_from


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"type": "latency", "stream": "sideways"}, "must be downstream .* or upstream"),
        ({"type": "latency", "toxicity": 1.5}, "from 0 .* to 1"),
        ({"type": "latency", "toxicity": float("nan")}, "from 0 .* to 1"),
        ({"type": "latency", "attributes": {"latncy": 400}}, "no attribute latncy; did you mean latency?"),
        ({"type": "latency", "attributes": {"latency": "400ms"}}, "'400ms'; it must be a number"),
        ({"type": "latency", "attributes": {"latency": 1.5}}, "whole number"),
        ({"type": "latency", "attributes": {"latency": 2**63}}, "must be a number"),
        ({"type": "latency", "attributes": {"latency": float("inf")}}, "must be a number"),
        ({"type": "bandwidth", "attributes": {"rate": -1}}, "rate must be 0"),
        ({"type": "slicer", "attributes": {"average_size": 0}}, "average_size must be at least 1"),
        ({"type": "slicer"}, "average_size must be at least 1"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(BadAttribute, match=says):
        toxic_body(**asked)


@pytest.mark.parametrize("name", ["a/b", "..", "new\nline"])
def test_a_name_no_request_could_address_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a toxic"):
        toxic_body("latency", name=name)


def test_a_type_we_do_not_know_is_left_to_the_server() -> None:
    assert toxic_body("packet_loss", attributes={"loss_rate": 0.1})["attributes"] == {"loss_rate": 0.1}


def test_a_whole_float_is_sent_as_the_int_that_the_go_server_wants() -> None:
    sent = toxic_body("latency", attributes={"latency": 400.0})["attributes"]["latency"]
    assert (sent, type(sent)) == (400, int)


def test_every_type_of_toxiproxy_is_known() -> None:
    eight = {"bandwidth", "latency", "limit_data", "noop", "reset_peer", "slicer", "slow_close", "timeout"}
    assert eight <= known_types().keys()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("latency", "'latency' is not a toxic; write for example type: latency"),
        ({"name": "slow"}, "is not a toxic"),
        ({"type": "latency", "attribute": {}}, "a toxic has no attribute; did you mean attributes?"),
        ({"type": "latency", "attributes": [400]}, "attributes a mapping"),
        ({"type": "latency", "toxicity": "all"}, "toxicity is 'all'"),
    ],
)
def test_an_entry_of_a_file_is_read_with_the_same_care(entry: Any, says: str) -> None:
    with pytest.raises(BadAttribute, match=says):
        toxic_from(entry)
