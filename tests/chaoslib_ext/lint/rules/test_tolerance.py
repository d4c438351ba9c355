"""Tolerances: never met, meant otherwise, or the end of the whole run."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.lint.here import Here

Made = Callable[..., dict[str, Any]]
Found = Callable[..., dict[str, str]]
AT = "$.steady-state-hypothesis.probes[0].tolerance"

SOURCE = """
from typing import Any, Dict, Optional, Union

def number() -> float: ...
def maybe() -> Optional[float]: ...
def maybe_too() -> Union[int, None]: ...
def maybe_new() -> "int | None": ...
def nothing() -> None: ...
def table() -> Dict[str, Any]: ...
def unknown(): ...
"""


@pytest.fixture
def guest(machine_with: Callable[..., Here]) -> Here:
    """A machine with a module `guest` on it."""
    return machine_with({"guest.py": SOURCE})


def python(func: str) -> dict[str, Any]:
    return {"type": "python", "module": "guest", "func": func}


def test_a_list_with_one_value_is_found(probe_of: Made, found: Found, guest: Here) -> None:
    assert found(probe_of(python("number"), tolerance=[5]), on=guest) == {"list-of-one": AT}


def test_a_list_for_a_mapping_is_held_against_its_status(probe_of: Made, found: Found, guest: Here) -> None:
    assert found(probe_of(python("table"), tolerance=["reached"]), on=guest) == {}


def test_a_list_with_one_status_does_what_it_says(probe_of: Made, findings: Any) -> None:
    (one,) = findings(probe_of(tolerance=[200]))
    assert one.hit.rule.id == "list-of-one" and not one.counts


def test_a_list_upside_down_is_found(probe_of: Made, found: Found, guest: Here) -> None:
    assert found(probe_of(python("number"), tolerance=[9, 1]), on=guest) == {"never-met": AT}
    assert found(probe_of(python("number"), tolerance=[1, 9]), on=guest) == {}


def test_two_statuses_of_a_request_are_no_range_and_may_stand_in_any_order(probe_of: Made, found: Found) -> None:
    assert found(probe_of(tolerance=[301, 200])) == {}
    assert found(probe_of(tolerance=[200, 299])) == {"pair-is-no-range": AT}


def test_a_range_upside_down_is_found(probe_of: Made, found: Found, guest: Here) -> None:
    tolerance = {"type": "range", "range": [9, 1]}
    assert found(probe_of(python("number"), tolerance=tolerance), on=guest) == {"never-met": f"{AT}.range"}


@pytest.mark.parametrize("func", ["maybe", "maybe_too", "maybe_new", "nothing"])
@pytest.mark.parametrize("tolerance", [{"type": "range", "range": [0, 5]}, [0, 5]])
def test_a_range_for_a_probe_that_may_give_none_is_found_before_it_leaves_the_fault_in(
    probe_of: Made, found: Found, guest: Here, func: str, tolerance: Any
) -> None:
    assert found(probe_of(python(func), tolerance=tolerance), on=guest) == {"range-of-none": AT}


@pytest.mark.parametrize("func", ["number", "unknown"])
def test_a_range_for_a_probe_that_may_give_a_number_is_left_alone(
    probe_of: Made, found: Found, guest: Here, func: str
) -> None:
    assert found(probe_of(python(func), tolerance={"type": "range", "range": [0, 5]}), on=guest) == {}


def test_a_range_for_a_mapping_breaks_the_run_off(probe_of: Made, found: Found, guest: Here) -> None:
    tolerance = {"type": "range", "range": [200, 299]}
    assert found(probe_of(tolerance=tolerance)) == {"tolerance-breaks-off": AT}
    assert found(probe_of(python("table"), tolerance=tolerance), on=guest) == {"tolerance-breaks-off": AT}
    assert found(probe_of(tolerance={**tolerance, "target": "x"}), on=guest) == {}


def test_a_target_that_a_request_does_not_give_is_found(probe_of: Made, found: Found) -> None:
    tolerance = {"type": "range", "range": [200, 299], "target": "status"}
    assert found(probe_of(tolerance=tolerance)) == {}
    assert found(probe_of(tolerance={**tolerance, "target": "staus"})) == {"tolerance-breaks-off": f"{AT}.target"}


def test_a_tolerance_probe_without_arguments_is_found_before_it_leaves_the_fault_in(
    probe_of: Made, found: Found, guest: Here
) -> None:
    tolerance = {"type": "probe", "name": "judge", "provider": python("unknown")}
    assert found(probe_of(tolerance=tolerance), on=guest) == {"tolerance-without-arguments": f"{AT}.provider"}


@pytest.mark.parametrize("tolerance", [True, "200", "ok"])
def test_a_value_that_never_equals_an_answer_is_found(probe_of: Made, found: Found, tolerance: Any) -> None:
    assert found(probe_of(tolerance=tolerance)) == {"never-met": AT}


def test_a_number_with_a_point_is_a_fair_tolerance_and_no_error(probe_of: Made, findings: Any, guest: Here) -> None:
    (one,) = findings(probe_of(python("number"), tolerance=0.5), on=guest)
    assert (one.hit.rule.id, one.severity) == ("float-tolerance", "warning")


def test_a_pattern_for_a_mapping_breaks_the_run_off(probe_of: Made, found: Found) -> None:
    assert found(probe_of(tolerance={"type": "regex", "pattern": "ok"})) == {"tolerance-breaks-off": AT}
    assert found(probe_of(tolerance={"type": "regex", "pattern": "ok", "target": "body"})) == {}


@pytest.mark.parametrize(
    "tolerance",
    [{"type": "regex", "pattern": "(", "target": "body"}, {"type": "jsonpath", "path": "a b["}],
)
def test_a_pattern_that_cannot_be_read_is_found(probe_of: Made, found: Found, tolerance: Any) -> None:
    assert set(found(probe_of(tolerance=tolerance))) == {"bad-pattern"}


def test_a_jsonpath_of_the_host_is_left_alone(probe_of: Made, found: Found) -> None:
    assert found(probe_of(tolerance={"type": "jsonpath", "path": "$.a[*].b", "expect": [1], "target": "body"})) == {}
