"""Pauses, timeouts, background."""

from typing import Any

import pytest


@pytest.mark.parametrize("pause", [-1, -0.5])
def test_a_negative_pause_is_found(sound: dict[str, Any], found: Any, pause: float) -> None:
    sound["method"][0]["pauses"] = {"before": pause}
    assert found(sound) == {"bad-pause": "$.method[0].pauses.before"}


def test_a_pause_without_end_is_found(found: Any) -> None:
    text = (
        "title: x\ndescription: x\nmethod:\n- {type: action, name: a, pauses: {after: .inf}, provider: {type: python, "
    )
    assert "bad-pause" in found(text + "module: actions.undo, func: everything}}\n")


def test_the_timeout_that_the_host_never_uses_is_found(sound: dict[str, Any], found: Any) -> None:
    sound["method"][0]["timeout"] = 5
    assert found(sound) == {"unused-timeout": "$.method[0].timeout"}


@pytest.mark.parametrize("timeout", [0, -1, [1, 0], [1, 2, 3]])
def test_a_timeout_that_leaves_no_time_is_found(sound: dict[str, Any], found: Any, timeout: Any) -> None:
    sound["steady-state-hypothesis"]["probes"][0]["provider"]["timeout"] = timeout
    assert "bad-timeout" in found(sound)


@pytest.mark.parametrize("timeout", [0.5, [1, 2], "${wait}"])
def test_every_timeout_that_the_host_takes_is_taken(sound: dict[str, Any], found: Any, timeout: Any) -> None:
    sound["steady-state-hypothesis"]["probes"][0]["provider"]["timeout"] = timeout
    assert found(sound) == {}


def test_a_request_without_a_timeout_is_noted(sound: dict[str, Any], findings: Any) -> None:
    del sound["steady-state-hypothesis"]["probes"][0]["provider"]["timeout"]
    (one,) = findings(sound)
    assert one.hit.rule.id == "no-timeout" and not one.counts


def test_a_background_that_the_host_does_not_know_is_found(sound: dict[str, Any], found: Any) -> None:
    sound["method"][0]["background"] = True
    assert found(sound) == {}
    sound["steady-state-hypothesis"]["probes"][0]["background"] = True
    assert found(sound) == {"unused-background": "$.steady-state-hypothesis.probes[0].background"}
