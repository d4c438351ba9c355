"""The parts of an experiment, whatever shape they are in."""

from typing import Any

import pytest

from chaoslib_ext.lint.parts import activities, controls, steps_of, texts


def test_every_activity_is_found_with_its_way(sound: dict[str, Any]) -> None:
    probe = sound["steady-state-hypothesis"]["probes"][0]
    probe["tolerance"] = {"type": "probe", "name": "judge", "provider": {}}
    sound["configuration"]["host"] = {"type": "probe", "name": "where", "provider": {}}
    sound["rollbacks"] = [{"ref": "slow"}]
    found = {step.path: (step.section, step.name) for step in activities(sound)}
    assert found == {
        ("steady-state-hypothesis", "probes", 0): ("hypothesis", "page"),
        ("steady-state-hypothesis", "probes", 0, "tolerance"): ("tolerance", "judge"),
        ("method", 0): ("method", "slow"),
        ("configuration", "host"): ("configuration", "where"),
    }
    assert [step.path for step in steps_of(sound, "rollbacks")] == [("rollbacks", 0)]


def test_controls_are_found_wherever_they_stand(sound: dict[str, Any]) -> None:
    for holder in (sound, sound["steady-state-hypothesis"], sound["method"][0]):
        holder["controls"] = [{"name": "c"}, 5]
    assert [path for path, _ in controls(sound)] == [
        ("controls", 0),
        ("steady-state-hypothesis", "controls", 0),
        ("method", 0, "controls", 0),
    ]


@pytest.mark.parametrize("shape", [None, 5, "x", [], {}, [None], {"probes": 5}, [{"provider": []}], [[]]])
def test_a_part_of_another_shape_is_passed_over(shape: Any) -> None:
    data = dict.fromkeys(("steady-state-hypothesis", "method", "rollbacks", "configuration", "controls"), shape)
    for step in activities(data):
        assert step.kind is None and step.provider == {} and step.arguments is None
    controls(data)


def test_texts_are_found_with_their_way() -> None:
    value = {"a": ["x", {"b": "y"}, 5]}
    assert list(texts(value, ("p",))) == [(("p", "a", 0), "x"), (("p", "a", 1, "b"), "y")]
