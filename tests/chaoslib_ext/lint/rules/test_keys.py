"""Keys that nobody reads."""

from collections.abc import Callable
from typing import Any

import pytest

Found = Callable[..., dict[str, str]]


def test_rollback_for_rollbacks_is_found(sound: dict[str, Any], findings: Any) -> None:
    sound["rollback"] = sound.pop("rollbacks")
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.severity, one.as_json()["path"]) == ("misspelt-key", "error", "$.rollback")
    assert "did you mean rollbacks?" in one.hit.says


@pytest.mark.parametrize(
    ("key", "place"), [("backgroud", ()), ("pause", ()), ("tiemout", ("provider",)), ("argument", ("provider",))]
)
def test_a_slip_of_the_pen_in_an_activity_is_found(
    sound: dict[str, Any], found: Found, key: str, place: tuple[str, ...]
) -> None:
    probe = sound["steady-state-hypothesis"]["probes"][0]
    probe["provider"].pop("timeout")
    for step in place:
        probe = probe[step]
    probe[key] = 1
    assert "misspelt-key" in found(sound)


def test_a_key_in_the_wrong_place_is_sent_to_the_right_one(sound: dict[str, Any], findings: Any) -> None:
    sound["method"][0]["arguments"] = {"a": 1}
    (one,) = findings(sound)
    assert one.hit.rule.id == "unknown-key" and "belongs into provider" in one.hit.says


def test_keys_of_ones_own_are_left_alone(sound: dict[str, Any], found: Found) -> None:
    sound["x-team"], sound["_comment"], sound["method"][0]["x-why"] = "shop", "hello", "because"
    assert found(sound) == {}


@pytest.mark.parametrize(
    "holder",
    [
        ("steady-state-hypothesis",),
        ("method", 0, "pauses"),
        ("runtime",),
        ("runtime", "rollbacks"),
        ("controls", 0),
        ("controls", 0, "provider"),
    ],
)
def test_every_part_is_looked_into(sound: dict[str, Any], found: Found, holder: tuple[Any, ...]) -> None:
    strategies = {"rollbacks": {"strategy": "always"}, "hypothesis": {"strategy": "default"}}
    sound["runtime"] = strategies
    sound["controls"] = [{"name": "x", "provider": {"type": "python", "module": "chaoslib_ext.control"}}]
    part: Any = sound
    for step in holder:
        part = part[step]
    part["zzz"] = 1
    assert found(sound)["unknown-key"].endswith(".zzz")
