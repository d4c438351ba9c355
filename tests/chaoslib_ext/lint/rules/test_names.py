"""Names and references."""

from collections.abc import Callable
from typing import Any

Found = Callable[..., dict[str, str]]


def test_a_rollback_that_refers_to_nothing_is_found_before_it_takes_the_others_along(
    sound: dict[str, Any], findings: Any
) -> None:
    sound["rollbacks"] = [{"ref": "slwo"}]
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.severity, one.as_json()["path"]) == ("bad-ref", "error", "$.rollbacks[0].ref")
    assert "did you mean slow?" in one.hit.says


def test_a_rollback_may_refer_to_the_method(sound: dict[str, Any], found: Found) -> None:
    sound["rollbacks"] = [{"ref": "slow"}]
    assert found(sound) == {}


def test_no_rollback_can_be_referred_to(sound: dict[str, Any], found: Found) -> None:
    sound["rollbacks"] = [{**sound["method"][0], "name": "back"}, {"ref": "back"}]
    assert found(sound) == {"bad-ref": "$.rollbacks[1].ref"}


def test_a_bad_reference_in_the_method_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["method"].append({"ref": "pag"})
    assert found(sound) == {"bad-ref": "$.method[1].ref"}


def test_a_reference_in_the_hypothesis_is_refused_by_the_host(sound: dict[str, Any], found: Found) -> None:
    sound["steady-state-hypothesis"]["probes"].append({"ref": "page"})
    assert found(sound) == {"ref-in-hypothesis": "$.steady-state-hypothesis.probes[1].ref"}


def test_a_reference_that_may_mean_two_activities_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["method"] += [{**sound["method"][0]}, {"ref": "slow"}]
    assert found(sound) == {"duplicate-name": "$.method[1].name", "ambiguous-ref": "$.method[2].ref"}


def test_duplicate_names_are_found_within_a_section_only(sound: dict[str, Any], found: Found) -> None:
    probe = dict(sound["steady-state-hypothesis"]["probes"][0])
    del probe["tolerance"]
    sound["method"].append(probe)
    assert found(sound) == {}
    sound["method"].append(probe)
    assert found(sound) == {"duplicate-name": "$.method[2].name"}


def test_an_action_in_the_hypothesis_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["steady-state-hypothesis"]["probes"][0]["type"] = "action"
    assert found(sound) == {"action-in-hypothesis": "$.steady-state-hypothesis.probes[0].type"}
