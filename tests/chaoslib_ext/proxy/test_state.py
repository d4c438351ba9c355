"""What a server shows, as data."""

from typing import Any

import pytest
from pydantic import ValidationError

from chaoslib_ext.proxy.state import ProxyState, ToxicState

TOXIC: dict[str, Any] = {
    "name": "t",
    "type": "latency",
    "stream": "Upstream",
    "toxicity": 0.1,
    "attributes": {"latency": 5},
}
PROXY = {"name": "web", "listen": "a:1", "upstream": "b:2", "enabled": True, "Logger": {}, "toxics": [TOXIC]}


def test_what_the_go_server_adds_by_accident_is_left_out() -> None:
    shown = ProxyState.model_validate(PROXY).as_json()
    assert shown == {**{k: v for k, v in PROXY.items() if k != "Logger"}, "toxics": [{**TOXIC, "stream": "upstream"}]}


def test_a_seed_is_shown_only_if_there_is_one() -> None:
    assert "seed" not in ToxicState.model_validate(TOXIC).as_json()
    assert ToxicState.model_validate({**TOXIC, "seed": 0}).as_json()["seed"] == 0


def test_an_attribute_keeps_its_kind_of_number() -> None:
    attributes = ToxicState.model_validate({**TOXIC, "attributes": {"latency": 5, "loss_rate": 0.5}}).attributes
    assert (type(attributes["latency"]), type(attributes["loss_rate"])) == (int, float)


def test_what_was_seen_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        ProxyState.model_validate(PROXY).enabled = False  # type: ignore[misc]
