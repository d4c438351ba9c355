"""A sample never raises, and judges as the host does."""

from typing import Any

import pytest

from chaoslib_ext.control.sampling import sample


def process(command: str, tolerance: Any, name: str = "p") -> dict[str, Any]:
    provider = {"type": "process", "path": "sh", "arguments": ["-c", command]}
    return {"type": "probe", "name": name, "tolerance": tolerance, "provider": provider}


def python(module: str, func: str, tolerance: Any, **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": "probe", "name": func, "tolerance": tolerance, "provider": provider}


def test_good() -> None:
    found = sample([process("exit 0", 0), python("os.path", "exists", True, path="/")], {}, {})
    assert found.is_good and found.value is True


def test_the_first_that_is_not_good_is_told() -> None:
    found = sample([process("exit 3", 0, "first"), process("exit 4", 0, "second")], {}, {})
    assert found.missed == '"first" was exit code 3, not 0'


@pytest.mark.parametrize(
    ("probe", "says"),
    [
        (python("os.path", "nope", True), "nope"),
        (python("nowhere", "f", True), "nowhere"),
        ({"type": "probe", "name": "bare", "tolerance": 1}, '"bare" could not be taken'),
        (python("os.path", "join", {"type": "range", "range": [0, 5]}, a="x"), '"join"'),
        (process("exit 0", {"type": "regex", "pattern": "("}), '"p"'),
    ],
)
def test_whatever_a_probe_or_its_tolerance_does_is_a_sample_that_is_not_good(probe: Any, says: str) -> None:
    found = sample([probe], {}, {})
    assert not found.is_good and says in found.missed


def test_values_of_the_configuration_are_put_in() -> None:
    assert sample([python("os.path", "exists", True, path="${where}")], {"where": "/"}, {}).is_good
